"""Let a render farm run a job folder: writes its template in Open Job Description (AWS Deadline Cloud, openjd run, and others).

  genlock farm export JOB -o template.yaml
  genlock farm export JOB -o template.yaml --pieces 40

JOB is a folder with request.json, such as --job makes, on storage that every machine of the farm sees under the same path; so are its inputs
and outputs. One step makes its shares, a second one joins them; docs/farm.md tells how it is sent.
"""

from __future__ import annotations

import argparse

from ...core.errors import GenlockError
from ..jobs import JobError
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
    from ..farm.export import export

    try:
        made = export(args.folder, absolute(args.output), args.pieces)
    except JobError as error:
        complain(str(error))
        return 1
    except GenlockError as error:
        complain(str(error))
        return error.exit_status
    if args.json:
        answer_json({"exit_status": 0, "units": made.units, "pieces": made.pieces, "job": made.default, "outputs": [made.path]})
    elif not args.quiet:
        cut = f"{made.pieces} shares of {made.units} units, and a step that joins them" if made.pieces > 1 else "one task; it is not cut"
        answer(f"The job is written for a farm: {cut}.")
        if not made.default:
            answer("its folder lies elsewhere than the template: name it as the parameter Job when it is sent")
        answer(f"written: {made.path}")
    return 0
