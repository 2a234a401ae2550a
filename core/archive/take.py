"""Takes the fingerprints of a file: one pass, twice a second, memory flat."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator
from dataclasses import fields, replace
from fractions import Fraction

import numpy as np

from ..alignment import Media
from ..errors import MediaError
from ..media.footage import Footage
from ..progress import Progress
from ..sync.analysis import Analysis, thumb_size
from .looks import DARK, MIDDLE, WHOLE, Box, active, code_of, small_of
from .prints import MOST, RATE, Prints

STRETCH = 60 * RATE
"""Moments, a minute, that share one active picture: a film may go from one aspect ratio to another."""
_MOST_MS = 2**32 - 1

Moment = tuple[int, np.ndarray]
"""Frame number, luma (h, w) uint8."""


def take(footage: Footage, progress: Progress = Progress()) -> Prints:
    """The fingerprints of footage that is read for it; afterwards footage.media() is known. Raises MediaError, Cancelled."""
    info = footage.info
    expected = max(1, info.frames)
    wh = thumb_size(info.width, info.height, expected)

    def frames() -> Iterator[tuple[int, Callable[[], np.ndarray]]]:
        for frame in footage.frames():
            yield frame.pts, lambda frame=frame: frame.luma(wh)  # type: ignore[misc]
            if frame.number % 8 == 0:
                progress.at(frame.number / expected)

    prints = prints_of(due(frames(), info.time_base, info.rate))
    return timed(prints, footage.media())


def take_analysed(analysis: Analysis) -> Prints:
    """The fingerprints of footage that was analysed: the same ones, and nothing is decoded."""
    media = analysis.media
    frames = ((pts, lambda n=n: analysis.thumbs(n, 1)[0]) for n, pts in enumerate(analysis.index.pts))
    return timed(prints_of(due(frames, media.time_base, media.rate)), media)


def due(frames: Iterable[tuple[int, Callable[[], np.ndarray]]], time_base: Fraction, rate: Fraction) -> Iterator[Moment]:
    """Of frames (PTS, how to get its picture), those on screen at 0 s, 0.5 s, ...: each at most once, the picture got for them alone."""
    held: tuple[int, Callable[[], np.ndarray]] | None = None
    first = began = 0
    moment = Fraction(0)
    for number, (pts, picture) in enumerate(frames):
        if held is None:
            first = pts
        else:
            now = (pts - first) * time_base
            if moment < now:
                yield held[0], held[1]()
                moment = Fraction(math.ceil(now * RATE), RATE)
        held, began = (number, picture), pts
    if held is not None and (moment == 0 or moment < (began - first) * time_base + 1 / rate):
        yield held[0], held[1]()


def timed(prints: Prints, media: Media) -> Prints:
    """Fingerprints with the times of their frames, as an alignment counts them."""
    at_ms = [min(_MOST_MS, max(0, round(media.time_of(int(n)) * 1000))) for n in prints.frames]
    return replace(prints, at_ms=np.maximum.accumulate(np.array(at_ms, np.uint32)))


def prints_of(moments: Iterable[Moment]) -> Prints:
    """The fingerprints of moments that come in order, their times still 0; what comes after MOST of them is left out."""
    kept: list[Moment] = []
    parts: list[Prints] = []
    box = WHOLE
    count = 0
    for moment in moments:
        if count == MOST:
            continue
        count += 1
        kept.append(moment)
        if len(kept) == STRETCH:
            box = _active(kept, box)
            parts.append(_described(kept, box))
            kept = []
    if kept:
        parts.append(_described(kept, _active(kept, box)))
    if not parts:
        raise MediaError("the footage has no frames")
    return Prints(*(np.concatenate([getattr(part, f.name) for part in parts]) for f in fields(Prints)))


def _active(kept: list[Moment], before: Box) -> Box:
    """The active picture of a stretch; of one that is dark throughout, the one before."""
    pictures = np.stack([picture for _, picture in kept])
    return before if pictures.max() < 2 * DARK else active(pictures)


def _described(kept: list[Moment], box: Box) -> Prints:
    middle = MIDDLE.within(box)
    return Prints(
        np.array([number for number, _ in kept], np.uint32),
        np.zeros(len(kept), np.uint32),
        np.array([(code_of(p, box), code_of(p, middle)) for _, p in kept], np.uint64),
        np.stack([small_of(p, box) for _, p in kept]),
    )
