"""Which moments are kept, and that it is the same whether a file is read or was analysed."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from genlock.core.archive.prints import Prints, moments_of
from genlock.core.archive.take import due, take, take_analysed
from genlock.core.errors import FormatError
from genlock.core.media.cache import Cache
from genlock.core.media.footage import open_footage
from genlock.core.progress import Progress
from genlock.core.sync.analysis import analyse
from genlock.tests.core.archive.footage import shots, write


def numbers(pts: list[int], base: Fraction, rate: Fraction) -> list[int]:
    return [number for number, _ in due([(n, lambda: np.zeros((2, 2), np.uint8)) for n in pts], base, rate)]


class TestDue:
    def test_the_frames_on_screen_at_every_half_second(self) -> None:
        assert numbers(list(range(60)), Fraction(1, 24), Fraction(24)) == [0, 12, 24, 36, 48]
        assert numbers(list(range(26)), Fraction(1, 25), Fraction(25)) == [0, 12, 25]
        assert numbers(list(range(3)), Fraction(1, 24), Fraction(24)) == [0]

    def test_at_23_976_they_slip_by_a_frame(self) -> None:
        rate = Fraction(24000, 1001)
        wanted = [int(Fraction(k, 2) * rate) for k in range(100) if Fraction(k, 2) * rate < 1100]
        assert numbers(list(range(1100)), 1 / rate, rate) == wanted

    def test_a_held_frame_is_kept_once_and_no_frame_is_made_up(self) -> None:
        assert numbers([0, 10, 10_000_000_000, 10_000_000_001], Fraction(1, 10), Fraction(10)) == [0, 1, 2]
        assert numbers([500, 501, 502], Fraction(1), Fraction(1)) == [0, 1, 2]

    def test_one_frame_and_none(self) -> None:
        assert numbers([77], Fraction(1, 25), Fraction(25)) == [0]
        assert numbers([], Fraction(1, 25), Fraction(25)) == []


class TestTake:
    def test_read_and_analysed_give_the_same(self, tmp_path: Path) -> None:
        write(tmp_path / "a.mp4", shots(1, (31, 20)), Fraction(24000, 1001))
        with open_footage(tmp_path / "a.mp4") as footage:
            read = take(footage)
            duration = footage.media().duration_s
        cache = Cache(tmp_path / "cache")
        with open_footage(tmp_path / "a.mp4") as footage:
            analysis = analyse(footage, cache, "key", Progress())
            again = take_analysed(analysis)
            analysis.close()
        assert list(read.frames) == [0, 11, 23, 35, 47]
        assert list(read.at_ms) == [round(n * 1001 / 24) for n in read.frames] and duration == Fraction(51 * 1001, 24000)
        for name in ("frames", "at_ms", "codes", "small"):
            assert (getattr(read, name) == getattr(again, name)).all(), name


class TestPacked:
    def prints(self, at_ms: list[int]) -> Prints:
        rng = np.random.default_rng(3)
        n = len(at_ms)
        codes, small = rng.integers(0, 2**64, (n, 2), np.uint64), rng.integers(0, 256, (n, 192), np.uint8)
        return Prints(np.arange(n, dtype=np.uint32) * 12, np.array(at_ms, np.uint32), codes, small)

    def test_what_is_packed_comes_back(self) -> None:
        prints = self.prints([0, 500, 980, 1500, 2000])
        whole, middle, turns, rest = prints.packed()
        frames, at_ms, small = moments_of(rest, 5)
        assert (frames == prints.frames).all() and (at_ms == prints.at_ms).all() and (small == prints.small).all()
        assert np.frombuffer(whole, "<u8").tolist() == prints.codes[:, 0].tolist() and len(middle) == 40 and turns == b""

    def test_a_slide_show_says_when_its_moments_are(self) -> None:
        turns = self.prints([0, 4000, 60_000]).packed()[2]
        assert np.frombuffer(turns, "<u4").tolist() == [0, 8, 120]

    @pytest.mark.parametrize("count", [4, 6, -1, 10**12])
    def test_no_more_is_unpacked_than_was_promised(self, count: int) -> None:
        rest = self.prints([0, 500, 1000, 1500, 2000]).packed()[3]
        with pytest.raises(FormatError):
            moments_of(rest, count)

    def test_damage_is_told(self) -> None:
        with pytest.raises(FormatError):
            moments_of(b"not zlib at all", 2)
