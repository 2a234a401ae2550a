"""An alignment for programs: the figures of result.json, small enough to read, whatever the length of the footage."""

from __future__ import annotations

from typing import Any

from ...core.alignment import Alignment, Media, Run, Verdict


def of_alignment(alignment: Alignment) -> dict[str, Any]:
    """Counts of ref frames by verdict, the two files, and every run. Frames count from 0 at each file's first one."""
    counts = {verdict.value: 0 for verdict in Verdict}
    for run in alignment.runs:
        counts[run.verdict.value] += run.ref_count
    return {
        "ref_frames": alignment.ref.frames,
        "matched": alignment.matched,
        **counts,
        "clip": _media(alignment.clip),
        "ref": _media(alignment.ref),
        "runs": [_run(run, alignment) for run in alignment.runs],
    }


def _media(media: Media) -> dict[str, Any]:
    return {
        "path": media.path,
        "digest": media.digest,
        "frames": media.frames,
        "rate": str(media.rate),
        "width": media.width,
        "height": media.height,
        "timecode": media.timecode,
        "start_frame": media.start_frame,
        "lost": media.lost,
    }


def _run(run: Run, alignment: Alignment) -> dict[str, Any]:
    """One run; `clip_first` and `clip_last` are what its first and last ref frame show."""
    body: dict[str, Any] = {
        "ref_first": run.ref_first,
        "ref_last": run.ref_end - 1,
        "verdict": run.verdict.value,
        "score": run.score,
        "confidence": run.confidence,
        "notes": list(run.notes),
    }
    if not run.pieces:
        return body
    from ...core.report.words import clip_span

    first, last = clip_span(run, alignment)
    body.update(
        clip_first=first,
        clip_last=last,
        speeds=sorted({str(piece.speed) for piece in run.pieces}),
        pieces=len(run.pieces),
        model=run.model,
        transform=[{"frame": key.frame, "matrix": list(key.matrix)} for key in run.transform[:1]],
        moves=len(run.transform) > 1,
        also=[list(pair) for pair in run.also],
    )
    return body
