from __future__ import annotations

from typing import Any

import pyblish.api

from genlock.hosts.publishing import questions
from genlock.hosts.publishing.problems import ask_all


class ValidateGenlockReadable(pyblish.api.InstancePlugin):
    """Clip and ref can be opened, and their first frames decoded."""

    label = "Readable"
    order = pyblish.api.ValidatorOrder - 0.1
    families = ["genlock.pair"]
    optional = False

    def process(self, instance: Any) -> None:
        data = instance.data
        ask_all(*(lambda role=role: questions.readable(role, data[role], data["facts"][role]) for role in questions.ROLES))
