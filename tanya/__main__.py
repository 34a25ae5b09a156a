"""``python -m tanya``."""

import sys

if __name__ == "__main__":
    try:
        # Within, so that Ctrl-C is obeyed quietly while this is still loading, too.
        from tanya.cli import main

        sys.exit(main(sys.argv[1:]))
    except KeyboardInterrupt:
        sys.exit(130)
