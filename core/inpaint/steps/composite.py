"""Every frame with its change in it: comp/000000.png or .exr. Outside the mask it is the frame, bit for bit."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

import numpy as np

from ..carry.stretches import Stretch
from ..carry.window import window_of
from ..changes import Change, Changes, feather_of, plan_of, transport_of
from ..checks import excess_warp, seen, thinned
from ..compose import mixed, share_of
from ..project import Project
from ..project.atomic import read_json
from ..project.pictures import suffix_for
from .bench import Bench
from .step import Step

_OPACITIES = (1.0, 0.9, 0.8, 0.7, 0.6, 0.5)
_UNSURE = 0.35


def _given(project: Project) -> Any:
    table = project.config.composite
    return [table.to_json(), transport_of(project), project.config.input.space, project.config.check.max_excess_warp if table.opacity < 0 else None]


def _run(bench: Bench) -> None:
    project, table = bench.project, bench.project.config.composite
    changes, plan = Changes(project), plan_of(project)
    if changes.blend == "auto":
        changes.blend = "normal" if changes.transport == "fill" else changes.find_blend(plan)
    opacity = table.opacity if table.opacity >= 0 else _found_opacity(bench, changes, plan)
    depth = _painter_bits(project)
    done, whole = 0, len(project.span)
    for stretch in plan:
        part = bench.progress.part(done / whole, len(stretch.numbers) / whole)
        if not all([bench.has(_rel(project, number)) for number in stretch.numbers]):
            for change in changes.of(stretch, part):
                part.at((change.number - stretch.numbers.start) / len(stretch.numbers), "composite")
                _save(bench, changes, change, opacity, depth)
        done += len(stretch.numbers)
    facts = {number: bench.facts(_rel(project, number)) for number in project.span}
    _report(bench, changes, plan, opacity, depth, facts)


def _rel(project: Project, number: int) -> str:
    return f"comp/{number:06d}{suffix_for(np.dtype(project.facts['dtype']))}"


def _save(bench: Bench, changes: Changes, change: Change, opacity: float, depth: int) -> None:
    mask = bench.project.mask(change.number)
    out, beyond = change.frame, 0
    if change.picture is not None:
        out = mixed(change.frame, change.picture, share_of(mask, feather_of(bench.project), opacity))
        if changes.transport != "fill":
            beyond = int(changes.look.beyond(change.frame[mask > 0][None], depth).sum())
    facts = {"masked": int((mask > 0).sum()), "beyond": beyond, "sure": round(change.sure, 4)}
    bench.save_picture(_rel(bench.project, change.number), out, facts)


def _report(bench: Bench, changes: Changes, plan: Sequence[Stretch], opacity: float, depth: int, facts: dict[int, Any]) -> None:
    masked, beyond = (sum(fact[name] for fact in facts.values()) for name in ("masked", "beyond"))
    share = beyond / masked if masked else 0.0
    bench.save_json("comp/report.json", {
        "transport": changes.transport, "blend": changes.blend, "opacity": opacity, "feather": feather_of(bench.project),
        "stretches": [{**asdict(one), "numbers": [one.numbers.start, one.numbers.stop - 1]} for one in plan],
        "sure": {str(number): fact["sure"] for number, fact in facts.items()},
        "beyond": {"pixels": beyond, "share": share, "bits": depth},
    })  # fmt: skip
    if beyond:
        bench.tell(f"{share:.1%} of the masked pixels hold light that the painter's {depth} bits cannot say; changes there are held to what they can")
    unsure = [number for number, fact in facts.items() if fact["sure"] < _UNSURE]
    if unsure:
        bench.tell(f"{len(unsure)} frames, {unsure[0]} the first, show much that their keyframes do not; a smaller max_group follows closer")
    for stretch in plan:
        if stretch.gap:
            first, last = stretch.numbers[0], stretch.numbers[-1]
            bench.tell(f"frames {first} to {last} were dropped with no keyframe before them, and stay as they are")


def _found_opacity(bench: Bench, changes: Changes, plan: Sequence[Stretch]) -> float:
    """The largest at which no step flickers more than [check] allows; the least of those tried where none is."""
    project = bench.project
    window = window_of((project.mask(number) for number in project.span), changes.frames.size_hw)
    worst = dict.fromkeys(_OPACITIES, 0.0)
    if window is None:
        return 1.0
    cuts = frozenset(project.facts["cuts"])
    before = None
    for stretch in plan:
        before = None if stretch.left is None or stretch.numbers.start in cuts else before
        for change in changes.of(stretch) if stretch.left is not None else ():
            bench.progress.at(0.0, "finding the opacity")
            mask = project.mask(change.number)
            full = change.frame if change.picture is None else mixed(change.frame, change.picture, share_of(mask, feather_of(project)))
            look = seen(changes.look.to_painter(change.frame), changes.look.to_painter(full), mask, window)
            if before is not None:
                for opacity in _OPACITIES:
                    worst[opacity] = max(worst[opacity], excess_warp(thinned(before, opacity), thinned(look, opacity)))
            before = look
    allowed = [opacity for opacity in _OPACITIES if worst[opacity] <= project.config.check.max_excess_warp]
    found = max(allowed, default=_OPACITIES[-1])
    bench.tell(f"opacity {found:g} was found: at full opacity the change flickers {worst[1.0]:.1f} levels more than the shot")
    return found


def _painter_bits(project: Project) -> int:
    """8 or 16, as the painter of the chosen pictures says."""
    depths = []
    for chosen in project.chosen().values():
        reply = read_json(project.path("jobs", chosen.job, "reply.json"), {}) if chosen.job else {}
        depths.append(int(reply.get("facts", {}).get("depth", 16)))
    return 8 if min(depths, default=16) <= 8 else 16


STEP = Step("composite", "composite", ("extract", "mask", "keyframes", "fill", "paint", "select"), _run, given=_given, share=3.0)
