from __future__ import annotations

import os
from typing import Any

import pyblish.api


class CollectGenlockNukePair(pyblish.api.ContextPlugin):
    """The two selected Read nodes of Nuke: the one that was selected last is the ref."""

    label = "Two selected Read nodes"
    order = pyblish.api.CollectorOrder - 0.1
    hosts = ["nuke"]

    def process(self, context: Any) -> None:
        if context.data.get("genlock.pairs"):
            return  # the panel has named them
        import nuke

        reads = nuke.selectedNodes("Read")  # the last one selected comes first
        if len(reads) != 2:
            self.log.info("not exactly two Read nodes are selected, so no pair is collected")
            return
        ref, clip = (os.path.abspath(node["file"].value()) for node in reads)
        context.data.setdefault("genlock.pairs", []).append({"clip": clip, "ref": ref, "suffixes": [".nk", ".otio"]})
