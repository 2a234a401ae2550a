"""What a film, a season and an archive cost, computed from measured seconds a frame. Everything assumed has a name here."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

FPS = 24
MEGAPIXELS = 1920 * 1080 / 1e6
BITS_PER_S = 10e6
"""Of a file, as such masters are streamed; what the network carries is this, however large the pictures are when decoded."""
CACHE_SHORT_BYTES, CACHE_A_FRAME_BYTES = 160 << 20, 10_000
"""That analysis keeps of a file at most, and of a frame where the file is longer than about ten minutes (core/sync/analysis.py)."""
INDEX_BYTES_AN_HOUR = 1.2e6
"""The most that bench/archive.py has measured; made footage is too much alike to tell."""


@dataclass(frozen=True)
class Line:
    """Seconds of one core for a frame, as a line over its megapixels."""

    base_s: float
    a_megapixel_s: float

    def at(self, megapixels: float) -> float:
        """Seconds for a frame of that size."""
        return self.base_s + self.a_megapixel_s * megapixels

    @classmethod
    def through(cls, points: Sequence[tuple[float, float]]) -> Line:
        """Least squares through (megapixels, seconds); neither part is below zero, since no frame takes less than nothing."""
        n = len(points)
        mean_x, mean_y = sum(x for x, _ in points) / n, sum(y for _, y in points) / n
        spread = sum((x - mean_x) ** 2 for x, _ in points)
        slope = sum((x - mean_x) * (y - mean_y) for x, y in points) / spread if spread else 0.0
        base = mean_y - slope * mean_x
        if slope < 0:
            return cls(max(0.0, mean_y), 0.0)
        if base < 0:
            return cls(0.0, max(0.0, sum(x * y for x, y in points) / sum(x * x for x, _ in points)))
        return cls(base, slope)


@dataclass(frozen=True)
class Costs:
    """What was measured, on one core."""

    decode: Mapping[str, Line]
    """By codec."""
    analyse: Line
    """Fingerprints of a frame, on top of decoding it."""
    solve_s: float
    """To find a frame's place in the other version, once both are analysed."""
    render: Line
    """To decode, place and encode a frame."""
    index: Line
    """Fingerprints of a frame for an archive's index, with the decoding that it needs."""
    cache_bytes: float
    """That analysis keeps of a frame."""


@dataclass(frozen=True)
class Work:
    """So much footage."""

    name: str
    hours: float
    files: int
    """Of one version."""
    pairs: bool
    """Aligned with another version of it and rendered; else indexed alone."""


WORKS = (Work("a film (2 h) and its other version", 2, 1, True), Work("a season (12 x 45 min) and its other version", 9, 12, True),
         Work("an archive of 100,000 h, indexed", 100_000, 100_000, False))  # fmt: skip


def frames(work: Work) -> float:
    """Of one version."""
    return work.hours * 3600 * FPS


def rows(costs: Costs, codec: str = "h264") -> list[tuple[str, ...]]:
    """The table: what each work costs, every cell with its unit. The first row is the heading."""
    head = ("", "decode, CPU h", "analyse or index, CPU h", "solve, CPU h", "render, CPU h", "network, TB", "kept, GB")
    return [head, *(_row(work, costs, codec) for work in WORKS)]


def _row(work: Work, costs: Costs, codec: str) -> tuple[str, ...]:
    count = frames(work)
    sides = 2 if work.pairs else 1
    decode = sides * count * costs.decode[codec].at(MEGAPIXELS) if work.pairs else 0.0
    analyse = sides * count * (costs.analyse if work.pairs else costs.index).at(MEGAPIXELS)
    solve = count * costs.solve_s if work.pairs else 0.0
    render = count * costs.render.at(MEGAPIXELS) if work.pairs else 0.0
    # Aligning reads both versions; rendering reads the clip once more, and writes as much.
    network = work.hours * 3600 * BITS_PER_S / 8 * (4 if work.pairs else 1)
    analysis = min(count * costs.cache_bytes, max(work.files * CACHE_SHORT_BYTES, count * CACHE_A_FRAME_BYTES))
    kept = sides * analysis if work.pairs else work.hours * INDEX_BYTES_AN_HOUR
    return (work.name, *(hours(seconds) for seconds in (decode, analyse, solve, render)), f"{network / 1e12:.3g}", f"{kept / 1e9:.3g}")


def hours(seconds: float) -> str:
    """For a table."""
    return f"{seconds / 3600:,.0f}" if seconds >= 35_820 else f"{seconds / 3600:.2g}" if seconds else "-"
