"""`python -m festival_push` is the command line."""

import sys

from festival_push.cli import main

if __name__ == "__main__":  # worker processes import this module anew
    sys.exit(main())
