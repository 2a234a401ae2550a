"""Alignment to a CMX 3600 edit decision list, in two manners.

  cmx       the source span is what is consumed: 2 s at double speed take 4 s of source (Avid, CMX)
  resolve   the source span is as long as the record span, the speed stands in M2 alone (DaVinci Resolve)

How a written event plays (docs: an .edl has only whole frames):

  - Record timecode counts ref frames, source timecode counts clip frames, each in its own file's rate and manner
    of dropping: the label in the list is the label on the frame. Without a timecode, the clip counts from
    its start frame and the record from 01:00:00:00.
  - Without M2 a clip plays in real time; M2 over the whole number of frames a second that the record timecode counts
    by is its speed in time.
  - The source in is the beginning of its frame; played backwards, the source out is where playing starts. What is
    seen is what lies in the middle of each record frame.

An .edl's speed has one decimal and its in-points are whole frames. What those cannot say becomes more cuts, which
play the same frames; a `* GENLOCK:` comment and a note say so. More than 999 events go on in a second list.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import numpy as np

from ..core.alignment import Alignment, Media, Piece, Verdict
from ..core.errors import FormatError, UsageError
from ..core.timing import FrameRate, frames_of, timecode
from .edl_text import MOST_EVENTS, Edl, Event, ascii_only, reel_names, to_text

MANNERS = ("cmx", "resolve")
_FASTEST = Decimal("999.9")


@dataclass(frozen=True)
class Counting:
    """How a file's frames are labelled."""

    rate: FrameRate
    first: int
    """Number of the frame that its timecode gives the file's first one."""
    drop: bool

    def label(self, frame: int) -> str:
        """Timecode of a frame of the file."""
        return timecode(self.first + frame, self.rate, self.drop)


@dataclass(frozen=True)
class Cut:
    """Consecutive ref frames that one event plays."""

    ref_first: int
    count: int
    source: int
    """The clip frame whose beginning plays first; backwards, the one after it."""
    speed: Decimal | None
    """M2; None for real time."""


def to_edl(alignment: Alignment, manner: str = "cmx") -> tuple[list[str], list[str]]:
    """The lists, as text, and notes on what had to be cut up. More than one list where there are more than 999 events.

    Raises FormatError where timecode cannot count a file (variable or unusual rate, above 100 frames a second),
    where the ref is longer than a day, or where nothing of the clip plays; UsageError for an unknown manner.
    """
    if manner not in MANNERS:
        raise UsageError(f"{manner!r} is not a manner of .edl", f"choose one of {', '.join(MANNERS)}")
    clip, ref = alignment.clip, alignment.ref
    source, record = counting(clip, "clip", clip.start_frame), counting(ref, "ref", 3600 * FrameRate(ref.rate).nominal)
    if ref.frames > 86400 * record.rate.nominal:
        raise FormatError("the ref is longer than the 24 hours that timecode counts", "write .otio")
    events, notes = _events(alignment, source, record, manner)
    if not events:
        raise FormatError("nothing of the clip is played, and an .edl without an event is no edit decision list", "write .otio or .json")
    parts = [events[n : n + MOST_EVENTS] for n in range(0, len(events), MOST_EVENTS)]
    if len(parts) > 1:
        notes.append(f"{len(events)} events do not fit the {MOST_EVENTS} of one .edl: it goes on in {len(parts) - 1} more")
    title = Path(clip.path).stem
    return [to_text(Edl(title if n == 1 else f"{title} {n}", record.drop, tuple(part))) for n, part in enumerate(parts, 1)], notes


def counting(media: Media, role: str, otherwise: int) -> Counting:
    """How a file's timecode counts; `otherwise` is its first number where it has none that can be read."""
    rate = FrameRate(media.rate)
    usual = media.rate == rate.nominal or media.rate == Fraction(rate.nominal * 1000, 1001)
    if media.pts is not None or not usual or rate.nominal > 100:
        why = "has a variable frame rate" if media.pts is not None else f"runs at {rate} frames a second"
        raise FormatError(f"the {role} {why}, which the timecode of an .edl cannot count", "write .otio")
    if media.timecode is not None:
        try:
            return Counting(rate, frames_of(media.timecode, rate), ";" in media.timecode or "." in media.timecode)
        except UsageError:
            pass
    return Counting(rate, otherwise, False)


