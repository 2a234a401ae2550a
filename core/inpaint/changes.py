"""The change of every frame, before it is laid over the picture: the fill's own, or the keyframes' carried along."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import cv2
import numpy as np

from ..errors import GenlockError
from ..progress import Progress
from ..render.blend import MODES
from .carry import Key, carried
from .carry.stretches import Stretch, stretches
from .carry.window import Lumas, window_of
from .colour import Look
from .crop import Box, back
from .project import Project
from .project.pictures import load_rgb

PAINTED_FEATHER_PX = 4
_ONE_WAY = 0.97
"""Share of what a picture changes that has to be lighter, or darker, for it to be an effect of light."""
_SEEN = 4 / 255
_LEFT_ALONE = 1.01 / 255
"""A painter that rounds to 8 bits moves a deep picture by less than this."""


@dataclass(frozen=True)
class Change:
    """Of one frame."""

    number: int
    frame: np.ndarray
    """(H, W, 3), as it was."""
    picture: np.ndarray | None
    """(H, W, 3) of the frame's type: what is to be seen inside the mask; None: nothing changes."""
    sure: float = 1.0
    """Mean inside the mask of what carry.Carried.sure says."""


def transport_of(project: Project) -> str:
    """fill, paste, flow or flow-both. Raises GenlockError where frames are to be filled that nobody fills."""
    said, classic = project.config.composite.transport, project.config.inpaint.backend == "classic"
    if said == "fill" and not classic:
        raise GenlockError("transport is fill, and this backend paints keyframes alone", "choose flow-both below [composite]")
    return said if said != "auto" else "fill" if classic else "flow-both"


def takes_away(project: Project) -> bool:
    """Whether the thing goes, and what stands in its place has a motion of its own."""
    return transport_of(project) == "fill" or project.config.composite.follow == "ground"


def feather_of(project: Project) -> int:
    """Pixels inside the mask's edge over which a change sets in. What is taken away would show there."""
    said = project.config.composite.feather
    return said if said >= 0 else 0 if takes_away(project) else PAINTED_FEATHER_PX


def plan_of(project: Project) -> list[Stretch]:
    """Which frames are made from which keyframes, by what was chosen."""
    actions = {keyframe: chosen.action for keyframe, chosen in project.chosen().items()}
    return stretches(project.groups(), actions, project.facts["cuts"])


class Changes:
    """Makes the changes of a project, a stretch at a time."""

    def __init__(self, project: Project) -> None:
        self.project = project
        self.frames = project.frames()
        self.transport = transport_of(project)
        self.look: Look = project.look
        self.blend = project.config.composite.blend
        self._chosen = project.chosen()

    def of(self, stretch: Stretch, progress: Progress = Progress()) -> Iterator[Change]:
        """Every frame of a stretch, in order."""
        masked = stretch.left is not None
        if not masked or self.transport == "fill":
            for number in stretch.numbers:
                progress.check()
                yield Change(number, self.frames[number], self.project.filled(number) if masked else None)
            return
        yield from self._carried(stretch, progress)

    def _carried(self, stretch: Stretch, progress: Progress) -> Iterator[Change]:
        assert stretch.left is not None
        right = stretch.right
        ends = [] if right is None else [right]
        window = window_of((self.project.mask(number) for number in [*stretch.numbers, *ends]), self.frames.size_hw)
        if window is None:
            yield from (Change(number, self.frames[number], None) for number in stretch.numbers)
            return
        table = self.project.config.composite
        keys = self._key(stretch.left, window), None if right is None else self._key(right, window)
        luma = Lumas(lambda number: self.look.to_painter(self.frames[number]), window)
        masks = None if not takes_away(self.project) else (lambda number: self.project.mask(number)[_slices(window)] > 0)
        for one in carried(stretch.numbers, luma, *keys, self.transport, table.fade, masks, progress):
            frame = self.frames[one.number]
            inside = self.project.mask(one.number)[_slices(window)] > 0
            sure = float(one.sure[inside].mean()) if inside.any() else 1.0
            yield Change(one.number, frame, self._laid(frame, one.picture, window), sure)

    def _key(self, keyframe: int, window: Box) -> Key:
        """A keyframe in the window, as painters see it, with its painted picture inside its mask."""
        rows, columns = _slices(window)
        seen = self.look.seen(self.frames[keyframe])
        inside = self.project.mask(keyframe) > 0
        chosen = self._chosen[keyframe]
        if not chosen.path or chosen.crop is None:
            raise GenlockError(f"keyframe {keyframe} has no chosen picture", "pick one, or run the project")
        picture = self.project.path(*chosen.path.split("/"))
        painted, asked = (_unit(load_rgb(path)) for path in (picture, picture.with_name("picture.png")))
        here = chosen.crop.window
        share = back(_touched(painted, asked), chosen.crop)[..., None] * inside[here][..., None]
        seen[here] = np.where(share > 0, seen[here] + (back(painted, chosen.crop) - seen[here]) * share, seen[here])
        return Key(keyframe, seen[rows, columns], inside[rows, columns])

    def _laid(self, frame: np.ndarray, seen: np.ndarray, window: Box) -> np.ndarray:
        """A carried view as a frame, by the blend mode; modes work on what painters see, 0 to 1."""
        part = frame[_slices(window)]
        if self.blend not in ("normal", "auto"):
            seen = MODES[self.blend](self.look.seen(part), seen)
        out = frame.copy()
        out[_slices(window)] = self.look.taken(seen, part)
        return out

    def find_blend(self, plan: Sequence[Stretch]) -> str:
        """lighten where the painted pictures only add light, darken where they only take it, else normal; kept as `blend`."""
        lighter = darker = 0
        for keyframe in (stretch.left for stretch in plan if stretch.left is not None):
            window = window_of([self.project.mask(keyframe)], self.frames.size_hw, 0)
            if window is None:
                continue
            key = self._key(keyframe, window)
            step = (key.picture - self.look.seen(self.frames[keyframe][_slices(window)]))[key.inside].mean(axis=1)
            lighter += int((step > _SEEN).sum())
            darker += int((step < -_SEEN).sum())
        total = max(1, lighter + darker)
        self.blend = "lighten" if lighter / total >= _ONE_WAY else "darken" if darker / total >= _ONE_WAY else "normal"
        return self.blend


def _unit(picture: np.ndarray) -> np.ndarray:
    return picture * np.float32(1 / np.iinfo(picture.dtype).max)


def _touched(painted: np.ndarray, asked: np.ndarray) -> np.ndarray:
    """(h, w) float32: 0 where a painter gave back what it was asked about, 1 where it did not.

    The picture that it saw was scaled; where it left it alone, the frame at its own size is the better answer.
    """
    step = cv2.dilate(np.abs(painted - asked).max(axis=2), np.ones((3, 3), np.uint8))
    return np.asarray(np.clip((step - _LEFT_ALONE) / (2 * _LEFT_ALONE), 0, 1), np.float32)


def _slices(window: Box) -> tuple[slice, slice]:
    return slice(window[0], window[2]), slice(window[1], window[3])
