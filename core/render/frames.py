"""The clip as the ref would see it, one picture after the other: for the writer, and for other programs."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, closing
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import TYPE_CHECKING

import numpy as np

from .. import threads
from ..alignment import Alignment
from ..errors import MediaError
from ..media.plates import Plate, Plates, Samples
from ..media.plates.colour import Encoding
from ..settings_render import RenderSettings, WarpSettings
from ..space.geometry import resize_matrix
from .burn import burnt, text_of
from .made import black, plate_of
from .mapping import warm_from
from .place import Placed, Way, grounded, is_whole, place, plain, snapped
from .plan import Step
from .session import Session
from .stream import Ahead, in_order

if TYPE_CHECKING:
    from ..space.flow import Estimator, FlowSettings

AS_THE_REF = RenderSettings()


@dataclass(frozen=True)
class Rendered:
    """One frame of the output."""

    number: int
    """From 0."""
    time_s: Fraction
    """When it begins, in seconds after the first one; exact, and true to a variable rate."""
    picture: Plate | np.ndarray
    """Samples as the clip has them; or (H, W, 3) float32 RGB in the clip's encoding, (H, W, 4) with transparency: straight, but
    multiplied by alpha where the clip's own is (EXR)."""
    covered: np.ndarray
    """(H, W) float32, 0 to 1: the share of each pixel that shows the clip."""
    step: Step


def render_frames(alignment: Alignment, settings: RenderSettings = AS_THE_REF, estimator: Estimator | None = None) -> Iterator[Rendered]:
    """The clip as the ref would see it: one picture for each ref frame, in order; nothing is written.

    estimator  of the dense flow, where the settings ask for one; the built-in one if it is left out
    Raises MediaError where a file cannot be read or is not what was aligned, UsageError for settings that make no sense.
    """
    with Session(alignment, settings, estimator=estimator or built_in(settings)) as session:
        yield from rendered(session)


def built_in(settings: WarpSettings) -> Estimator | None:
    """The dense estimator that the settings ask for, or None. torch is imported here, and only for it."""
    if settings.warp != "flow":
        return None
    from ..space.flow import estimator

    return estimator(flow_settings(settings))


def flow_settings(settings: WarpSettings) -> FlowSettings:
    """What the settings say of the dense flow."""
    from ..space.flow import FlowSettings

    return FlowSettings(settings.precision, settings.iterations, settings.soften, settings.wide, settings.device, settings.tile)


def rendered(session: Session, first: int = 0, end: int = -1) -> Iterator[Rendered]:
    """The frames first … end - 1 of an open session (-1: all). Each depends on the input alone, and not on where the making began."""
    end = session.frames if end < 0 else end
    with ExitStack() as stack:
        flows = session.flows(first, end)
        begin = warm_from(first) if flows else first
        apart = flows is not None and session.source is not session.clip
        pictures = fetched(stack, session.source, session.shown(first if apart else begin, end))
        clips = fetched(stack, session.clip, session.shown(begin, end)) if apart else None
        refs = fetched(stack, session.ref, session.matched(begin, end)) if flows else None
        fallback = _Fallback(stack, session, first, end) if session.fallback is not None else None
        maker = _Maker(session)
        for number, step in enumerate(session.steps(begin, end), begin):
            flow = None
            plate = next(pictures) if step.clip is not None and (number >= first or not apart) else None
            if flows is not None and step.clip_to_ref is not None and refs is not None:
                shown = next(clips) if clips is not None else plate
                assert shown is not None
                flow = flows.between(shown, next(refs), step.clip_to_ref, number)
            elif flows is not None:
                flows.rest(number)
            if number >= first:
                picture, covered = maker.shown(plate, step, flow) if plate else fallback.next() if fallback else maker.nothing()
                yield Rendered(number, session.time_s(number), maker.debugged(picture, step), covered, step)


def fetched(stack: ExitStack, plates: Plates, numbers: Iterator[int]) -> Iterator[Plate]:
    """Those pictures, in that order; the stack ends the decoding, which runs ahead of whoever takes them where there may be a second thread."""
    pictures = in_order(plates, numbers)
    return stack.enter_context(closing(Ahead(pictures) if threads.limit() > 1 else pictures))


