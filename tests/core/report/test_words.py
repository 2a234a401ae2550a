"""The sentences, against what a person would say of alignments made by hand."""

from __future__ import annotations

import math
from fractions import Fraction

import pytest

from genlock.core.alignment import Alignment, Key, Matrix, Piece, Run, Verdict
from genlock.core.report.place import placed
from genlock.core.report.speed import run_speed, speed_words
from genlock.core.report.words import lines, place_words, summary, transform_words
from genlock.tests.core.report.made import aligned, crop, found, media, missing


class TestSummary:
    def test_a_re_edit(self) -> None:
        runs = (missing(0, 19), found(19, 102, 0), missing(121, 78), found(199, 181, 102), found(380, 196, 325), missing(576, 24))
        a = aligned(media("clip.mov", 530), media(frames=600), *runs)
        assert summary(a) == "The clip shows 479 of the ref's 600 frames, at original speed, in three runs; 121 frames are not in it."

    def test_all_of_it(self) -> None:
        a = aligned(media(), media(), found(0, 100, 0))
        assert summary(a) == "The clip shows all 100 frames of the ref, at original speed, in one run."

    def test_a_refusal(self) -> None:
        a = aligned(media(), media(frames=250), missing(0, 250))
        assert summary(a) == "The clip and the ref do not show the same footage: none of the ref's 250 frames was found in the clip."

    def test_one_frame(self) -> None:
        a = aligned(media(frames=1), media(frames=1), found(0, 1, 0))
        assert summary(a) == "The clip's picture is found in the ref's."
        a = aligned(media(frames=1), media(frames=1), missing(0, 1))
        assert summary(a) == "The clip and the ref do not show the same footage: the ref's one frame was not found in the clip."

    def test_one_frame_missing(self) -> None:
        assert summary(aligned(media(), media(), missing(0, 1), found(1, 99, 1))).endswith("; 1 frame is not in it.")

    def test_another_order(self) -> None:
        a = aligned(media(), media(), found(0, 50, 50), found(50, 50, 0))
        assert "in two runs, in another order." in summary(a)

    def test_alike(self) -> None:
        a = aligned(media(), media(), found(0, 80, 0), found(80, 20, 80, verdict=Verdict.AMBIGUOUS))
        assert summary(a).endswith("; 20 cannot be told from other frames that look the same.")

    def test_speeds(self) -> None:
        a = aligned(media(), media(), found(0, 50, 0, Fraction(3, 4)), found(50, 50, 40, Fraction(13, 10)))
        assert "at speeds from 75 % to 130 %" in summary(a)
        a = aligned(media(), media(), found(0, 50, 0, Fraction(0)), found(50, 50, 40))
        assert "at original speed, with held frames" in summary(a)


@pytest.mark.parametrize(
    ("speed", "words"),
    [
        (Fraction(1), "original speed"),
        (Fraction(0), "held"),
        (Fraction(-1), "backwards"),
        (Fraction(-1, 2), "backwards at 50 %"),
        (Fraction(25, 24), "104.17 % (PAL 25/24)"),
        (Fraction(24, 25), "96 % (PAL 24/25)"),
        (Fraction(1001, 1000), "100.1 % (NTSC 1001/1000)"),
        (Fraction(960, 1001), "95.9 % (PAL, 25 played at 23.976)"),
        (Fraction(3, 4), "75 %"),
    ],
)
def test_speed(speed: Fraction, words: str) -> None:
    assert speed_words(speed, aligned(media(), media(), found(0, 100, 0))) == words


def test_frame_for_frame() -> None:
    a = aligned(media(rate=Fraction(30)), media(rate=Fraction(24)), found(0, 100, 0))
    assert speed_words(Fraction(24, 30), a) == "80 % (frame for frame, 30 played at 24)"


def test_jumps_are_counted() -> None:
    pieces = (Piece(0, 10, Fraction(0), Fraction(1)), Piece(10, 10, Fraction(11, 25), Fraction(1)), Piece(20, 10, Fraction(21, 25), Fraction(1)))
    run = Run(0, 30, Verdict.EXACT, pieces)
    assert run_speed(run, aligned(media(), media(frames=30), run)) == "original speed, 1 jump"


def turned(degrees: float, scale: float, clip_wh: tuple[int, int], ref_wh: tuple[int, int]) -> Matrix:
    """About the clip's middle, which lands on the ref's."""
    c, s = scale * math.cos(math.radians(degrees)), scale * math.sin(math.radians(degrees))
    (u, v), (x, y) = (((n - 1) / 2 for n in clip_wh), ((n - 1) / 2 for n in ref_wh))
    return (c, -s, x - c * u + s * v, s, c, y - s * u - c * v, 0.0, 0.0, 1.0)


