from __future__ import annotations

from typing import Any

import pyblish.api


class CollectGenlockResolvePair(pyblish.api.ContextPlugin):
    """The two clips that are picked in Resolve, as the script in its menu picks them. context.data["resolve"] is Resolve's object."""

    label = "Two picked clips"
    order = pyblish.api.CollectorOrder - 0.1
    hosts = ["resolve"]

    def process(self, context: Any) -> None:
        if context.data.get("genlock.pairs"):
            return  # the window has named them
        from genlock.hosts.resolve.api import RefusedError, open_project
        from genlock.hosts.resolve.picking import pair

        resolve = context.data.get("resolve")
        if resolve is None:
            self.log.info('context.data["resolve"] is not set, so no pair is collected')
            return
        try:
            picked = pair(open_project(resolve))
        except RefusedError as error:
            self.log.info(str(error))
            return
        wanted = {"clip": picked.clip.path, "ref": picked.ref.path, "settings": {"otio": "resolve"}, "suffixes": [".otio"]}
        context.data.setdefault("genlock.pairs", []).append(wanted)
