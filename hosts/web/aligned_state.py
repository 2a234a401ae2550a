"""What the page is told of an alignment: its runs, the clip frame of every ref frame, and what a person said."""

from __future__ import annotations

from typing import Any

from ...core.alignment import Alignment, Media, Run, Verdict
from .decisions import Decisions, counts_from, said_of


def aligned_state(alignment: Alignment, decisions: Decisions, solved: int) -> dict[str, Any]:
    """JSON. `frames` is run-length coded: [clip frame of the first, step, count], clip -1 where nothing plays."""
    shown = alignment.clip_frames()
    scores = alignment.evidence.get("scores")
    return {
        "clip": _media(alignment.clip),
        "ref": _media(alignment.ref),
        "frames": coded(shown),
        "scores": scores if isinstance(scores, list) and len(scores) == len(shown) else None,
        "runs": [_run(run, shown, decisions) for run in alignment.runs],
        "anchors": [list(pair) for pair in decisions.anchors],
        "unsolved": sum(shown[ref] != clip for clip, ref in decisions.anchors),
        "at": min(max(decisions.at, 0), len(shown) - 1),
        "solved": solved,
    }


def _media(media: Media) -> dict[str, Any]:
    return {
        "path": media.path, "frames": media.frames, "rate": float(media.rate), "size": [media.height, media.width], "counts_from": counts_from(media),
    }  # fmt: skip


def _run(run: Run, shown: list[int | None], decisions: Decisions) -> dict[str, Any]:
    said = said_of(run, shown)
    return {
        "first": run.ref_first,
        "last": run.ref_end - 1,
        "clip": [said.clip_first, said.clip_last],
        "verdict": run.verdict.value,
        "score": round(run.score, 3),
        "confidence": round(run.confidence, 3),
        "model": run.model,
        "also": [list(pair) for pair in run.also],
        "notes": list(run.notes),
        "look": bool(run.notes) or run.verdict is Verdict.AMBIGUOUS,
        "said": decisions.of(run, shown),
        "note": decisions.notes.get(str(run.ref_first), ""),
    }


def coded(shown: list[int | None]) -> list[list[int]]:
    """Stretches that rise or fall by the same step."""
    out: list[list[int]] = []
    for frame in shown:
        value = -1 if frame is None else frame
        if out:
            first, step, count = out[-1]
            silent = (first == -1) == (value == -1)
            if silent and (count == 1 or value == first + step * count):
                out[-1] = [first, value - first if count == 1 else step, count + 1]
                continue
        out.append([value, 0, 1])
    return out
