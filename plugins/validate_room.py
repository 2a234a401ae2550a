from __future__ import annotations

import tempfile
from typing import Any

import pyblish.api

from genlock.hosts.publishing import questions


class ValidateGenlockRoom(pyblish.api.InstancePlugin):
    """There is a place for the result, with room for it."""

    label = "Disk space"
    order = pyblish.api.ValidatorOrder
    families = ["genlock.pair"]
    optional = True

    def process(self, instance: Any) -> None:
        data = instance.data
        if any("error" in facts for facts in data["facts"].values()):
            return

        questions.room(data["folder"] or tempfile.gettempdir(), data["facts"]["ref"], bool(data["render"]))
