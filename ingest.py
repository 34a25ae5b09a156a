"""Build the index of a folder of documents, or bring it up to date: ``python ingest.py --help``."""

import sys

from tanya.cli import ingest

if __name__ == "__main__":
    sys.exit(ingest(sys.argv[1:]))
