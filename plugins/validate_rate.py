from __future__ import annotations

from typing import Any

import pyblish.api

from genlock.hosts.publishing import questions
from genlock.hosts.publishing.problems import Problem, ask_all
from genlock.hosts.publishing.repair import Repair


class ValidateGenlockRate(pyblish.api.InstancePlugin):
    """The frame rates are known, and the formats that are wanted can count at them."""

    label = "Frame rates"
    order = pyblish.api.ValidatorOrder
    families = ["genlock.pair"]
    optional = True
    actions = [Repair]

    def process(self, instance: Any) -> None:
        data = instance.data
        if any("error" in facts for facts in data["facts"].values()):
            return

        ask_all(
            lambda: questions.said_rate("clip", data["clip"], data["facts"]["clip"], data["settings"].get("clip_rate", "")),
            lambda: questions.said_rate("ref", data["ref"], data["facts"]["ref"], data["settings"].get("ref_rate", "")),
            lambda: questions.rate_for_edl(data["ref"], data["facts"]["ref"], data["suffixes"]),
        )

    @staticmethod
    def repair(instance: Any) -> None:
        """An image sequence takes the rate of the other one; an .edl that cannot count is left out."""
        data = instance.data
        for role, other in (("clip", "ref"), ("ref", "clip")):
            if data["facts"][role]["kind"] == "sequence" and not data["settings"].get(f"{role}_rate"):
                data["settings"][f"{role}_rate"] = data["settings"].get(f"{other}_rate") or data["facts"][other]["rate"]
                data["facts"][role]["rate"] = data["settings"][f"{role}_rate"]
        try:
            questions.rate_for_edl(data["ref"], data["facts"]["ref"], data["suffixes"])
        except Problem:
            data["suffixes"] = [suffix for suffix in data["suffixes"] if suffix != ".edl"]
