"""Build the index of a folder of documents, or bring it up to date: ``python ingest.py --help``."""

import sys

if __name__ == "__main__":
    try:
        # Within, so that Ctrl-C is obeyed quietly while this is still loading, too.
        from tanya.cli import ingest

        sys.exit(ingest(sys.argv[1:]))
    except KeyboardInterrupt:
        sys.exit(130)
