"""Which keyframes the frames of a shot are made from: groups as they are, and over the gaps that dropped ones leave."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from ..project.records import Group


@dataclass(frozen=True)
class Stretch:
    """Frames that are made from the same keyframes."""

    numbers: range
    left: int | None
    """The keyframe that they begin with; None: they are not changed."""
    right: int | None = None
    """The next one, where the shot goes on into it."""
    gap: bool = False
    """A person dropped all of it, and there is no keyframe before to go on with."""


def stretches(groups: Sequence[Group], actions: Mapping[int, str], cuts: Iterable[int]) -> list[Stretch]:
    """In order, without holes.

    actions  pick or drop, by keyframe; a group without one is not changed. A dropped group goes on with the keyframe before it
    cuts     first frames of shots: nothing goes on over them
    """
    begins = frozenset(cuts)
    out: list[Stretch] = []
    for group in groups:
        numbers = range(group.first, group.last + 1)
        action = actions.get(group.keyframe, "")
        goes_on = bool(out) and out[-1].numbers.stop == group.first and group.first not in begins and out[-1].left is not None
        if action == "drop" and goes_on:
            out[-1] = replace(out[-1], numbers=range(out[-1].numbers.start, numbers.stop))
        elif action == "pick":
            if goes_on:
                out[-1] = replace(out[-1], right=group.keyframe)
            out.append(Stretch(numbers, group.keyframe))
        else:
            out.append(Stretch(numbers, None, gap=action == "drop"))
    return out
