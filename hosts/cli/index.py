"""Keep fingerprints of all footage in FOLDER, and in the folders in it, so that genlock find knows them.

  genlock index /archive
  genlock index /archive --to films.genlock

Run again, it reads what is new or changed and nothing else; interrupted, it goes on with the next file. Several folders may go into one
archive, and several processes may work at it.
"""

from __future__ import annotations

import argparse

from ..worker.index import default_archive
from ..worker.options import fields_of
from .parsing import add_common, add_settings, settings_given
from .session import absolute, carry_out

ARCHIVE = "the archive's file (default: $GENLOCK_ARCHIVE, or one in your own data)"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What the command takes."""
    parser.add_argument("folder", metavar="FOLDER", help="the folder with videos and image sequences")
    parser.add_argument("--to", metavar="INDEX", help=ARCHIVE)
    add_settings(parser, fields_of("index"))
    add_common(parser)


def main(args: argparse.Namespace) -> int:
    """Carry it out; returns the exit status."""
    return carry_out("index", {"folder": absolute(args.folder), "archive": archive_path(args.to)}, (), named(args), args)


def archive_path(given: str | None) -> str:
    """The archive that is meant."""
    return absolute(given or default_archive())


def named(args: argparse.Namespace) -> dict[str, object]:
    """The settings that are given, with the cache's folder from the root on."""
    settings = settings_given(args)
    if settings.get("cache") not in (None, "", "off"):
        settings["cache"] = absolute(settings["cache"])
    return settings
