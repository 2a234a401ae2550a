"""Looks at every group again: checks/groups.json. What is dropped is made from its neighbours: checks/mended/."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from ..carry.window import window_of
from ..changes import feather_of, takes_away, transport_of
from ..checks import Seen, Verdict, colour_step, colour_z, excess_warp, judged, seen, to_drop
from ..gaps import bridged, gaps_of
from ..project import Group, Project
from ..project.pictures import suffix_for
from .bench import Bench
from .step import Step

MENDED = "checks/mended"


def _given(project: Project) -> Any:
    return [project.config.check.to_json(), project.config.input.space, transport_of(project), takes_away(project), feather_of(project)]


def _run(bench: Bench) -> None:
    project = bench.project
    groups = [group for group in project.groups() if group.why != "empty"]
    verdicts = _verdicts(bench, groups)
    flagged = [verdict for verdict in verdicts if verdict.flagged]
    if flagged:
        what = "group" if len(flagged) == 1 else "groups"
        bench.tell(f"{len(flagged)} {what} to look at; the first one, keyframe {flagged[0].keyframe}, {flagged[0].why}")
    dropped = to_drop(verdicts, project.config.check.max_colour_z) if project.config.check.action == "drop" else set()
    if transport_of(project) == "fill":  # frames of their own have no keyframe before that could go on over the gap
        dropped |= {keyframe for keyframe, chosen in project.chosen().items() if chosen.action == "drop"}
    mended = _mend(bench, dropped)
    bench.save_json("checks/groups.json", {"groups": [{**verdict.to_json(), "mended": verdict.keyframe in mended} for verdict in verdicts]})


def _verdicts(bench: Bench, groups: Sequence[Group]) -> list[Verdict]:
    project, table = bench.project, bench.project.config.check
    own = takes_away(project)
    cuts = frozenset(project.facts["cuts"])
    steps: dict[int, np.ndarray] = {}
    worst = {group.keyframe: 0.0 for group in groups}
    by_frame = {number: group.keyframe for group in groups for number in group.frames}
    before: Seen | None = None
    for number, look in _looks(bench):
        if before is not None and number not in cuts:
            excess = excess_warp(before, look, own)
            for keyframe in {by_frame.get(number - 1), by_frame.get(number)} - {None}:
                worst[keyframe] = max(worst[keyframe], excess)  # type: ignore[index]
        if number in worst and not own:
            steps[number] = colour_step(look)
        before = look
    z = dict.fromkeys(worst, 0.0)
    for shot in _shots(groups, cuts):
        z |= dict(zip(shot, colour_z([steps[keyframe] for keyframe in shot]) if not own else [0.0] * len(shot), strict=True))
    return [judged(group.keyframe, worst[group.keyframe], z[group.keyframe], table.max_excess_warp, table.max_colour_z) for group in groups]


def _looks(bench: Bench) -> Iterator[tuple[int, Seen]]:
    project = bench.project
    frames, comps = project.frames(), project.pictures("comp")
    window = window_of((project.mask(number) for number in project.span), frames.size_hw)
    look = project.look
    for number in project.span if window is not None else ():
        assert window is not None
        bench.progress.at((number - project.span.start) / len(project.span), "looking at every group again")
        yield number, seen(look.to_painter(frames[number]), look.to_painter(comps[number]), project.mask(number), window)


def _shots(groups: Sequence[Group], cuts: frozenset[int]) -> list[list[int]]:
    """Keyframes, shot by shot."""
    out: list[list[int]] = []
    shot = -1
    for group in groups:
        number = sum(cut <= group.first for cut in cuts)
        if number != shot:
            out.append([])
        shot = number
        out[-1].append(group.keyframe)
    return out


def _mend(bench: Bench, dropped: set[int]) -> set[int]:
    """Keyframes whose groups were made anew."""
    project = bench.project
    frames, comps = project.frames(), project.pictures("comp")
    look = project.look
    done: set[int] = set()
    for gap in gaps_of(project.groups(), dropped, project.facts["cuts"]):
        if not gap.closed:
            bench.tell(f"frames {gap.numbers[0]} to {gap.numbers[-1]} are dropped, and there is nothing on one side to make them from: they stay")
            continue
        made = bridged(
            gap, frames.__getitem__, comps.__getitem__, project.mask, look, bench.tools.interpolator(), feather_of(project)
        )  # fmt: skip
        for number, picture in made:
            bench.progress.at(0.95, f"making frame {number} from its neighbours")
            bench.save_picture(f"{MENDED}/{number:06d}{suffix_for(frames.dtype)}", picture)
        done |= {group.keyframe for group in project.groups() if group.first in gap.numbers}
    return done


STEP = Step("check", "looking at every group again", ("extract", "mask", "keyframes", "select", "composite"), _run, given=_given)
