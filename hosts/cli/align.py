"""Find which frame of CLIP is which frame of REF and where its picture lies in it; write the answer.

  genlock align clip.mov ref.mov -o out.otio -o out.edl -o report.html

An image sequence is named as name.%04d.exr. The outputs appear together or not at all. A single picture (a poster frame, a scan, a
logo) is looked for in the other one, at any size.

  genlock align --batch pairs.csv -o folder --as .otio --as .edl

Many pairs: a CSV with the columns clip and ref, and where needed out and any setting. A pair that fails does not end the others;
run again, it goes on with what is missing.

Exit status 3: the two do not show the same footage; nothing is written but the report (.html).
"""

from __future__ import annotations

import argparse

from ..worker.options import fields_of
from .parsing import OUTPUT_HELP, Wrong, add_common, add_settings, settings_given
from .session import absolute, carry_out


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What the command takes."""
    parser.add_argument("clip", metavar="CLIP", nargs="?", help="the footage that is moved; a single picture is looked for in REF")
    parser.add_argument("ref", metavar="REF", nargs="?", help="the footage that stays")
    parser.add_argument("-o", "--output", metavar="OUT", action="append", default=[], help=f"{OUTPUT_HELP}; with --batch, a folder")
    add_settings(parser, fields_of("align"))
    batch = parser.add_argument_group("many pairs")
    batch.add_argument("--batch", metavar="PAIRS.csv", help="align every pair of a table, instead of CLIP and REF")
    batch.add_argument("--as", metavar="SUFFIX", action="append", dest="suffixes", help="what to write of each pair (default .otio and .html)")
    batch.add_argument("--jobs", metavar="N", type=_count, help="pairs side by side (default: a pair a core)")
    add_common(parser)


def main(args: argparse.Namespace) -> int:
    """Carry it out; returns the exit status."""
    settings = settings_given(args)
    if settings.get("cache") not in (None, "", "off"):
        settings["cache"] = absolute(settings["cache"])
    if args.batch:
        return _batch(args, settings)
    missing = [name for name, given in (("CLIP", args.clip), ("REF", args.ref)) if not given]
    if missing:
        raise Wrong(f"missing: {', '.join(missing)}; see genlock align --help")
    if args.suffixes or args.jobs:
        raise Wrong("--as and --jobs go with --batch; name outputs with -o")
    inputs = {"clip": absolute(args.clip), "ref": absolute(args.ref)}
    return carry_out("align", inputs, args.output, settings, args)


def _batch(args: argparse.Namespace, settings: dict[str, object]) -> int:
    if args.clip:
        raise Wrong(f"{args.clip} is named beside --batch; the pairs stand in the table alone")
    if len(args.output) != 1:
        raise Wrong("a batch writes into one folder; name it with -o")
    asked = {**settings, "as": list(args.suffixes or []), "jobs": args.jobs or 0}
    return carry_out("batch", {"pairs": absolute(args.batch)}, args.output, asked, args)


def _count(text: str) -> int:
    """A number from 1 to 1024."""
    if not text.isdecimal() or not 1 <= int(text) <= 1024:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number from 1 to 1024")
    return int(text)