class _Maker:
    """Makes one output picture of one of the clip's."""

    def __init__(self, session: Session) -> None:
        self.session = session
        self.way: Way = session.way
        info = session.source.info
        self.encoding = replace(info.encoding, matrix=session.info.colour.matrix, fields=session.info.interlaced)
        self.empty = np.zeros(self.way.size_wh[::-1], np.float32)
        self._black: Plate | np.ndarray | None = None

    def shown(self, plate: Plate, step: Step, flow: np.ndarray | None) -> tuple[Plate | np.ndarray, np.ndarray]:
        """A plate of the clip where the ref has it.

        flow  as Flows.between() gives it; None: the matrix alone
        """
        assert step.clip_to_ref is not None
        geometry = self.session.geometry
        if flow is not None:
            where = geometry.map(flow, step.clip_to_ref)
        else:
            where = snapped(geometry.matrix(step.clip_to_ref), geometry.source_wh)
        placed = place(plate, where, self.way)
        if isinstance(placed.picture, Samples) and self._as_is(plate, where, placed.picture):
            return plate, placed.covered
        return self._finished(placed, plate), placed.covered

    def _as_is(self, plate: Plate, where: np.ndarray, drawn: Samples) -> bool:
        """Whether the plate is its own picture, with every layer and every bit."""
        unmoved = where.shape == (3, 3) and is_whole(where) and np.array_equal(where, np.eye(3))
        return unmoved and drawn.size_wh == plate.samples().size_wh and plate.interlaced == self.session.info.interlaced

    def _finished(self, placed: Placed, plate: Plate) -> Plate | np.ndarray:
        self._tell_of_layers(plate)
        if isinstance(placed.picture, Samples):
            encoding = replace(self.encoding, fields=placed.encoding.fields)
            return plate_of(grounded(placed), encoding, plate.pix_fmt, plate.number, plate.side)
        info = self.session.info
        if not info.alpha:
            return np.ascontiguousarray(placed.picture[..., :3])
        return placed.picture if info.associated else plain(placed.picture)

    def _tell_of_layers(self, plate: Plate) -> None:
        """A picture file may hold more than its picture (depth, passes); only a picture that is not moved keeps it."""
        further = sum(len(layer.channels) for layer in plate.layers) - len(plate.planes())
        note = "the clip's files hold more than their picture; where it is warped, further layers and channels are left out"
        if plate.layers and further > 0 and note not in self.session.notes:
            self.session.notes.append(note)

    def nothing(self) -> tuple[Plate | np.ndarray, np.ndarray]:
        """What stands where the clip shows nothing."""
        if self._black is None:
            if self.way.light:
                self._black = np.zeros((*self.empty.shape, 4), np.float32)
            else:
                info = self.session.source.info
                self._black = plate_of(black(info.form, self.encoding, self.way.size_wh), self.encoding, info.pix_fmt, 0)
        return self._black, self.empty

    def debugged(self, picture: Plate | np.ndarray, step: Step) -> Plate | np.ndarray:
        """With numbers, score and verdict burnt in, where the settings ask for it."""
        if not self.session.settings.debug:
            return picture
        return debugged(picture, step, self.encoding)


def debugged(picture: Plate | np.ndarray, step: Step, encoding: Encoding) -> Plate | np.ndarray:
    """The picture with a line of what is known of it."""
    if isinstance(picture, np.ndarray):
        drawn = burnt(picture, text_of(step), encoding)
        assert isinstance(drawn, np.ndarray)
        return drawn
    drawn = burnt(picture.samples(), text_of(step), encoding)
    assert isinstance(drawn, Samples)
    return plate_of(drawn, replace(encoding, fields=picture.interlaced), picture.pix_fmt, picture.number, picture.side)


class _Fallback:
    """Other footage of the ref's length, shown where the clip shows nothing of the frames first … end - 1."""

    def __init__(self, stack: ExitStack, session: Session, first: int, end: int) -> None:
        assert session.fallback is not None
        self.plates, self.session = session.fallback, session
        info = self.plates.info
        same = info.frames in (0, session.alignment.ref.frames)
        self.rate = None if same else info.rate
        if info.kind == "still":
            self.pictures: Iterator[Plate] = _for_ever(next(self.plates.frames()))
        else:
            self.pictures = fetched(stack, self.plates, self._numbers(first, end))
        self.way = Way(info, session.way.size_wh, session.way.kernel, light=session.way.light)
        self.matrix = resize_matrix((info.width, info.height), session.way.size_wh)

    def next(self) -> tuple[Plate | np.ndarray, np.ndarray]:
        """The next picture that is wanted, stretched over the whole frame."""
        try:
            plate = next(self.pictures)
        except IndexError as error:
            raise MediaError(f"the fallback {self.plates.path} is shorter than the ref", "give one of the ref's length") from error
        where = snapped(self.matrix, (self.plates.info.width, self.plates.info.height))
        if is_whole(where) and not self.way.light and self._fits(plate):
            return plate, np.zeros(self.way.size_wh[::-1], np.float32)
        placed = place(plate, where, replace(self.way, light=True))
        assert isinstance(placed.picture, np.ndarray)
        info = self.session.info
        picture = placed.picture[..., :3] if not info.alpha else placed.picture if info.associated else plain(placed.picture)
        return np.ascontiguousarray(picture), np.zeros(self.way.size_wh[::-1], np.float32)

    def _fits(self, plate: Plate) -> bool:
        """Whether its samples mean the same as the clip's."""
        mine, theirs = self.session.source.info, self.plates.info
        return plate.untouched and plate.form == mine.form and theirs.colour == mine.colour and plate.interlaced == self.session.info.interlaced

    def _numbers(self, first: int, end: int) -> Iterator[int]:
        ref = self.session.alignment.ref
        for step in self.session.steps(first, end):
            if step.clip is None and step.ref is not None:
                yield step.ref if self.rate is None else int(ref.middle_of(step.ref) * self.rate)


def _for_ever(plate: Plate) -> Iterator[Plate]:
    while True:
        yield plate
