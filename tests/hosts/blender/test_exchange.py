"""A timeline into Blender and out again, judged by rendered frames and by OpenTimelineIO."""

from __future__ import annotations

import json
from fractions import Fraction
from pathlib import Path

import numpy as np
import opentimelineio as otio
import pytest

from genlock.core.alignment import Alignment, Key, Media, Piece, Run, Verdict
from genlock.otio_adapters.timeline import to_timeline

from . import counter
from .child import each_blender, inside
from .test_timelines import sampled

WH = (320, 180)
MATRIX = (0.9, 0.0, 21.3, 0.0, 0.9, 4.2, 0.0, 0.0, 1.0)


@each_blender
@pytest.mark.parametrize("suffix", [".otio", ".json"])
def test_in_and_out(python, suffix, tmp_path):
    clip = counter.write(tmp_path / "c.mkv", 60, WH)
    ref = counter.write(tmp_path / "r.mkv", 30, WH, plain=True)
    pieces = (Piece(4, 10, Fraction(7, 24), Fraction(1)), Piece(14, 12, Fraction(50, 24), Fraction(-3, 2)))
    run = Run(4, 22, Verdict.EXACT, pieces, (Key(4, MATRIX),), 0.9, 0.99)
    runs = (Run(0, 4, Verdict.UNMATCHED), run, Run(26, 4, Verdict.UNMATCHED))
    alignment = Alignment(Media(str(clip), 60, Fraction(24), *WH), Media(str(ref), 30, Fraction(24), *WH), runs)
    path = tmp_path / f"aligned{suffix}"
    if suffix == ".otio":
        otio.adapters.write_to_file(to_timeline(alignment), str(path))
    else:
        path.write_text(json.dumps(alignment.to_json()))
    said = inside(python, "exchange", tmp_path, {"path": str(path), "canvas_wh": WH, "frames": 30})
    shown = alignment.clip_frames()
    for frame, shot in said["shots"].items():
        picture = counter.read(Path(shot))
        if shown[int(frame)] is None:
            assert (picture == 110).all()
        else:
            to_canvas = np.array(MATRIX).reshape(3, 3)
            assert counter.number_in(picture, to_canvas, WH) == shown[int(frame)]
            assert counter.missed_px(picture, to_canvas, WH) < 0.1
    timeline = otio.adapters.read_from_file(said["out"])
    assert [track.kind for track in timeline.tracks] == ["Video", *["Video"] * (len(timeline.tracks) - 1)]
    played: list[int | None] = [None] * 30
    for track in range(1, len(timeline.tracks)):
        for n, frame in enumerate(sampled(timeline, track)):
            played[n] = frame if frame is not None else played[n]
    assert played == shown
    transforms = [item.metadata["genlock"]["transform"] for item in timeline.tracks[1] if isinstance(item, otio.schema.Clip)]
    assert list(transforms[0]) == pytest.approx(MATRIX, abs=1e-4)
    assert "not an alignment" in said["refusal"] and said["same"] and said["gone"]
