from __future__ import annotations

from typing import Any

import pyblish.api


class CollectGenlockBlenderPair(pyblish.api.ContextPlugin):
    """The two selected movie strips of Blender's sequencer: the lower channel is the ref."""

    label = "Two selected strips"
    order = pyblish.api.CollectorOrder - 0.1
    hosts = ["blender"]

    def process(self, context: Any) -> None:
        if context.data.get("genlock.pairs"):
            return  # the panel has named them
        import bpy

        editor = bpy.context.scene.sequence_editor
        every = [] if editor is None else editor.strips if "strips" in dir(editor) else editor.sequences
        movies = sorted((strip for strip in every if strip.type == "MOVIE" and strip.select), key=lambda strip: strip.channel)
        if len(movies) != 2:
            self.log.info("not exactly two movie strips are selected, so no pair is collected")
            return
        ref, clip = (bpy.path.abspath(strip.filepath) for strip in movies)
        context.data.setdefault("genlock.pairs", []).append({"clip": clip, "ref": ref})
