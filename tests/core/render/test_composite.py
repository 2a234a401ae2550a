"""The two over one another: which frames, which pixels, which edge, against pictures put together by hand."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from genlock.core.alignment import IDENTITY, Alignment, Matrix
from genlock.core.errors import UsageError
from genlock.core.media.plates import open_plates
from genlock.core.render.blend import MODES, light_over
from genlock.core.render.composite import Composite, composite_frames
from genlock.core.render.cover import checkered, feathered, wiped
from genlock.core.render.frames import Rendered
from genlock.core.settings_render import BLENDS, CompositeSettings
from genlock.core.space.geometry import as_tuple
from genlock.tests.footage import number_on

from .made import aligned, charts, film, media, planes, rgb

CROP = (20, 16, 100, 60)
"""Left, top, width, height of the clip in the ref: even, so chroma is copied too."""


def composed(alignment: Alignment, **settings: object) -> list[Rendered]:
    return list(composite_frames(alignment, CompositeSettings(**settings)))  # type: ignore[arg-type]


def all_planes(path: Path | str) -> list[tuple[np.ndarray, ...]]:
    with open_plates(path) as plates:
        return [tuple(np.array(plane) for plane in plate.planes()) for plate in plates.frames()]


def shift(x: float, y: float) -> Matrix:
    return (1.0, 0.0, x, 0.0, 1.0, y, 0.0, 0.0, 1.0)


def noise(size_wh: tuple[int, int], seed: int) -> np.ndarray:
    return np.random.default_rng(seed).integers(0, 256, (size_wh[1], size_wh[0], 3)).astype(np.uint8)


@pytest.fixture
def cropped(tmp_path: Path) -> Alignment:
    """A crop of six frames of the ref, frames 2 to 5 of it, stored without loss from the ref's own samples."""
    x, y, w, h = CROP
    ref = film(tmp_path / "r.mkv", (noise((160, 96), n) for n in range(6)))
    cut = [[plane[y // s : (y + h) // s, x // s : (x + w) // s] for plane, s in zip(picture, (1, 2, 2), strict=True)] for picture in all_planes(ref)]
    flat = [np.concatenate([plane.ravel() for plane in picture]).reshape(h * 3 // 2, w) for picture in cut[2:6]]
    clip = film(tmp_path / "c.mkv", flat, from_fmt="yuv420p")
    return aligned(media(clip, 4, (w, h)), media(ref, 6), [None, None, 0, 1, 2, 3], shift(x, y))


@pytest.fixture
def foreign(tmp_path: Path) -> Alignment:
    """Another picture of that size in that place: it shows which of the two is seen."""
    clip = film(tmp_path / "c.mkv", (noise(CROP[2:], 50 + n) for n in range(4)))
    ref = film(tmp_path / "r.mkv", (noise((160, 96), n) for n in range(6)))
    return aligned(media(clip, 4, CROP[2:]), media(ref, 6), [None, None, 0, 1, 2, 3], shift(*CROP[:2]))


class TestFrames:
    def test_a_crop_over_its_ref_is_the_ref(self, cropped: Alignment) -> None:
        found = composed(cropped, keep="ref")
        for mine, theirs in zip(found, all_planes(cropped.ref.path), strict=True):
            assert all(np.array_equal(a, b) for a, b in zip(planes(mine), theirs, strict=True))
        assert [each.covered.any() for each in found] == [False, False, True, True, True, True]

    def test_every_frame_of_the_one_on_top_is_kept_to_the_bit(self, foreign: Alignment) -> None:
        found = composed(foreign)
        x, y, w, h = CROP
        refs = all_planes(foreign.ref.path)
        assert [(each.step.clip, each.step.ref) for each in found] == [(0, 2), (1, 3), (2, 4), (3, 5)]
        for mine, clip in zip(found, all_planes(foreign.clip.path), strict=True):
            for plane, own, base, s in zip(planes(mine), clip, refs[mine.step.ref or 0], (1, 2, 2), strict=True):
                inside = (slice(y // s, (y + h) // s), slice(x // s, (x + w) // s))
                assert np.array_equal(plane[inside], own)
                rest = plane.copy()
                rest[inside] = base[inside]
                assert np.array_equal(rest, base)

    def test_held_dropped_and_unknown_frames_of_the_clip_are_all_kept(self, tmp_path: Path) -> None:
        clip, ref = film(tmp_path / "c.mkv", charts(range(40, 48))), film(tmp_path / "r.mkv", charts(range(9)))
        shown = [0, 0, 0, 1, 2, 4, 4, None, 6]
        found = composed(aligned(media(clip, 8), media(ref, 9), shown, IDENTITY))
        assert [each.step.clip for each in found] == list(range(8)) == [number_on(rgb(each)) - 40 for each in found]
        below = composed(aligned(media(clip, 8), media(ref, 9), shown, IDENTITY), opacity=0.0)
        assert [number_on(rgb(each)) if each.step.ref is not None else None for each in below] == [1, 3, 4, None, 5, None, 8, None]

    def test_the_ref_over_the_clip_keeps_the_ref(self, foreign: Alignment) -> None:
        found = composed(foreign, over="ref")
        assert len(found) == 6
        for mine, theirs in zip(found, all_planes(foreign.ref.path), strict=True):
            assert all(np.array_equal(a, b) for a, b in zip(planes(mine), theirs, strict=True))

    def test_time_is_that_of_the_one_that_is_kept(self, tmp_path: Path) -> None:
        clip = film(tmp_path / "c.mkv", charts(range(5)), Fraction(25))
        ref = film(tmp_path / "r.mkv", charts(range(10)), Fraction(50))
        alignment = aligned(media(clip, 5, rate=Fraction(25)), media(ref, 10, rate=Fraction(50)), [n // 2 for n in range(10)])
        assert [each.time_s for each in composed(alignment)] == [Fraction(n, 25) for n in range(5)]
        assert [each.time_s for each in composed(alignment, keep="ref", range="4-6")] == [Fraction(n, 50) for n in range(3)]


class TestPlace:
    @pytest.mark.parametrize(
        ("crop", "grid", "size_wh"),
        [("ref", "ref", (160, 96)), ("clip", "ref", (100, 60)), ("both", "ref", (100, 60)), ("union", "ref", (160, 96)), ("clip", "clip", (100, 60))],
    )
    def test_crops(self, foreign: Alignment, crop: str, grid: str, size_wh: tuple[int, int]) -> None:
        shown = composed(foreign, crop=crop, grid=grid)[0]
        assert planes(shown)[0].shape[::-1] == size_wh
        if size_wh == (100, 60):
            assert all(np.array_equal(a, b) for a, b in zip(planes(shown), all_planes(foreign.clip.path)[0], strict=True))

    def test_a_clip_that_reaches_beyond_the_ref(self, tmp_path: Path) -> None:
        clip, ref = film(tmp_path / "c.mkv", [noise((200, 60), 1)]), film(tmp_path / "r.mkv", [noise((160, 96), 2)])
        alignment = aligned(media(clip, 1, (200, 60)), media(ref, 1), [0], shift(-20, 10))
        whole = composed(alignment, crop="union")[0]
        assert planes(whole)[0].shape == (96, 200)
        assert np.array_equal(planes(whole)[0][10:70], all_planes(clip)[0][0])
        assert (planes(whole)[0][:10, :20] == 16).all()  # neither shows anything there
        assert planes(composed(alignment, crop="both")[0])[0].shape == (60, 160)

    def test_on_the_clip_s_grid_the_ref_is_warped(self, tmp_path: Path) -> None:
        """The clip is twice as large as it appears in the ref: its own pixels stay, the ref's are made larger round it."""
        clip, ref = film(tmp_path / "c.mkv", [noise((80, 48), 1)]), film(tmp_path / "r.mkv", [np.full((96, 160, 3), 120, np.uint8)])
        matrix = np.array([[0.5, 0, 40.25], [0, 0.5, 30.25], [0, 0, 1.0]])
        shown = composed(aligned(media(clip, 1, (80, 48)), media(ref, 1), [0], as_tuple(matrix)), grid="clip", crop="union")[0]
        y = planes(shown)[0]
        assert y.shape == (194, 322)  # twice the ref's 160 x 96, and a pixel on each side, since its edge lies between two chroma samples
        assert np.array_equal(y[62:110, 82:162], all_planes(clip)[0][0])
        assert (y[0] == 16).all() and (y[2:60, 2:-2] == y[30, 30]).all()

    def test_a_dense_flow_has_no_clip_grid(self, foreign: Alignment) -> None:
        with pytest.raises(UsageError, match="ref's grid"):
            composed(foreign, warp="flow", grid="clip")

    def test_deeper_than_the_one_on_top(self, tmp_path: Path) -> None:
        """8 bits over 10: ten bits come out, and the upper picture's codes are four times what they were."""
        clip = film(tmp_path / "c.mkv", [noise((64, 48), 1)])
        ref = film(tmp_path / "r.mkv", [noise((160, 96), 2)], pix_fmt="yuv420p10le")
        shown = composed(aligned(media(clip, 1, (64, 48)), media(ref, 1), [0], shift(10, 8)))[0]
        y = planes(shown)[0]
        assert y.dtype == np.uint16 and np.array_equal(y[8:56, 10:74], all_planes(clip)[0][0].astype(np.uint16) << 2)
        assert np.array_equal(y[:8], all_planes(ref)[0][0][:8])


class TestMix:
    def test_the_feather_is_a_straight_ramp_inside_the_edge(self) -> None:
        covered = np.zeros((40, 60), np.float32)
        covered[10:, 20:] = 1
        share = feathered(covered, 8)
        assert share[35, 20:30] == pytest.approx([(k + 0.5) / 8 for k in range(8)] + [1, 1])
        assert share[10:20, 50] == pytest.approx([(k + 0.5) / 8 for k in range(8)] + [1, 1])
        assert (share[:, :20] == 0).all() and share[39, 59] == 1  # the border of the frame is no edge

    def test_the_feather_mixes_samples(self, tmp_path: Path) -> None:
        clip = film(tmp_path / "c.mkv", [np.full((60, 100, 3), 220, np.uint8)], pix_fmt="gray")
        ref = film(tmp_path / "r.mkv", [np.full((96, 160, 3), 30, np.uint8)], pix_fmt="gray")
        y = planes(composed(aligned(media(clip, 1, (100, 60)), media(ref, 1), [0], shift(30, 18)), feather=10.0)[0])[0].astype(float)
        low, high = y[0, 0], y[48, 80]
        assert np.abs(y[48, 30:40] - [low + (high - low) * (k + 0.5) / 10 for k in range(10)]).max() <= 0.5
        assert (y[48, :30] == low).all() and (y[48, 40:120] == high).all()

    def test_opacity(self, foreign: Alignment) -> None:
        half, clip, ref = composed(foreign, opacity=0.5)[1], all_planes(foreign.clip.path)[1], all_planes(foreign.ref.path)[3]
        x, y, w, h = CROP
        mean = (clip[0].astype(float) + ref[0][y : y + h, x : x + w]) / 2
        assert np.abs(planes(half)[0][y : y + h, x : x + w] - mean).max() <= 0.5

    @pytest.mark.parametrize("mode", BLENDS)
    def test_blend_modes(self, mode: str) -> None:
        """Over an opaque ground a see-through colour gives (1 - a) base + a B(base, colour)."""
        below = np.dstack([np.full((1, 1, 3), (0.2, 0.5, 0.9), np.float32), np.ones((1, 1), np.float32)])
        colour = np.array([0.6, 0.3, 0.8], np.float32)
        above = np.dstack([colour[None, None] * 0.5, np.full((1, 1), 0.5, np.float32)]).astype(np.float32)
        expected = {
            "normal": colour, "multiply": (0.12, 0.15, 0.72), "screen": (0.68, 0.65, 0.98), "add": (0.8, 0.8, 1.7),
            "subtract": (-0.4, 0.2, 0.1), "difference": (0.4, 0.2, 0.1), "darken": (0.2, 0.3, 0.8), "lighten": (0.6, 0.5, 0.9),
            "overlay": (0.24, 0.3, 0.96),
        }[mode]
        mixed = light_over(above, below, np.ones((1, 1), np.float32), mode)
        assert mixed[0, 0] == pytest.approx([*(0.5 * below[0, 0, :3] + 0.5 * np.array(expected)), 1], abs=1e-6)
        assert mode in MODES

    def test_a_blend_reaches_the_pictures(self, tmp_path: Path) -> None:
        clip = film(tmp_path / "c.mkv", [np.full((96, 160, 3), 128, np.uint8)], pix_fmt="bgra")
        ref = film(tmp_path / "r.mkv", [np.full((96, 160, 3), 200, np.uint8)], pix_fmt="bgra")
        shown = composed(aligned(media(clip, 1), media(ref, 1), [0]), blend="multiply")[0]
        assert rgb(shown)[50, 50] == pytest.approx([round(128 * 200 / 255)] * 3, abs=1)


class TestViews:
    def test_wipe(self, foreign: Alignment) -> None:
        shown = composed(foreign, view="wipe", crop="clip", wipe=0.4)[0]
        clip, ref = all_planes(foreign.clip.path)[0], all_planes(foreign.ref.path)[2]
        x, y, w, h = CROP
        assert np.array_equal(planes(shown)[0][:, :40], clip[0][:, :40])
        assert np.array_equal(planes(shown)[0][:, 40:], ref[0][y : y + h, x : x + w][:, 40:])

    @pytest.mark.parametrize(("at", "angle", "share"), [(0.25, 0, 0.25), (0.5, 37, 0.5), (1.0, 20, 1.0), (0.0, 20, 0.0), (0.75, 90, 0.75)])
    def test_a_wipe_s_edge(self, at: float, angle: float, share: float) -> None:
        assert wiped((64, 48), at, angle).mean() == pytest.approx(share, abs=0.01)

    def test_checker(self) -> None:
        squares = checkered((64, 48), 4)
        assert squares[0, 0] == 1 and squares[0, 16] == 0 and squares[16, 16] == 1 and squares.mean() == 0.5

    def test_difference_of_a_crop_and_its_ref_is_black(self, cropped: Alignment) -> None:
        """But for its outermost pixels: colour at half the size is made larger there without the neighbours that the ref has."""
        x, y, w, h = CROP
        image = rgb(composed(cropped, view="difference", keep="ref")[3])
        assert not image[y + 4 : y + h - 4, x + 4 : x + w - 4].any() and not image[:y].any()

    def test_difference_shows_what_differs(self, tmp_path: Path) -> None:
        clip = film(tmp_path / "c.mkv", [np.full((96, 160, 3), 100, np.uint8)], pix_fmt="bgra")
        ref = film(tmp_path / "r.mkv", [np.full((96, 160, 3), 110, np.uint8)], pix_fmt="bgra")
        assert (rgb(composed(aligned(media(clip, 1), media(ref, 1), [0]), view="difference", gain=3.0)[0]) == 30).all()

    @pytest.mark.parametrize("width", [160, 161])
    def test_side_by_side(self, tmp_path: Path, width: int) -> None:
        clip, ref = film(tmp_path / "c.mkv", charts([5], (width, 96))), film(tmp_path / "r.mkv", charts([9], (width, 96)))
        alignment = aligned(media(clip, 1, (width, 96)), media(ref, 1, (width, 96)), [0])
        with Composite(alignment, CompositeSettings(view="side-by-side")) as session:
            assert session.info.width == 2 * width
        image = rgb(composed(alignment, view="side-by-side")[0])
        assert image.shape == (96, 2 * width, 3)
        assert (number_on(image[:, :width]), number_on(image[:, width:])) == (5, 9)

    def test_debug(self, foreign: Alignment) -> None:
        assert (rgb(composed(foreign, debug=True)[0])[:20] != rgb(composed(foreign)[0])[:20]).any()
