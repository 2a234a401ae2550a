"""Look at the footage again, by another way than the alignment went, and say whether its claims hold.

  genlock verify out.otio
  genlock verify out.otio --pictures --warp flow -o report.html

ALIGNED is the .otio or .json that genlock align wrote. With --pictures, the clip is laid on the ref at full size, and
PSNR, SSIM, how far the content still lies off, and VMAF (where an FFmpeg with libvmaf is found) say how alike the two are.
Exit status 0: the claims hold; 1: some do not.
"""

from __future__ import annotations

import argparse

from ..worker.options import fields_of
from .parsing import add_common, add_settings, settings_given
from .session import absolute, carry_out


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What the command takes."""
    parser.add_argument("aligned", metavar="ALIGNED", help="what genlock align wrote: .otio or .json")
    parser.add_argument("-o", "--output", metavar="OUT", action="append", default=[], help="a report with what was found, .html")
    add_settings(parser, fields_of("verify"))
    add_common(parser)


def main(args: argparse.Namespace) -> int:
    """Carry it out; returns the exit status."""
    return carry_out("verify", {"aligned": absolute(args.aligned)}, args.output, settings_given(args), args)
