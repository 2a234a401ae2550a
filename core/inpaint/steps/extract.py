"""The shot's frames as pictures: what the decoder gives, under the decoder's own numbers, never re-timed, at the shot's depth."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import cv2
import numpy as np

from ...errors import MediaError, UsageError
from ...media.plates import Form, Plate, Plates
from ...retime.cuts import joins
from ..project import Project
from ..project.inputs import input_digest
from .bench import Bench
from .step import Step

_LOOK_PX = 256


def dtype_of(form: Form) -> np.dtype:
    """In what frames are worked on: 8 bits where the shot has no more, else 16; float where it is float."""
    return np.dtype(np.float32 if form.is_float else np.uint8 if form.bits <= 8 else np.uint16)


def picture_of(plate: Plate, form: Form) -> np.ndarray:
    """(H, W, 3) RGB in the shot's own encoding. Float keeps what lies above 1 and below 0; integers hold 0 to 1."""
    rgb = plate.rgb()
    if form.is_float:
        return rgb.astype(np.float16 if form.bits == 16 else np.float32)
    dtype = dtype_of(form)
    return (np.clip(np.nan_to_num(rgb), 0, 1) * np.float32(np.iinfo(dtype).max) + np.float32(0.5)).astype(dtype)


def _given(project: Project) -> Any:
    table = project.config.input
    return [input_digest(project.root, "video"), table.range, table.handles, table.rate, table.space, table.upscale, table.times]


def _run(bench: Bench) -> None:
    with bench.project.plates() as plates:
        seen = _Seen(bench, plates)
        found = list(joins(seen.looks()))
        if not seen.pts:
            raise UsageError(f"the range {bench.project.config.input.range} lies behind the end of the shot", f"it has frames 0 to {seen.read - 1}")
        info = plates.info
        if plates.lost:
            bench.tell(f"{plates.lost} damaged or missing pieces of the shot were passed by")
        body = {
            "first": seen.first, "count": len(seen.pts), "size": list(seen.size_hw), "dtype": dtype_of(info.form).name,
            "time_base": str(info.time_base), "rate": str(info.rate), "pts": seen.pts, "last_duration": seen.last_duration,
            "cuts": [seen.first + k + 1 for k, join in enumerate(found) if not join.crosses],
        }  # fmt: skip
        bench.save_json("frames/frames.json", body)


class _Seen:
    """The pass over the shot."""

    def __init__(self, bench: Bench, plates: Plates) -> None:
        self.bench, self.plates = bench, plates
        table = bench.project.config.input
        bounds = table.bounds()
        self.first = 0 if bounds is None else max(0, bounds[0] - table.handles) * table.times
        self.end = None if bounds is None else (bounds[1] + table.handles + 1) * table.times
        self.asked_end = None if bounds is None else (bounds[1] + 1) * table.times
        self.pts: list[int] = []
        self.read = 0
        self.size_hw = (plates.info.height, plates.info.width)
        self.last_duration: int | None = None

    def looks(self) -> Iterator[np.ndarray]:
        """Saves every frame of the range, and gives a small look at each to whoever searches for cuts."""
        form = self.plates.info.form
        suffix = ".exr" if form.is_float else ".png"
        about = self.end or self.plates.info.frames or 1
        for plate in self.plates.frames():
            self.read = plate.number + 1
            if self.end is not None and plate.number >= self.end:
                break
            self.bench.progress.at(plate.number / about, "extracting frames")
            if plate.number < self.first:
                continue
            picture = picture_of(plate, form)
            rel = f"frames/src/{plate.number:06d}{suffix}"
            if not self.bench.has(rel):
                self.bench.save_picture(rel, picture)
            self.pts.append(int(plate.pts))
            self.last_duration = plate.duration
            yield small_look(picture)
        if not self.read:
            raise MediaError(f"{self.plates.path} has no frame", "name another shot")
        if self.pts and self.asked_end is not None and self.read < self.asked_end:
            self.bench.tell(f"the range asks for frames up to {self.asked_end - 1}, and the shot ends at {self.read - 1}")


def small_look(picture: np.ndarray) -> np.ndarray:
    """(h, w, 3) uint8, as cuts are searched for in."""
    height, width = picture.shape[:2]
    scale = min(1.0, _LOOK_PX / max(height, width))
    wide = picture.astype(np.float32) / (np.iinfo(picture.dtype).max if picture.dtype.kind == "u" else 1)
    small = cv2.resize(wide, (max(1, round(width * scale)), max(1, round(height * scale))), interpolation=cv2.INTER_AREA)
    return (np.clip(np.nan_to_num(small), 0, 1) * 255 + 0.5).astype(np.uint8)


STEP = Step("extract", "extracting frames", ("prepare",), _run, given=_given, share=2.0)
