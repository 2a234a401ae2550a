"""An edit decision list written again: in the other manner, or as an OpenTimelineIO timeline."""

from __future__ import annotations

from fractions import Fraction

import numpy as np

from ..core.alignment import Media, Piece, played
from ..core.errors import FormatError, UsageError
from ..core.timing import FrameRate
from .edl import MANNERS, Counting, cuts_of, event_of
from .edl_text import MOST_EVENTS, Edl, Event, from_text, span_of, to_text
from .edl_timeline import edl_to_timeline

REWRITTEN = (".otio", ".edl")
"""What a list can be written as."""


def rewrite(body: bytes, suffix: str, rate: Fraction, clip_rate: Fraction | None = None, manner: str = "cmx") -> tuple[bytes, list[str]]:
    """A list of cuts and constant speeds as .otio, or as .edl in a manner, and notes.

    rate, clip_rate   of the record timecode and of the source timecode (the same where it is None); a list does not say them
    Raises UsageError for another suffix, FormatError with the line where the list is malformed.
    """
    try:
        text = body.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = body.decode("latin-1")
    notes = [] if text.isascii() else ["names in the list are not plain ASCII, and are taken as they stand"]
    if suffix == ".otio":
        return edl_to_timeline(text, rate, clip_rate).to_json_string(indent=1).encode("utf-8"), notes
    if suffix != ".edl" or manner not in MANNERS:
        raise UsageError(f"an .edl cannot become {suffix}: it does not hold its media, nor where pictures lie", f"known are {' '.join(REWRITTEN)}")
    return _in_manner(from_text(text), FrameRate(rate), FrameRate(clip_rate or rate), manner), notes


def _in_manner(edl: Edl, record: FrameRate, source: FrameRate, manner: str) -> bytes:
    events = [made for event in edl.events for made in _events(event, record, source, manner)]
    if len(events) > MOST_EVENTS:
        raise FormatError(f"in the manner {manner} this list takes {len(events)} events, and an .edl holds {MOST_EVENTS}", "split it, or write .otio")
    try:
        return to_text(Edl(edl.title, edl.drop, tuple(events))).encode("ascii")
    except UnicodeEncodeError as error:
        reel = next(event.reel for event in events if not event.reel.isascii())
        raise FormatError(f"the reel {reel!r} is not plain ASCII, and no .edl holds such a name", "rename it in the list, or write .otio") from error


def _events(event: Event, record: FrameRate, source: FrameRate, manner: str) -> list[Event]:
    """An event in a manner; played backwards it begins at the source out."""
    first, end = span_of(event.source, source)
    begin, stop = span_of(event.record, record)
    speed = Fraction(1) if event.speed is None else Fraction(event.speed) / record.nominal
    start = end if speed < 0 else first
    day = 86400 * source.nominal
    media = Media(event.name or event.reel, 2 * day, source.fps, 1, 1)
    lasts = Media("", stop - begin, record.fps, 1, 1)
    piece = Piece(0, stop - begin, start / source.fps, speed)
    frames = np.array([frame for _, frame in played((piece,), media, lasts)], dtype=np.int64)
    counted = Counting(source, 0, ";" in event.source[0]), Counting(record, begin, ";" in event.record[0])
    made = [event_of(cut, media, *counted, manner, event.reel, event.name) for cut in cuts_of(piece, frames, media, *counted, manner)]
    return [Event(one.reel, one.source, one.record, one.speed, one.name, event.comments if n == 0 else ()) for n, one in enumerate(made)]
