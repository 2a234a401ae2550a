"""Put genlock into Nuke, Blender or DaVinci Resolve, take it out again, or say where it is.

  genlock hosts install nuke           for this person; twice is once
  genlock hosts list                   what is installed where, and what is out of date
  genlock hosts remove nuke            takes out exactly what was put there

A host gets a small package that starts this genlock as a process of its own. docs/hosts.md tells where things lie.
"""

from __future__ import annotations

import argparse

from ..installing import HOSTS
from ..installing.desk import carry_out
from .say import answer, answer_json, complain


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What the command takes."""
    actions = parser.add_subparsers(dest="action", metavar="install|list|remove", required=True)
    shared = argparse.ArgumentParser(add_help=False)
    shared.add_argument("--to", metavar="DIR", default="", help="another folder than your own: a .nuke, Blender's extensions, Resolve's scripts")
    shared.add_argument("--json", action="store_true", help="the answer as one JSON object on stdout")
    for name, says in (("install", "Put genlock into a host, or bring it up to date."), ("remove", "Take out what was installed, and nothing else.")):
        action = actions.add_parser(name, parents=[shared], description=says)
        action.add_argument("host", choices=HOSTS, help="which host")
        action.add_argument("--program", metavar="BLENDER", default="", help="let this Blender do it by its own command line")
        action.add_argument("--dry-run", action="store_true", help="only say what would be done")
    actions.add_parser("list", parents=[shared], description="What is installed where, of which version, and what is out of date.")


def main(args: argparse.Namespace) -> int:
    """Carry it out; returns the exit status."""
    named = {name: getattr(args, name) for name in ("action", "host", "to", "program", "dry_run") if hasattr(args, name)}
    found = carry_out(**named)
    if args.json:
        refused = found.error and {"error": {"code": found.error.code, "what": found.error.what, "next_step": found.error.next_step}}
        answer_json({"exit_status": found.exit_status, "sentence": found.sentence, **found.figures, **(refused or {})})
    else:
        for line in found.lines:
            answer(line)
        if not found.exit_status:
            answer(found.sentence)
    if found.exit_status:
        complain(found.sentence)
    return found.exit_status
