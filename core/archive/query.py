"""A clip that is asked for: its pictures at one small size, and the codes that are looked up.

A code says nothing of a picture that is cropped, so windows of the clip are looked up too: those that a crop of the file to 75 % or more,
anywhere, would have the file's middle in, and the other way round. A mirrored clip is a second question.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from ..progress import Progress
from ..sync.analysis import Analysis
from .looks import MIDDLE, WHOLE, Box, active, code_of, part_of

VIEW_WH = (72, 48)
MOST_VIEWS = 20_000
MOST_RATE = 30
"""Views a second at most."""
STRETCH_S = 60.0
SPACING_S = 0.25
MOST_ASKED = 600
"""Moments of the clip that are looked up; of a clip of more than 150 s, they stand further apart."""
FEW = 12
"""Moments whose windows are looked up."""
_CROPS = (0.95, 0.88, 0.815, 0.755)
_SHIFT = 0.03
"""How far windows stand apart, in shares of the whole picture: a code still knows its picture half as far off."""


class Cut(NamedTuple):
    """A way in which one of two pictures shows a part of the other."""

    inside: Box
    """Where the file's middle lies in a clip that was cut so."""
    around: Box
    """Where the picture of a file that was cut so lies in the clip."""


CUT_TO_43 = Cut(Box(0.1, 0.2, 0.9, 0.8), Box(0.125, 0.0, 0.875, 1.0))
"""4:3 out of the middle of 16:9, as broadcast."""


@dataclass(frozen=True)
class View:
    """A clip made small; M frames of it."""

    times_s: np.ndarray
    """(M,) float: when each begins, after the first one."""
    frames: np.ndarray
    """(M,) int"""
    pictures: np.ndarray
    """(M, 48, 72) uint8: the active picture."""
    full: np.ndarray | None
    """The same with the bars that were taken off; None where there are none."""
    end_s: float
    """When the last one ends."""


@dataclass(frozen=True)
class Asked:
    """Codes to look up among one kind of an archive's codes; Q of them."""

    among: str
    """whole or middle: which codes of the files."""
    codes: np.ndarray
    """(Q,) uint64, none of them 0"""
    view: np.ndarray
    """(Q,) int: which view of the clip."""
    mirrored: np.ndarray
    """(Q,) bool"""
    window: np.ndarray
    """(Q, 4) float: the part of the clip's picture, after mirroring, as a Box."""


def view_of(analysis: Analysis, progress: Progress = Progress()) -> View:
    """The clip made small. Raises Cancelled."""
    media = analysis.media
    step = max(1, -(-analysis.frames // MOST_VIEWS), int(float(media.rate) / MOST_RATE + 0.999))
    frames = np.arange(0, analysis.frames, step)
    times = np.array([float(media.time_of(int(n))) for n in frames])
    pictures, full = [], []
    barred = False
    for part in _stretches(times):
        thumbs = [analysis.thumbs(int(n), 1)[0] for n in frames[part]]
        some = np.stack(thumbs[:: max(1, len(thumbs) // 120)])
        box = active(some)
        barred = barred or box != WHOLE
        pictures += [part_of(thumb, box, VIEW_WH) for thumb in thumbs]
        full += [part_of(thumb, WHOLE, VIEW_WH) if box != WHOLE else pictures[-len(thumbs) + k] for k, thumb in enumerate(thumbs)]
        progress.at(part.stop / len(frames))
    end = float(media.time_of(analysis.frames))
    return View(times, frames, np.stack(pictures), np.stack(full) if barred else None, max(end, float(times[-1]) + 1e-3))


def _stretches(times: np.ndarray) -> Iterator[slice]:
    first = 0
    while first < len(times):
        end = int(np.searchsorted(times, times[first] + STRETCH_S))
        yield slice(first, end)
        first = end


def plainly(view: View) -> list[Asked]:
    """The whole picture and its middle, as they are and mirrored; also with the bars, in case they are no bars."""
    spacing = max(SPACING_S, view.end_s / MOST_ASKED)
    at = _spaced(view.times_s, spacing)
    sides = [view.pictures] if view.full is None else [view.pictures, view.full]
    return [_asked(among, [(pictures, at, (box,)) for pictures in sides]) for among, box in (("whole", WHOLE), ("middle", MIDDLE))]


def in_windows(view: View) -> list[Asked]:
    """Windows of a few moments: the clip as a part of the file's picture, and the file's picture as a part of the clip's."""
    at = _telling(view)
    inside, around = [*_inside(), CUT_TO_43.inside], [*_around(), CUT_TO_43.around]
    return [_asked("middle", [(view.pictures, at, inside)]), _asked("whole", [(view.pictures, at, around)])]


def _inside() -> Iterator[Box]:
    """Where the file's middle lies in a clip that shows a crop of the file."""
    for crop in _CROPS:
        wide = (MIDDLE.right - MIDDLE.left) / crop
        for top in _places(max(0.0, MIDDLE.bottom - crop), min(MIDDLE.top, 1 - crop)):
            for left in _places(max(0.0, MIDDLE.right - crop), min(MIDDLE.left, 1 - crop)):
                x, y = (MIDDLE.left - left) / crop, (MIDDLE.top - top) / crop
                yield Box(x, y, x + wide, y + wide)


def _around() -> Iterator[Box]:
    """Where the file's whole picture lies in a clip that shows more of it."""
    for crop in _CROPS:
        for top in _places(0.0, 1 - crop):
            for left in _places(0.0, 1 - crop):
                yield Box(left, top, left + crop, top + crop)


def _places(first: float, last: float) -> np.ndarray:
    return np.linspace(first, last, max(1, int(np.ceil((last - first) / _SHIFT)) + 1))


def _spaced(times: np.ndarray, spacing_s: float) -> np.ndarray:
    """Views at least so far apart."""
    turn = np.floor((times - times[0]) / spacing_s + 1e-6)
    return np.flatnonzero(np.diff(turn, prepend=-1) > 0)


def _telling(view: View) -> np.ndarray:
    """A few views, the most telling one of each stretch."""
    at = _spaced(view.times_s, max(SPACING_S, view.end_s / (8 * FEW)))
    detail = np.array([float(view.pictures[k].astype(np.float32).std()) for k in at])
    return np.array([at[part[detail[part].argmax()]] for part in np.array_split(np.arange(len(at)), min(FEW, len(at)))])


def _asked(among: str, sets: list[tuple[np.ndarray, np.ndarray, Sequence[Box]]]) -> Asked:
    codes: list[int] = []
    rows: list[tuple[int, bool, Box]] = []
    for pictures, at, boxes in sets:
        for k in at:
            picture = pictures[k]
            for mirrored in (False, True):
                shown = np.ascontiguousarray(picture[:, ::-1]) if mirrored else picture
                for box in boxes:
                    codes.append(code_of(shown, box))
                    rows.append((int(k), mirrored, box))
    said = [k for k, code in enumerate(codes) if code]
    return Asked(
        among,
        np.array([codes[k] for k in said], np.uint64),
        np.array([rows[k][0] for k in said], int),
        np.array([rows[k][1] for k in said], bool),
        np.array([rows[k][2] for k in said], float).reshape(-1, 4),
    )
