"""Find which frame of CLIP is which frame of REF and where its picture lies in it; write the answer.

  genlock align clip.mov ref.mov -o out.otio -o out.edl -o report.html

An image sequence is named as name.%04d.exr. The outputs appear together or not at all.
Exit status 3: the two do not show the same footage; nothing is written but the report (.html).
"""

from __future__ import annotations

import argparse

from ..worker.options import align_fields
from .parsing import OUTPUT_HELP, add_common, add_settings, settings_given
from .session import absolute, carry_out


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What the command takes."""
    parser.add_argument("clip", metavar="CLIP", help="the footage that is moved")
    parser.add_argument("ref", metavar="REF", help="the footage that stays")
    parser.add_argument("-o", "--output", metavar="OUT", action="append", default=[], help=OUTPUT_HELP)
    add_settings(parser, align_fields())
    add_common(parser)


def main(args: argparse.Namespace) -> int:
    """Carry it out; returns the exit status."""
    inputs = {"clip": absolute(args.clip), "ref": absolute(args.ref)}
    settings = settings_given(args)
    if settings.get("cache") not in (None, "", "off"):
        settings["cache"] = absolute(settings["cache"])
    return carry_out("align", inputs, args.output, settings, args)
