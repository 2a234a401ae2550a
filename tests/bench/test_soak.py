"""The soak in short: seven pieces of 25 minutes through every command in this process; and that its floors can fall."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from genlock.bench.soak import PICTURES, RATE, WARM, Held, floors, soak


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="looks into /proc")
def test_nothing_stays_behind_over_hours_of_footage(tmp_path: Path) -> None:
    seen, wrong = soak(tmp_path / "soak", pieces=WARM + 3, afresh_every=0)
    assert (WARM + 3) * PICTURES / RATE > 2.9 * 3600
    assert [str(floor) for floor in floors(seen, wrong) if not floor.holds] == []


def test_each_floor_can_fall() -> None:
    steady = [Held(200, 6, 5, 0)] * (WARM + 9)
    assert all(floor.holds for floor in floors(steady, ()))
    for leak in (Held(8, 0, 0, 0), Held(0, 1, 0, 0), Held(0, 0, 1, 0), Held(0, 0, 0, 1)):
        grown = [
            Held(200 + k * leak.memory_mb, 6 + k * leak.handles, 5 + k * leak.threads, k * leak.temporary) for k in range(WARM + 9)
        ]
        assert sum(not floor.holds for floor in floors(grown, ())) == 1
    assert sum(not floor.holds for floor in floors(steady, ("a film is wrong",))) == 1
