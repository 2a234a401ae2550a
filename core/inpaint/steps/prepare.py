"""The shot made larger before anything else is done with it, where genlock.toml asks for that: prepared/. Everything after sees this one."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import cv2
import numpy as np

from ...media.plates import Plates
from ...media.write import SoundSource, WriteSettings, open_writer
from ..project import Project
from ..project.inputs import input_digest
from .bench import Bench
from .step import Step


def _wanted(project: Project) -> bool:
    return project.config.input.upscale != 1


def _given(project: Project) -> Any:
    table = project.config.input
    return [input_digest(project.root, "video"), table.upscale, table.rate]


def _run(bench: Bench) -> None:
    with bench.project.source() as plates:
        scale = bench.project.config.input.upscale
        size_wh = round(plates.info.width * scale), round(plates.info.height * scale)
        if plates.info.form.is_float:
            _as_pictures(bench, plates, size_wh)
        else:
            _as_film(bench, plates, size_wh)
        bench.tell(f"the shot is worked on at {size_wh[0]} x {size_wh[1]}, {scale:g} times its size; that is what stays untouched outside the mask")


def _as_film(bench: Bench, plates: Plates, size_wh: tuple[int, int]) -> None:
    """FFV1, which loses nothing of what was made, with the shot's sound and times."""
    rel = bench.project.prepared_film
    info = replace(plates.info, width=size_wh[0], height=size_wh[1])
    path = str(bench.place(rel))
    sounds = [SoundSource(bench.project.source_path)] if info.sounds else []
    with open_writer(path, info, WriteSettings(odd="pad"), sounds) as writer:
        first: int | None = None
        for plate in plates.frames():
            bench.progress.at(plate.number / max(1, info.frames), "making the shot larger")
            first = plate.pts if first is None else first
            writer.write(enlarged(plate.rgb(), size_wh), int(plate.pts - first), duration=plate.duration)
    bench.adopt(rel)


def _as_pictures(bench: Bench, plates: Plates, size_wh: tuple[int, int]) -> None:
    """EXR, where the shot is float."""
    half = plates.info.form.bits == 16
    for plate in plates.frames():
        bench.progress.at(plate.number / max(1, plates.info.frames), "making the shot larger")
        rel = f"prepared/{plate.number:06d}.exr"
        if not bench.has(rel):
            bench.save_picture(rel, enlarged(plate.rgb(), size_wh).astype(np.float16 if half else np.float32))


def enlarged(rgb: np.ndarray, size_wh: tuple[int, int]) -> np.ndarray:
    """(h, w, 3) float32 at another size: Lanczos up, area averages down; pixel centres on integers."""
    smaller = size_wh[0] < rgb.shape[1] or size_wh[1] < rgb.shape[0]
    return np.asarray(cv2.resize(rgb, size_wh, interpolation=cv2.INTER_AREA if smaller else cv2.INTER_LANCZOS4))


STEP = Step("prepare", "making the shot larger", (), _run, given=_given, wanted=_wanted, share=2.0)
