"""Run a job folder: do what its request.json says, tell events.jsonl how it goes, write result.json.

  genlock run JOB

A host or a farm writes the folder; docs/jobs.md says what is in it. A file named cancel in the folder stops the job.
"""

from __future__ import annotations

import argparse

from .parsing import add_common
from .session import carry_on


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What the command takes."""
    parser.add_argument("folder", metavar="JOB", help="the folder with request.json")
    add_common(parser, job=False)


def main(args: argparse.Namespace) -> int:
    """Carry it out; returns the exit status."""
    return carry_on(args.folder, args)