class TestPlace:
    clip, ref = media("clip.mov", size_wh=(640, 360)), media(size_wh=(1280, 720))

    def words(self, matrix: Matrix) -> str:
        return place_words(matrix, self.clip, self.ref)

    def test_a_crop(self) -> None:
        assert self.words(crop(211, 97)) == "moved 211.0 px right and 97.0 px down"

    def test_a_scaled_crop(self) -> None:
        assert self.words(crop(211, 97, 0.625)) == "scaled to 62.5 %, moved 211.0 px right and 97.0 px down"

    def test_filling(self) -> None:
        assert self.words(crop(0, 0, 2.0)) == "scaled to 200 % to fill the ref's frame"

    def test_as_it_is(self) -> None:
        assert place_words(crop(0, 0), self.ref, self.ref) == "as it is"

    def test_other_pixels(self) -> None:
        matrix = (16 / 9, 0.0, (16 / 9 - 1) / 2, 0.0, 1.25, 0.125, 0.0, 0.0, 1.0)
        words = place_words(matrix, media(size_wh=(720, 576)), self.ref)
        assert words == "scaled to 177.78 % of its width and 125 % of its height to fill the ref's frame"

    def test_mirrored(self) -> None:
        assert self.words((-1.0, 0.0, 639.0, 0.0, 1.0, 0.0, 0.0, 0.0, 1.0)) == "mirrored left to right"
        assert self.words((1.0, 0.0, 0.0, 0.0, -1.0, 359.0, 0.0, 0.0, 1.0)) == "flipped top to bottom"

    @pytest.mark.parametrize(("degrees", "way"), [(2.5, "clockwise"), (-2.5, "anticlockwise")])
    def test_turned(self, degrees: float, way: str) -> None:
        assert self.words(turned(degrees, 1.5, (640, 360), (1280, 720))) == f"scaled to 150 %, rotated 2.5° {way}"

    def test_clockwise_is_clockwise(self) -> None:
        """A point right of the middle goes down: y runs down."""
        place = placed(turned(10, 1, (640, 360), (1280, 720)), self.clip, self.ref)
        assert place is not None
        (_, top_left), (_, top_right), *_ = place.corners
        assert top_right > top_left
        assert place.turn_deg == pytest.approx(10)

    def test_perspective(self) -> None:
        words = self.words((1.0, 0.0, 0.0, 0.0, 1.0, 0.0, 1e-4, 0.0, 1.0))
        assert "in perspective (corners off by up to" in words

    def test_what_cannot_be_drawn(self) -> None:
        assert placed((1.0, 0.0, 0.0, 0.0, 1.0, 0.0, -1 / 320, 0.0, 1.0), self.clip, self.ref) is None
        assert placed((0.0,) * 9, self.clip, self.ref) is None  # type: ignore[arg-type]
        assert placed((math.nan,) * 9, self.clip, self.ref) is None  # type: ignore[arg-type]
        assert "cannot be drawn" in self.words((0.0,) * 9)  # type: ignore[arg-type]

    def test_share_of_the_frame(self) -> None:
        quarter = placed(crop(100, 50), self.clip, self.ref)
        half_out = placed(crop(-320, 0), self.clip, self.ref)
        assert quarter is not None and half_out is not None
        assert quarter.covers == pytest.approx(0.25)
        assert half_out.covers == pytest.approx(0.125)


def test_a_moving_picture() -> None:
    run = found(0, 100, 0, transform=(Key(0, crop(10, 0)), Key(99, crop(30, 5))))
    words = transform_words(run, aligned(media(), media(), run))
    assert words == "moves: at first moved 10.0 px right; at last moved 30.0 px right and 5.0 px down"


def many_runs() -> Alignment:
    return aligned(media(frames=3000), media(frames=3000), *(found(10 * n, 10, 10 * (299 - n)) for n in range(300)))


def test_lines() -> None:
    a = aligned(media("clip.mov", timecode="10:00:00:00", start_frame=900000), media(), missing(0, 10), found(10, 90, 10, notes=("look here",)))
    said = lines(a)
    assert said[0] == summary(a)
    assert said[1] == "ref 00:00:00:00 – 00:00:00:09 (0–9): not in the clip"
    where = "ref 00:00:00:10 – 00:00:03:24 (10–99): clip 10:00:00:10 – 10:00:03:24 (10–99)"
    assert said[2].startswith(f"{where}; exact; original speed; as it is; score 0.970")
    assert said[2].endswith("look here")


def test_many_lines_are_cut() -> None:
    said = lines(many_runs())
    assert len(said) == 26
    assert said[-1] == "and 276 more runs"
