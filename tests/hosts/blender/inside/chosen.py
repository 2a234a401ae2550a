"""Two strips as a person has chosen them in the panel."""

from __future__ import annotations

from .stand import new_scene, strips


def stage(task):
    """A scene with the strips ref and clip; returns the scene and the ref's strip."""
    scene = new_scene((160, 96), 24)
    ref = strips(scene).new_movie("ref", task["ref"], 1, 1)
    strips(scene).new_movie("clip", task["clip"], 2, 1).mute = True
    kept = scene.genlock
    kept.ref_strip, kept.clip_strip = "ref", "clip"
    kept.options.quality = "draft"
    return scene, ref
