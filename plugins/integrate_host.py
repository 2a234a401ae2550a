from __future__ import annotations

from typing import Any

import pyblish.api

from genlock.hosts.publishing.problems import Problem


class IntegrateGenlockHost(pyblish.api.InstancePlugin):
    """Hands the result to the host, by the function in context.data["genlock.integrate"]; it is given a copy of instance.data."""

    label = "Into the host"
    order = pyblish.api.IntegratorOrder + 0.1
    families = ["genlock.pair"]
    hosts = ["blender", "nuke", "resolve"]

    def process(self, instance: Any) -> None:
        hand_over = instance.context.data.get("genlock.integrate")
        if hand_over is None:
            return
        try:
            hand_over(dict(instance.data))
        except Problem:
            raise
        except Exception as error:
            raise Problem(instance.name, f"the host did not take the result: {error}", "the files are published all the same") from error
