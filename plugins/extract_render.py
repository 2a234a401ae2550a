from __future__ import annotations

import os
from typing import Any

import pyblish.api

from genlock.hosts.publishing.working import carry_out, silent


class ExtractGenlockRender(pyblish.api.InstancePlugin):
    """The clip as the ref would see it; instance.data["render"] names the suffix, such as .mov or .%04d.exr."""

    label = "Render"
    order = pyblish.api.ExtractorOrder + 0.2
    families = ["genlock.render"]

    def process(self, instance: Any) -> None:
        data = instance.data
        path = os.path.join(data["stagingDir"], f"{instance.name}_clip{data['render']}")
        progress = instance.context.data.get("genlock.progress", silent)
        inputs, settings = {"aligned": data["files"][".json"]}, data["render_settings"]
        result = carry_out("render", inputs, (path,), settings, instance.name, data["command"], progress)
        data["files"]["render"] = path
        data["notes"] += result["notes"]
