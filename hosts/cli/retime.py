"""Give footage another frame rate, make its motion even, or drop the frames that repeat.

  genlock retime in.mkv -o out.mp4 --fps 60            smooth, also where drawings are on twos and threes
  genlock retime in.mkv -o out.mp4                     the same rate, repeats replaced by the motion that they lack
  genlock retime in.%04d.png -o out.%04d.png --times 2 --method plain
  genlock retime in.mkv -o out.mkv -o dropped.csv --dedup only
  genlock retime in.mkv --fps 60 --dry-run             how many frames, and when
  genlock retime aligned.otio -o clip.mov              the clip on the ref's clock; slow motion gets frames of its own

OUT is a film (.mov .mp4 .mkv .webm) or a picture sequence; .csv and .json list the cadence and the repeats, .html draws them, .otio lays each
drawing out as a hold, .txt lists the time stamps.
"""

from __future__ import annotations

import argparse

from ..worker.inputs import READABLE
from ..worker.options import fields_of
from .parsing import add_common, add_settings, settings_given
from .picturing import OUTPUT_HELP, with_paths
from .pooling import add_workers
from .session import absolute, carry_out


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What the command takes."""
    parser.add_argument("footage", metavar="IN", help="a film, a picture sequence such as in.%%04d.png, or what genlock align wrote")
    parser.add_argument("-o", "--output", metavar="OUT", action="append", default=[], help=OUTPUT_HELP + "; lists as .html .csv .json .otio .txt")
    add_settings(parser, fields_of("retime"))
    add_workers(parser)
    add_common(parser)


def main(args: argparse.Namespace) -> int:
    """Carry it out; returns the exit status."""
    role = "aligned" if args.footage.lower().endswith(READABLE) else "footage"
    return carry_out("retime", {role: absolute(args.footage)}, args.output, with_paths(settings_given(args)), args)
