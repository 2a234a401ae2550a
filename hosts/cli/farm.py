"""Let a render farm run a job folder: writes its template in Open Job Description (AWS Deadline Cloud, openjd run, and others).

  genlock farm export JOB -o template.yaml
  genlock farm export JOB -o template.yaml --pieces 40

JOB is a folder with request.json, such as --job makes, on storage that every machine of the farm sees under the same path; so are its inputs
and outputs. One step makes its shares, a second one joins them; docs/farm.md tells how it is sent.
"""

from __future__ import annotations

import argparse

from .say import answer, answer_json, complain
from .session import absolute


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What the command takes."""
    parser.add_argument("action", choices=("export",), help="write the template")
    parser.add_argument("folder", metavar="JOB", help="the folder with request.json")
    parser.add_argument("-o", "--output", metavar="TEMPLATE", required=True, help="what is written: a .yaml")
    parser.add_argument("--pieces", metavar="N", type=int, help="in how many shares the pictures are made; one for every four units, if not given")
    parser.add_argument("--json", action="store_true", help="the answer as one JSON object on stdout")
    parser.add_argument("--quiet", action="store_true", help="no summary; errors are still told")


def main(args: argparse.Namespace) -> int:
    """Carry it out; returns the exit status."""
    from ..farm.desk import carry_out

    done = carry_out(args.folder, absolute(args.output), args.pieces)
    if done.exit_status:
        complain(done.sentence)
    elif args.json:
        answer_json({"exit_status": 0, **done.figures})
    elif not args.quiet:
        for line in (done.sentence, *done.lines):
            answer(line)
    return done.exit_status
