"""The bench's reader of timelines, on timelines written by hand."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import opentimelineio as otio
import pytest
from opentimelineio.opentime import RationalTime, TimeRange

from genlock.bench.sampling import matrix_at, played


def _clip(first: float, count: int, rate: float, transform: Any = None, name: str = "clip.mp4", speed: float | None = None) -> otio.schema.Clip:
    media = otio.schema.ExternalReference(
        target_url=otio.url_utils.url_from_filepath(f"/nowhere/{name}"),
        available_range=TimeRange(RationalTime(86400, rate), RationalTime(100, rate)),
    )
    clip = otio.schema.Clip(media_reference=media, source_range=TimeRange(RationalTime(86400 + first, rate), RationalTime(count, 24)))
    if transform is not None:
        clip.metadata["genlock"] = {"transform": transform}
    if speed == 0:
        clip.effects.append(otio.schema.FreezeFrame())
    elif speed is not None:
        clip.effects.append(otio.schema.LinearTimeWarp(time_scalar=speed))
    return clip


def _written(folder: Path, *items: Any) -> Path:
    timeline = otio.schema.Timeline()
    timeline.tracks.append(otio.schema.Track(children=[_clip(0, 24, 24, name="ref.mp4")]))
    timeline.tracks.append(otio.schema.Track(children=list(items)))
    path = folder / "made.otio"
    otio.adapters.write_to_file(timeline, str(path))
    return path


def _gap(count: int) -> otio.schema.Gap:
    return otio.schema.Gap(source_range=TimeRange(RationalTime(0, 24), RationalTime(count, 24)))


TRUTH = {"clip": "clip.mp4", "ref_frames": 24, "ref_fps": "24", "clip_fps": "24"}


def test_a_gap_plays_nothing_and_a_clip_its_frames(tmp_path: Path) -> None:
    frames, _ = played(_written(tmp_path, _gap(5), _clip(7, 10, 24), _gap(9)), TRUTH)
    assert frames == [None] * 5 + list(range(7, 17)) + [None] * 9


def test_the_clip_keeps_its_own_rate(tmp_path: Path) -> None:
    """Ref frame n's middle is (n + 1/2)/24 s; at 30 that is frame floor((n + 1/2) * 30/24)."""
    frames, _ = played(_written(tmp_path, _clip(3, 24, 30)), {**TRUTH, "clip_fps": "30"})
    assert frames == [3 + (2 * n + 1) * 30 // 48 for n in range(24)]


@pytest.mark.parametrize(
    ("speed", "want"), [(2.0, [2 * n + 1 + 4 for n in range(24)]), (0, [4] * 24), (0.5, [4 + (2 * n + 1) // 4 for n in range(24)])]
)
def test_time_effects(tmp_path: Path, speed: float, want: list[int]) -> None:
    assert played(_written(tmp_path, _clip(4, 24, 24, speed=speed)), TRUTH)[0] == want


def test_backwards(tmp_path: Path) -> None:
    assert played(_written(tmp_path, _clip(50, 24, 24, speed=-1.0)), TRUTH)[0] == [49 - n for n in range(24)]


def test_variable_rate_is_read_by_start_times(tmp_path: Path) -> None:
    starts = [Fraction(0), Fraction(1, 24), Fraction(3, 24), Fraction(4, 24), Fraction(24, 24)]
    truth = {**TRUTH, "clip_starts_s": [str(start) for start in starts]}
    assert played(_written(tmp_path, _clip(0, 24, 24)), truth)[0] == [0, 1, 1, 2] + [3] * 20


def test_matrices_are_linear_between_keys_and_held_outside(tmp_path: Path) -> None:
    keys = [{"frame": 4, "matrix": [1, 0, 0, 0, 1, 0, 0, 0, 1]}, {"frame": 8, "matrix": [3, 0, 8, 0, 1, 0, 0, 0, 1]}]
    _, found = played(_written(tmp_path, _clip(0, 24, 24, keys)), TRUTH)
    at = {n: matrix_at(found[n], n) for n in (0, 4, 5, 8, 20)}
    assert [None if m is None else (m[0, 0], m[0, 2]) for m in at.values()] == [(1, 0), (1, 0), (1.5, 2), (3, 8), (3, 8)]


def test_one_matrix_holds_everywhere(tmp_path: Path) -> None:
    _, found = played(_written(tmp_path, _gap(4), _clip(0, 20, 24, [2, 0, 1, 0, 2, 5, 0, 0, 1])), TRUTH)
    assert matrix_at(found[0], 0) is None
    assert np.array_equal(np.asarray(matrix_at(found[9], 9)), [[2, 0, 1], [0, 2, 5], [0, 0, 1]])
