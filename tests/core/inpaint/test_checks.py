"""What is flagged, and what is not: made shots with edits that hold still on the thing, slide off it, or change colour."""

from itertools import pairwise

import cv2
import numpy as np
import pytest

from genlock.bench.inpaint_scenes import HW, KINDS, shot
from genlock.core.errors import UsageError
from genlock.core.inpaint.carry.stretches import Stretch, stretches
from genlock.core.inpaint.checks import colour_step, colour_z, excess_warp, judged, seen, thinned, to_drop
from genlock.core.inpaint.compose import mixed, share_of
from genlock.core.inpaint.crop import Crop
from genlock.core.inpaint.enhance import Match, enhanced, is_neutral, steadied
from genlock.core.inpaint.gaps import Gap, gaps_of
from genlock.core.inpaint.project.records import Group
from genlock.core.inpaint.project.tables_finish import EnhanceTable, OutputTable
from genlock.core.inpaint.upscaling import enlarged, named_layers

WHOLE = (0, 0, *HW)


def looks(made, pictures):
    out = []
    for frame, picture, mask in zip(made.frames, pictures, made.masks, strict=True):
        inside = mask.astype(np.uint8) * 255
        out.append(seen(frame, mixed(frame, picture, share_of(inside)), inside, WHOLE))
    return out


@pytest.mark.parametrize("kind", KINDS)
def test_an_edit_that_moves_with_the_thing_hardly_flickers_and_one_that_stands_does(kind):
    made = shot(kind, 3)
    with_it, standing = looks(made, made.edited), looks(made, [made.edited[0]] * 3)
    still = max(excess_warp(a, b) for a, b in pairwise(with_it))
    sliding = max(excess_warp(a, b) for a, b in pairwise(standing))
    assert still < 3 < sliding and still < sliding / 3
    assert excess_warp(thinned(standing[0], 0.5), thinned(standing[1], 0.5)) < 0.75 * sliding
    untouched = looks(made, made.frames)
    assert excess_warp(untouched[0], untouched[1]) == 0


def test_a_ground_that_comes_to_light_is_judged_by_its_own_motion():
    """The thing goes one way, what was behind it another: by the thing's motion a perfect fill would flicker."""
    made = shot("pan", 3)
    other = shot("closer", 3, seed=5)
    behind = looks(made, other.frames)
    assert excess_warp(behind[0], behind[1], own=True) < 1 < 5 < excess_warp(behind[0], behind[1])


def test_nothing_masked_is_nothing():
    made = shot("pan", 2)
    empty = [seen(frame, frame, np.zeros(HW, np.uint8), WHOLE) for frame in made.frames]
    assert excess_warp(empty[0], empty[1]) == 0 and colour_step(empty[0]).tolist() == [0, 0, 0]


def test_the_colour_that_strays_is_found_by_its_channel():
    steps = [np.array([10, 0, -3.0]) + n * 0.2 for n in range(6)] + [np.array([10, 12, -3.0])]
    z = colour_z(steps)
    assert z[-1] > 8 and max(z[:-1]) < 2
    assert colour_z(steps[:3]) == [0, 0, 0]
    assert max(colour_z([np.array([0.3 * n, 0, 0]) for n in range(5)])) < 1  # less than a level is no spread


def test_verdicts_say_why():
    fine, both = judged(4, 1.0, 2.0, 3.0, 3.5), judged(8, 3.4, 9.0, 3.0, 3.5)
    assert not fine.flagged and fine.why == ""
    assert both.flagged and "flickers: 3.4 levels" in both.why and "9.0 deviations" in both.why
    assert both.to_json() == {"keyframe": 8, "excess_warp": 3.4, "colour_z": 9.0, "flagged": True, "why": both.why}


def group(first, last, why="motion"):
    return Group(first, first, last, why, 0.0, Crop(0, 0, 8, 8, (8, 8)))


class TestStretches:
    GROUPS = (group(0, 3, "start"), group(4, 6), group(7, 9, "cut"), group(10, 11, "empty"), group(12, 15, "mask"))

    def test_neighbours_are_joined_but_not_over_cuts_and_empty_frames(self):
        actions = dict.fromkeys((0, 4, 7, 12), "pick")
        made = stretches(self.GROUPS, actions, [7])
        assert [(one.left, one.right) for one in made] == [(0, 4), (4, None), (7, None), (None, None), (12, None)]

    def test_a_dropped_group_belongs_to_the_one_before(self):
        actions = {0: "pick", 4: "drop", 7: "drop", 12: "pick"}
        assert stretches(self.GROUPS, actions, [7])[:2] == [Stretch(range(0, 7), 0), Stretch(range(7, 10), None, gap=True)]
        two = stretches((group(0, 1), group(2, 3), group(4, 5), group(6, 7)), {0: "pick", 2: "drop", 4: "drop", 6: "pick"}, [])
        assert two == [Stretch(range(0, 6), 0, 6), Stretch(range(6, 8), 6)]


