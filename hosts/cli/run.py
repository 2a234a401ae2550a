"""Run a job folder: do what its request.json says, tell events.jsonl how it goes, write result.json.

  genlock run JOB
  genlock run JOB --piece 2/8      one of eight shares, on this machine or another
  genlock run JOB --merge          join what the shares have made

A host or a farm writes the folder; docs/jobs.md says what is in it. A file named cancel in the folder stops the job.
"""

from __future__ import annotations

import argparse

from ...core.errors import UsageError
from ..worker.shares import Share
from .parsing import add_common
from .say import complain
from .session import carry_on


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What the command takes."""
    parser.add_argument("folder", metavar="JOB", help="the folder with request.json")
    shares = parser.add_mutually_exclusive_group()
    shares.add_argument("--piece", metavar="K/N", help="make the K-th of N shares of the job, and no output; what stands already is left as it is")
    shares.add_argument("--merge", action="store_true", help="check and join what the shares have made; refuse where some of it is missing")
    add_common(parser, job=False)


def main(args: argparse.Namespace) -> int:
    """Carry it out; returns the exit status."""
    if args.piece is not None:
        try:
            share = Share.parse(args.piece)
        except UsageError as error:
            complain(str(error))
            return error.exit_status
        return carry_on(args.folder, args, share=share)
    return carry_on(args.folder, args, merge=args.merge)
