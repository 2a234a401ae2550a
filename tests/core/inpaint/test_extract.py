"""Frames as the decoder gives them: all of them, under its own numbers, at their own times and depth."""

from __future__ import annotations

import weakref
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from genlock.core.errors import UsageError
from genlock.core.inpaint.project import Project, create_project
from genlock.core.inpaint.project.pictures import save_picture
from genlock.core.inpaint.steps import Given, Plan, extract, run_project
from genlock.core.inpaint.steps.extract import STEP as EXTRACT
from genlock.core.inpaint.steps.extract import picture_of
from genlock.core.inpaint.steps.keyframes import STEP as KEYFRAMES
from genlock.core.inpaint.steps.mask import STEP as MASK
from genlock.core.inpaint.steps.prepare import STEP as PREPARE

from .made_shots import shot, write_film

HW = (48, 64)


def numbered(count: int) -> list[np.ndarray]:
    """Frame n says n: by its level, and by a place that is its own."""
    out = []
    for n in range(count):
        picture = np.full((*HW, 3), 30, np.uint8)
        picture[:, n % 64] = (n, 255 - n, 7)
        picture[0, 0] = (n, n // 2, 3)
        out.append(picture)
    return out


def project(tmp_path: Path, video: Path | str, mask: Path | None = None, **more: Any) -> Project:
    if mask is None:
        mask = tmp_path / "still.png"
        save_picture(mask, np.pad(np.full((20, 20), 255, np.uint8), ((10, 18), (10, 34))))
    return create_project(tmp_path / "p", str(video), str(mask), **more)


def run(made: Project, *steps: Any, **more: Any) -> list[str]:
    notes: list[str] = []
    run_project(made, steps, Given(), Plan(), note=notes.append, **more)
    return notes


def test_all_frames_under_their_own_numbers(tmp_path: Path) -> None:
    """84 of 84, frame n is picture n, and every one of them is in a group."""
    pictures = numbered(84)
    made = project(tmp_path, write_film(tmp_path / "a.mkv", pictures))
    run(made, EXTRACT, MASK, KEYFRAMES)
    assert made.span == range(84)
    assert all(np.array_equal(made.frames()[n], picture) for n, picture in enumerate(pictures))
    assert [n for group in made.groups() for n in group.frames] == list(range(84))
    assert len(list(made.path("frames", "src").iterdir())) == len(list(made.path("masks").glob("*.png"))) == 84


def test_few_frames_are_held(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """However long the shot is: a frame is let go of once it is written."""
    alive: list[weakref.ref[np.ndarray]] = []
    most = 0

    def watched(plate: Any, form: Any) -> np.ndarray:
        nonlocal most
        picture = picture_of(plate, form)
        alive.append(weakref.ref(picture))
        most = max(most, sum(one() is not None for one in alive))
        return picture

    monkeypatch.setattr(extract, "picture_of", watched)
    run(project(tmp_path, write_film(tmp_path / "a.mkv", numbered(60))), EXTRACT)
    assert len(alive) == 60 and most <= 3


def test_times_are_the_shot_s_own(tmp_path: Path) -> None:
    stamps = [0, 40, 90, 91, 300, 2000]
    made = project(tmp_path, write_film(tmp_path / "a.mkv", numbered(6), pts=stamps))
    run(made, EXTRACT)
    base = Fraction(made.facts["time_base"])
    assert [pts * base * 1000 for pts in made.pts] == stamps
    assert len(made.frames()) == 6


def striped(numbers: range) -> list[np.ndarray]:
    """Mattes that say their number: row n is white."""
    return [np.repeat((np.arange(HW[0]) == n).astype(np.uint8)[:, None] * 255, HW[1], axis=1) for n in numbers]


@pytest.mark.parametrize(
    ("asked", "handles", "span"), [("3-5", 0, range(3, 6)), ("3-5", 2, range(1, 8)), ("1-8", 5, range(0, 10)), ("9-9", 0, range(9, 10))]
)
def test_ranges_and_handles(tmp_path: Path, asked: str, handles: int, span: range) -> None:
    pictures = numbered(10)
    matte = write_film(tmp_path / "m.mkv", striped(range(10)))
    made = project(tmp_path, write_film(tmp_path / "a.mkv", pictures), matte, range=asked, handles=handles)
    run(made, EXTRACT, MASK)
    assert made.span == span
    for n in span:
        assert np.array_equal(made.frames()[n], pictures[n])
        assert np.array_equal(made.mask(n), striped(range(n, n + 1))[0])
    with pytest.raises(IndexError):
        made.frames()[span.stop]


def test_a_matte_as_long_as_the_range_begins_with_it(tmp_path: Path) -> None:
    matte = write_film(tmp_path / "m.mkv", striped(range(20, 23)))
    made = project(tmp_path, write_film(tmp_path / "a.mkv", numbered(10)), matte, range="4-6")
    run(made, EXTRACT, MASK)
    assert [int(np.flatnonzero(made.mask(n)[:, 0])[0]) for n in (4, 5, 6)] == [20, 21, 22]


def test_what_a_codec_leaves_beside_a_matte_masks_nothing(tmp_path: Path) -> None:
    film = tmp_path / "m.png"
    save_picture(film, np.array([[0, 3, 7, 8, 90, 255] * 8] * 48, np.uint8))
    made = project(tmp_path, write_film(tmp_path / "a.mkv", [np.zeros((48, 48, 3), np.uint8)]), film)
    run(made, EXTRACT, MASK)
    assert made.mask(0)[0, :6].tolist() == [0, 0, 0, 8, 90, 255]


def test_a_range_behind_the_end(tmp_path: Path) -> None:
    film = write_film(tmp_path / "a.mkv", numbered(4))
    with pytest.raises(UsageError, match="frames 0 to 3"):
        run(project(tmp_path, film, range="7-9"), EXTRACT)


def test_a_range_over_the_end_is_told(tmp_path: Path) -> None:
    made = project(tmp_path, write_film(tmp_path / "a.mkv", numbered(4)), range="2-9")
    assert "ends at 3" in " ".join(run(made, EXTRACT))
    assert made.span == range(2, 4)


def test_ten_bits_and_more_keep_them(tmp_path: Path) -> None:
    deep = np.random.default_rng(2).integers(0, 65536, (3, *HW, 3), dtype=np.uint16)
    made = project(tmp_path, write_film(tmp_path / "a.mkv", list(deep)))
    run(made, EXTRACT)
    assert made.frames().dtype == np.uint16
    assert np.array_equal(np.stack(list(made.frames())), deep)


def test_float_keeps_its_light(tmp_path: Path) -> None:
    light = np.random.default_rng(3).uniform(-1, 60, (2, *HW, 3)).astype(np.float32)
    for n, picture in enumerate(light):
        save_picture(tmp_path / f"a.{1001 + n}.exr", picture)
    made = project(tmp_path, tmp_path / "a.%04d.exr", rate="25")
    run(made, EXTRACT)
    assert made.span == range(2), "numbers are the decoder's, from 0, whatever the files are called"
    assert np.array_equal(np.stack(list(made.frames())), light)


def test_cuts_end_groups(tmp_path: Path) -> None:
    _, one, _ = shot(5, seed=1)
    _, two, _ = shot(4, seed=9)
    film = write_film(tmp_path / "a.mkv", [*one, *two])
    still = tmp_path / "m.png"
    save_picture(still, np.pad(np.full((20, 20), 255, np.uint8), ((10, 34), (10, 66))))
    made = project(tmp_path, film, still, movement=0.0, determinism=0.0)
    run(made, EXTRACT, MASK, KEYFRAMES)
    assert made.facts["cuts"] == [5]
    assert [(group.first, group.why) for group in made.groups()] == [(0, "start"), (5, "cut")]


def test_a_corrected_mask_stands_in(tmp_path: Path) -> None:
    made = project(tmp_path, write_film(tmp_path / "a.mkv", numbered(3)))
    run(made, EXTRACT, MASK)
    mine = np.zeros(HW, np.uint8)
    mine[5:9, 2:60] = 255
    made.save_mask_correction(1, mine)
    run(made, EXTRACT, MASK)
    assert np.array_equal(made.mask(1), mine) and not np.array_equal(made.mask(0), mine)
    with pytest.raises(UsageError, match="does not fit"):
        made.save_mask_correction(1, mine[1:])


def test_an_empty_mask_is_told_and_changes_nothing(tmp_path: Path) -> None:
    empty = tmp_path / "m.png"
    save_picture(empty, np.zeros(HW, np.uint8))
    made = project(tmp_path, write_film(tmp_path / "a.mkv", numbered(3)), empty)
    assert "nothing is changed" in " ".join(run(made, EXTRACT, MASK, KEYFRAMES))
    assert [group.why for group in made.groups()] == ["empty"]


def test_a_shot_that_was_exchanged_is_noticed(tmp_path: Path) -> None:
    made = project(tmp_path, write_film(tmp_path / "a.mkv", numbered(3)))
    run(made, EXTRACT)
    write_film(tmp_path / "a.mkv", numbered(5))
    assert "not what it was" in " ".join(run(made, EXTRACT))
    assert made.span == range(5)


def test_without_a_matte_a_box_will_do(tmp_path: Path) -> None:
    _, frames, masks = shot(4, size_wh=(160, 120))
    film = write_film(tmp_path / "a.mkv", frames)
    y, x = np.nonzero(masks[0])
    box = f"{x.min() - 3},{y.min() - 3},{np.ptp(x) + 7},{np.ptp(y) + 7}"
    made = create_project(tmp_path / "p", str(film), box=box)
    run(made, EXTRACT, MASK)
    for n in range(4):
        found, truth = made.mask(n) > 0, masks[n] > 0
        assert (found & truth).sum() / (found | truth).sum() > 0.6


@pytest.mark.parametrize("is_float", [False, True])
def test_a_shot_is_made_larger_first(tmp_path: Path, is_float: bool) -> None:
    """A ramp, twice as large, is the ramp of half the slope: a picture that was moved by half a pixel would be 1/256 off."""
    ramp = np.repeat(np.repeat((np.arange(64, dtype=np.float32) / 128)[None, :, None], 48, 0), 3, 2)
    stamps = [0, 40, 200]
    if is_float:
        for n in range(3):
            save_picture(tmp_path / f"a.{n:03d}.exr", ramp)
        video = tmp_path / "a.%03d.exr"
    else:
        video = write_film(tmp_path / "a.mkv", [(ramp * 65535).astype(np.uint16)] * 3, pts=stamps)
    made = project(tmp_path, video, upscale=2.0)
    run(made, PREPARE, EXTRACT, MASK)
    assert made.span == range(3) and made.facts["size"] == [96, 128] and made.mask(0).shape == (96, 128)
    picture = made.frames()[1].astype(float) / (1 if is_float else 65535)
    expected = ((np.arange(128) + 0.5) / 2 - 0.5) / 128
    assert np.abs(picture[48, 8:-8, 1] - expected[8:-8]).max() < 1e-3
    if not is_float:
        assert [pts * Fraction(made.facts["time_base"]) * 1000 for pts in made.pts] == stamps
