"""Render the clip as the ref would see it, frame for frame: retimed, warped, sized like the ref.

  genlock render out.json -o clip_as_ref.mov
  genlock render out.otio -o frames.%04d.exr --alpha --warp flow

ALIGNED is the .otio or .json that genlock align wrote. OUT is a film (.mov .mp4 .mkv .webm) or a picture sequence
(name.%04d.exr, .png, .tif, .dpx), or .wav for its sound alone. Where the clip shows nothing the picture is black. Sound is the ref's.
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
    add_settings(parser, fields_of("render"))
    add_workers(parser)
    add_common(parser)


def main(args: argparse.Namespace) -> int:
    """Carry it out; returns the exit status."""
    return carry_out_pictures("render", args)
