"""The job "conform": an edit re-pointed from one version of its footage to another.

Inputs: "edit"; "from" and "to", "from_2" and "to_2", ... (files, or folders); "aligned", "aligned_2", ... (alignments of the
new footage, as clip, to the old, as ref), which are used instead of aligning.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING

from ...core.alignment import Alignment
from ...core.errors import GenlockError, NotSameFootage, UsageError
from ...core.progress import Progress
from ...core.settings import AlignSettings
from ...core.settings_conform import ConformSettings
from .align import Aligner
from .desk import Answer, Desk
from .inputs import read_aligned
from .options import settings_of
from .outputs import File, check_places

if TYPE_CHECKING:
    from ...otio_adapters.conform import Conformed, Pair

_MOST_BYTES = 1 << 30


def work(desk: Desk, aligner: Aligner | None = None) -> Answer:
    """Re-point the edit and render every output; nothing is written here.

    aligner   core.align.align where none is given
    Exit status 1, with `strict`, where something is not found. Raises UsageError for a wrong request, FormatError for a malformed
    edit, what the aligner raises.
    """
    from ...otio_adapters.conform import conform

    settings = settings_of(ConformSettings, desk.request.settings)
    edit, olds, news, given = _inputs(desk.request.inputs)
    suffix = Path(edit).suffix.lower()
    _check(edit, desk.request.outputs)
    ready = _given(given)
    pairs = [*_pairs(olds, news), *[pair for pair in ready if pair.old not in olds]]
    if not pairs:
        raise UsageError("conform is told no footage", "name the old with --from and the new with --to, or an alignment with --aligned")
    check_places(desk.request.outputs, (edit, *given, *[path for pair in pairs for path in (pair.old, pair.new)]))
    rate = _rate(settings.rate)
    solve = _solver(ready, settings, aligner, desk.progress, len(pairs))
    done = conform(_body(edit), suffix, pairs, solve, rate)
    for note in done.notes:
        desk.note(note)
    return _answer(done, desk.request.outputs, settings.strict)


def _inputs(inputs: Mapping[str, str]) -> tuple[str, list[str], list[str], list[str]]:
    """The edit, the old footage, the new, the alignments."""
    found: dict[str, list[str]] = {"edit": [], "from": [], "to": [], "aligned": []}
    for name, path in inputs.items():
        role, _, number = name.partition("_")
        if role not in found or (number and not number.isdigit()):
            raise UsageError(f"conform knows no input {name!r}", "its inputs are edit, from, to and aligned, numbered where there are several")
        found[role].append(path)
    if len(found["edit"]) != 1:
        raise UsageError("the request names no edit", '"edit" is one of its inputs')
    return found["edit"][0], found["from"], found["to"], found["aligned"]


def _check(edit: str, outputs: tuple[str, ...]) -> None:
    """Refuse what cannot be, before any footage is looked at."""
    from ...otio_adapters.conform import CONFORMED

    suffix = Path(edit).suffix.lower()
    if suffix not in CONFORMED:
        raise UsageError(f"{edit} is no edit that can be re-pointed", f"name one of {' '.join(CONFORMED)}")
    for path in outputs:
        if Path(path).suffix.lower() != suffix:
            raise UsageError(f"{path} is of another format than {os.path.basename(edit)}", f"an edit is written in its own format, {suffix}")


def _body(edit: str) -> bytes:
    try:
        if os.path.getsize(edit) > _MOST_BYTES:
            raise GenlockError(f"{edit} is larger than {_MOST_BYTES >> 20} MiB, which no edit is")
        return Path(edit).read_bytes()
    except OSError as error:
        raise GenlockError(f"{edit} cannot be read: {error.strerror or error}", "name an edit") from error


def _given(paths: list[str]) -> dict[Pair, Alignment]:
    from ...otio_adapters.conform import Pair

    out = {}
    for path in paths:
        alignment = read_aligned(path)
        out[Pair(alignment.ref.path, alignment.clip.path)] = alignment
    return out


def _pairs(olds: list[str], news: list[str]) -> list[Pair]:
    from ...otio_adapters.conform.pairs import pairs_of

    return pairs_of(olds, news, _timecode_of)


def _timecode_of(path: str) -> str | None:
    """The start timecode of a file, or None; of footage that cannot be read too, which is told once it is needed."""
    from ...core.media.footage import open_footage

    try:
        with open_footage(path) as footage:
            return footage.info.timecode
    except GenlockError:
        return None


def _rate(text: str) -> Fraction | None:
    from ...core.timing import FrameRate

    return FrameRate.parse(text).fps if text else None


def _solver(
    ready: dict[Pair, Alignment], settings: ConformSettings, aligner: Aligner | None, progress: Progress, pairs: int
) -> Callable[[Pair], Alignment]:
    """Aligns a pair once, the new as clip and the old as ref, or takes what is given for it."""
    done = 0

    def solve(pair: Pair) -> Alignment:
        nonlocal done
        for other, alignment in ready.items():
            if _same(other.old, pair.old) and _same(other.new, pair.new):
                return alignment
        step = progress.part(min(done, pairs - 1) / pairs, 1 / pairs)
        done += 1
        how = AlignSettings(quality=settings.quality, cache=settings.cache)
        try:
            return (aligner or _core_aligner())(pair.new, pair.old, how, step)
        except NotSameFootage as error:
            what = f"{pair.new} does not show what {pair.old} shows"
            raise NotSameFootage(what, "check which is which, or leave this pair out", error.alignment) from error

    return solve


def _same(a: str, b: str) -> bool:
    return os.path.realpath(a) == os.path.realpath(b)


def _core_aligner() -> Aligner:
    from ...core.align import align

    return align


def _answer(done: Conformed, outputs: tuple[str, ...], strict: bool) -> Answer:
    left = done.events - done.moved
    sentence = f"{done.moved} of {done.events} events are in the new footage" + (f"; {left} not from end to end." if left else ".")
    if not done.events:
        sentence = "No event of the edit shows the old footage."
    failed = strict and (bool(done.missing) or not done.events)
    figures = {"events": done.events, "moved": done.moved, "missing": list(done.missing)}
    files = () if failed else tuple(File(path, done.body) for path in outputs)
    return Answer(sentence, tuple(done.missing), figures, files, exit_status=1 if failed else 0)
