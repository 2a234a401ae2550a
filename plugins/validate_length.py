from __future__ import annotations

from typing import Any

import pyblish.api

from genlock.hosts.publishing import questions
from genlock.hosts.publishing.problems import ask_all
from genlock.hosts.publishing.repair import Repair


class ValidateGenlockLength(pyblish.api.InstancePlugin):
    """Nothing is missing in the middle, and there is something to align."""

    label = "Lengths"
    order = pyblish.api.ValidatorOrder
    families = ["genlock.pair"]
    optional = True
    actions = [Repair]

    def process(self, instance: Any) -> None:
        data = instance.data
        if any("error" in facts for facts in data["facts"].values()):
            return

        accepted = "holes" in data["accept"]
        ask_all(
            *(lambda role=role: None if accepted else questions.whole(role, data[role], data["facts"][role]) for role in questions.ROLES),
            lambda: questions.lengths(data, data["facts"]),
        )

    @staticmethod
    def repair(instance: Any) -> None:
        """Accept that missing pictures stay black."""
        instance.data["accept"] = [*instance.data["accept"], "holes"]
