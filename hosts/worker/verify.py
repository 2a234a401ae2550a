"""The job "verify": what a timeline claims against what is seen, by another way than the one that made it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ...core.alignment import Alignment
from ...core.errors import UsageError
from ...core.progress import Progress
from .desk import Answer, Desk
from .inputs import read_aligned, roles, say_media

Verifier = Callable[[Alignment, Progress], Any]


def work(desk: Desk, verifier: Verifier | None = None) -> Answer:
    """Look at the footage again and say whether the claims hold; exit status 0 where they do, 1 where not.

    verifier   core.verify.verify where none is given
    """
    (aligned,) = roles(desk.request, "aligned")
    if desk.request.outputs:
        raise UsageError("verify writes no outputs", "leave them out; the answer is in result.json")
    if desk.request.settings:
        raise UsageError("verify takes no settings", "leave them out")
    alignment = read_aligned(aligned)
    say_media(aligned, alignment, desk.note)
    found = (verifier or _core_verifier())(alignment, desk.progress)
    sentence, *lines = found.lines()
    return Answer(sentence, tuple(lines), found.to_json(), exit_status=0 if found.holds else 1)


def _core_verifier() -> Verifier:
    from ...core.verify import verify

    return verify
