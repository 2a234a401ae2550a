from __future__ import annotations

from typing import Any

import pyblish.api

from genlock.hosts.publishing import questions
from genlock.hosts.publishing.working import carry_out, silent


class ValidateGenlockSameFootage(pyblish.api.InstancePlugin):
    """A look as draft finds the clip in the ref. What it reads is kept for the alignment that follows."""

    label = "Same footage"
    order = pyblish.api.ValidatorOrder + 0.4
    families = ["genlock.pair"]
    optional = True

    def process(self, instance: Any) -> None:
        data = instance.data
        if any("error" in facts for facts in data["facts"].values()):
            return

        settings = {**data["settings"], "same": True}
        inputs = {"clip": data["clip"], "ref": data["ref"]}
        progress = instance.context.data.get("genlock.progress", silent)
        found = carry_out("check", inputs, (), settings, instance.name, data["command"], progress)["figures"]["same"]
        questions.same_footage(found)
        self.log.info("%s of %s ref frames show the clip, as draft", found["matched"], found["ref_frames"])
