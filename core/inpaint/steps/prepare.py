"""The shot made larger, or of more frames, before anything else is done with it, where genlock.toml asks for that: prepared/.

Everything after sees this one.
"""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from typing import Any

import cv2
import numpy as np

from ...media.plates import PictureInfo, Plate, Plates
from ...media.plates.plate import Shown
from ...media.write import SoundSource, WriteSettings, open_writer
from ...retime.output import retimed_timecode
from ..project import Project
from ..project.inputs import input_digest
from .bench import Bench
from .denser import denser
from .filming import Timed
from .step import Step


def _wanted(project: Project) -> bool:
    return project.config.input.prepares


def _given(project: Project) -> Any:
    table = project.config.input
    between = [table.times, table.space, table.range, table.handles] if table.times > 1 else []
    return [input_digest(project.root, "video"), table.upscale, table.rate, between]


def _run(bench: Bench) -> None:
    table = bench.project.config.input
    with bench.project.source() as plates:
        info = _info(plates.info, table.upscale, table.times)
        if plates.info.form.is_float:
            _as_pictures(bench, plates, info)
        else:
            _as_film(bench, plates, info)
        size = f", {table.upscale:g} times its size" if table.upscale != 1 else ""
        frames = f", {table.times} frames for each one" if table.times > 1 else ""
        bench.tell(f"the shot is worked on at {info.width} x {info.height}{size}{frames}; that is what stays untouched outside the mask")


def _info(info: PictureInfo, scale: float, times: int) -> PictureInfo:
    """Of the shot that is made."""
    larger = replace(info, width=round(info.width * scale), height=round(info.height * scale))
    if times == 1:
        return larger
    rate = info.rate * times
    timecode = retimed_timecode(info, rate, Fraction(0))
    return replace(
        larger, rate=rate, time_base=info.time_base / times, frames=info.frames * times, timecode=timecode, first_pts=info.first_pts * times,
        interlaced=False,
    )  # fmt: skip


def _pictures(bench: Bench, plates: Plates, info: PictureInfo) -> Timed:
    """Every picture in the size that is worked on, with its time and length in info.time_base."""
    table = bench.project.config.input
    shown: Timed = denser(bench, plates) if table.times > 1 else ((plate, plate.pts, plate.duration) for plate in plates.frames())
    for picture, pts, length in shown:
        yield picture if table.upscale == 1 else enlarged(_rgb(picture), (info.width, info.height)), pts, length


def _rgb(picture: Shown) -> np.ndarray:
    """(H, W, 3) float32."""
    return picture.rgb() if isinstance(picture, Plate) else np.asarray(picture)


def _as_film(bench: Bench, plates: Plates, info: PictureInfo) -> None:
    """FFV1, which loses nothing of what was made, with the shot's sound and times."""
    rel = bench.project.prepared_film
    path = str(bench.place(rel))
    sounds = [SoundSource(bench.project.source_path)] if info.sounds else []
    with open_writer(path, info, WriteSettings(odd="pad"), sounds) as writer:
        first: int | None = None
        for number, (picture, pts, length) in enumerate(_pictures(bench, plates, info)):
            bench.progress.at(number / max(1, info.frames), "making the shot")
            first = pts if first is None else first
            writer.write(picture, int(pts - first), duration=length)
    bench.adopt(rel)


def _as_pictures(bench: Bench, plates: Plates, info: PictureInfo) -> None:
    """EXR, where the shot is float."""
    half = info.form.bits == 16
    for number, (picture, _, _) in enumerate(_pictures(bench, plates, info)):
        bench.progress.at(number / max(1, info.frames), "making the shot")
        rel = f"prepared/{number:06d}.exr"
        if not bench.has(rel):
            bench.save_picture(rel, _rgb(picture).astype(np.float16 if half else np.float32))
    bench.save_json(bench.project.prepared_rate, str(info.rate))


def enlarged(rgb: np.ndarray, size_wh: tuple[int, int]) -> np.ndarray:
    """(h, w, 3) float32 at another size: Lanczos up, area averages down; pixel centres on integers."""
    smaller = size_wh[0] < rgb.shape[1] or size_wh[1] < rgb.shape[0]
    return np.asarray(cv2.resize(rgb, size_wh, interpolation=cv2.INTER_AREA if smaller else cv2.INTER_LANCZOS4))


STEP = Step("prepare", "making the shot", (), _run, given=_given, wanted=_wanted, share=2.0)
