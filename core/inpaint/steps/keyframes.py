"""Which frames are painted, and the crop that the painter sees of each: keys/keyframes.json."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ..crop import Box, box_of, crop_around, union
from ..keyframes import Found, Sliders, Thumb, find_groups, thumb
from ..project import Group, Project
from .bench import Bench
from .step import Step


def _given(project: Project) -> Any:
    inpaint = project.config.inpaint
    return [project.config.keyframes.to_json(), inpaint.padding, inpaint.size, project.config.input.space]


def _run(bench: Bench) -> None:
    project = bench.project
    table = project.config.keyframes
    facts = project.facts
    boxes: dict[int, Box | None] = {}
    sliders = Sliders(table.movement, table.determinism, table.max_group, table.min_group, table.manual)
    found = find_groups(_looks(bench, boxes), project.span, facts["cuts"] if table.split_at_cuts else (), sliders)
    outside = [number for number in table.manual if number not in project.span]
    if outside:
        bench.tell(f"frame {outside[0]} of manual is not one that is worked on, frames {project.span.start} to {project.span.stop - 1}")
    groups = [_group(one, boxes, project) for one in found]
    bench.save_json("keys/keyframes.json", {"groups": [group.to_json() for group in groups]})
    if all(box is None for box in boxes.values()):
        bench.tell("the mask is empty in every frame: nothing is changed")


def _looks(bench: Bench, boxes: dict[int, Box | None]) -> Iterator[Thumb]:
    """A small look at every frame; the masks' boxes are kept on the way."""
    project = bench.project
    frames, look = project.frames(), project.look
    for number in frames.numbers:
        bench.progress.at((number - frames.numbers.start) / len(frames), "choosing keyframes")
        mask = project.mask(number)
        boxes[number] = box_of(mask)
        picture = frames[number] if boxes[number] is not None else mask[..., None].repeat(3, axis=2)
        yield thumb(look.to_painter(picture), mask)


def _group(found: Found, boxes: dict[int, Box | None], project: Project) -> Group:
    inpaint = project.config.inpaint
    around = union(boxes[number] for number in range(found.first, found.last + 1))
    size = project.facts["size"]
    crop = crop_around(around, (size[0], size[1]), inpaint.padding, inpaint.size)
    return Group(found.first, found.first, found.last, found.why, found.score, crop)


STEP = Step("keyframes", "choosing keyframes", ("extract", "mask"), _run, given=_given)
