"""Everything that is open while the clip is rendered as the ref would see it: which files, at which size, in which form."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from fractions import Fraction
from typing import TYPE_CHECKING

import numpy as np

from ..alignment import Alignment, Media
from ..errors import MediaError, UsageError
from ..media.info import ReadOptions
from ..media.plates import PictureInfo, Plates
from ..media.upright import AS_STORED
from ..progress import Progress
from ..settings_render import RenderSettings, WarpSettings
from ..timing import FrameRate, frames_of, timecode
from .mapping import Flows, Geometry, as_mask, geometry, warm_from
from .place import Way, keeps_fields, snapped
from .plan import Step, frames_within, steps
from .source import changed_since, require_same_frames, sources_of, steps_back
from .sources import Sources
from .stream import in_order

if TYPE_CHECKING:
    from ..media.space import WorkingSpace
    from ..space.flow import Estimator

MOST_PX = 32768
"""A side of a picture that is rendered."""


class Session(Sources):
    """Open footage for one rendering. Use with "with"."""

    def __init__(
        self, alignment: Alignment, settings: RenderSettings, progress: Progress = Progress(), estimator: Estimator | None = None,
        anywhere: bool = False, kept: str = "",
    ) -> None:
        """anywhere, kept: see Sources."""
        self.alignment, self.settings = alignment, settings
        self.notes: list[str] = []
        self._estimator = estimator
        super().__init__(progress, anywhere, kept)

    def steps(self, first: int = 0, end: int = -1) -> Iterator[Step]:
        """One step for each of the frames first … end - 1 that are rendered (-1: all)."""
        return steps(self.alignment, self.first + first, self.end if end < 0 else self.first + end, self.settings.threshold)

    @property
    def frames(self) -> int:
        """How many frames are rendered."""
        return self.end - self.first

    def time_s(self, number: int) -> Fraction:
        """When a frame begins, in seconds after the first one."""
        ref = self.alignment.ref
        return ref.time_of(self.first + number) - ref.time_of(self.first)

    def _open(self, progress: Progress) -> None:
        alignment, settings = self.alignment, self.settings
        how = sources_of(alignment)
        self.first, self.end = frames_within(settings.range, alignment.ref)
        seeks = self.anywhere or steps_back(self.shown())
        later = self.anywhere or self.first > 0
        self.ref = self._opened(alignment.ref.path, how.ref, later and self.flowing, how.cache)
        require_same_frames(alignment.ref, self.ref, "ref")
        self.clip = self._opened(alignment.clip.path, how.clip, seeks, how.cache, progress)
        require_same_frames(alignment.clip, self.clip, "clip")
        told = (changed_since(alignment.clip, "clip"), changed_since(alignment.ref, "ref"))
        self.notes += [note for note in told if note]
        self.source = self.clip
        if settings.out_of:
            self.source = self._opened(settings.out_of, ReadOptions(rate=how.clip.rate), seeks, how.cache, progress)
            require_other_version(alignment.clip, self.source)
        self.fallback = self._opened(settings.fallback, ReadOptions(), later, how.cache) if settings.fallback else None
        source, ref = self.source.info, alignment.ref
        out_wh = size_of(settings.size) if settings.size else (ref.width, ref.height)
        sizes = (alignment.clip.width, alignment.clip.height), (ref.width, ref.height), (source.width, source.height)
        self.geometry: Geometry = geometry(*sizes, out_wh)
        self.space = space_of(settings, source, settings.clip_space or (how.clip.space if self.source is self.clip else ""))
        self.way = Way(source, out_wh, settings.kernel, self.space, light=settings.alpha)
        keys = [key.matrix for run in alignment.runs for key in run.transform]
        woven = source.interlaced and all(keeps_fields(snapped(self.geometry.matrix(key), self.geometry.source_wh)) for key in keys)
        self.info = shaped(source, self.ref.info, alignment, (self.first, self.end), out_wh, settings.alpha, woven and not self.flowing)
        self._mask = self._opened(settings.mask, ReadOptions(), later, how.cache) if settings.mask and self.flowing else None

    @property
    def flowing(self) -> bool:
        """Whether the warp is by dense flow."""
        return self._estimator is not None

    def flows(self, first: int = 0, end: int = -1) -> Flows | None:
        """The flow for the frames first … end - 1, to be shown them from warm_from(first) on; None where the matrix alone is used."""
        if self._estimator is None:
            return None
        end = self.frames if end < 0 else end
        masks = masks_of(self._mask, self.alignment.ref, self.matched(warm_from(first), end)) if self._mask is not None else None
        return Flows(self._estimator, self.clip.info, self.ref.info, first, self.frames, masks)

    def matched(self, first: int = 0, end: int = -1) -> Iterator[int]:
        """The ref frames that show a clip frame, of frames first … end - 1."""
        return (step.ref for step in self.steps(first, end) if step.clip is not None and step.ref is not None)

    def shown(self, first: int = 0, end: int = -1) -> Iterator[int]:
        """The clip frames that they show."""
        return (step.clip for step in self.steps(first, end) if step.clip is not None)


def masks_of(plates: Plates, ref: Media, frames: Iterator[int]) -> Iterator[np.ndarray]:
    """(H, W) bool for each of some ref frames: of a still the same one, of footage the frame of the same number."""
    ref_wh = (ref.width, ref.height)
    if plates.info.kind == "still":
        still = as_mask(next(plates.frames()), ref_wh)
        return (still for _ in frames)
    return (as_mask(plate, ref_wh) for plate in in_order(plates, frames))


def shaped(
    source: PictureInfo, ref: PictureInfo, alignment: Alignment, span: tuple[int, int], size_wh: tuple[int, int], alpha: bool, woven: bool
) -> PictureInfo:
    """What is written: samples and colour as the source has them; size, rate, timecode and chapters of the ref."""
    first, end = span
    matrix = settled_matrix(source)
    form = replace(source.form, alpha=True) if alpha else source.form
    return replace(
        source,
        width=size_wh[0],
        height=size_wh[1],
        form=form,
        pix_fmt=source.pix_fmt if form == source.form else "",
        colour=replace(source.colour, matrix=matrix) if (source.height >= 720) != (size_wh[1] >= 720) else source.colour,
        rate=alignment.ref.rate,
        time_base=ticks(alignment.ref, ref),
        sample_aspect=ref.sample_aspect,
        turn=AS_STORED,
        interlaced=woven,
        first_pts=0,
        frames=end - first,
        timecode=moved_timecode(alignment.ref, first),
        start_frame=alignment.ref.start_frame + first,
        chapters=ref.chapters if first == 0 else (),
        sounds=(),
        metadata=dict(ref.metadata),
    )


def ticks(timeline: Media, info: PictureInfo) -> Fraction:
    """What times are told in: a frame where the rate is constant, so that Matroska's milliseconds go no further; else the file's own ticks."""
    return info.time_base if timeline.pts is not None else 1 / timeline.rate


def settled_matrix(info: PictureInfo) -> int:
    """The matrix that turns this footage into RGB: where the file does not say, by its height. What is drawn may be of another height."""
    if info.form.model != "yuv" or info.colour.matrix not in (2, 3):
        return info.colour.matrix
    return 1 if info.height >= 720 else 6


def moved_timecode(media: Media, first: int) -> str | None:
    """Timecode of a frame; None where the file has none, or its rate has no timecode."""
    if not media.timecode:
        return None
    rate = FrameRate(media.rate)
    try:
        return timecode(frames_of(media.timecode, rate) + first, rate, ";" in media.timecode or "." in media.timecode)
    except UsageError:
        return media.timecode if first == 0 else None


def space_of(settings: WarpSettings, info: PictureInfo, named: str) -> WorkingSpace | None:
    """The space that warps happen in, or None where the footage's own will do."""
    if not settings.working_space:
        return None
    from ..media.space import working_space

    space = working_space(info, settings.working_space, named)
    return None if space.is_identity else space


