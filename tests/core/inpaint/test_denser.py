"""A shot of more frames before it is worked on: every other frame of a made one is taken away, so what lies between is known."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from genlock.core.inpaint.project import Project, create_project
from genlock.core.inpaint.project.pictures import save_picture
from genlock.core.inpaint.steps import Given, extract, mask, prepare, run_project

from .made_shots import shot, write_film

STEPS = (prepare.STEP, extract.STEP, mask.STEP)


def made(tmp_path: Path, video: Path, matte: Path, **more: object) -> Project:
    project = create_project(tmp_path / "p", str(video), str(matte), **more)
    run_project(project, STEPS, Given())
    return project


def test_frames_and_masks_between_are_where_the_motion_takes_them(tmp_path: Path) -> None:
    """Two shots with a cut between: frame 5 would lie over it, and 11 behind the end; they show what was there before."""
    one, other = shot(6, seed=1), shot(6, seed=9)
    frames, masks = one[1] + other[1], one[2] + other[2]
    video = write_film(tmp_path / "a.mkv", frames[::2], Fraction(24000, 1001))
    project = made(tmp_path, video, write_film(tmp_path / "m.mkv", masks[::2]), times=2)
    assert project.span == range(12) and project.info.rate == Fraction(48000, 1001) and project.facts["cuts"] == [6]
    shown = project.frames()
    for n in range(0, 12, 2):
        assert np.array_equal(shown[n], frames[n]) and np.array_equal(project.mask(n), masks[n])
    for n in (5, 11):
        assert np.array_equal(shown[n], frames[n - 1]) and np.array_equal(project.mask(n), masks[n - 1])
    for n in (1, 3, 7, 9):
        inside, found = masks[n] > 0, project.mask(n) > 0
        off = (shown[n].astype(float) - frames[n])[8:-8, 8:-8]
        free = ~(inside | found)[8:-8, 8:-8]
        assert np.square(off).mean() < 150 and np.square(off[free]).mean() < 4, n
        assert (inside & ~found).sum() < 0.02 * inside.sum() and found.sum() < 1.6 * inside.sum(), n
    stamps = np.array([float(pts * Fraction(project.facts["time_base"])) for pts in project.pts])
    assert np.abs(stamps - np.arange(12) * 1001 / 48000).max() < 1e-3


def test_a_matte_at_the_new_rate_and_one_as_long_as_the_range(tmp_path: Path) -> None:
    _, frames, masks = shot(8)
    video = write_film(tmp_path / "a.mkv", frames[::2])
    for name, given in (("whole", masks), ("range", masks[2:8]), ("sparse", masks[2:8:2]), ("shot", masks[::2])):
        project = made(tmp_path / name, video, write_film(tmp_path / f"{name}.mkv", given), times=2, range="1-3")
        assert project.span == range(2, 8), "the range counts the frames of the shot that was given"
        assert all(np.array_equal(project.mask(n), masks[n]) for n in (2, 4, 6)), name
        assert np.array_equal(project.frames()[7], frames[6]) and (name != "sparse" or np.array_equal(project.mask(7), masks[6]))
        assert np.array_equal(project.mask(3), masks[3]) == (name in ("whole", "range"))


@pytest.mark.parametrize("count", [1, 3])
def test_of_float_the_light_is_kept(tmp_path: Path, count: int) -> None:
    """A still picture with a lamp: what is made between is it again; one frame becomes as many as are asked for."""
    picture = np.full((24, 40, 3), 0.18, np.float32)
    picture[8:16, 10:30] = 40
    for n in range(count):
        save_picture(tmp_path / f"a.{n:03d}.exr", picture)
    save_picture(tmp_path / "m.png", np.pad(np.full((8, 8), 255, np.uint8), ((8, 8), (16, 16))))
    project = made(tmp_path, tmp_path / "a.%03d.exr", tmp_path / "m.png", times=3, rate="25")
    assert project.span == range(3 * count) and project.info.rate == 75
    for n, shown in zip(project.span, project.frames(), strict=True):
        assert np.allclose(shown, picture, rtol=0 if n % 3 == 0 else 0.01), n
        assert (project.mask(n) > 0).sum() == 64
