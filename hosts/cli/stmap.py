"""Write where the clip lies in the ref as ST maps, for Nuke and other compositors: 32-bit float EXR, a file a ref frame.

  genlock stmap out.json -o stmap.%04d.exr
  genlock stmap out.json -o stmap.exr                     one file, where the transform does not move
  genlock stmap out.json -o back.%04d.exr --inverse       the ref as the clip would see it
  genlock stmap out.json -o motion.%04d.exr --motion      motion vectors in pixels

ALIGNED is the .otio or .json that genlock align wrote. Red is S, from 0 at the left edge to 1 at the right; green is T, from
0 at the bottom to 1 at the top; alpha is how much of the pixel is covered. Files are numbered as the ref's frames are.
"""

from __future__ import annotations

import argparse

from ..worker.options import fields_of
from .parsing import add_common, add_settings
from .picturing import carry_out_pictures
from .pooling import add_workers

OUTPUT_HELP = "an EXR sequence, name.%%04d.exr, or one name.exr; may be given several times"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What the command takes."""
    parser.add_argument("aligned", metavar="ALIGNED", help="what genlock align wrote: .otio or .json")
    parser.add_argument("-o", "--output", metavar="OUT", action="append", required=True, help=OUTPUT_HELP)
    add_settings(parser, fields_of("stmap"))
    add_workers(parser)
    add_common(parser)


def main(args: argparse.Namespace) -> int:
    """Carry it out; returns the exit status."""
    return carry_out_pictures("stmap", args)
