"""Write an aligned timeline in other formats. No footage is read, but for the pictures of a report.

  genlock convert out.otio -o out.edl -o report.html

  genlock convert cut.edl --rate 25 -o cut.otio

IN is the .otio, .otioz or .json that genlock align wrote, or an .edl of cuts and constant speeds from any editor, which
becomes .otio or an .edl of the other manner. The outputs appear together or not at all.
"""

from __future__ import annotations

import argparse

from ..worker.options import fields_of
from .parsing import OUTPUT_HELP, add_common, add_settings, settings_given
from .session import absolute, carry_out


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What the command takes."""
    parser.add_argument("aligned", metavar="IN", help="what genlock align wrote: .otio, .otioz or .json; or an .edl")
    parser.add_argument("-o", "--output", metavar="OUT", action="append", required=True, help=OUTPUT_HELP)
    add_settings(parser, [f for f in fields_of("align") if f.name in ("edl", "otio")])
    lists = parser.add_argument_group("an .edl, which does not say its rates")
    lists.add_argument("--rate", metavar="FPS", dest="setting_rate", help="frame rate of the record timecode")
    lists.add_argument("--clip-rate", metavar="FPS", dest="setting_clip_rate", help="of the source timecode (default: the same)")
    add_common(parser)


def main(args: argparse.Namespace) -> int:
    """Carry it out; returns the exit status."""
    return carry_out("convert", {"aligned": absolute(args.aligned)}, args.output, settings_given(args), args)
