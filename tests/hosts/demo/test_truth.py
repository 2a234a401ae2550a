"""The truth of made pairs, read off the pictures: numbers in bars for time, centres of dots for space."""

from __future__ import annotations

from fractions import Fraction

import cv2
import numpy as np
import pytest

from genlock.hosts.demo import cutting, placing
from genlock.hosts.demo.scene import Scene, Shot, reel
from genlock.hosts.demo.truth import truth_of
from genlock.hosts.demo.twin import Side, Version
from genlock.tests.footage import Chart, dot_on, number_on

EDITS = {
    "trim": (cutting.trim(7, 50),),
    "cut": (cutting.cut(11, 23),),
    "insert": (cutting.insert(13, 6),),
    "move": (cutting.move(10, 20, 31),),
    "repeat": (cutting.repeat(10, 20, 41),),
    "reverse": (cutting.reverse(10, 30),),
    "speed": (cutting.speed(Fraction(5, 4)),),
    "slow": (cutting.speed(Fraction(4, 5)),),
    "rate": (cutting.rate(Fraction(30000, 1001)),),
    "ramp": (cutting.ramp(0.8, 1.25),),
    "retag": (cutting.retag(Fraction(25)),),
    "pulldown": (cutting.pulldown(),),
    "drop": (cutting.drop_every(7),),
    "double": (cutting.double_every(5),),
    "twos": (cutting.on_every(2),),
    "variable": (cutting.variable(4),),
}


@pytest.mark.parametrize("edit", EDITS.values(), ids=EDITS.keys())
def test_the_map_names_frames_that_carry_the_same_number(edit: tuple[cutting.Cutting, ...]) -> None:
    chart = Chart()
    ref, clip = Version(chart, Side((cutting.trim(3, 57),))), Version(chart, Side(edit))
    truth = truth_of(ref, clip, chart)
    seen = [None if x.frame is None else number_on(clip.frame(n)) for n, x in enumerate(clip.strip.shown)]
    for n, told in enumerate(truth["map"]):
        want = number_on(ref.frame(n))
        if told is None:
            assert not {want - 1, want, want + 1} & set(seen)
        elif truth["sure"][n]:
            assert seen[told] == want
            stretches = [truth["same"][n], *truth["also"][n]]
            assert {j for first, last in stretches for j in range(first, last + 1)} == {j for j, s in enumerate(seen) if s == want}
        else:
            assert want not in seen
            assert seen[told] in (want - 1, want + 1)
    assert sum(told is not None for told in truth["map"]) > 30


