"""The fewest straight pieces that play the right frame in the middle of every ref frame.

Each ref frame allows an interval of clip time: the time on screen of the clip frames that are equally right for
it. A piece is a straight line of clip time over ref time. Taking every piece as long as it goes gives the fewest
(stabbing.py); of all ways to place that many, the ones with plain speeds and plain starts are preferred.

The search counts in average frames, as floats: x in ref frames, y in clip frames, so a slope of 1 is a frame a
frame. Every interval is first made narrower by MARGIN on both sides, a hundred times what rounding adds up to
over a day of frames. So rounding, here or in the doubles of an exchange file, cannot change a frame. What is
returned is exact.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator, Sequence
from fractions import Fraction

import numpy as np

from .alignment import Media, Piece
from .errors import MediaError
from .stabbing import Band, Line, fewest_ends, reach, reach_at, room_at, section

MARGIN = 1e-5
"""Kept clear of an interval's edges, in frames."""
FASTEST = 64.0
"""Clip frames a ref frame. Two frames that lie farther apart are a cut, not a speed."""
PLAIN_SPEEDS = tuple(
    Fraction(text)
    for text in (
        "25/24 24/25 1001/960 960/1001 1000/1001 1001/1000 2 1/2 -1 4/5 5/4 6/5 5/6 3/2 2/3 3 1/3 4 1/4 3/4 4/3 -2 -1/2 5 1/5 6 8 10"
    ).split()
)
"""Tried in this order after 1, the speed of the piece before, a clip frame a ref frame, 0, and backwards frame by frame."""


def fit(
    bounds: Sequence[tuple[int, int] | None], ref_first: int, clip: Media, ref: Media, want: Sequence[int | None] | None = None
) -> tuple[Piece, ...]:
    """The fewest pieces that play, in the middle of ref frame `ref_first + k`, a clip frame of `bounds[k]`.

    bounds   (first, last) clip frame that is right, both included; None where nothing plays
    want     clip frames to be near to where there is a choice; as long as bounds
    returns  pieces in order, with holes where bounds are None

    Of equally few pieces those are taken whose speed is 1, else that of the piece before, else a clip frame a ref
    frame, else 0 (a held frame), else a usual ratio, else the simplest fraction; and that begin on a whole clip
    frame, else on the simplest fraction of one. A piece of one frame has speed 1; none is faster than FASTEST.
    Raises MediaError where a clip frame is asked for that does not exist or is never on screen.
    """
    pieces: list[Piece] = []
    for first, end in _stretches(bounds):
        asked = None if want is None else want[first:end]
        pieces += _Stretch([b for b in bounds[first:end] if b], ref_first + first, clip, ref, asked).pieces()
    return tuple(pieces)


def _stretches(bounds: Sequence[tuple[int, int] | None]) -> Iterator[tuple[int, int]]:
    """(first, end) of each stretch without None."""
    for plays, group in itertools.groupby(range(len(bounds)), key=lambda k: bounds[k] is not None):
        if plays:
            members = list(group)
            yield members[0], members[-1] + 1


