"""Where the clip lies in the ref, frame by frame, as ST maps or motion vectors: for the writer, and for other programs.

By matrix nothing is read but the alignment; by flow, the footage is.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from ..alignment import Alignment, Matrix
from ..errors import FormatError
from ..progress import Progress
from ..settings_stmap import StmapSettings
from ..space.coverage import coverage_of_map, coverage_of_matrix
from ..space.geometry import apply, as_array, corners
from ..space.invert import invert_map
from ..space.maps import map_of_matrix
from ..space.stmap import motion_of_map, st_of_map
from .plan import Step, frames_within, steps

if TYPE_CHECKING:
    from ..space.flow import Estimator

AS_MAPS = StmapSettings()
STILL_PX = 0.01
"""A transform that moves no corner by more than this holds for all frames."""


@dataclass(frozen=True)
class MapFrame:
    """What is written for one ref frame."""

    number: int
    """Of the ref frame, from 0."""
    channels: tuple[str, ...]
    pixels: np.ndarray
    """(h, w, n) float32. Where nothing is shown, alpha is 0; of a frame without a match, everything is."""
    step: Step


def channels_of(settings: StmapSettings) -> tuple[str, ...]:
    """Names of the channels: R G B A of ST maps (S, T, 0, coverage); of motion vectors as Nuke calls its layers."""
    if not settings.motion:
        return ("R", "G", "B", "A")
    way = "backward" if settings.inverse else "forward"
    return (f"{way}.u", f"{way}.v", "A")


def size_of(alignment: Alignment, settings: StmapSettings) -> tuple[int, int]:
    """(width, height) of what is written.

    An ST map has the size of what it makes, so it lies on the ref; motion vectors lie on what moves, so on the clip. Inverse,
    the two change places.
    """
    media = alignment.ref if settings.motion == settings.inverse else alignment.clip
    return media.width, media.height


def map_frames(
    alignment: Alignment, settings: StmapSettings = AS_MAPS, estimator: Estimator | None = None, progress: Progress = Progress(),
    first: int = 0, end: int = -1, anywhere: bool = False, kept: str = "",
) -> Iterator[MapFrame]:
    """One for each ref frame of the settings' range, in order. Each depends on the input alone, and not on where the making began.

    estimator   of the dense flow, where the settings ask for it
    first, end  only the frames first … end - 1 of that range (-1: all)
    anywhere, kept  see Sources
    Raises MediaError where flow cannot read the footage, UsageError for a range that makes no sense.
    """
    maker = _Maker(alignment, settings)
    begin, stop = frames_within(settings.range, alignment.ref)
    end = stop - begin if end < 0 else end
    if estimator is None:
        for step in steps(alignment, begin + first, begin + end, settings.threshold):
            yield maker.frame(step, None)
        return
    from .frames import fetched
    from .mapping import warm_from
    from .session import Session

    with Session(alignment, settings.as_rendering(), progress, estimator, anywhere, kept) as session, ExitStack() as stack:
        flows, warm = session.flows(first, end), warm_from(first)
        assert flows is not None
        clips, refs = fetched(stack, session.clip, session.shown(warm, end)), fetched(stack, session.ref, session.matched(warm, end))
        for number, step in enumerate(session.steps(warm, end), warm):
            flow = None
            if step.clip_to_ref is None:
                flows.rest(number)
            else:
                flow = flows.between(next(clips), next(refs), step.clip_to_ref, number)
            if number >= first:
                yield maker.frame(step, flow)


def still_frame(alignment: Alignment, settings: StmapSettings = AS_MAPS, estimator: Estimator | None = None) -> MapFrame:
    """The one frame that holds for the whole range.

    Raises FormatError where the transform moves, where a flow would differ from frame to frame, and where nothing is matched.
    """
    first, end = frames_within(settings.range, alignment.ref)
    seen = [step for step in steps(alignment, first, end, settings.threshold) if step.clip_to_ref is not None]
    if not seen:
        raise FormatError("no frame is matched, so there is nothing to map", "choose another range")
    if estimator is not None:
        if end - first > 1:
            raise FormatError(
                "flow differs from frame to frame, and one file holds one map", "name a sequence, such as out.%04d.exr, or one frame with --range"
            )
        return next(frame for frame in map_frames(alignment, settings, estimator))
    furthest, step = _furthest(seen, (alignment.clip.width, alignment.clip.height))
    if furthest > STILL_PX:
        begin, at = (alignment.ref.start_frame + (s.ref or 0) for s in (seen[0], step))
        raise FormatError(
            f"the transform moves, by {furthest:.2f} px between ref frames {begin} and {at}, and one file holds one map",
            "name a sequence, such as out.%04d.exr",
        )
    return _Maker(alignment, settings).frame(seen[0], None)


def _furthest(seen: list[Step], clip_wh: tuple[int, int]) -> tuple[float, Step]:
    """How far a corner lies from where the first step has it, at most, and in which step."""
    outline = corners(clip_wh)
    furthest, where = 0.0, seen[0]
    begin: np.ndarray | None = None
    before: Matrix | None = None
    for step in seen:
        if step.clip_to_ref is None or step.clip_to_ref == before:
            continue
        before = step.clip_to_ref
        at = apply(as_array(before), outline)
        begin = at if begin is None else begin
        if np.abs(at - begin).max() > furthest:
            furthest, where = float(np.abs(at - begin).max()), step
    return furthest, where


class _Maker:
    def __init__(self, alignment: Alignment, settings: StmapSettings) -> None:
        self.settings = settings
        self.channels = channels_of(settings)
        self.on_ref = settings.motion == settings.inverse
        self.clip_wh = alignment.clip.width, alignment.clip.height
        self.ref_wh = alignment.ref.width, alignment.ref.height
        self._held: tuple[Matrix, np.ndarray] | None = None

    def frame(self, step: Step, flow: np.ndarray | None) -> MapFrame:
        """flow  the ref_to_clip map of this frame; None: the matrix's"""
        assert step.ref is not None
        if step.clip_to_ref is None:
            width, height = self.ref_wh if self.on_ref else self.clip_wh
            return MapFrame(step.ref, self.channels, np.zeros((height, width, len(self.channels)), np.float32), step)
        if flow is not None:
            return MapFrame(step.ref, self.channels, self._written(*self._of_flow(flow)), step)
        if self._held is None or self._held[0] != step.clip_to_ref:
            self._held = step.clip_to_ref, self._written(*self._of_matrix(as_array(step.clip_to_ref)))
        return MapFrame(step.ref, self.channels, self._held[1], step)

    def _of_matrix(self, clip_to_ref: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        if self.on_ref:
            field = map_of_matrix(clip_to_ref, self.ref_wh, self.clip_wh, np.float64)
            return field, coverage_of_matrix(clip_to_ref, self.clip_wh, self.ref_wh)
        back = np.linalg.inv(clip_to_ref)
        return map_of_matrix(back, self.clip_wh, self.ref_wh, np.float64), coverage_of_matrix(back, self.ref_wh, self.clip_wh)

    def _of_flow(self, flow: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        if self.on_ref:
            return flow, coverage_of_map(flow, self.clip_wh)
        field, found = invert_map(flow, self.clip_wh)
        return field, coverage_of_map(field, self.ref_wh) * found

    def _written(self, field: np.ndarray, covered: np.ndarray) -> np.ndarray:
        source_wh = self.clip_wh if self.on_ref else self.ref_wh
        if self.settings.motion:
            parts = [motion_of_map(field, source_wh)]
        else:
            parts = [st_of_map(field, source_wh), np.zeros((*covered.shape, 1), np.float32)]
        numbers = np.concatenate([*parts, covered[..., None]], axis=-1)
        return np.nan_to_num(numbers, nan=0.0, posinf=0.0, neginf=0.0)
