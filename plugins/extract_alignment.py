from __future__ import annotations

import os
import tempfile
from typing import Any

import pyblish.api

from genlock.hosts.publishing.working import carry_out, silent


class ExtractGenlockAlignment(pyblish.api.InstancePlugin):
    """The alignment and its report, in a staging folder: instance.data["files"] holds them by suffix."""

    label = "Align"
    order = pyblish.api.ExtractorOrder
    families = ["genlock.pair"]

    def process(self, instance: Any) -> None:
        data = instance.data
        data["stagingDir"] = data.get("stagingDir") or tempfile.mkdtemp(prefix="genlock-staging-")
        files = {suffix: os.path.join(data["stagingDir"], instance.name + suffix) for suffix in (".json", ".html")}
        inputs = {"clip": data["clip"], "ref": data["ref"]}
        progress = instance.context.data.get("genlock.progress", silent)
        result = carry_out("align", inputs, tuple(files.values()), data["settings"], instance.name, data["command"], progress)
        data["files"] = files
        data["sentence"] = result["sentence"]
        data["figures"] = result["figures"]
        data["notes"] = [*data.get("notes", []), *result["notes"]]
        self.log.info(result["sentence"])