class _Stretch:
    """Consecutive ref frames that all play something."""

    def __init__(self, bounds: list[tuple[int, int]], ref_first: int, clip: Media, ref: Media, want: Sequence[int | None] | None) -> None:
        self.ref_first, self.clip, self.ref = ref_first, clip, ref
        self.frame_for_frame = ref.rate / clip.rate
        self.begins = edges(ref, ref_first, ref_first + len(bounds) + 1)
        self.clip_edges = edges(clip, 0, clip.frames + 1)
        self.band = self._band(np.asarray(bounds, dtype=np.int64))
        self.want = None if want is None else np.array([-1 if frame is None else frame for frame in want], dtype=np.int64)

    def _band(self, bounds: np.ndarray) -> Band:
        first, last = bounds[:, 0], bounds[:, 1]
        if (first < 0).any() or (last >= self.clip.frames).any() or (first > last).any():
            raise MediaError(f"clip frames outside 0 to {self.clip.frames - 1} are asked for, or a range that ends before it begins")
        low, high = self.clip_edges[first], self.clip_edges[last + 1]
        margin = MARGIN * np.minimum(1.0, high - low)
        if (margin <= 0).any():
            raise MediaError("a clip frame is asked for that is never on screen", "its file's time stamps do not rise: remux it")
        return Band((self.begins[:-1] + self.begins[1:]) / 2, low + margin, high - margin)

    def pieces(self) -> list[Piece]:
        """The fewest pieces, the plainest of those."""
        band, out = self.band, []
        ends = fewest_ends(band, FASTEST)
        needed = _earliest_ends(band, ends)
        at, k, before = 0, 0, Fraction(1)
        while at < len(band):
            at_least = needed[k] if k < len(needed) and needed[k] > at else at + 1
            piece = self._piece(at, at_least, before)
            at, k = at + piece.ref_count, k + 1
            if piece.ref_count > 1:
                before = piece.speed
            out.append(piece)
        return out

    def _piece(self, begin: int, at_least: int, before: Fraction) -> Piece:
        """The plainest piece from `begin` that ends at `at_least` or later."""
        reached, lines = reach(self.band, begin, at_least, FASTEST)
        at_least = min(at_least, reached)
        slopes = [slope for _, slope in lines]
        for speed in dict.fromkeys((Fraction(1), before, self.frame_for_frame, Fraction(0), -self.frame_for_frame, *PLAIN_SPEEDS)):
            slope = self._slope(speed)
            if min(slopes) <= slope <= max(slopes) and _wide(section(lines, slope)):
                end = reach_at(self.band, begin, len(self.band), slope)
                if end >= at_least:
                    return self._placed(begin, self._nearest_end(begin, at_least, end, slope), speed)
        farthest, _ = reach(self.band, begin, len(self.band), FASTEST)
        end = (at_least + farthest + 1) // 2
        _, lines = reach(self.band, begin, end, FASTEST)
        slopes = [slope / self._slope(Fraction(1)) for _, slope in lines]
        spare = (max(slopes) - min(slopes)) / 4
        speed = simplest_between(Fraction(min(slopes) + spare), Fraction(max(slopes) - spare))
        return self._placed(begin, end, speed)

    def _slope(self, speed: Fraction) -> float:
        """Clip frames a ref frame at a speed."""
        return float(speed * self.clip.rate / self.ref.rate)

    def _nearest_end(self, begin: int, at_least: int, end: int, slope: float) -> int:
        """Where to end between at_least and end: where the line would leave what is wanted."""
        if self.want is None or end == at_least:
            return end
        low, high = room_at(self.band, begin, end, slope)
        x = self.band.x[at_least:end] - self.band.x[begin]
        want = self.want[at_least:end]
        y = self._towards(begin, at_least, low, high, slope) + x * slope
        strays = (want >= 0) & ((y < self.clip_edges[want]) | (y >= self.clip_edges[want + 1]))
        return at_least + int(strays.argmax()) if strays.any() else end

    def _towards(self, begin: int, end: int, low: float, high: float, slope: float) -> float:
        """The y at `begin`, between low and high, that plays most nearly what is wanted."""
        if self.want is None:
            return (low + high) / 2
        want = self.want[begin:end]
        known = want >= 0
        if not known.any():
            return (low + high) / 2
        middle = (self.clip_edges[want[known]] + self.clip_edges[want[known] + 1]) / 2
        x = self.band.x[begin:end][known] - self.band.x[begin]
        return min(max(float(np.median(middle - x * slope)), low), high)

    def _placed(self, begin: int, end: int, speed: Fraction) -> Piece:
        """The piece of one speed over begin .. end - 1, at the plainest start."""
        slope = self._slope(speed)
        low, high = room_at(self.band, begin, end, slope)
        lead = float(self.band.x[begin] - self.begins[begin]) * slope
        aim = self._towards(begin, end, low, high, slope) - lead
        low, high = self._within_media(low - lead, high - lead, float(self.begins[end] - self.begins[begin]) * slope)
        return Piece(self.ref_first + begin, end - begin, self._start_s(low, high, aim), speed)

    def _within_media(self, low: float, high: float, span: float) -> Line:
        """Of the starts low .. high those that begin and end inside the clip, where there are any."""
        inner_low, inner_high = max(low, 0.0, -span), min(high, float(self.clip_edges[-1]) - max(span, 0.0), float(self.clip_edges[-1]))
        return (inner_low, inner_high) if inner_low <= inner_high else (low, high)

    def _start_s(self, low: float, high: float, aim: float) -> Fraction:
        """The plainest clip time between two positions in frames: a whole frame near `aim`, else the simplest fraction."""
        first = int(np.searchsorted(self.clip_edges, low, "left"))
        last = int(np.searchsorted(self.clip_edges, high, "right")) - 1
        if first <= last:
            nearest = int(np.searchsorted(self.clip_edges, aim + 0.5, "right")) - 1
            return self.clip.time_of(min(max(nearest, first), last))
        spare = (high - low) / 4
        return simplest_between(Fraction(low + spare), Fraction(high - spare)) / self.clip.rate


def _wide(room: Line | None) -> bool:
    return room is not None and room[0] <= room[1]


def _earliest_ends(band: Band, ends: list[int]) -> list[int]:
    """The earliest each piece may end so that the pieces after it still suffice."""
    if len(ends) == 1:
        return ends
    back = fewest_ends(band.mirrored(), FASTEST)
    early = [len(band) - end for end in reversed(back[:-1])] + [len(band)]
    return early if len(early) == len(ends) else ends


def edges(media: Media, first: int, end: int) -> np.ndarray:
    """When the frames first .. end - 1 begin, in average frames after the first one's begin."""
    if media.pts is None:
        return np.arange(first, end, dtype=np.float64)
    known = (np.asarray(media.pts[first:end], dtype=np.int64) - media.pts[0]) * float(media.time_base * media.rate)
    later = [float(media.time_of(frame) * media.rate) for frame in range(max(first, len(media.pts)), end)]
    return np.concatenate([known, np.asarray(later, dtype=np.float64)])


def simplest_between(low: Fraction, high: Fraction) -> Fraction:
    """The fraction of smallest denominator between two numbers, both included (Stern and Brocot's tree).

    Of several, the one of smallest size; 0 where the two lie on either side of it.
    """
    if low > high:
        low, high = high, low
    if low <= 0 <= high:
        return Fraction(0)
    if high < 0:
        return -simplest_between(-high, -low)
    whole = math.ceil(low)
    if whole <= high:
        return Fraction(whole)
    below = whole - 1
    return below + 1 / simplest_between(1 / (high - below), 1 / (low - below))
