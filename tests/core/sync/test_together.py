"""Under an even pan, a wrong frame at a wrong place explains all but what moves by itself: both have to be moved at once."""

from __future__ import annotations

import numpy as np
import pytest

from genlock.core.media.cache import Cache
from genlock.core.media.footage import open_footage
from genlock.core.progress import Progress
from genlock.core.sync.analysis import analyse
from genlock.core.sync.framing import Lock
from genlock.core.sync.together import together
from genlock.hosts.demo.cutting import trim
from genlock.hosts.demo.placing import crop
from genlock.hosts.demo.twin import Side, Twin
from genlock.tests.core.test_align import Trap


@pytest.fixture(scope="module")
def pair(tmp_path_factory):
    """A pan of 2 px a frame; the clip is cut out at (20, 11) and begins 9 frames later."""
    folder = tmp_path_factory.mktemp("trap")
    Twin("trap", Trap(), Side((trim(9, 80),), (crop(20, 11, 260, 150),)), Side((trim(0, 71),))).write(folder)
    with open_footage(folder / "clip.mp4") as clip, open_footage(folder / "ref.mp4") as ref:
        yield tuple(analyse(one, Cache(folder / name), "key", Progress()) for one, name in ((clip, "a"), (ref, "b")))


def lock(off: int) -> Lock:
    """Wrong by so many frames, and by twice as many pixels, so that the background lies where it should."""
    at = np.where(np.arange(71) >= 9, np.clip(np.arange(71) - 9 + off, 0, 70), -1)
    return Lock(np.array([[1, 0, 20 + 2.0 * off], [0, 1, 11], [0, 0, 1]]), at, 1, 30.0, 1.0, np.ones(71))


@pytest.mark.parametrize("off", [-6, -2, 1, 5])
def test_a_wrong_frame_at_the_place_that_suits_it(pair, off):
    found = together(*pair, lock(off), np.arange(16, 60, 6))
    assert found is not None
    assert (found.at[16:60] == np.arange(7, 51)).all()
    assert found.clip_to_ref == pytest.approx(np.array([[1, 0, 20], [0, 1, 11], [0, 0, 1]]), abs=0.3)


def test_the_right_one_stays(pair):
    assert together(*pair, lock(0), np.arange(16, 60, 6)) is None
