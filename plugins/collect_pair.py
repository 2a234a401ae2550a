from __future__ import annotations

import copy
from typing import Any

import pyblish.api

from genlock.hosts.publishing import placing


class CollectGenlockPair(pyblish.api.ContextPlugin):
    """An instance for each pair that the terminal or a host has put into context.data["genlock.pairs"].

    A pair is a dictionary with clip and ref, and where wanted name, settings, suffixes, render, render_settings, folder, accept.
    """

    label = "Pairs to align"
    order = pyblish.api.CollectorOrder

    def process(self, context: Any) -> None:
        for pair in context.data.get("genlock.pairs", []):
            name = pair.get("name") or placing.stem(pair["ref"])
            instance = context.create_instance(name, family="genlock.pair", families=["genlock"])
            instance.data.update({key: copy.deepcopy(value) for key, value in pair.items() if key != "name"})
