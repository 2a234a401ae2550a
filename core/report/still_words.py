"""What is said of a single picture: where in a film it is seen, or which frame of a film it is."""

from __future__ import annotations

from ..alignment import Alignment, Run, Verdict

_MOST = 4


def still_summary(alignment: Alignment, found: list[Run]) -> str:
    """The verdict in one plain sentence, where the clip or the ref is one frame long; found are the runs that show it."""
    if alignment.clip.frames == 1 and alignment.ref.frames == 1:
        return "The clip's picture is found in the ref's." if not _doubted(found) else "The clip's picture is found in the ref's, in part."
    if alignment.clip.frames == 1:
        spans = [_frames(run.ref_first, run.ref_end - 1) for run in found[:_MOST]]
        more = f" and {len(found) - _MOST} more stretches" if len(found) > _MOST else ""
        count = f"{alignment.matched} of the ref's {alignment.ref.frames} frames"
        about = "nearly as it is, " if _doubted(found) else ""
        return f"The picture is seen {about}in {count}: {', '.join(spans)}{more}."
    frame = next(shown for shown in alignment.clip_frames() if shown is not None)
    others = sum(last - first + 1 for first, last in found[0].also) - 1
    if others > 0:
        return f"The ref's picture is frame {frame} of the clip, or one of {others} that look the same: {_spans(found[0])}."
    return f"The ref's picture is {'nearest to ' if _doubted(found) else ''}frame {frame} of the clip."


def _doubted(found: list[Run]) -> bool:
    return all(run.verdict is Verdict.AMBIGUOUS for run in found)


def _spans(run: Run) -> str:
    said = [_frames(first, last) for first, last in run.also[:_MOST]]
    return ", ".join(said) + (" and more" if len(run.also) > _MOST else "")


def _frames(first: int, last: int) -> str:
    return f"frame {first}" if first == last else f"frames {first}–{last}"
