"""What the validators ask of a pair. Each takes the facts and raises Problem, or answers nothing. Standard library, Python 3.9 syntax.

facts of a file are those of the job "check" (hosts/worker/check.py): plain JSON values.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Any

from .problems import Problem

Facts = Mapping[str, Any]
ROLES = ("clip", "ref")
_EDL_RATES = (24, 25, 30, 48, 50, 60)
_SMALL_PX = 32
_MARGIN_BYTES = 256 << 20
"""For everything that is not the rendered media: the alignment, timelines and a report with pictures."""
_RENDERED_BYTES_PX = 3.0
"""Of a rendered pixel; ProRes 4444 stays below, a lossless codec of 8 bits too."""


def readable(role: str, path: str, facts: Facts) -> None:
    """It can be opened, and its first frame decoded."""
    error = facts.get("error")
    if error:
        raise Problem(f"{role} {path}", error["what"], error["next_step"] or "name another file", error["code"])


def said_rate(role: str, path: str, facts: Facts, given: str) -> None:
    """Its frame rate is known: that of an image sequence is not, unless someone says it."""
    if facts["kind"] == "sequence" and not given:
        raise Problem(f"{role} {path}", f"an image sequence says no frame rate, and is taken as {_fps(facts['rate'])}", f"give {role}_rate")


def rate_for_edl(path: str, facts: Facts, suffixes: Sequence[str]) -> None:
    """An EDL counts in timecode, which exists at a few rates."""
    if ".edl" in suffixes and round(Fraction(facts["rate"])) not in _EDL_RATES:
        raise Problem(f"ref {path}", f"runs at {_fps(facts['rate'])} frames a second, which timecode and so .edl cannot count", "leave the .edl out")


def whole(role: str, path: str, facts: Facts) -> None:
    """No picture of a sequence is missing in the middle, and a film holds at least one frame."""
    holes = facts.get("holes") or []
    if holes:
        some = ", ".join(map(str, holes[:4])) + (f" and {len(holes) - 4} more" if len(holes) > 4 else "")
        raise Problem(f"{role} {path}", f"pictures are missing: {some}", "render them again, or accept that they stay black")


def lengths(paths: Mapping[str, str], facts: Mapping[str, Facts]) -> None:
    """Neither lasts so briefly that nothing of it could be told from its neighbours, unless it is meant as a still."""
    for role in ROLES:
        if facts[role]["kind"] == "video" and facts[role]["frames"] == 1:
            raise Problem(f"{role} {paths[role]}", "is a film of one frame", "check that it was written to its end, or give a still picture")


def picture_size(role: str, path: str, facts: Facts) -> None:
    """Large enough to be told from other pictures."""
    if min(facts["width"], facts["height"]) < _SMALL_PX:
        raise Problem(f"{role} {path}", f"is {facts['width']}x{facts['height']}", f"give pictures of {_SMALL_PX} pixels a side or more")


def aspects(paths: Mapping[str, str], facts: Mapping[str, Facts], space: str) -> None:
    """Pictures of different shape cannot lie on each other as they are."""
    shapes = {role: _shape(facts[role]) for role in ROLES}
    if space == "off" and abs(shapes["clip"] / shapes["ref"] - 1) > 0.005:
        sizes = " and ".join(f"{facts[role]['width']}x{facts[role]['height']}" for role in ROLES)
        raise Problem(f"clip {paths['clip']}", f"clip and ref have different shapes, {sizes}, and space is off", "set space to auto")


def even_size(path: str, facts: Facts, rendered: str, odd: str) -> None:
    """Most codecs have no odd widths and heights."""
    odd_px = facts["width"] % 2 or facts["height"] % 2
    if rendered.lower().endswith((".mov", ".mp4", ".mkv", ".mxf")) and odd_px and odd not in ("pad", "crop"):
        size = f"{facts['width']}x{facts['height']}"
        raise Problem(f"ref {path}", f"is {size}, and most film codecs have no odd sides", "render with odd = pad, or to pictures")


def colours(paths: Mapping[str, str], facts: Mapping[str, Facts], given: Mapping[str, str]) -> None:
    """One in HDR and one that does not say how it is coded: which of them is right is nobody's guess."""
    coded = {role: facts[role] for role in ROLES if not given[role]}
    for role in coded:
        other = "ref" if role == "clip" else "clip"
        if coded[role].get("hdr") and other in coded and not coded[other].get("transfer") and coded[other]["bits"] > 8:
            raise Problem(
                f"{other} {paths[other]}",
                f"has {coded[other]['bits']} bits and says nothing of its colours, while the {role} is {coded[role]['transfer']}",
                f"give {other}_space, by its OCIO name",
            )


def timecode(role: str, path: str, facts: Facts) -> None:
    """An embedded timecode is one, at this rate."""
    code, error = facts.get("timecode"), facts.get("timecode_error")
    if code and error:
        what = f"its timecode {code} is none at {_fps(facts['rate'])} frames a second"
        raise Problem(f"{role} {path}", what, f"write the file again, or give {role}_rate")


def room(folder: str, facts: Facts, rendered: bool) -> None:
    """There is a place for the result, and it has room."""
    above = os.path.abspath(folder)
    while not os.path.exists(above) and above != os.path.dirname(above):
        above = os.path.dirname(above)
    if not os.path.isdir(above) or not os.access(above, os.W_OK | os.X_OK):
        raise Problem(f"folder {folder}", f"nothing can be written in {above}", "change its permissions, or name another folder")
    wanted = _MARGIN_BYTES + (int(facts["width"] * facts["height"] * facts["frames"] * _RENDERED_BYTES_PX) if rendered else 0)
    free = shutil.disk_usage(above).free
    if free < wanted:
        raise Problem(f"folder {folder}", f"{_size(free)} are free and about {_size(wanted)} are needed", "free some space, or name another folder")


def same_footage(found: Facts) -> None:
    """A look as draft finds something of the clip in the ref."""
    if not found["same"]:
        raise Problem("the pair", found["what"], found["next_step"] or "check that these are the right files", "not-same-footage")


def _shape(facts: Facts) -> float:
    return float(facts["width"] * Fraction(facts["sample_aspect"]) / facts["height"])


def _fps(rate: str) -> str:
    return f"{float(Fraction(rate)):.3f}".rstrip("0").rstrip(".")


def _size(count: int) -> str:
    return f"{count / (1 << 30):.1f} GiB" if count >= 1 << 30 else f"{count / (1 << 20):.0f} MiB"
