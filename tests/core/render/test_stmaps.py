"""Maps frame by frame out of an alignment: which size, which numbers, what of frames that show nothing."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from genlock.core.alignment import Alignment, Key, Matrix, Media, Piece, Run, Verdict
from genlock.core.errors import FormatError
from genlock.core.render.stmaps import map_frames, size_of, still_frame
from genlock.core.settings_stmap import StmapSettings
from genlock.core.space.flow import Flow
from genlock.core.space.stmap import map_of_st

from .made import NTSC, film, media
from .made import aligned as made_aligned

CLIP_WH, REF_WH = (37, 23), (45, 31)


def lies(x: float, y: float, zoom: float = 1) -> Matrix:
    return (zoom, 0, x, 0, zoom, y, 0, 0, 1)


def aligned(*keys: Key) -> Alignment:
    """Ref frames 2 to 6 of 9 show the clip, at 23.976; the ref's first frame has the number 1001."""
    rate = Fraction(24000, 1001)
    clip = Media("/none/clip.mov", 5, rate, *CLIP_WH)
    ref = Media("/none/ref.mov", 9, rate, *REF_WH, start_frame=1001)
    runs = (
        Run(0, 2, Verdict.UNMATCHED),
        Run(2, 5, Verdict.EXACT, (Piece(2, 5, Fraction(0), Fraction(1)),), keys, score=0.9, confidence=0.99),
        Run(7, 2, Verdict.UNMATCHED),
    )
    return Alignment(clip, ref, runs)


STILL = aligned(Key(2, lies(4, 3)))
MOVING = aligned(Key(2, lies(4, 3)), Key(6, lies(8, 3)))


def test_one_for_each_ref_frame_and_nothing_where_nothing_matches() -> None:
    frames = list(map_frames(MOVING))
    assert [frame.number for frame in frames] == list(range(9))
    assert all(frame.pixels.shape == (31, 45, 4) and frame.pixels.dtype == np.float32 for frame in frames)
    assert all((frame.pixels.any()) == (2 <= frame.number <= 6) for frame in frames)
    assert frames[0].channels == ("R", "G", "B", "A")


def test_the_numbers_by_hand() -> None:
    """At ref frame 4 the clip lies 6 to the right and 3 down: ref pixel (6, 3) shows the centre of the clip's top left pixel."""
    at = list(map_frames(MOVING))[4].pixels
    assert at[3, 6].tolist() == pytest.approx([0.5 / 37, 1 - 0.5 / 23, 0, 1])
    assert at[25, 42].tolist() == pytest.approx([36.5 / 37, 0.5 / 23, 0, 1])
    assert at[3, 5, 3] == at[26, 42, 3] == at[25, 43, 3] == 0
    assert at[..., 3].sum() == 37 * 23


def test_inverse_lies_on_the_clip_and_leads_back() -> None:
    settings = StmapSettings(inverse=True)
    assert size_of(MOVING, settings) == CLIP_WH
    forth, back = (list(map_frames(MOVING, s))[5].pixels for s in (StmapSettings(), settings))
    assert back.shape == (23, 37, 4) and back[..., 3].min() == 1
    there = map_of_st(back[..., :2], REF_WH)  # clip pixel -> ref point: here 7 right, 3 down
    assert there[4, 9].tolist() == pytest.approx([16, 7], abs=1e-4)
    assert map_of_st(forth[..., :2], CLIP_WH)[7, 16].tolist() == pytest.approx([9, 4], abs=1e-4)


def test_motion_vectors_lie_on_what_moves() -> None:
    frame = next(f for f in map_frames(MOVING, StmapSettings(motion=True)) if f.number == 4)
    assert frame.channels == ("forward.u", "forward.v", "A") and frame.pixels.shape == (23, 37, 3)
    assert frame.pixels[..., 0] == pytest.approx(6)
    assert frame.pixels[..., 1] == pytest.approx(31 - 23 - 3)  # bottom left corners together: 5 px of the ref lie below the clip
    back = next(f for f in map_frames(MOVING, StmapSettings(motion=True, inverse=True)) if f.number == 4)
    assert back.channels == ("backward.u", "backward.v", "A") and back.pixels.shape == (31, 45, 3)
    assert back.pixels[..., 0] == pytest.approx(-6) and back.pixels[..., 1] == pytest.approx(-5)


