from __future__ import annotations

from typing import Any

import pyblish.api

from genlock.hosts.publishing.working import carry_out, silent


class CollectGenlockFacts(pyblish.api.InstancePlugin):
    """What the headers of clip and ref say, into instance.data["facts"]; read by genlock's own process."""

    label = "What the files say"
    order = pyblish.api.CollectorOrder + 0.2
    families = ["genlock.pair"]

    def process(self, instance: Any) -> None:
        data = instance.data
        progress = instance.context.data.get("genlock.progress", silent)
        result = carry_out("check", {"clip": data["clip"], "ref": data["ref"]}, (), data["settings"], instance.name, data["command"], progress)
        data["facts"] = {role: result["figures"][role] for role in ("clip", "ref")}
