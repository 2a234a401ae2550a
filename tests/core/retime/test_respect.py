"""The intent respect, with the built-in interpolator: drawings keep their times, the camera moves evenly, what stands still stays bit-still."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest

from genlock.bench.retime_respect import held
from genlock.bench.retime_scenes import BLUE, GREEN, RED, Figure, Planes, Scene
from genlock.bench.retime_score import centre
from genlock.core.retime.between import FlowBetween
from genlock.core.retime.methods.plain import Plain
from genlock.core.retime.methods.respect import Respect
from genlock.core.retime.plan import Stretch

HALF = Fraction(1, 2)
WH = (257, 144)


def scene(hold: int, pan=(-2.0, 0.0), colour=RED, phase: int = 0, carried: bool = False, second: Figure | None = None) -> Scene:
    figures = (Figure(colour, (70, 70), (4, 0.5), hold, phase, 0.7, carried), *([second] if second else ()))
    return Scene("s", figures, pan, WH, seed=3)


def made(of: Scene, at, method=Respect, count: int = 9) -> list[np.ndarray]:
    frames = [of.frame(k) for k in range(count)]
    way = method(FlowBetween())
    out = []
    for moment in at:
        picture = way.picture(frames.__getitem__, Stretch(0, count), (), moment.__floor__(), moment % 1)
        out.append(frames[picture] if isinstance(picture, int) else picture)
    return out


PLANES = Planes("s", (Figure(RED, (90, 76), (4, 0.3), 2, size=0.7),), (-2.0, 0.0), WH, seed=6, near_xy=(-5.0, 0.0), horizon=92)


@pytest.mark.parametrize(
    "of",
    [PLANES, scene(2), scene(3, (2.5, 0.5), GREEN, 1), scene(2, (-3, 0), carried=True), scene(2, second=Figure(BLUE, (190, 70), (-3, 0), 3, 2, 0.7))],
    ids=["planes", "twos", "threes", "carried", "cast"],
)
def test_figures_stay_as_they_are_drawn_before_a_camera_that_goes_on(of):
    moments = [Fraction(k, 2) for k in range(5, 13)]
    for moment, picture in zip(moments, made(of, moments), strict=True):
        truth = held(of, moment)
        for figure in of.figures:
            near = figure.place(figure.drawn_at(moment.__floor__()), of.camera(float(moment)))
            assert np.linalg.norm(centre(picture, figure, near) - centre(truth, figure, near)) < 0.15
        if moment % 1:
            assert np.abs(picture - truth).mean() * 255 < 0.25
        else:
            assert np.array_equal(picture, of.frame(int(moment)))


def test_before_a_camera_that_stands_still_nothing_is_made_at_all():
    of = scene(2, (0, 0))
    moments = [Fraction(k, 3) for k in range(24)]
    frames = [of.frame(k) for k in range(9)]
    assert all(np.array_equal(picture, frames[moment.__floor__()]) for moment, picture in zip(moments, made(of, moments), strict=True))


def test_what_is_on_ones_moves_on_as_in_plain_interpolation():
    of = scene(1)
    moments = [k + HALF for k in range(2, 6)]
    assert all(np.array_equal(a, b) for a, b in zip(made(of, moments), made(of, moments, Plain), strict=True))


def test_what_is_made_does_not_depend_on_where_the_making_begins():
    of = scene(3)
    whole = made(of, [Fraction(k, 3) for k in range(9, 18)])
    assert np.array_equal(made(of, [Fraction(14, 3)])[0], whole[5])


def test_nothing_is_looked_at_beyond_the_shot_and_its_ends_are_shown():
    asked = set()
    of = scene(2)
    frames = {k: of.frame(k) for k in range(3, 6)}

    def look(number: int) -> np.ndarray:
        asked.add(number)
        return frames[number]

    way = Respect(FlowBetween())
    got = [way.picture(look, Stretch(3, 6), (), frame, share) for frame in (3, 4, 5) for share in (Fraction(0), HALF)]
    assert (got[0], got[2], got[4], got[5]) == (3, 4, 5, 5) and asked == {3, 4, 5}
    assert Respect(FlowBetween()).picture(look, Stretch(3, 4), (), 3, HALF) == 3
