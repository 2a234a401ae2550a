"""Find which files of an archive hold CLIP, and where in them.

  genlock find clip.mov
  genlock find clip.mov --in films.genlock --json

The clip may be a part, cropped to some 80 % or letterboxed, mirrored, graded, of another frame rate or speed, with a logo, or cut together
from several files. genlock index makes the archive.

Exit status 3: no file of the archive holds it.
"""

from __future__ import annotations

import argparse

from ..worker.options import fields_of
from .index import ARCHIVE, archive_path, named
from .parsing import add_common, add_settings
from .session import absolute, carry_out


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What the command takes."""
    parser.add_argument("clip", metavar="CLIP", help="the footage that is looked for")
    parser.add_argument("--in", metavar="INDEX", dest="archive", help=ARCHIVE)
    add_settings(parser, fields_of("find"))
    add_common(parser)


def main(args: argparse.Namespace) -> int:
    """Carry it out; returns the exit status."""
    return carry_out("find", {"clip": absolute(args.clip), "archive": archive_path(args.archive)}, (), named(args), args)
