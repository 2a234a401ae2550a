"""Retime in Blender: the real worker renders a strip's footage anew, and it lies over the strip, frame on frame."""

from __future__ import annotations

import cv2
import numpy as np

from .child import each_blender, inside
from .test_panel_flow import task_of


@each_blender
def test_a_strip_is_retimed_and_laid_above_itself(python, tmp_path):
    """At the scene's rate a shot without repeats stays as it is; at twice the rate it takes up twice the time from the same beginning."""
    said = inside(python, "retime", tmp_path, task_of(tmp_path))
    assert said["scene"] == ["IMAGE", 3, 11, 61, 90, 12] and said["untouched"] == [11, 61, 1]
    assert said["double"] == ["IMAGE", 4, 11, 111, 180, 12]
    shown, hidden = (cv2.imread(str(tmp_path / f"{name}.png")).astype(int) for name in (True, False))
    assert np.abs(shown - hidden).mean() < 2 < np.abs(shown - np.roll(hidden, 6, 1)).mean()
