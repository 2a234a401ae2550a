"""The clip over the ref or the ref over the clip, frame by frame, on the timeline of either.

One of the two is on top. One of the two lends its pixel grid: its pixels are not resampled, the other one is warped into it. One of
the two is kept: each of its frames is shown once, and the other one shows the frame that belongs to it.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import TYPE_CHECKING

import numpy as np

from ..alignment import Alignment, Matrix, Media, Verdict
from ..media.info import ReadOptions
from ..media.plates import PictureInfo, Plates
from ..media.upright import AS_STORED
from ..progress import Progress
from ..settings_render import CompositeSettings
from ..space.geometry import as_array, resize_matrix
from .canvas import Canvas, box_of, canvas_for, outline_box
from .convert import Bridge, common_form
from .frames import Rendered, built_in, debugged, fetched
from .mapping import Flows, Geometry, warm_from
from .mixing import Mixer
from .place import Way, snapped
from .plan import Step, clip_steps, frames_within, steps
from .session import masks_of, moved_timecode, require_other_version, settled_matrix, space_of, ticks
from .source import changed_since, require_same_frames, sources_of, steps_back
from .sources import Sources

if TYPE_CHECKING:
    from ..space.flow import Estimator


@dataclass(frozen=True)
class _Side:
    """One of the two, and how its pictures are placed."""

    role: str
    plates: Plates
    way: Way
    bridge: Bridge


class Composite(Sources):
    """Open footage for one composite. Use with "with"."""

    def __init__(
        self, alignment: Alignment, settings: CompositeSettings, progress: Progress = Progress(), estimator: Estimator | None = None,
        anywhere: bool = False, kept: str = "",
    ) -> None:
        """anywhere, kept: see Sources."""
        self.alignment, self.settings = alignment, settings
        self.notes: list[str] = []
        self.over = settings.over
        self.keep = settings.keep or settings.over
        self._estimator = estimator
        super().__init__(progress, anywhere, kept)

    @property
    def timeline(self) -> Media:
        """Whose frames are all kept."""
        return self.alignment.clip if self.keep == "clip" else self.alignment.ref

    @property
    def frames(self) -> int:
        """How many frames the composite has."""
        return self.end - self.first

    def steps(self, first: int = 0, end: int = -1) -> Iterator[Step]:
        """One step for each of the frames first … end - 1 of the composite (-1: all)."""
        walk = clip_steps if self.keep == "clip" else steps
        return walk(self.alignment, self.first + first, self.end if end < 0 else self.first + end, self.settings.threshold)

    def time_s(self, number: int) -> Fraction:
        """When a frame begins, in seconds after the first one."""
        return self.timeline.time_of(self.first + number) - self.timeline.time_of(self.first)

    def numbers(self, role: str, first: int = 0, end: int = -1) -> Iterator[int]:
        """The frames of one of the two that are shown by frames first … end - 1."""
        numbers = ((step.clip if role == "clip" else step.ref) for step in self.steps(first, end))
        return (number for number in numbers if number is not None)

    def lying_before(self, first: int) -> Matrix | None:
        """clip_to_ref of the last frame before this one that has it; where none has, of the first that does; None without any."""
        lies = next((key.matrix for run in self.alignment.runs for key in run.transform), None)
        for step in self.steps(0, first):
            lies = step.clip_to_ref or lies
        return lies

    def _open(self, progress: Progress) -> None:
        alignment, settings = self.alignment, self.settings
        how = sources_of(alignment)
        self.first, self.end = frames_within(settings.range, self.timeline)
        seeks = {role: self.anywhere or steps_back(self.numbers(role)) for role in ("clip", "ref")}
        self.ref = self._opened(alignment.ref.path, how.ref, seeks["ref"], how.cache, progress)
        require_same_frames(alignment.ref, self.ref, "ref")
        self.clip = self._opened(alignment.clip.path, how.clip, seeks["clip"], how.cache, progress)
        require_same_frames(alignment.clip, self.clip, "clip")
        told = (changed_since(alignment.clip, "clip"), changed_since(alignment.ref, "ref"))
        self.notes += [note for note in told if note]
        self.source = self.clip
        if settings.out_of:
            self.source = self._opened(settings.out_of, ReadOptions(rate=how.clip.rate), seeks["clip"], how.cache, progress)
            require_other_version(alignment.clip, self.source)
        self._choose_form()
        self.canvas = self._canvas()
        self.light = settings.blend != "normal" or settings.view == "difference" or bool(settings.working_space)
        clip_space = settings.clip_space or (how.clip.space if self.source is self.clip else "")
        self.sides = {"clip": self._side("clip", self.source, clip_space), "ref": self._side("ref", self.ref, settings.ref_space or how.ref.space)}
        self.info = self._shaped()
        self.geometry = Geometry(
            self._clip_wh, (alignment.ref.width, alignment.ref.height), self._source_wh, self.canvas.size_wh, self.canvas.from_grid
        )
        later = self.anywhere or self.keep == "clip" or self.first > 0
        self._mask = self._opened(settings.mask, ReadOptions(), later, how.cache) if settings.mask and self.flowing else None

    @property
    def flowing(self) -> bool:
        """Whether the warp is by dense flow."""
        return self._estimator is not None

    @property
    def _clip_wh(self) -> tuple[int, int]:
        return self.alignment.clip.width, self.alignment.clip.height

    @property
    def _source_wh(self) -> tuple[int, int]:
        return self.source.info.width, self.source.info.height

    def _choose_form(self) -> None:
        """The form that both meet in, and the side that it is the form of."""
        infos = {"clip": self.source.info, "ref": self.ref.info}
        below = "ref" if self.over == "clip" else "clip"
        self.form, upper = common_form(infos[self.over].form, infos[below].form)
        self.lead: PictureInfo = infos[self.over if upper else below]
        self.encoding = replace(self.lead.encoding, matrix=settled_matrix(self.lead), fields=False)

    def _canvas(self) -> Canvas:
        """The crop as a rectangle of the grid."""
        ref_wh = (self.alignment.ref.width, self.alignment.ref.height)
        keys = [key.matrix for run in self.alignment.runs if run.verdict is not Verdict.UNMATCHED for key in run.transform]
        to_ref = [self.source_to_ref(matrix) for matrix in keys]
        steps_wh = self.form.sub_wh if self.form.model == "yuv" else (1, 1)
        if self.settings.grid == "ref":
            return canvas_for(self.settings.crop, box_of(ref_wh), outline_box(to_ref, self._source_wh), "ref", steps_wh)
        back = [np.linalg.inv(matrix) for matrix in to_ref]
        return canvas_for(self.settings.crop, box_of(self._source_wh), outline_box(back, ref_wh), "clip", steps_wh)

    def source_to_ref(self, matrix: Matrix) -> np.ndarray:
        """3x3: pixel of the clip's pictures, as they are drawn, to ref pixel."""
        whole = as_array(matrix) @ resize_matrix(self._source_wh, self._clip_wh)
        return snapped(whole, self._source_wh)

    def _side(self, role: str, plates: Plates, named: str) -> _Side:
        space = space_of(self.settings, plates.info, named)
        way = Way(plates.info, self.canvas.size_wh, self.settings.kernel, space, stay=True)
        return _Side(role, plates, way, Bridge(plates.info, self.lead))

    def flows(self, first: int = 0, end: int = -1) -> Flows | None:
        """The flow for the frames first … end - 1, to be shown them from warm_from(first) on; None where a matrix alone is used."""
        if self._estimator is None:
            return None
        end = self.frames if end < 0 else end
        masks = None
        if self._mask is not None:
            both = (step.ref for step in self.steps(warm_from(first), end) if step.ref is not None and step.clip is not None)
            masks = masks_of(self._mask, self.alignment.ref, both)
        return Flows(self._estimator, self.clip.info, self.ref.info, first, self.frames, masks)

    def _shaped(self) -> PictureInfo:
        """What is written: the lead's samples and colour; rate, timecode and chapters of the timeline."""
        kept = self.ref.info if self.keep == "ref" else self.clip.info
        width, height = self.canvas.size_wh
        matrix = self.encoding.matrix if (height >= 720) != (self.lead.height >= 720) else self.lead.colour.matrix
        return replace(
            self.lead,
            width=width * (2 if self.settings.view == "side-by-side" else 1),
            height=height,
            form=self.form,
            pix_fmt=self.lead.pix_fmt if self.form == self.lead.form else "",
            colour=replace(self.lead.colour, matrix=matrix),
            rate=self.timeline.rate,
            time_base=ticks(self.timeline, kept),
            sample_aspect=(self.ref if self.settings.grid == "ref" else self.source).info.sample_aspect,
            turn=AS_STORED,
            interlaced=False,
            associated=False,
            first_pts=0,
            frames=self.frames,
            timecode=moved_timecode(self.timeline, self.first),
            start_frame=self.timeline.start_frame + self.first,
            chapters=kept.chapters if self.first == 0 else (),
            sounds=(),
            metadata=dict(kept.metadata),
        )


