"""What is changed in every frame: masks/000000.png, from a matte, or found from a box and strokes. What a person corrected comes first."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np

from ...errors import UsageError
from ...media.footage import probe
from ..masks import Box, Carried, Key, Strokes, given_masks, grown
from ..project import Project
from ..project.inputs import found_path, input_digest
from ..project.pictures import load_grey
from .bench import Bench, sha256_of
from .denser import denser_masks, of_the_given_shot
from .step import Step

_FAINT = 8
"""Levels below are what a lossy codec leaves beside a matte, and mask nothing."""
_SURE = 0.6
"""Under it a person should look, as the masks' makers say it."""


def _said(project: Project, folder: str) -> dict[int, Path]:
    """What a person painted, by frame: picks/masks or picks/strokes."""
    return {int(path.stem): path for path in sorted(project.path("picks", folder).glob("*.png")) if path.stem.isdecimal()}


def _given(project: Project) -> Any:
    painted = {f"{folder}/{path.name}": sha256_of(path) for folder in ("masks", "strokes") for path in _said(project, folder).values()}
    return [project.config.mask.to_json(), input_digest(project.root, "mask"), painted, project.config.input.space, project.config.input.times]


def _run(bench: Bench) -> None:
    project = bench.project
    span, table = project.span, project.config.mask
    corrected = _said(project, "masks")
    unsure = []
    made = _from_file(bench) if table.file else _found(bench, corrected)
    sure: dict[str, float] = {}
    for number, found in zip(span, made, strict=True):
        bench.progress.at((number - span.start) / len(span), "masks")
        mask = load_grey(corrected[number]) if number in corrected else found.mask
        if mask.shape != found.mask.shape:
            raise UsageError(f"{corrected[number]} does not have the frames' size", "take it away, or paint it again")
        bench.save_picture(f"masks/{number:06d}.png", grown(mask, table.grow) if table.grow and number not in corrected else mask)
        sure[str(number)] = round(found.sure, 3)
        if found.sure < _SURE and number not in corrected:
            unsure.append(number)
    bench.save_json("masks/masks.json", {"sure": sure})
    if unsure:
        bench.tell(f"the mask of {_some(unsure)} is unsure; correct one on the review page, or draw a box there")


def _some(numbers: list[int]) -> str:
    named = ", ".join(map(str, numbers[:5]))
    return f"frame {named}" if len(numbers) == 1 else f"{len(numbers)} frames ({named}{', …' if len(numbers) > 5 else ''})"


def _from_file(bench: Bench) -> Iterator[Carried]:
    """A matte's frames. One as long as the range begins with it, one as long as the shot with the shot."""
    project = bench.project
    path = found_path(project.root, project.config.mask.file)
    size, known, times = project.facts["size"], probe(path).frames, project.config.input.times
    sparse = of_the_given_shot(project, known)
    span = range(project.span.start // times, project.span.stop // times) if sparse else project.span
    skipped = 0 if known == len(span) and known < span.stop else span.start
    given = islice(given_masks(path, skipped + len(span), (size[0], size[1])), skipped, None)
    for number, mask in enumerate(denser_masks(bench, given) if sparse else given):
        yield Carried(number, np.where(mask < _FAINT, np.uint8(0), mask), 1.0)


def _found(bench: Bench, corrected: dict[int, Path]) -> Iterator[Carried]:
    project = bench.project
    frames, look, span, table = project.frames(), project.look, project.span, project.config.mask
    keys: dict[int, Key] = {}
    box = table.box_ltwh()
    if box is not None:
        keys[span.start if table.box_frame < 0 else table.box_frame] = Box(*box)
    for number, path in {**_said(project, "strokes"), **corrected}.items():
        keys[number] = Strokes(load_grey(path))
    if not keys and table.method != "saliency":
        raise UsageError("nothing says what is to be changed", 'name a matte as file below [mask], or draw a box: box = "LEFT,TOP,WIDTH,HEIGHT"')
    outside = [number for number in keys if number not in span]
    if outside:
        what = f"a box or stroke is on frame {outside[0]}, and frames {span.start} to {span.stop - 1} are worked on"
        raise UsageError(what, "draw it on one of these")

    def frame(number: int) -> np.ndarray:
        return look.to_painter(frames[span.start + number])

    cuts = [cut - span.start for cut in project.facts["cuts"]]
    own = {number - span.start: key for number, key in keys.items()}
    yield from bench.tools.mask_maker()(frame, len(span), own, cuts, bench.progress)


STEP = Step("mask", "masks", ("extract",), _run, given=_given)
