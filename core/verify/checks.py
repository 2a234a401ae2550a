"""The pass itself: opens both files anew, looks at the planned frames in order, and gathers what was seen."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from statistics import median

from ..alignment import Alignment, Matrix, Run, matrix_between
from ..progress import Progress
from .eye import SMALL_PX, Eye
from .figures import RunCheck, Seen, State, Verification
from .missing_claims import candidates, look_for
from .plan import plan
from .reopen import changed, options_for, reopen
from .shown_claims import limit_px, look_at, neighbours
from .walk import Walk


def verify(alignment: Alignment, progress: Progress = Progress(), samples: int = 48) -> Verification:
    """Measure what an alignment claims, from the two files alone: nothing of the solve is used but its answer.

    samples  ref frames looked at, about: each run's middle and ends, the edges of its pieces, then frames between. With many
             runs there are more, one a run at least, up to four times as many.

    Per matched frame: does the claimed clip frame show it (correlation of local, gain-free detail, equally blurred); does it fit better
    than the two frames before and after it; how far does its content lie from where the matrix puts it (patch by patch,
    in ref pixels). Per missing frame: would a clip frame near by have shown it after all. What looks the same within the
    noise is "cannot be told", never a success. Raises MediaError where a file cannot be read or has lost frames since.
    """
    told = tuple(media.path for media in (alignment.clip, alignment.ref) if changed(media))
    with reopen(alignment.clip, options_for(alignment, "clip"), progress.part(0.0, 0.05)) as clip:
        with reopen(alignment.ref, options_for(alignment, "ref"), progress.part(0.05, 0.05)) as ref:
            frames = plan(alignment, samples)
            walks = Walk(clip, _clip_frames(alignment, frames)), Walk(ref, [frame for some in frames.values() for frame in some])
            eye, small = Eye(alignment, *walks), Eye(alignment, *walks, SMALL_PX)
            checks = _look(alignment, frames, eye, small, progress.part(0.1, 0.9))
    return Verification(tuple(checks), told, len(alignment.runs) - len(frames), alignment.version)


def _look(alignment: Alignment, frames: dict[int, list[int]], eye: Eye, small: Eye, progress: Progress) -> list[RunCheck]:
    shown = alignment.clip_frames()
    used = {clip_frame: ref_frame for ref_frame, clip_frame in enumerate(shown) if clip_frame is not None}
    total = sum(len(some) for some in frames.values())
    _learn_blur(alignment, frames, shown, (eye, small))
    done, checks = 0, []
    for n, some in frames.items():
        run, seen = alignment.runs[n], []
        for frame in some:
            progress.at(done / total, "verifying")
            matrix, clip_frame = matrix_between(run.transform, frame), shown[frame]
            if clip_frame is None:
                seen.append(look_for(frame, n, alignment, used, small, eye))
            elif matrix is not None:
                seen.append(look_at(frame, clip_frame, matrix, alignment, eye))
            done += 1
        checks.append(_gathered(n, run, seen))
    progress.at(1.0, "verified")
    return checks


def _learn_blur(alignment: Alignment, frames: dict[int, list[int]], shown: list[int | None], eyes: tuple[Eye, ...]) -> None:
    """From the middle of the longest matched run."""
    pairs: list[tuple[int, int, int, Matrix]] = []
    for n, some in frames.items():
        frame = some[len(some) // 2]
        clip_frame, matrix = shown[frame], matrix_between(alignment.runs[n].transform, frame)
        if clip_frame is not None and matrix is not None:
            pairs.append((alignment.runs[n].ref_count, frame, clip_frame, matrix))
    if pairs:
        _, frame, clip_frame, matrix = max(pairs)
        for eye in eyes:
            eye.learn_blur(frame, clip_frame, matrix)


def _clip_frames(alignment: Alignment, frames: dict[int, list[int]]) -> list[int]:
    """The clip frames that will be asked for, so that they can be read on the way."""
    shown = alignment.clip_frames()
    out: list[int] = []
    for n, some in frames.items():
        for frame in some:
            at = shown[frame]
            out += [number for number, _ in candidates(frame, n, alignment)] if at is None else [at, *neighbours(at, alignment)]
    return out


def _decided(seen: list[Seen], limit: float) -> list[Seen]:
    """Places that lie off fail where most of the run's do, or where three in a row do in one way: no missing frames explain that."""
    measured = [one for one in seen if one.residual_px is not None]
    failing = {one.ref_frame for one in measured if (one.residual_px or 0) > limit}
    if measured and median(one.residual_px or 0.0 for one in measured) <= limit:
        rows = [three for three in zip(measured, measured[1:], measured[2:], strict=False) if all(one.ref_frame in failing for one in three)]
        failing = {one.ref_frame for three in rows if _agree(three, limit) for one in three}
    out = []
    for one in seen:
        off = one.ref_frame in failing
        claims = tuple(replace(claim, state=State.FAILS) if off and claim.kind == "place" else claim for claim in one.claims)
        out.append(replace(one, claims=claims))
    return out


def _agree(seen: Sequence[Seen], limit: float) -> bool:
    """Whether some samples lie off in one direction, by more than the limit and much alike."""
    shifts = [one.shift_px or (0.0, 0.0) for one in seen]
    middle = median(x for x, _ in shifts), median(y for _, y in shifts)
    size = math.hypot(*middle)
    return size > limit and all(math.dist(shift, middle) < 0.5 * size for shift in shifts)


def _gathered(n: int, run: Run, seen: list[Seen]) -> RunCheck:
    limit = limit_px(run.transform[0].matrix) if run.transform else None
    if limit is not None:
        seen = _decided(seen, limit)
    measured = [one for one in seen if one.residual_px is not None and one.shift_px is not None]
    shifts = [one.shift_px for one in measured if one.shift_px is not None]
    return RunCheck(
        number=n + 1,
        ref_first=run.ref_first,
        ref_count=run.ref_count,
        verdict=run.verdict,
        seen=tuple(seen),
        correlation=round(median(one.correlation for one in seen), 4) if seen else None,
        shift_px=(median(x for x, _ in shifts), median(y for _, y in shifts)) if shifts else None,
        residual_px=median(one.residual_px or 0.0 for one in measured) if measured else None,
        residual_p95_px=max(one.residual_p95_px or 0.0 for one in measured) if measured else None,
        limit_px=None if limit is None else round(limit, 3),
    )
