"""Inpaint in Blender: the real worker takes a disc out of a trimmed strip, with a mask strip, and the film lies above, frame on frame."""

from __future__ import annotations

import cv2
import numpy as np

from genlock.core.inpaint.project import open_project
from genlock.tests.core.inpaint.made_shots import shot, write_film

from .child import each_blender, inside


@each_blender
def test_a_strip_is_inpainted_and_laid_above(python, tmp_path):
    clean, frames, masks = shot(8, pan=6)
    task = {name: str(write_film(tmp_path / f"{name}.mkv", pictures)) for name, pictures in (("plate", frames), ("matte", masks))}
    for n, frame in enumerate(frames):
        cv2.imwrite(str(tmp_path / f"p.{n + 1:03d}.png"), frame)
    said = inside(python, "inpaint", tmp_path, {**task, "pictures": str(tmp_path / "p.%03d.png")}, limit_s=400)
    assert "no strip is chosen as the mask" in said["no mask"]
    assert "the mask's file begins 1 frames after the shot's" in said["moved mask"]
    assert "press Inpaint first" in said["no page"]
    assert said["once"] == said["twice"] == ["plate a inpainted", "IMAGE", 3, 10, 14, "final.000002.png", 4], "what was laid before is replaced"
    assert said["untouched"] == [[1, 10, 14], [2, 8, 16]] and said["count"] == 3
    assert said["twice took_s"] < said["once took_s"] and said["project"].endswith("genlock-media/plate_a-inpaint")
    assert open_project(said["project"]).span == range(2, 6)
    shown = cv2.imread(str(tmp_path / "shown.png"))[..., ::-1].astype(float)
    inside_mask, away = masks[3] > 0, [np.abs(shown - clean[n]) for n in (2, 3, 4)]
    assert away[1][~inside_mask].mean() < 1.5 < min(away[0].mean(), away[2].mean()), "another frame, or other colours"
    assert away[1][inside_mask].mean() < 12 < np.abs(frames[3].astype(float) - clean[3])[inside_mask].mean()
    assert said["few"] == [30, 32, ["final.000003.png", "final.000004.png"]], "two pictures of the eight that lie there"
    assert open_project(tmp_path / "pictures").span == range(2, 4)
    assert said["cancelled"] == "stopped"
