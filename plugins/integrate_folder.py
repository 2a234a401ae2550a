from __future__ import annotations

from typing import Any

import pyblish.api

from genlock.hosts.publishing.placing import place


class IntegrateGenlockFolder(pyblish.api.InstancePlugin):
    """Everything that was extracted, into FOLDER/NAME/v001 or the next version. It appears whole or not at all; nothing is replaced."""

    label = "Publish folder"
    order = pyblish.api.IntegratorOrder
    families = ["genlock.pair"]

    def process(self, instance: Any) -> None:
        data = instance.data
        if data["folder"]:
            data["published"], data["files"] = place(data["stagingDir"], data["folder"], instance.name, data["files"])
            self.log.info("published: %s", data["published"])
