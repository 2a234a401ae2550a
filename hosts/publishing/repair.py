"""The button beside a failed check that mends what it found. pyblish and the standard library, Python 3.9 syntax."""

from __future__ import annotations

from typing import Any

import pyblish.api


class Repair(pyblish.api.Action):
    """Calls the plug-in's repair(instance) for every instance on which it failed."""

    label = "Repair"
    icon = "wrench"
    on = "failed"

    def process(self, context: Any, plugin: Any) -> None:
        """As pyblish calls it."""
        for instance in failed_on(context, plugin):
            plugin.repair(instance)


def failed_on(context: Any, plugin: Any) -> list[Any]:
    """The instances on which a plug-in failed when it last ran."""
    last: dict[str, tuple[Any, Any]] = {}
    for result in context.data.get("results", []):
        if result["plugin"] is plugin and result["instance"] is not None and not result.get("action"):
            last[result["instance"].id] = (result["instance"], result["error"])
    return [instance for instance, error in last.values() if error is not None]
