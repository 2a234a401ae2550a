"""The demo judges honestly: right is 0, wrong is 1, and a refusal keeps its own status."""

from __future__ import annotations

import json
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from genlock.core.alignment import Alignment, Key, Media, Piece, Run, Verdict
from genlock.core.errors import OutputError
from genlock.hosts import demo
from genlock.hosts.demo import cutting, placing, show
from genlock.hosts.demo.scene import reel
from genlock.hosts.demo.twin import Side, Twin


def _small() -> Twin:
    """Twenty-four frames, the clip without the first four, cropped by (6, 4)."""
    return Twin("small", reel(3, (24,), size_wh=(160, 96)), Side((cutting.trim(4, 24),), (placing.crop(6, 4, 140, 84),), sound=False))


def _answering(offset: int, right_px: float, status: int = 0) -> Any:
    """In place of the worker: plays clip frame n - 4 + offset, `right_px` off."""

    def align(out_dir: Path) -> dict[str, Any]:
        clip, ref = (Media(str(out_dir / name), frames, Fraction(24), 160, 96) for name, frames in (("clip.mp4", 20), ("ref.mp4", 24)))
        piece = Piece(4, 20, Fraction(offset, 24), Fraction(1))
        key = Key(0, (1, 0, 6 + right_px, 0, 1, 4, 0, 0, 1))
        runs = (Run(0, 4, Verdict.UNMATCHED), Run(4, 20, Verdict.EXACT, (piece,), (key,)))
        (out_dir / "out.json").write_text(json.dumps(Alignment(clip, ref, runs).to_json()))
        return {"sentence": "an answer", "exit_status": status}

    return align


@pytest.mark.parametrize(
    ("offset", "right_px", "status", "want", "said"),
    [
        (0, 0.0, 0, 0, "24 of 24 ref frames right; place: 0.00 px off"),
        (0, 0.2, 0, 0, "24 of 24 ref frames right; place: 0.20 px off"),
        (0, 3.0, 0, 1, "place: 3.00 px off"),
        (1, 0.0, 0, 1, "5 of 24 ref frames right"),
        (0, 0.0, 3, 3, "an answer"),
    ],
    ids=["right", "nearly", "place", "time", "refused"],
)
def test_the_demo_says_how_right_it_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, offset: int, right_px: float, status: int, want: int, said: str
) -> None:
    monkeypatch.setattr(show, "pair", _small)
    monkeypatch.setattr(show, "_align", _answering(offset, right_px, status))
    lines: list[str] = []
    assert demo.run(tmp_path / "out", lines.append) == want
    assert said in "\n".join(lines)


def test_a_place_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(OutputError, match="cannot be written"):
        demo.run(tmp_path / "file" / "out", lambda text: None)


def test_the_pair_of_the_demo_is_another_edit_in_another_rate_and_size() -> None:
    pair = show.pair()
    truth_rates = (pair.source.rate, pair.source.size_wh)
    assert truth_rates == (Fraction(24000, 1001), (640, 360))
    strip = cutting.whole(pair.source.frames, pair.source.rate)
    for step in pair.clip.time:
        strip = step(strip)
    assert strip.rate == 25
    assert sum(x.frame is None for x in strip.shown) == 20
