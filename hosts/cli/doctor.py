"""Say what is installed, what is missing, and what to do about it.

Exit status 1: something that genlock needs is missing.
"""

from __future__ import annotations

import argparse

from ..worker.checkup import examine
from .say import answer, answer_json, complain


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What the command takes."""
    parser.add_argument("--json", action="store_true", help="the findings as one JSON object on stdout")


def main(args: argparse.Namespace) -> int:
    """Carry it out; returns the exit status."""
    found = examine()
    if args.json:
        answer_json({"exit_status": found.exit_status, "sentence": found.sentence, **found.figures})
    else:
        for line in found.lines:
            answer(line)
    if found.exit_status:
        complain(found.sentence)
    elif not args.json:
        answer(f"{found.sentence}.")
    return found.exit_status
