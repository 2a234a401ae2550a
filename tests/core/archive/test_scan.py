"""Near codes are found, all that share a key and none too far; and hits that agree are counted together."""

from __future__ import annotations

import numpy as np

from genlock.core.archive.looks import MIDDLE, WHOLE
from genlock.core.archive.query import Asked, View
from genlock.core.archive.scan import NEAR, Hits, near, ones
from genlock.core.archive.vote import Where, seeds


def by_hand(kept: np.ndarray, asked: np.ndarray) -> set[tuple[int, int, int]]:
    """Every pair, one by one: at most NEAR bits apart, one of four keys the same."""
    out = set()
    for i, a in enumerate(kept.tolist()):
        for j, b in enumerate(asked.tolist()):
            different = a ^ b
            shares = any(not different >> 16 * k & 0xFFFF for k in range(4))
            if shares and bin(different).count("1") <= NEAR:
                out.add((i, j, bin(different).count("1")))
    return out


class TestNear:
    def test_as_one_by_one(self) -> None:
        rng = np.random.default_rng(4)
        asked = rng.integers(1, 2**64, 30, np.uint64)
        kept = asked[rng.integers(0, 30, 400)]
        for _ in range(14):
            kept = kept ^ np.where(rng.random(400) < 0.6, np.uint64(1) << rng.integers(0, 64, 400).astype(np.uint64), np.uint64(0))
        kept = np.concatenate([kept, asked[:5], rng.integers(0, 2**64, 100, np.uint64)])
        found = near(kept, asked)
        told = list(zip(found.entry.tolist(), found.asked.tolist(), found.apart.tolist(), strict=True))
        wanted = by_hand(kept, asked)
        assert len(told) == len(set(told)) and set(told) == wanted and len(wanted) > 100

    def test_of_nothing_nothing(self) -> None:
        none = np.zeros(0, np.uint64)
        assert len(near(none, np.array([5], np.uint64)).entry) == 0 and len(near(np.array([5], np.uint64), none).entry) == 0

    def test_bits_are_counted_without_a_new_numpy_too(self, monkeypatch: object) -> None:
        words = np.array([0, 1, 2**64 - 1, 0xF0F0], np.uint64)
        assert ones(words).tolist() == [0, 1, 64, 8]
        if hasattr(np, "bitwise_count"):
            monkeypatch.delattr(np, "bitwise_count")  # type: ignore[attr-defined]
            assert ones(words).tolist() == [0, 1, 64, 8]


class TestVotes:
    def ask(self, views: int) -> tuple[View, Asked]:
        times = np.arange(views) / 4
        view = View(times, np.arange(views), np.zeros((views, 48, 72), np.uint8), None, float(times[-1]) + 0.25)
        codes, plain = np.arange(1, views + 1, dtype=np.uint64), np.zeros(views, bool)
        asked = Asked("whole", codes, np.arange(views), plain, np.tile(np.array(WHOLE), (views, 1)))
        return view, asked

    def test_hits_along_a_line_win_over_more_hits_that_agree_on_nothing(self) -> None:
        view, asked = self.ask(16)
        where = Where(np.array([0, 100, 300]))
        rng = np.random.default_rng(2)
        line = [(100 + 40 + k, 2 * k) for k in range(6)]  # the second file, 20 s in: a moment each half second
        noise = [(int(rng.integers(0, 300)), int(rng.integers(0, 16))) for _ in range(30)]
        pairs = np.array(line + noise)
        hits = Hits(pairs[:, 0], pairs[:, 1], np.full(len(pairs), 4, np.uint8))
        best = seeds([(asked, hits)], view, where)[0]
        assert best.file == 1 and not best.mirrored and (best.clip_box, best.file_box) == (WHOLE, WHOLE)
        assert np.allclose(best.moments / 2 - view.times_s[best.views], 20, atol=2)

    def test_a_single_hit_that_is_not_near_is_no_place(self) -> None:
        view, asked = self.ask(16)
        assert seeds([(asked, Hits(np.array([7]), np.array([3]), np.array([8], np.uint8)))], view, Where(np.array([0, 50]))) == []

    def test_the_middle_is_told_as_the_middle_and_uneven_moments_have_their_own_times(self) -> None:
        view, asked = self.ask(8)
        asked = Asked("middle", asked.codes, asked.view, ~asked.mirrored, asked.window)
        where = Where(np.array([0, 4]), {0: np.array([0, 100, 101, 102])})
        hits = Hits(np.array([1, 2, 3]), np.array([0, 2, 4]), np.zeros(3, np.uint8))
        (found,) = seeds([(asked, hits)], view, where)
        assert found.mirrored and found.file_box == MIDDLE and found.moments.tolist() == [1, 2, 3]
