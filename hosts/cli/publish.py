"""Check a pair, align it, and publish the result under a version: the plug-ins of plugins/, run by pyblish.

  genlock publish clip.mov ref.mov -o publish --as .otio --as .nk --render .mov

Everything appears in FOLDER/NAME/v001, or the next version, whole or not at all. Without -o, or with --check, the pair is checked and
nothing is made. --repair mends what a check can mend: the rate of an image sequence, an .edl that cannot count, odd sides.

Exit status: 1 a check or a step failed, and each says which, why and what to do; 3 the two do not show the same footage.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from .. import jobs
from ..worker.documents import KNOWN
from ..worker.options import fields_of
from .bars import View, view_for
from .parsing import Wrong, add_common, add_settings, settings_given
from .say import answer, answer_json, complain, tell
from .scratch import scratch
from .session import absolute

if TYPE_CHECKING:
    from ..publishing.publish import Published, Row

_STATUS = {"not-same-footage": 3, "usage": 2, "cancelled": 130}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What the command takes."""
    parser.add_argument("clip", metavar="CLIP", help="the footage that is moved")
    parser.add_argument("ref", metavar="REF", help="the footage that stays")
    parser.add_argument("-o", "--output", metavar="FOLDER", help="where versions are published")
    parser.add_argument("--name", metavar="NAME", help="of what is published (default: the ref's)")
    kinds = "what to write beside alignment and report (default .otio .edl)"
    parser.add_argument("--as", metavar="SUFFIX", action="append", dest="suffixes", help=kinds)
    parser.add_argument("--render", metavar="SUFFIX", default="", help="render the clip too, as .mov, .mkv or .%%04d.exr")
    parser.add_argument("--check", action="store_true", help="check, and make nothing")
    parser.add_argument("--repair", action="store_true", help="mend what a check can mend")
    parser.add_argument("--accept", metavar="WHAT", action="append", default=[], choices=["holes"], help="holes: missing pictures stay black")
    add_settings(parser, fields_of("align"))
    add_common(parser, job=False)


def main(args: argparse.Namespace) -> int:
    """Carry it out; returns the exit status."""
    suffixes = [suffix if suffix.startswith(".") else f".{suffix}" for suffix in args.suffixes or [".otio", ".edl"]]
    for suffix in suffixes:
        if suffix not in KNOWN:
            raise Wrong(f"the suffix {suffix} says nothing that genlock writes; known are {' '.join(KNOWN)}")
    settings = settings_given(args)
    if settings.get("cache") not in (None, "", "off"):
        settings["cache"] = absolute(settings["cache"])
    pair: dict[str, Any] = {"clip": absolute(args.clip), "ref": absolute(args.ref), "settings": settings, "suffixes": suffixes, "accept": args.accept}
    pair.update(render=args.render, folder=absolute(args.output) if args.output else "", name=_name(args))
    with scratch():
        return _publish(pair, args)


def _name(args: argparse.Namespace) -> str:
    from ..publishing.placing import stem

    name = args.name or stem(args.ref)
    if name != os.path.basename(name) or name.startswith("."):
        raise Wrong(f"the name {name!r} is no plain name of a folder; give one with --name")
    return str(name)


def _publish(pair: dict[str, Any], args: argparse.Namespace) -> int:
    from ..publishing.publish import publish

    table = _Table(args.quiet, args.json)
    only_check = args.check or not args.output
    command = [sys.executable, "-m", __package__.split(".")[0]]
    data = {"genlock.pairs": [pair], "genlock.command": command, "genlock.progress": table.progress}
    try:
        done = publish(data, repair=args.repair, only_check=only_check, tell=table.row)
    finally:
        table.close()
    status = _status(done)
    if args.json:
        answer_json(_as_json(done, status))
    elif not args.quiet and not status:
        _tell_people(done, only_check)
    if status:
        told = [line for row in done.failures for line in row.said.splitlines()]
        complain(told[0] if len(told) == 1 else f"{len(told)} problems, the first one: {told[0]}")
    if only_check and not args.output and not args.check and not status and not args.quiet:
        tell("genlock: note: nothing is published; name a folder with -o")
    return status


class _Table:
    """A line for each plug-in as it ends; while one works, a bar."""

    def __init__(self, quiet: bool, silent: bool) -> None:
        self._quiet = quiet
        self._silent = silent
        self._view: View | None = None

    def progress(self, done: float, what: str) -> None:
        """How far the plug-in is that runs now."""
        if self._view is None:
            self._view = view_for(sys.stderr, self._quiet)
        self._view.hear(jobs.Progress(done, what))
        with suppress(OSError, ValueError):  # the terminal may go away; the work need not
            self._view.draw()

    def close(self) -> None:
        """Take the bar away."""
        if self._view is not None:
            with suppress(OSError, ValueError):
                self._view.close()
            self._view = None

    def row(self, row: Row) -> None:
        """Tell of one."""
        self.close()
        if self._quiet or self._silent or (row.stage == "collect" and row.state == "ok"):
            return
        lines: Sequence[str] = row.said.splitlines() or [f"{row.seconds:.1f} s" if row.seconds >= 1 else ""]
        for number, line in enumerate(lines):
            answer(f"{row.state if number == 0 else '':9} {row.label if number == 0 else '':16} {line}".rstrip())


def _tell_people(done: Published, only_check: bool) -> None:
    for data in done.instances:
        if data.get("sentence"):
            answer(data["sentence"])
        for note in data.get("notes", []):
            tell(f"genlock: note: {note}")
        if data.get("published"):
            answer(f"published: {data['published']}")
        elif only_check:
            answer("nothing stands against aligning them")


def _status(done: Published) -> int:
    codes = [row.code for row in done.failures]
    return next((_STATUS[code] for code in codes if code in _STATUS), 1 if codes else 0)


def _as_json(done: Published, status: int) -> dict[str, Any]:
    rows = [
        {
            "stage": row.stage, "label": row.label, "pair": row.pair, "state": row.state, "said": row.said, "code": row.code,
            "seconds": round(row.seconds, 3),
        }
        for row in done.rows
    ]  # fmt: skip
    kept = ("name", "clip", "ref", "settings", "suffixes", "facts", "sentence", "figures", "notes", "published", "files")
    pairs = [{key: data[key] for key in kept if key in data} for data in done.instances]
    if status:
        for pair in pairs:
            pair.pop("files", None)
    return {"genlock": 1, "kind": "publish", "exit_status": status, "rows": rows, "pairs": pairs}