def test_a_range_and_a_threshold() -> None:
    """The range is in the ref's own numbers."""
    assert [frame.number for frame in map_frames(STILL, StmapSettings(range="1004-1005"))] == [3, 4]
    assert not any(frame.pixels.any() for frame in map_frames(STILL, StmapSettings(threshold=0.95)))


def test_one_map_for_all_frames_where_nothing_moves() -> None:
    frame = still_frame(STILL)
    assert (frame.pixels == list(map_frames(STILL))[3].pixels).all()
    assert (still_frame(aligned(Key(2, lies(4, 3)), Key(6, lies(4.004, 3)))).pixels[..., 3] > 0).any()
    with pytest.raises(FormatError, match=r"moves, by 4\.00 px between ref frames 1003 and 1007"):
        still_frame(MOVING)
    assert still_frame(MOVING, StmapSettings(range="1003-1003")).pixels.any()
    with pytest.raises(FormatError, match="nothing to map"):
        still_frame(STILL, StmapSettings(range="1001-1002"))


class Known:
    """An estimator that knows the answer: a wave on top of where it begins, another one for each clip frame."""

    def __init__(self) -> None:
        self.seen: list[tuple[int, int]] = []

    def estimate(self, clip: np.ndarray, ref: np.ndarray, start: np.ndarray, **more: object) -> Flow:
        assert clip.shape == (64, 96, 3) and ref.shape == (72, 104, 3)
        self.seen.append((number_on_small(clip), number_on_small(ref)))
        height, width = ref.shape[:2]
        y = np.arange(height, dtype=np.float32)[:, None] + np.zeros(width, np.float32)
        bent = start.copy()
        bent[..., 0] += 2 * np.sin(y / 11) + self.seen[-1][0]
        return Flow(bent, np.ones((height, width), np.float32))


def number_on_small(picture: np.ndarray) -> int:
    """A film's frame is a plain grey that says its number, of limited range."""
    return round((float(picture.mean()) * 219 + 16) / 40) - 1


def greys(path: Path, numbers: range, wh: tuple[int, int]) -> Path:
    return film(path, (np.full((wh[1], wh[0], 3), 40 * (n + 1), np.uint8) for n in numbers), rate=NTSC, pix_fmt="gray", codec="ffv1")


@pytest.fixture
def bent(tmp_path: Path) -> Alignment:
    """Ref frames 1 and 2 of 4 show clip frames 0 and 1."""
    clip = media(greys(tmp_path / "clip.mkv", range(2), (96, 64)), 2, (96, 64), NTSC)
    ref = media(greys(tmp_path / "ref.mkv", range(4), (104, 72)), 4, (104, 72), NTSC)
    return made_aligned(clip, ref, [None, 0, 1, None], lies(4, 3))


def test_flow_is_asked_of_the_right_pairs_and_written_as_it_is(bent: Alignment) -> None:
    known = Known()
    frames = list(map_frames(bent, StmapSettings(warp="flow"), known))
    assert known.seen == [(0, 1), (1, 2)]
    assert [bool(frame.pixels.any()) for frame in frames] == [False, True, True, False]
    there = map_of_st(frames[2].pixels[..., :2], (96, 64))
    assert there[40, 50].tolist() == pytest.approx([50 - 4 + 2 * np.sin(40 / 11) + 1, 37], abs=1e-3)
    assert frames[2].pixels[40, 50, 3] == 1 and frames[2].pixels[1, 50, 3] == 0


def test_flow_turned_round_leads_back(bent: Alignment) -> None:
    frames = list(map_frames(bent, StmapSettings(warp="flow", inverse=True), Known()))
    back = map_of_st(frames[1].pixels[..., :2], (104, 72))
    x, y = back[30, 45]
    assert y == pytest.approx(33, abs=1e-2) and x - 4 + 2 * np.sin(y / 11) == pytest.approx(45, abs=2e-2)
    assert frames[1].pixels[30, 45, 3] == 1 and frames[0].pixels.max() == 0
    with pytest.raises(FormatError, match="flow differs"):
        still_frame(bent, StmapSettings(warp="flow"), Known())