def _events(alignment: Alignment, source: Counting, record: Counting, manner: str) -> tuple[list[Event], list[str]]:
    clip = alignment.clip
    shown = alignment.clip_frames()
    name = Path(clip.path).name
    reel = "AX" if clip.timecode is None else reel_names([name])[name]
    events: list[Event] = []
    notes: list[str] = []
    for run in alignment.runs:
        for n, piece in enumerate(run.pieces):
            frames = np.array(shown[piece.ref_first : piece.ref_first + piece.ref_count], dtype=np.int64)
            cuts = list(cuts_of(piece, frames, clip, source, record, manner))
            said = [f"GENLOCK: {run.verdict.value}, confidence {run.confidence:.2f}"] if n == 0 and run.verdict is not Verdict.EXACT else []
            if len(cuts) > 1:
                text = f"speed {piece.speed} from record {record.label(piece.ref_first)} is cut into {len(cuts)} events"
                said.append(f"GENLOCK: {text}")
                notes.append(text)
            for k, cut in enumerate(cuts):
                events.append(event_of(cut, clip, source, record, manner, reel, name, tuple(said) if k == 0 else ()))
    return events, notes


def event_of(
    cut: Cut, clip: Media, source: Counting, record: Counting, manner: str, reel: str, name: str, comments: tuple[str, ...] = ()
) -> Event:
    """The event that plays a cut."""
    first, end = source_span(cut, clip, source, record, manner)
    return Event(
        reel,
        (source.label(first), source.label(end)),
        (record.label(cut.ref_first), record.label(cut.ref_first + cut.count)),
        cut.speed,
        ascii_only(name),
        comments,
    )


def source_span(cut: Cut, clip: Media, source: Counting, record: Counting, manner: str) -> tuple[int, int]:
    """First clip frame of an event and the one after its last."""
    slope = _slope(cut.speed, source, record)
    if manner == "resolve":
        length = max(1, round(cut.count * source.rate.fps / record.rate.fps)) if cut.speed is None else cut.count
    else:
        length = max(1, math.floor(abs(slope) * cut.count + Fraction(1, 2)))
    if slope < 0:
        return cut.source - length, cut.source
    if manner == "cmx":
        length = max(1, min(length, clip.frames - cut.source))
    return cut.source, cut.source + length


def _slope(speed: Decimal | None, source: Counting, record: Counting) -> Fraction:
    """Clip frames a ref frame."""
    in_time = Fraction(1) if speed is None else Fraction(speed) / record.rate.nominal
    return in_time * source.rate.fps / record.rate.fps


def cuts_of(piece: Piece, frames: np.ndarray, clip: Media, source: Counting, record: Counting, manner: str) -> Iterator[Cut]:
    """The events that play a piece's frames: each time the one that goes on longest."""
    speeds = _speeds(piece, record)
    at = 0
    while at < len(frames):
        cut = max((_longest(frames[at:], piece.ref_first + at, speed, clip, source, record, manner) for speed in speeds), key=lambda cut: cut.count)
        yield cut
        at += cut.count


def _speeds(piece: Piece, record: Counting) -> list[Decimal | None]:
    """Speeds worth trying, the plainest first: real time, the piece's own, its neighbours in tenths; a held frame."""
    own = Decimal(round(piece.speed * record.rate.nominal * 10)) / 10
    tenths = [own + Decimal(n) / 10 for n in (0, 1, -1)]
    kept = [speed for speed in tenths if speed != 0 and abs(speed) <= _FASTEST]
    moving = [speed for speed in kept if speed != record.rate.nominal]
    return [None, Decimal("0.0"), *moving] if own == 0 else [None, *moving, Decimal("0.0")]


def _agreed(slope: Fraction, manner: str, count: int) -> int:
    """How many record frames readers agree on: played backwards, a source span that is not what is consumed has two ends to begin at."""
    if manner == "cmx" or slope >= 0 or slope == -1:
        return count
    return min(count, math.ceil(Fraction(1, 2) / abs(slope + 1)) - 1)


def _longest(frames: np.ndarray, ref_first: int, speed: Decimal | None, clip: Media, source: Counting, record: Counting, manner: str) -> Cut:
    """The event of one speed from the first of some frames, as long as it plays them; count 0 where it cannot."""
    slope = _slope(speed, source, record)
    if slope.numerator.bit_length() + len(frames).bit_length() > 60:
        return Cut(ref_first, 0, 0, speed)
    k = np.arange(len(frames), dtype=np.int64)
    moved = ((2 * k + 1) * slope.numerator) // (2 * slope.denominator)
    begin = int(frames[0] - moved[0])
    wrong = begin + moved != frames
    count = _agreed(slope, manner, int(wrong.argmax()) if wrong.any() else len(frames))
    cut = Cut(ref_first, count, begin, speed)
    while cut.count:
        first, end = source_span(cut, clip, source, record, manner)
        if first >= 0 and (begin >= 0 or slope < 0) and (slope >= 0 or end <= clip.frames):
            return cut
        cut = Cut(ref_first, cut.count - 1, begin, speed) if slope < 0 and first < 0 else Cut(ref_first, 0, 0, speed)
    return cut
