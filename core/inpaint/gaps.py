"""Groups that are dropped after they were composited: what is inside their masks is made from the frames on either side, by their motion."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from ..retime.contracts import Interpolator
from .carry.window import window_of
from .colour import Look
from .compose import mixed, share_of
from .project.records import Group

Pictures = Callable[[int], np.ndarray]


@dataclass(frozen=True)
class Gap:
    """Frames to be made anew, and the nearest ones on either side that stay."""

    numbers: range
    before: int | None
    after: int | None
    """None: the shot ends there."""

    @property
    def closed(self) -> bool:
        """Whether there is something on both sides."""
        return self.before is not None and self.after is not None


def gaps_of(groups: Sequence[Group], dropped: Collection[int], cuts: Iterable[int]) -> list[Gap]:
    """dropped: keyframes. Groups that follow each other make one gap; no gap reaches over a cut, nor does what closes it lie behind one."""
    begins = frozenset(cuts)
    runs: list[range] = []
    for group in groups:
        if group.keyframe not in dropped:
            continue
        joins = bool(runs) and runs[-1].stop == group.first and group.first not in begins
        if joins:
            runs[-1] = range(runs[-1].start, group.last + 1)
        else:
            runs.append(group.frames)
    every = range(groups[0].first, groups[-1].last + 1) if groups else range(0)
    return [
        Gap(
            run,
            run.start - 1 if run.start - 1 in every and run.start not in begins else None,
            run.stop if run.stop in every and run.stop not in begins else None,
        )
        for run in runs
    ]  # fmt: skip


def bridged(
    gap: Gap, frames: Pictures, finished: Pictures, masks: Pictures, look: Look, interpolator: Interpolator, feather_px: int
) -> Iterator[tuple[int, np.ndarray]]:
    """The frames of a closed gap, in order: outside their masks the frame, inside what lies between the finished frames around the gap.

    frames, finished, masks  by number: the shot, what is composited, (H, W) uint8
    """
    assert gap.before is not None and gap.after is not None
    ends = finished(gap.before), finished(gap.after)
    window = window_of((masks(number) for number in [gap.before, *gap.numbers, gap.after]), ends[0].shape[:2])
    pair = None
    for number in gap.numbers:
        frame = frames(number)
        if window is None:
            yield number, frame
            continue
        part = slice(window[0], window[2]), slice(window[1], window[3])
        pair = pair or interpolator.pair(*(look.seen(np.ascontiguousarray(end[part])) for end in ends))
        between = pair.at(Fraction(number - gap.before, gap.after - gap.before))
        change = frame.copy()
        change[part] = look.taken(np.asarray(between, np.float32), frame[part])
        yield number, mixed(frame, change, share_of(masks(number), feather_px))