def composite_frames(
    alignment: Alignment, settings: CompositeSettings = CompositeSettings(), estimator: Estimator | None = None
) -> Iterator[Rendered]:
    """The two over one another, frame by frame; nothing is written. Raises as render_frames() does."""
    with Composite(alignment, settings, estimator=estimator or built_in(settings)) as session:
        yield from composited(session)


def composited(session: Composite, first: int = 0, end: int = -1) -> Iterator[Rendered]:
    """The frames first … end - 1 of an open composite (-1: all). Each depends on the input alone, and not on where the making began."""
    end = session.frames if end < 0 else end
    with ExitStack() as stack:
        flows = session.flows(first, end)
        begin = warm_from(first) if flows else first
        pictures = {role: fetched(stack, side.plates, session.numbers(role, begin, end)) for role, side in session.sides.items()}
        apart = flows is not None and session.source is not session.clip
        clips = fetched(stack, session.clip, _both(session.steps(begin, end))) if apart else None
        mixer = Mixer(session, session.lying_before(first))
        for number, step in enumerate(session.steps(begin, end), begin):
            clip = next(pictures["clip"]) if step.clip is not None else None
            ref = next(pictures["ref"]) if step.ref is not None else None
            flow = None
            if flows is not None and clip is not None and ref is not None and step.clip_to_ref is not None:
                flow = flows.between(next(clips) if clips is not None else clip, ref, step.clip_to_ref, number)
            elif flows is not None:
                flows.rest(number)
            if number < first:
                continue
            picture, covered = mixer.mixed(step, clip, ref, flow)
            if session.settings.debug:
                picture = debugged(picture, step, session.info.encoding)
            yield Rendered(number, session.time_s(number), picture, covered, step)


def _both(walk: Iterator[Step]) -> Iterator[int]:
    return (step.clip for step in walk if step.clip is not None and step.ref is not None)
