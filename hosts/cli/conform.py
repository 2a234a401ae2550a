"""Re-point every event of an edit from one version of its footage to another, to the frame.

  genlock conform edit.otio --from offline.mov --to camera.mov -o online.otio
  genlock conform cut.edl --from proxies/ --to originals/ -o online.edl
  genlock conform cut.edl --aligned new-to-old.json -o online.edl

EDIT is .otio, .edl, .fcpxml or .xml, and is written in its own format. Files of two folders are paired by name, else by start
timecode. What is not found in the new footage stays on the old, and is listed.
"""

from __future__ import annotations

import argparse

from ..worker.options import fields_of
from .parsing import add_common, add_settings, settings_given
from .session import absolute, carry_out


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What the command takes."""
    parser.add_argument("edit", metavar="EDIT", help="the edit: .otio, .edl, .fcpxml or .xml")
    parser.add_argument("--from", metavar="OLD", dest="olds", action="append", default=[], help="footage that the edit shows; a file or a folder")
    parser.add_argument("--to", metavar="NEW", dest="news", action="append", default=[], help="the same in the version wanted, one for each OLD")
    parser.add_argument("--aligned", metavar="ALIGNED", action="append", default=[], help="use what genlock align NEW OLD wrote (.json, .otio)")
    parser.add_argument("-o", "--output", metavar="OUT", action="append", required=True, help="the edit in the new footage, in the format of EDIT")
    add_settings(parser, fields_of("conform"))
    add_common(parser)


def main(args: argparse.Namespace) -> int:
    """Carry it out; returns the exit status."""
    inputs = {"edit": absolute(args.edit)}
    for role, paths in (("from", args.olds), ("to", args.news), ("aligned", args.aligned)):
        inputs |= {role if n == 1 else f"{role}_{n}": absolute(path) for n, path in enumerate(paths, 1)}
    settings = settings_given(args)
    if settings.get("cache") not in (None, "", "off"):
        settings["cache"] = absolute(settings["cache"])
    return carry_out("conform", inputs, args.output, settings, args)
