"""Where a picture lies, as the inspector's numbers and as a Fusion composition, against numbers made by hand and another reader."""

from __future__ import annotations

import math

import numpy as np
import pytest

from genlock.hosts.resolve.fusion_comp import TurnedAwayError, composition
from genlock.hosts.resolve.placing import properties
from genlock.tests.hosts.resolve.comp_eval import parse, point

HD = (1920, 1080)
PLAIN = {"Scaling": 2, "ZoomGang": True, "ZoomX": 1, "ZoomY": 1, "Pan": 0, "Tilt": 0, "RotationAngle": 0, "FlipX": False, "FlipY": False}


def turned(degrees: float, scale: float = 1.0, about: tuple[float, float] = (0, 0), to: tuple[float, float] | None = None) -> list[float]:
    """clip_to_ref of a turn clockwise on the screen (y down) about a point, that then lies at another."""
    c, s = scale * math.cos(math.radians(degrees)), scale * math.sin(math.radians(degrees))
    x, y = about
    to = about if to is None else to
    return [c, -s, to[0] - c * x + s * y, s, c, to[1] - s * x - c * y, 0, 0, 1]


class TestByHand:
    @pytest.mark.parametrize(
        ("matrix", "clip", "ref", "timeline", "wanted"),
        [
            # the clip as it is
            ([1, 0, 0, 0, 1, 0, 0, 0, 1], HD, HD, HD, {}),
            # 12 px right and 5 px down in the ref
            ([1, 0, 12, 0, 1, 5, 0, 0, 1], HD, HD, HD, {"Pan": 12, "Tilt": -5}),
            # the same in a timeline of twice the size
            ([1, 0, 12, 0, 1, 5, 0, 0, 1], HD, HD, (3840, 2160), {"Pan": 24, "Tilt": -10}),
            # a proxy of half the size that fills the ref: pixel centre (0, 0) lies at (0.5, 0.5). It fits by itself
            ([2, 0, 0.5, 0, 2, 0.5, 0, 0, 1], (960, 540), HD, HD, {}),
            # the same proxy pixel for pixel in the upper left corner: half the zoom, and its middle a quarter of the frame off
            ([1, 0, 0, 0, 1, 0, 0, 0, 1], (960, 540), HD, HD, {"ZoomX": 0.5, "ZoomY": 0.5, "Pan": -480, "Tilt": 270}),
            # a 4:3 clip inside a 16:9 ref, filling its height; both fit by height
            ([1, 0, 240, 0, 1, 0, 0, 0, 1], (1440, 1080), HD, HD, {}),
            # a letterboxed scan, 1920x800 in the middle of 1920x1080: fits by width as it is
            ([1, 0, 0, 0, 1, 140, 0, 0, 1], (1920, 800), HD, HD, {}),
            # stretched by width alone
            ([1.25, 0, -239.875, 0, 1, 0, 0, 0, 1], HD, HD, HD, {"ZoomX": 1.25, "ZoomGang": False}),
            # a mirror: pixel 0 lies at pixel 1919
            ([-1, 0, 1919, 0, 1, 0, 0, 0, 1], HD, HD, HD, {"FlipX": True}),
            ([1, 0, 0, 0, -1, 1079, 0, 0, 1], HD, HD, HD, {"FlipY": True}),
            # a quarter turn clockwise on the screen: -90 counter-clockwise; a square clip in a wide ref
            (turned(90, about=(499.5, 499.5), to=(959.5, 539.5)), (1000, 1000), HD, HD, {"RotationAngle": -90, "ZoomX": 1 / 1.08, "ZoomY": 1 / 1.08}),
            # a numerically scaled matrix is the same one
            ([2, 0, 24, 0, 2, 10, 0, 0, 2], HD, HD, HD, {"Pan": 12, "Tilt": -5}),
        ],
    )
    def test_numbers(self, matrix, clip, ref, timeline, wanted):
        found = properties(matrix, clip, ref, timeline)
        assert found == pytest.approx({**PLAIN, **wanted}, abs=1e-9)

    def test_pixels_that_are_not_square(self):
        """A PAL DVD, 720x576 of 16:15, whose picture fills a 1440x1080 ref of square pixels: both fit by height."""
        x, y = 2.0, 1.875
        found = properties([x, 0, x / 2 - 0.5, 0, y, y / 2 - 0.5, 0, 0, 1], (720, 576), (1440, 1080), HD, clip_aspect=16 / 15)
        assert found == pytest.approx(PLAIN, abs=1e-9)

    @pytest.mark.parametrize(
        "matrix",
        [[1, 0.2, 0, 0, 1, 0, 0, 0, 1], [1, 0, 0, 0, 1, 0, 1e-5, 0, 1], [1, 0, 9000, 0, 1, 0, 0, 0, 1], [200, 0, 0, 0, 200, 0, 0, 0, 1], [0] * 9],
        ids=["shear", "perspective", "out of the frame's reach", "too large", "nothing"],
    )
    def test_what_the_inspector_cannot_say(self, matrix):
        assert properties(matrix, HD, HD, HD) is None


@pytest.mark.parametrize(("lean", "told"), [(2e-5, True), (2e-4, False)])
def test_a_shear_too_slight_to_be_seen_is_no_reason_for_a_composition(lean, told):
    """HD: 2e-5 of half the height is 0.01 px at the corners, 2e-4 is 0.1 px."""
    found = properties([1, lean, 3, 0, 1, 4, 0, 0, 1], HD, HD, HD)
    assert (found is not None) is told
    if found:
        for xy in ((0, 0), (1919, 0), (0, 1079), (1919, 1079)):
            assert math.dist(drawn(found, xy, HD, HD), through([1, lean, 3, 0, 1, 4, 0, 0, 1], xy)) < 0.05


