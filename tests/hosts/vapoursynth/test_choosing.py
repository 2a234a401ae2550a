"""The parts of the VapourSynth adapter that need no VapourSynth: arguments, and which frame stands where."""

from __future__ import annotations

from enum import Enum
from fractions import Fraction
from typing import Any

import pytest

from genlock.core.alignment import Alignment, Key, Media, Piece, Run, Verdict
from genlock.core.errors import UsageError
from genlock.hosts.vapoursynth.arguments import device_of, number_of, rate_of, unused
from genlock.hosts.vapoursynth.choosing import Choices, require_lengths

CLIP = Media("clip", 20, Fraction(25), 320, 180)
REF = Media("ref", 30, Fraction(25), 320, 180)
HERE = (Key(5, (1.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 1.0)),)
RUNS = (
    Run(0, 5, Verdict.UNMATCHED),
    Run(5, 20, Verdict.EXACT, (Piece(5, 20, Fraction(0), Fraction(1)),), HERE, score=0.9),
    Run(25, 5, Verdict.AMBIGUOUS, (Piece(25, 5, Fraction(19, 25), Fraction(0)),), HERE, score=0.4),
)
FOUND = Alignment(CLIP, REF, RUNS, evidence={"scores": [None] * 5 + [0.95] * 10 + [0.7] * 10 + [None] * 5})


class Precision(Enum):
    PERCENT_200 = 3
    CPU = "cpu"


class TestArguments:
    @pytest.mark.parametrize(("value", "says"), [(1, 1), (4, 4), (Precision.PERCENT_200, 3)])
    def test_precision(self, value: Any, says: int) -> None:
        assert number_of("precision", value, 1, 4) == says

    @pytest.mark.parametrize("value", [0, 5, 2.0, "2", True, None, Precision.CPU])
    def test_what_is_no_precision(self, value: Any) -> None:
        with pytest.raises(UsageError, match="precision is"):
            number_of("precision", value, 1, 4)

    @pytest.mark.parametrize(("backend", "device", "says"), [("auto", None, "auto"), (Precision.CPU, None, "cpu"), ("auto", "CUDA:1", "cuda:1")])
    def test_device(self, backend: Any, device: Any, says: str) -> None:
        assert device_of(backend, device) == says

    def test_rates(self) -> None:
        assert rate_of("clip", 24000, 1001, Fraction(25)) == Fraction(24000, 1001)
        assert rate_of("clip", None, None, Fraction(25)) == 25
        assert rate_of("clip", None, None, Fraction(0)) == 24

    @pytest.mark.parametrize(("num", "den"), [(24, None), (None, 1), (0, 1), (24, 0), (-24, 1), (23.976, 1)])
    def test_half_a_rate(self, num: Any, den: Any) -> None:
        with pytest.raises(UsageError, match="clip_num and clip_den"):
            rate_of("clip", num, den, Fraction(25))

    def test_what_is_not_needed_is_told(self) -> None:
        assert unused(tr=None, batch_size=None) == ""
        assert unused(tr=20, batch_size=None).startswith("tr is not needed")
        assert unused(tr=20, batch_size=4).startswith("tr and batch_size are not needed")


class TestChoices:
    def test_each_ref_frame(self) -> None:
        choices = Choices(FOUND)
        assert len(choices) == 30
        assert [choices.at(n).clip_frame for n in (0, 4, 5, 14, 24, 25, 29)] == [None, None, 0, 9, 19, 19, 19]
        assert [choices.at(n).verdict for n in (4, 5, 25)] == [Verdict.UNMATCHED, Verdict.EXACT, Verdict.AMBIGUOUS]
        assert [choices.at(n).run for n in (4, 5, 24, 25)] == [1, 2, 2, 3]

    def test_a_frame_has_its_own_score_or_its_runs(self) -> None:
        choices = Choices(FOUND)
        assert [choices.at(n).score for n in (0, 5, 20, 27)] == [0.0, 0.95, 0.7, 0.4]
        assert choices.at(5).difference == pytest.approx(5)

    @pytest.mark.parametrize(("thresh", "back"), [(100.0, 5), (50.0, 10), (20.0, 20), (1.0, 30)])
    def test_falling_back(self, thresh: float, back: int) -> None:
        """By default only where nothing is matched; below, wherever 100 (1 - score) is more."""
        choices = Choices(FOUND, thresh)
        assert sum(choices.at(n).falls_back for n in range(30)) == back

    def test_words(self) -> None:
        choices = Choices(FOUND, 20.0)
        assert choices.at(2).words == "ref 2: no frame of the clip\nrun 1, unmatched\nfallback"
        assert choices.at(5).words == "ref 5: clip 0\nrun 2, exact\nscore 0.950, difference 5.0"

    @pytest.mark.parametrize(("clip", "ref", "role"), [(19, 30, "clip"), (20, 31, "ref")])
    def test_an_alignment_of_other_footage(self, clip: int, ref: int, role: str) -> None:
        with pytest.raises(UsageError, match=f"the alignment is of a {role} with"):
            require_lengths(FOUND, clip, ref)
        require_lengths(FOUND, 20, 30)