def size_of(text: str) -> tuple[int, int]:
    """(width, height) of "1920x1080". Raises UsageError."""
    width, cross, height = text.lower().replace("×", "x").partition("x")
    if not (cross and width.strip().isdecimal() and height.strip().isdecimal()):
        raise UsageError(f"size is {text!r}", "write WIDTHxHEIGHT, such as 1920x1080")
    wide, high = int(width), int(height)
    if not (1 <= wide <= MOST_PX and 1 <= high <= MOST_PX):
        raise UsageError(f"size is {text}", f"each side is 1 to {MOST_PX}")
    return wide, high


def require_other_version(clip: Media, plates: Plates) -> None:
    """Raises MediaError where a file cannot be another version of the clip: another rate, or another number of frames."""
    info = plates.info
    what = f"{plates.path} is no other version of {clip.path}"
    if info.kind == "video" and clip.pts is None and info.rate != clip.rate:
        rates = f"it has {FrameRate(info.rate)} frames a second, and the clip {FrameRate(clip.rate)}"
        raise MediaError(f"{what}: {rates}", "give one that was not retimed")
    exact = plates.index is not None or info.kind != "video"
    frames = len(plates.index.pts) if plates.index is not None else info.frames
    if frames and abs(frames - clip.frames) > (0 if exact else 1):
        raise MediaError(f"{what}: it has {frames} frames, and the clip {clip.frames}", "give one with the same frames, or align that one")
