"""A scan as JSON, for the next process that needs it; what is read back is looked at before it is believed."""

from __future__ import annotations

from base64 import b64decode, b64encode
from fractions import Fraction
from itertools import pairwise
from typing import Any

from ..media.kept import is_whole
from .beats import Beats
from .cadence import Cadence
from .plan import stretches
from .scan import Scan

_WAYS = {"f": "flow", "h": "hold", "b": "blend"}
_LETTERS = {way: letter for letter, way in _WAYS.items()}


def scan_to_json(scan: Scan) -> dict[str, Any]:
    """As scan_from_json() reads it."""
    beats = scan.beats
    return {
        "frames": beats.frames, "rate": str(beats.rate), "stamps": None if beats.stamps is None else list(beats.stamps),
        "time_base": str(beats.time_base), "last": beats.last,
        "ways": "".join(_LETTERS[way] for way in scan.ways), "cuts": list(scan.cuts), "fields": scan.fields,
        "cadences": [_cadence_to_json(cadence) for cadence in scan.cadences],
    }  # fmt: skip


def scan_from_json(body: Any) -> Scan | None:
    """None where this is no scan."""
    try:
        beats = _beats(body)
        ways = tuple(_WAYS[letter] for letter in body["ways"])
        cadences = tuple(_cadence(each) for each in body["cadences"])
        cut = stretches(beats.frames, ways)
        fits = len(ways) == beats.frames - 1 and [(c.first, c.end) for c in cadences] == [(s.first, s.end) for s in cut]
        cuts, fields = body["cuts"], body["fields"]
        fits = fits and is_whole(cuts) and _rises([0, *cuts, beats.frames]) and isinstance(fields, str) and len(fields) in (0, beats.frames)
        return Scan(beats, ways, tuple(cuts), cut, cadences, fields) if fits else None
    except (KeyError, TypeError, ValueError, ZeroDivisionError, IndexError):
        return None


def _beats(body: Any) -> Beats:
    """Raises ValueError where they are none."""
    frames, stamps, last = body["frames"], body["stamps"], body["last"]
    beats = Beats(frames, Fraction(body["rate"]), None if stamps is None else tuple(stamps), Fraction(body["time_base"]), last)
    whole = is_whole([frames, last]) and frames > 0 and last >= 0 and beats.rate > 0 and beats.time_base > 0
    if not whole or not (stamps is None or (is_whole(stamps) and len(stamps) == frames and stamps[0] == 0 and _rises(stamps))):
        raise ValueError("no times of frames")
    return beats


def _rises(numbers: list[int]) -> bool:
    return all(a < b for a, b in pairwise(numbers))


def _cadence_to_json(cadence: Cadence) -> dict[str, Any]:
    return {
        "first": cadence.first, "end": cadence.end, "holds": list(cadence.holds), "parts": list(cadence.parts), "camera": cadence.camera,
        "repeats": list(cadence.repeats), "pattern": list(cadence.pattern),
        "where": [b64encode(row).decode() for row in cadence.where], "drawn": b64encode(cadence.drawn).decode(),
    }  # fmt: skip


def _cadence(body: Any) -> Cadence:
    """Raises ValueError where it is none."""
    first, end, holds, repeats, pattern = (body[name] for name in ("first", "end", "holds", "repeats", "pattern"))
    whole = is_whole([first, end]) and all(is_whole(numbers) for numbers in (holds, repeats, pattern))
    if not whole or not _rises([first, *repeats, end]) or not isinstance(body["camera"], bool) or min([1, *holds, *pattern]) < 1:
        raise ValueError("no cadence")
    return Cadence(
        first, end, tuple(holds), tuple(float(part) for part in body["parts"]), body["camera"], tuple(repeats), tuple(pattern),
        tuple(b64decode(row, validate=True) for row in body["where"]), b64decode(body["drawn"], validate=True),
    )  # fmt: skip
