"""The finished picture of every frame: composited, mended where its group was dropped, and enhanced; and where the film goes."""

from __future__ import annotations

from pathlib import PurePosixPath
from typing import Any

import numpy as np

from ..media.sequence import find_sequence
from .changes import feather_of
from .compose import mixed, share_of
from .enhance import Match, enhanced, is_neutral
from .project import Project
from .project.atomic import read_json
from .project.pictures import load_rgb, suffix_for

OUT = "out"
_AS_FILED = (".exr", ".png", ".tif", ".tiff", ".dpx")


def output_rel(project: Project) -> str:
    """Where the film goes, relative to the project: as [output] says, else lossless and in the shot's own samples."""
    said = project.config.output.name
    if said:
        return f"{OUT}/{said}"
    sequence = find_sequence(project.video)
    if sequence is None:
        return f"{OUT}/final.mkv"
    suffix = PurePosixPath(next(iter(sequence.files.values()))).suffix.lower()
    return f"{OUT}/final/final.%06d{suffix if suffix in _AS_FILED else '.png'}"


def picture_of(project: Project, number: int) -> np.ndarray:
    """A frame as it was composited, or made anew where its group was dropped."""
    dtype = project.frames().dtype
    mended = project.path("checks", "mended", f"{number:06d}{suffix_for(dtype)}")
    return load_rgb(mended).astype(dtype, copy=False) if mended.exists() else project.comp(number)


class Finish:
    """Makes finished pictures."""

    def __init__(self, project: Project) -> None:
        self.project = project
        self.frames = project.frames()
        self._look = project.look
        self._table = project.config.enhance
        found: dict[str, Any] = read_json(project.path("checks", "enhance.json"), {}) if self._table.match > 0 else {}
        self._matches = {int(number): Match.from_json(body) for number, body in found.items()}

    def of(self, number: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """(the frame as it was, as it is to be, its mask); outside the mask the first two are the same."""
        frame, mask = self.frames[number], self.project.mask(number)
        if not mask.any():
            return frame, frame, mask
        done = picture_of(self.project, number)
        if not is_neutral(self._table):
            view = enhanced(self._look.seen(done), self._table, self._matches.get(number))
            done = mixed(done, self._look.taken(view, frame), share_of(mask, feather_of(self.project)))
        if self._table.overlay_original > 0:
            done = mixed(done, frame, share_of(mask, 0, self._table.overlay_original))
        return frame, done, mask
