"""Lay the clip over the ref, or the ref over the clip, in sync and in place.

  genlock composite out.json -o both.mov
  genlock composite out.json -o both.mp4 --feather 8 --keep ref
  genlock composite out.json -o compare.mp4 --view wipe

ALIGNED is the .otio or .json that genlock align wrote. OUT is a film (.mov .mp4 .mkv .webm) or a picture sequence
(name.%04d.exr, .png, .tif, .dpx). All frames of the one on top are kept, once each; the other is retimed to them.
"""

from __future__ import annotations

import argparse

from ..worker.options import fields_of
from .parsing import add_common, add_settings
from .picturing import OUTPUT_HELP, carry_out_pictures
from .pooling import add_workers


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What the command takes."""
    parser.add_argument("aligned", metavar="ALIGNED", help="what genlock align wrote: .otio or .json")
    parser.add_argument("-o", "--output", metavar="OUT", action="append", required=True, help=OUTPUT_HELP)
    add_settings(parser, fields_of("composite"))
    add_workers(parser)
    add_common(parser)


def main(args: argparse.Namespace) -> int:
    """Carry it out; returns the exit status."""
    return carry_out_pictures("composite", args)
