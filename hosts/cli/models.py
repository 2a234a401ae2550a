"""Weights that you have fetched yourself: keep them, list them, try them. Nothing is ever downloaded.

  genlock models list                    what is kept, and which models there are
  genlock models add flownet.pkl         check a weights file, and keep what is needed of it
  genlock models check                   open everything that is kept, and run it once
  genlock models remove NAME             forget one

A weights file is opened without running anything in it. What is kept lies in $GENLOCK_MODELS, or in the platform's folder for data.
"""

from __future__ import annotations

import argparse

from ..worker.models import carry_out
from .say import answer, answer_json, complain
from .scratch import scratch


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What the command takes."""
    actions = parser.add_subparsers(dest="action", metavar="list|add|check|remove", required=True)
    shared = argparse.ArgumentParser(add_help=False)
    shared.add_argument("--json", action="store_true", help="the answer as one JSON object on stdout")
    actions.add_parser("list", parents=[shared], description="What is kept, and every model that genlock knows.")
    add = actions.add_parser("add", parents=[shared], description="Check a weights file, and keep what is needed of it.")
    what = "weights: .safetensors, .pkl or .pth, or the folder of a model of several files; or a model: TorchScript, .onnx, .json"
    add.add_argument("file", metavar="FILE", help=what)
    add.add_argument("--name", metavar="NAME", default="", help="what to call it from now on (default: what the file is called)")
    add.add_argument("--trust", action="store_true", help="keep a model that is a program (TorchScript, ONNX, a command): it will run as you")
    check = actions.add_parser("check", parents=[shared], description="Open models, compare them with what was added, and run them once.")
    check.add_argument("names", metavar="NAME", nargs="*", help="a kept model, or a weights file (default: everything that is kept)")
    remove = actions.add_parser("remove", parents=[shared], description="Forget a model that is kept. The file that it came from is not touched.")
    remove.add_argument("name", metavar="NAME", help="as genlock models list tells it")


def main(args: argparse.Namespace) -> int:
    """Carry it out; returns the exit status."""
    with scratch():
        found = carry_out(**{name: getattr(args, name) for name in ("action", "file", "name", "trust", "names") if hasattr(args, name)})
    if args.json:
        refused = found.error and {"error": {"code": found.error.code, "what": found.error.what, "next_step": found.error.next_step}}
        answer_json({"exit_status": found.exit_status, "sentence": found.sentence, **found.figures, **(refused or {})})
    else:
        if not found.exit_status:
            answer(found.sentence)
        for line in found.lines:
            answer(line)
    if found.exit_status:
        complain(found.sentence)
    return found.exit_status