def test_a_rate_change_keeps_time() -> None:
    """Frame n at 30 begins n/30 s in; its middle lies in source frame floor((n + 1/2) / 30 * 24)."""
    strip = cutting.rate(Fraction(30))(cutting.whole(48, Fraction(24)))
    assert [x.frame for x in strip.shown] == [(2 * n + 1) * 24 // 60 for n in range(60)]


def test_pulldown_is_2_3() -> None:
    strip = cutting.pulldown()(cutting.whole(8, Fraction(24000, 1001)))
    assert [x.frame for x in strip.shown] == [0, 1, 2, 3, 3, 4, 5, 6, 7, 7]
    assert strip.rate == Fraction(30000, 1001)


def test_variable_rate_keeps_time() -> None:
    """Whatever is left out, each frame still begins when it began."""
    strip = cutting.variable(4)(cutting.whole(60, Fraction(24)))
    assert strip.lengths_s is not None and sum(strip.lengths_s) == Fraction(60, 24)
    now_s = Fraction(0)
    for shown, length_s in zip(strip.shown, strip.lengths_s, strict=True):
        assert shown.frame is not None and now_s == Fraction(shown.frame, 24)
        now_s += length_s
    assert 35 < len(strip.shown) < 60


PLACES = {
    "as it is": (),
    "crop": (placing.crop(6.5, 3.25, 148, 90),),
    "scale": (placing.scale(1.5),),
    "smaller": (placing.scale(0.6),),
    "other pixels": (placing.scale(0.75, 1.25),),
    "shift": (placing.shift(2.3, -1.6),),
    "rotate": (placing.rotate(4),),
    "corners": (placing.corners((3, 2), (-2, 4), (-3, -2), (2, -3)),),
    "pad": (placing.pad(10, 20, 10, 20),),
    "mirror": (placing.mirror(),),
    "reframe": (placing.reframe(150, 90, 2),),
    "pan and scan": (placing.pan_and_scan(150, 90, 2),),
    "two": (placing.rotate(-3), placing.scale(0.8), placing.mirror()),
}


@pytest.mark.parametrize("place", PLACES.values(), ids=PLACES.keys())
def test_the_matrix_takes_the_dots_of_the_clip_to_those_of_the_ref(place: tuple[placing.Placing, ...]) -> None:
    """Within 0.15 px: a dot's centre of gravity on 8-bit pixels, through a cubic filter, is no better."""
    chart = Chart()
    ref, clip = Version(chart, Side(space=(placing.scale(1.25), placing.crop(3, 2, 190, 110)))), Version(chart, Side(space=place))
    truth = truth_of(ref, clip, chart)
    for frame in (0, 17, 44):
        matrix = np.array(truth["matrices"][frame] if "matrices" in truth else truth["matrix"])
        source_to_clip, source_to_ref = clip.matrix(frame), ref.matrix(frame)
        assert source_to_clip is not None and source_to_ref is not None
        for dot in chart.dots_xy:
            in_clip = np.array([*_dot(clip.frame(frame), source_to_clip, dot), 1.0])
            in_ref = np.array(_dot(ref.frame(frame), source_to_ref, dot))
            told = matrix @ in_clip
            scale = np.sqrt(abs(np.linalg.det(matrix[:2, :2])))
            assert np.linalg.norm(told[:2] / told[2] - in_ref) < 0.15 * max(1.0, scale)


def _dot(image: np.ndarray, source_to_here: np.ndarray, dot_xy: tuple[float, float]) -> tuple[float, float]:
    """Where a dot of the chart is seen, looking around where it should be."""
    x, y, w = source_to_here @ np.array([*dot_xy, 1.0])
    return dot_on(image, (float(x / w), float(y / w)), round(12 * np.sqrt(abs(np.linalg.det(source_to_here[:2, :2])))))


def test_a_moving_frame_has_a_matrix_for_each_ref_frame() -> None:
    chart = Chart()
    truth = truth_of(Version(chart, Side()), Version(chart, Side((cutting.cut(10, 20),), (placing.pan_and_scan(150, 90, 2),))), chart)
    assert truth["matrix"] is None
    assert [body is None for body in truth["matrices"]] == [told is None for told in truth["map"]]


def test_going_smaller_leaves_no_aliasing() -> None:
    """Stripes finer than the new pixels turn grey instead of into other stripes."""
    stripes = np.repeat(np.where(np.arange(320) % 4 < 2, 30, 220).astype(np.uint8)[None, :, None], 160, axis=0).repeat(3, axis=2)
    matrix, size = placing.composed((placing.scale(0.3),), (320, 160), placing.Moment(0, 0.0))
    middle = placing.draw(stripes, matrix, size)[10:-10, 10:-10]
    assert np.ptp(middle) < 12
    assert abs(float(middle.mean()) - 125) < 2


def test_stills_cannot_be_told_apart_and_moving_frames_can() -> None:
    scene = reel(8, (12, 10, 12), ("moving", "still"), size_wh=(160, 96))
    truth = truth_of(Version(scene, Side()), Version(scene, Side()), scene)
    assert truth["same"][15] == [12, 21]
    assert all(truth["same"][n] == [n, n] for n in range(12))


def test_of_two_strangers_nothing_is_the_same() -> None:
    scene = reel(8, (12,), size_wh=(160, 96))
    truth = truth_of(Version(scene, Side()), Version(reel(9, (12,), size_wh=(160, 96)), Side()), None)
    assert truth["map"] == [None] * 12 and truth["matrix"] is None and not truth["related"]


def test_a_scene_is_the_same_whenever_it_is_asked() -> None:
    a, b = (Scene((Shot(9, 4), Shot(9, 5, "locked")), (160, 96)) for _ in range(2))
    b.frame(17), b.frame(2)
    assert all(np.array_equal(a.frame(n), b.frame(n)) for n in (0, 8, 9, 17))
    assert not np.array_equal(a.frame(3), a.frame(4))


def test_a_sprite_lies_where_the_scene_says() -> None:
    """The foremost sprite has a plain disc in its middle: its centre of gravity is the sprite's place."""
    scene = reel(31, (40,), size_wh=(320, 180), grain=0.0)
    for frame in (0, 13, 26):
        x, y = scene.sprites(frame)[-1]
        image = scene.clean(frame).astype(np.int32)
        if not (20 < x < 300 and 20 < y < 160):
            continue
        colour = image[round(y), round(x)]
        y0, x0 = round(y) - 9, round(x) - 9
        alike = np.abs(image[y0 : y0 + 19, x0 : x0 + 19] - colour).sum(axis=2) < 30
        down, across = np.nonzero(alike)
        assert abs(across.mean() + x0 - x) < 0.6 and abs(down.mean() + y0 - y) < 0.6


def test_the_world_lies_where_the_camera_says() -> None:
    """Frames taken far apart show the world's pixels that frame_to_world names, wherever no sprite hides them."""
    scene = reel(33, (90,), size_wh=(320, 180), grain=0.0)
    world = scene._stage(scene.shots[0]).world
    for frame in (0, 45, 89):
        light = 1 + 0.06 * np.sin(0.02 * frame + scene.shots[0].seed)
        image, matrix = scene.clean(frame), scene.frame_to_world(frame)
        alike = []
        for x, y in ((x, y) for x in range(20, 310, 24) for y in range(20, 170, 24)):
            u, v, _ = matrix @ np.array([x, y, 1.0])
            there = cv2.getRectSubPix(world, (1, 1), (float(u), float(v)))[0, 0].astype(float) * light
            alike.append(bool(np.abs(np.minimum(there, 255) - image[y, x]).max() <= 6))
        assert np.mean(alike) > 0.6


def test_frames_outside_a_scene_are_refused() -> None:
    with pytest.raises(IndexError, match="frame 12 of a scene of 12"):
        reel(8, (12,), size_wh=(160, 96)).frame(12)
