from __future__ import annotations

from typing import Any

import pyblish.api

from genlock.hosts.publishing import questions


class ValidateGenlockColour(pyblish.api.InstancePlugin):
    """What is known of the colours of one does not leave the other to a guess."""

    label = "Colour spaces"
    order = pyblish.api.ValidatorOrder
    families = ["genlock.pair"]
    optional = True

    def process(self, instance: Any) -> None:
        data = instance.data
        if any("error" in facts for facts in data["facts"].values()):
            return

        given = {role: data["settings"].get(f"{role}_space", "") for role in questions.ROLES}
        questions.colours(data, data["facts"], given)