def test_gaps_end_at_cuts_and_at_the_shot_s_ends():
    groups = (group(3, 5), group(6, 7), group(8, 9), group(10, 12))
    assert gaps_of(groups, {6, 8}, []) == [Gap(range(6, 10), 5, 10)]
    assert gaps_of(groups, {6, 8}, [8]) == [Gap(range(6, 8), 5, None), Gap(range(8, 10), None, 10)]
    assert [gap.closed for gap in gaps_of(groups, {3, 10}, [])] == [False, False]
    assert gaps_of(groups, set(), []) == []


class TestEnhanced:
    VIEW = np.random.default_rng(1).random((6, 7, 3)).astype(np.float32)

    def test_neutral_is_nothing(self):
        assert is_neutral(EnhanceTable()) and is_neutral(EnhanceTable(overlay_original=0.5))
        np.testing.assert_array_equal(enhanced(self.VIEW, EnhanceTable()), self.VIEW)

    def test_each_does_what_its_number_says(self):
        grey = np.full((1, 1, 3), 0.25, np.float32)
        assert enhanced(grey, EnhanceTable(exposure=2.2))[0, 0, 0] == pytest.approx(0.5)
        assert enhanced(grey, EnhanceTable(gamma=2.0))[0, 0, 0] == pytest.approx(0.5)
        assert enhanced(grey, EnhanceTable(black=0.125, white=0.625))[0, 0, 0] == pytest.approx(0.25)
        assert enhanced(self.VIEW, EnhanceTable(saturation=0.0)).std(axis=2).max() < 1e-6

    def test_a_match_brings_mean_and_spread(self):
        inside = np.ones((6, 7), bool)
        target = self.VIEW * 0.5 + 0.2
        match = Match.of(target, self.VIEW, inside)
        np.testing.assert_allclose(enhanced(self.VIEW, EnhanceTable(match=1.0), match), target, atol=1e-5)
        assert Match.of(target, self.VIEW, ~inside) is None

    def test_matches_are_smoothed_over_time_but_not_over_cuts(self):
        flat = [np.full(3, value) for value in (0.1, 0.1, 0.5, 0.1)]
        found = {n: Match(mean, mean, mean, mean) for n, mean in enumerate([*flat, np.full(3, 0.9)])}
        out = steadied(found, [4])
        assert 0.1 < out[1].mean[0] < 0.3 and out[4].mean[0] == pytest.approx(0.9)

    def test_white_below_black_is_refused(self):
        with pytest.raises(UsageError, match="white"):
            EnhanceTable(black=0.5, white=0.4)


class TestEnlarged:
    def test_lanczos_keeps_a_ramp_in_place(self):
        ramp = np.repeat(np.linspace(0, 1, 16, dtype=np.float32)[None, :, None], 3, axis=2).repeat(4, axis=0)
        large = enlarged(ramp, 2)
        assert large.shape == (8, 32, 3)
        np.testing.assert_allclose(cv2.resize(large, (16, 4), interpolation=cv2.INTER_AREA)[:, 2:-2], ramp[:, 2:-2], atol=4e-3)

    def test_layers_lie_over_each_other_by_their_opacity(self):
        class White:
            name = "white"

            def enlarged(self, picture):
                return np.ones((picture.shape[0] * 4, picture.shape[1] * 4, 3), np.float32)

        black = np.zeros((3, 5, 3), np.float32)
        assert enlarged(black, 2, [(White(), 0.5), (White(), 0.5)]).ravel().tolist() == pytest.approx([0.75] * 180)

    @pytest.mark.parametrize(
        ("said", "meant"), [("a.onnx", ("a.onnx", 1.0)), ("a.onnx:0.4", ("a.onnx", 0.4)), ("C:/m/a.onnx", ("C:/m/a.onnx", 1.0))]
    )
    def test_files_and_opacities(self, said, meant):
        assert named_layers([said]) == [meant]

    def test_an_opacity_beyond_one_is_refused(self):
        with pytest.raises(UsageError, match="opacity"):
            named_layers(["a.onnx:1.5"])


@pytest.mark.parametrize("name", ["../film.mkv", "/tmp/film.mkv", "a//b.mkv", "C:film.mkv", "..\\film.mkv", "a/../../b.mkv", "grid.mp4"])
def test_a_film_stays_in_the_project(name):
    with pytest.raises(UsageError, match=r"out/|beside"):
        OutputTable(name=name)


def test_a_film_may_stand_in_a_folder_of_its_own():
    assert OutputTable(name="v2/film.%04d.exr").name == "v2/film.%04d.exr"


def test_neighbours_of_a_stray_are_not_dropped_with_it():
    made = [judged(n, warp, z, 3.0, 3.5) for n, (warp, z) in enumerate([(1, 0), (14, 0), (15, 60), (14, 1), (2, 0), (9, 0)])]
    assert [verdict.flagged for verdict in made] == [False, True, True, True, False, True]
    assert to_drop(made, 3.5) == {2, 5}
