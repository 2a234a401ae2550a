"""Which frame stands where, for each frame of the ref: from an alignment to plain choices. Nothing here needs VapourSynth."""

from __future__ import annotations

from dataclasses import dataclass

from ...core.alignment import Alignment, Run, Verdict
from ...core.errors import UsageError
from ...core.report.table import frame_scores


@dataclass(frozen=True)
class Choice:
    """What stands in for one ref frame."""

    ref_frame: int
    clip_frame: int | None
    """None: no frame of the clip shows this moment."""
    score: float
    """How alike the two are, 0 to 1."""
    verdict: Verdict
    run: int
    """Counted from 1."""
    falls_back: bool
    """Nothing is matched, or the two differ by more than was allowed."""

    @property
    def difference(self) -> float:
        """100 (1 - score): 0 is alike, 100 has nothing in common; what thresh is held against."""
        return 100.0 * (1.0 - self.score)

    @property
    def words(self) -> str:
        """What debug writes into the picture."""
        found = "no frame of the clip" if self.clip_frame is None else f"clip {self.clip_frame}"
        lines = [f"ref {self.ref_frame}: {found}", f"run {self.run}, {self.verdict.value}"]
        if self.clip_frame is not None:
            lines.append(f"score {self.score:.3f}, difference {self.difference:.1f}")
        return "\n".join(lines + (["fallback"] if self.falls_back else []))


class Choices:
    """A choice for each ref frame; which one is asked for first makes no difference."""

    def __init__(self, alignment: Alignment, thresh: float = 100.0) -> None:
        self._shown = alignment.clip_frames()
        self._scores = frame_scores(alignment)
        self._runs: list[tuple[int, Run]] = list(enumerate(alignment.runs, 1))
        self._run_at = [n for n, run in enumerate(alignment.runs) for _ in range(run.ref_count)]
        self._thresh = thresh

    def __len__(self) -> int:
        return len(self._shown)

    def at(self, ref_frame: int) -> Choice:
        """For one ref frame, counted from 0."""
        number, run = self._runs[self._run_at[ref_frame]]
        clip_frame, score = self._shown[ref_frame], self._scores[ref_frame]
        score = 0.0 if clip_frame is None else run.score if score is None else score
        falls_back = clip_frame is None or 100.0 * (1.0 - score) > self._thresh
        return Choice(ref_frame, clip_frame, score, run.verdict, number, falls_back)


def require_lengths(alignment: Alignment, clip_frames: int, ref_frames: int) -> None:
    """Raises UsageError where an alignment that was made elsewhere is of other footage than these two."""
    for role, media, frames in (("clip", alignment.clip, clip_frames), ("ref", alignment.ref, ref_frames)):
        if media.frames != frames:
            raise UsageError(
                f"the alignment is of a {role} with {media.frames} frames, and this one has {frames}",
                "hand in the two clips whole and untrimmed, as they were aligned",
            )
