"""Which ref frames are looked at: the middle and the ends of every run, then the edges of its pieces, then between."""

from __future__ import annotations

from ..alignment import Alignment, Run

MOST_TIMES = 4
"""So many times the asked number of samples, where there are that many runs to look at."""


def plan(alignment: Alignment, samples: int) -> dict[int, list[int]]:
    """Ref frames to look at, ascending, by the number of their run, counted from 0.

    Every run gets its middle, up to MOST_TIMES * samples runs, the longest ones; ends and piece edges follow while there are
    samples left, the longest runs first; what remains is spread evenly over the matched frames.
    """
    picked: dict[int, set[int]] = {}
    order = sorted(range(len(alignment.runs)), key=lambda n: -alignment.runs[n].ref_count)
    for n in order[: max(1, samples) * MOST_TIMES]:
        run = alignment.runs[n]
        if run.ref_count > 0:
            picked[n] = {run.ref_first + run.ref_count // 2}
    for level in (_ends, _edges, _between):
        for n in order:
            for frame in level(alignment.runs[n], samples):
                if n in picked and sum(len(frames) for frames in picked.values()) < samples:
                    picked[n].add(frame)
    return {n: sorted(frames) for n, frames in sorted(picked.items())}


def _ends(run: Run, samples: int) -> list[int]:
    return [run.ref_first, run.ref_end - 1]


def _edges(run: Run, samples: int) -> list[int]:
    edges = [frame for piece in run.pieces for frame in (piece.ref_first, piece.ref_first + piece.ref_count - 1)]
    step = max(1, -(-len(edges) // max(1, samples // 2)))
    return edges[::step]


def _between(run: Run, samples: int) -> list[int]:
    """Of a run with pictures: a frame a second or so, sixteen at most, by halves."""
    if not run.pieces:
        return []
    return [run.ref_first + run.ref_count * k // 16 for k in (4, 12, 2, 6, 10, 14, 1, 3, 5, 7, 9, 11, 13, 15)]
