from __future__ import annotations

from typing import Any

import pyblish.api

from genlock.hosts.publishing import questions
from genlock.hosts.publishing.problems import ask_all


class ValidateGenlockTimecode(pyblish.api.InstancePlugin):
    """Embedded timecodes make sense at their frame rates."""

    label = "Timecode"
    order = pyblish.api.ValidatorOrder
    families = ["genlock.pair"]
    optional = True

    def process(self, instance: Any) -> None:
        data = instance.data
        if any("error" in facts for facts in data["facts"].values()):
            return

        ask_all(*(lambda role=role: questions.timecode(role, data[role], data["facts"][role]) for role in questions.ROLES))
