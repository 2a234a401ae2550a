"""python -m genlock: the same as the command `genlock`."""

import sys

from .hosts.cli import main

if __name__ == "__main__":
    sys.exit(main())
