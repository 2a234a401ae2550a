"""The one way in: an edit's text and the alignments of its footage -> the edit in the new footage."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path

from ...core.alignment import Alignment
from ...core.errors import FormatError, UsageError
from .pairs import Pair
from .repoint import Bridge

CONFORMED = (".otio", ".edl", ".fcpxml", ".xml")
"""Edits that can be re-pointed; each is written in its own format."""
Aligned = Callable[[Pair], Alignment]
"""The alignment of a pair, the new version as clip and the old one as ref. Asked for once a pair, and only where the edit uses it."""


@dataclass
class Conformed:
    """An edit in the new footage, and what became of it."""

    body: bytes = b""
    events: int = 0
    """Events on video tracks that show the old footage."""
    moved: int = 0
    """Of these, how many are in the new footage from end to end."""
    missing: list[str] = field(default_factory=list)
    """What could not be found or said, a line each, with where it is in the edit."""
    notes: list[str] = field(default_factory=list)


class Bridges:
    """From old to new by pair, each made when it is first asked for."""

    def __init__(self, pairs: list[Pair], aligned: Aligned) -> None:
        self.pairs = pairs
        self._aligned = aligned
        self._made: dict[Pair, Bridge] = {}

    def __getitem__(self, pair: Pair) -> Bridge:
        if pair not in self._made:
            self._made[pair] = Bridge(self._aligned(pair))
        return self._made[pair]

    def notes(self) -> list[str]:
        """What a person should know of the pairs that were used."""
        return [
            f"{Path(pair.new).name} is framed otherwise than {Path(pair.old).name}; the edit's own framing is left as it is"
            for pair, bridge in self._made.items()
            if bridge.reframed
        ]


def conform(body: bytes, suffix: str, pairs: list[Pair], aligned: Aligned, rate: Fraction | None = None) -> Conformed:
    """Re-point every event that shows an old version. What is not found stays as it was, and is listed.

    rate   of the record of an .edl, which does not say it; that of the first old version used where it is None
    Raises UsageError for a suffix that is no edit, FormatError where it is malformed, and what `aligned` raises.
    """
    made = Bridges(pairs, aligned)
    done = _by_suffix(body, suffix, made, rate)
    done.notes += made.notes()
    return done


def _by_suffix(body: bytes, suffix: str, made: Bridges, rate: Fraction | None) -> Conformed:
    if suffix == ".otio":
        from .in_otio import conform_otio

        return conform_otio(body, made)
    if suffix == ".edl":
        from .in_edl import conform_edl

        return conform_edl(_text(body), made, rate)
    if suffix == ".fcpxml":
        from .in_fcpxml import conform_fcpxml

        return conform_fcpxml(body, made)
    if suffix == ".xml":
        from .in_fcp7 import conform_fcp7

        return conform_fcp7(body, made)
    raise UsageError(f"{suffix or 'a file without a suffix'} is no edit that can be re-pointed", f"name one of {' '.join(CONFORMED)}")


def _text(body: bytes) -> str:
    try:
        return body.decode("utf-8-sig")
    except UnicodeDecodeError:
        try:
            return body.decode("cp1252")
        except UnicodeDecodeError as error:
            raise FormatError(f"this is no text: byte {error.start}", "name an edit decision list") from error
