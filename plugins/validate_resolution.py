from __future__ import annotations

from typing import Any

import pyblish.api

from genlock.hosts.publishing import questions
from genlock.hosts.publishing.problems import ask_all
from genlock.hosts.publishing.repair import Repair


class ValidateGenlockResolution(pyblish.api.InstancePlugin):
    """The pictures are large enough, and what is to be rendered can have their size."""

    label = "Resolution"
    order = pyblish.api.ValidatorOrder
    families = ["genlock.pair"]
    optional = True
    actions = [Repair]

    def process(self, instance: Any) -> None:
        data = instance.data
        if any("error" in facts for facts in data["facts"].values()):
            return

        odd = data["render_settings"].get("odd", "")
        ask_all(
            *(lambda role=role: questions.picture_size(role, data[role], data["facts"][role]) for role in questions.ROLES),
            lambda: questions.even_size(data["ref"], data["facts"]["ref"], data["render"], odd),
        )

    @staticmethod
    def repair(instance: Any) -> None:
        """Odd sides are padded by a pixel."""
        instance.data["render_settings"] = {**instance.data["render_settings"], "odd": "pad"}
