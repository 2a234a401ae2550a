from __future__ import annotations

from typing import Any

import pyblish.api


class CollectGenlockDefaults(pyblish.api.InstancePlugin):
    """What a pair leaves out has its default, whoever made the instance: clip and ref alone are needed."""

    label = "Defaults"
    order = pyblish.api.CollectorOrder + 0.1
    families = ["genlock.pair"]

    def process(self, instance: Any) -> None:
        data = instance.data
        data.setdefault("settings", {})
        data.setdefault("suffixes", [".otio", ".edl"])
        data.setdefault("render", "")
        data.setdefault("render_settings", {})
        data.setdefault("folder", "")
        data.setdefault("accept", [])
        data.setdefault("command", instance.context.data.get("genlock.command"))
        if data["render"] and "genlock.render" not in data.setdefault("families", []):
            data["families"] = [*data["families"], "genlock.render"]
