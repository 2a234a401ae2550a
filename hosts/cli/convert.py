"""Write an aligned timeline in other formats. No footage is read, but for the pictures of a report.

  genlock convert out.otio -o out.edl -o report.html

IN is the .otio or .json that genlock align wrote. The outputs appear together or not at all.
"""

from __future__ import annotations

import argparse

from ..worker.options import align_fields
from .parsing import OUTPUT_HELP, add_common, add_settings, settings_given
from .session import absolute, carry_out


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What the command takes."""
    parser.add_argument("aligned", metavar="IN", help="what genlock align wrote: .otio or .json")
    parser.add_argument("-o", "--output", metavar="OUT", action="append", required=True, help=OUTPUT_HELP)
    add_settings(parser, [f for f in align_fields() if f.name == "edl"])
    add_common(parser)


def main(args: argparse.Namespace) -> int:
    """Carry it out; returns the exit status."""
    return carry_out("convert", {"aligned": absolute(args.aligned)}, args.output, settings_given(args), args)