def drawn(found: dict, xy, clip_wh, timeline_wh) -> tuple[float, float]:
    """Where the rules in placing.py draw a clip pixel in the timeline: a picture of squares, pixel centres on integers, y down."""
    s = min(timeline_wh[0] / clip_wh[0], timeline_wh[1] / clip_wh[1])
    u = np.array([xy[0] + 0.5 - clip_wh[0] / 2, clip_wh[1] / 2 - xy[1] - 0.5]) * s
    u *= [-1 if found["FlipX"] else 1, -1 if found["FlipY"] else 1]
    u *= [found["ZoomX"], found["ZoomY"]]
    turn = np.radians(found["RotationAngle"])
    u = np.array([[np.cos(turn), -np.sin(turn)], [np.sin(turn), np.cos(turn)]]) @ u
    u += [found["Pan"], found["Tilt"]]
    return u[0] + timeline_wh[0] / 2 - 0.5, timeline_wh[1] / 2 - u[1] - 0.5


def through(matrix, xy) -> tuple[float, float]:
    x, y, w = np.array(matrix, float).reshape(3, 3) @ [*xy, 1]
    return x / w, y / w


@pytest.mark.parametrize("seed", range(20))
def test_every_pixel_lies_where_the_ref_has_it(seed):
    """The ref, scaled to fit, and the clip by its numbers: the same point of the timeline, at every corner."""
    rng = np.random.default_rng(seed)
    clip, ref, timeline = (tuple(int(n) for n in rng.integers(200, 2000, 2)) for _ in range(3))
    matrix = turned(rng.uniform(-180, 180), rng.uniform(0.3, 2), to=tuple(rng.uniform(-100, 100, 2)))
    if seed % 2:
        matrix = (np.array(matrix).reshape(3, 3) @ np.diag([-1, 1, 1])).ravel().tolist()
    found = properties(matrix, clip, ref, timeline)
    s = min(timeline[0] / ref[0], timeline[1] / ref[1])
    for xy in ((0, 0), (clip[0] - 1, 0), (3, clip[1] - 1)):
        rx, ry = through(matrix, xy)
        wanted = ((rx + 0.5 - ref[0] / 2) * s + timeline[0] / 2 - 0.5, (ry + 0.5 - ref[1] / 2) * s + timeline[1] / 2 - 0.5)
        assert drawn(found, xy, clip, timeline) == pytest.approx(wanted, abs=1e-6)


LEAN = (1.02, 0.03, -7, 0.01, 0.97, 4, 2e-5, -1e-5, 1)


class TestComposition:
    """Played by comp_eval.py, within a thousandth of a pixel."""

    def error_px(self, text, keys, clip, ref, first, frames) -> float:
        worst = 0.0
        for frame in frames:
            matrix = _between(keys, frame)
            for xy in ((0, 0), (clip[0] - 1, 5), (clip[0] / 3, clip[1] - 1)):
                got = point(text, xy, clip, ref, frame - first)
                worst = max(worst, math.dist(got, through(matrix, xy)))
        return worst

    @pytest.mark.parametrize(
        ("keys", "clip", "ref"),
        [
            ([(10, LEAN)], (641, 359), (1280, 720)),
            ([(10, LEAN), (40, [1, 0, 0, 0, 1, 0, 0, 0, 1])], (640, 360), (640, 360)),
            ([(12, [1, 0, 3, 0, 1, 4, 0, 0, 1]), (30, [1.5, 0, -9, 0, 1.2, 4, 0, 0, 1])], (320, 240), (640, 360)),
            ([(12, turned(0)), (22, turned(15, 1.1)), (60, turned(50, 0.9, to=(9.0, -3.0)))], (640, 360), (640, 360)),
            ([(12, turned(170, about=(320.0, 180.0))), (13, turned(190, about=(320.0, 180.0)))], (640, 360), (640, 360)),
        ],
        ids=["perspective that stands", "perspective that moves", "scaled and moved", "a similarity that turns", "across 180 degrees"],
    )
    def test_every_frame_lies_right(self, keys, clip, ref):
        first, count = 10, 51
        text = composition(keys, clip, ref, first, count)
        assert self.error_px(text, keys, clip, ref, first, range(first, first + count)) < 1e-3

    def test_a_similarity_stays_a_transform_that_a_person_can_edit(self):
        tools = parse(composition([(0, turned(0)), (5, turned(5))], HD, HD, 0, 10))["Tools"]
        assert "Transform1" in tools and "Corners1" not in tools

    def test_the_end_of_the_chain_descends_from_the_beginning(self):
        """What does not is not rendered."""
        for clip in (HD, (960, 540)):
            tools = parse(composition([(0, LEAN)], clip, HD, 0, 10))["Tools"]
            name, seen = "MediaOut1", []
            while tools[name][0] != "MediaIn":
                seen.append(name)
                name = tools[name][1]["Inputs"]["Input"][1]["SourceOp"]
            assert name == "MediaIn1" and len(seen) == (2 if clip == HD else 3)

    def test_a_picture_turned_away_is_refused(self):
        with pytest.raises(TurnedAwayError, match="bake it"):
            composition([(0, [1, 0, 0, 0, 1, 0, -0.01, 0, 1])], HD, HD, 0, 10)


def _between(keys, frame):
    at = [key for key, _ in keys]
    return [float(np.interp(frame, at, [matrix[n] for _, matrix in keys])) for n in range(9)]
