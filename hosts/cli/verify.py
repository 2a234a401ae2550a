"""Look at the footage again, by another way than the alignment went, and say whether its claims hold.

  genlock verify out.otio

ALIGNED is the .otio or .json that genlock align wrote. Exit status 0: the claims hold; 1: some do not.
"""

from __future__ import annotations

import argparse

from .parsing import add_common
from .session import absolute, carry_out


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What the command takes."""
    parser.add_argument("aligned", metavar="ALIGNED", help="what genlock align wrote: .otio or .json")
    add_common(parser)


def main(args: argparse.Namespace) -> int:
    """Carry it out; returns the exit status."""
    return carry_out("verify", {"aligned": absolute(args.aligned)}, [], {}, args)
