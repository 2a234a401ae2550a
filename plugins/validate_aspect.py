from __future__ import annotations

from typing import Any

import pyblish.api

from genlock.hosts.publishing import questions
from genlock.hosts.publishing.repair import Repair


class ValidateGenlockAspect(pyblish.api.InstancePlugin):
    """Pictures of different shape are allowed to find their place."""

    label = "Aspect"
    order = pyblish.api.ValidatorOrder
    families = ["genlock.pair"]
    optional = True
    actions = [Repair]

    def process(self, instance: Any) -> None:
        data = instance.data
        if any("error" in facts for facts in data["facts"].values()):
            return

        questions.aspects(data, data["facts"], data["settings"].get("space", "auto"))

    @staticmethod
    def repair(instance: Any) -> None:
        """The pictures find their place themselves."""
        instance.data["settings"] = {**instance.data["settings"], "space": "auto"}
