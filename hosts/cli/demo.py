"""Make a small pair of clips with a known truth, align it, and show the answer beside the truth.

  genlock demo --out DIR
"""

from __future__ import annotations

import argparse
from pathlib import Path

from .say import answer, complain
from .scratch import scratch


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What the command takes."""
    parser.add_argument("--out", metavar="DIR", default="genlock-demo", help="where to put the clips and the answer (default genlock-demo)")
    parser.add_argument("--quiet", action="store_true", help="say nothing but errors")


def main(args: argparse.Namespace) -> int:
    """Carry it out; returns the exit status."""
    from .. import demo

    with scratch():
        status = demo.run(Path(args.out), (lambda text: None) if args.quiet else answer)
    if status == 130:
        complain("stopped")
    elif status:
        complain(f"the demo in {args.out} did not come out right; what it has said tells why")
    return status
