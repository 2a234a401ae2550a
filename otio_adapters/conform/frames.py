"""An event of the new footage as cuts that play frame for frame, for formats whose readers lose speeds."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from ...core.alignment import Media, Piece, played
from .pairs import Pair, lost
from .repoint import Bridge, Playing, repoint

MOST = 200
"""Cuts for one event; more is no edit that a person can work with."""


@dataclass(frozen=True)
class Stretch:
    """Consecutive record frames of an event that play consecutive frames of one file."""

    first: int
    count: int
    frame: int
    """Of the new file, counted from its first; of no meaning where `new` is False."""
    new: bool


def stretches(event: Playing, bridge: Bridge, pair: Pair) -> tuple[list[Stretch], list[str]]:
    """The cuts, and what could not be found or said; an event that cannot be said is one stretch of the old file."""
    whole = [Stretch(0, event.count, 0, False)]
    if bridge.new.pts is not None or bridge.new.rate != event.rate:
        why = "has another frame rate than the edit, which readers of this format play differently"
        return whole, [f"{Path(pair.new).name} {why}; conform the .otio"]
    found = repoint(event, bridge)
    record = Media("", event.count, event.rate, 1, 1)
    out: list[Stretch] = []
    for part in found.parts:
        if part.piece is None:
            out.append(Stretch(part.first, part.count, 0, False))
            continue
        out += _cuts(part.piece, bridge.new, record)
    if len(out) > MOST:
        return whole, [f"it would take {len(out)} cuts in {Path(pair.new).name}; conform the .otio, which says speeds"]
    return out, [lost(found.missing, event.count, pair)] if found.missing else []


def _cuts(piece: Piece, new: Media, record: Media) -> list[Stretch]:
    out: list[Stretch] = []
    for k, frame in played((piece,), new, record):
        if out and frame == out[-1].frame + out[-1].count:
            out[-1] = Stretch(out[-1].first, out[-1].count + 1, out[-1].frame, True)
        else:
            out.append(Stretch(k, 1, frame, True))
    return out
