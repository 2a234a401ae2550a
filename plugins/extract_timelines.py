from __future__ import annotations

import os
from typing import Any

import pyblish.api

from genlock.hosts.publishing.problems import Problem, ask_all
from genlock.hosts.publishing.working import carry_out


class ExtractGenlockTimelines(pyblish.api.InstancePlugin):
    """The alignment in every format that is wanted: .otio, .edl, .nk and others. A format that cannot say it is named."""

    label = "Timelines"
    order = pyblish.api.ExtractorOrder + 0.1
    families = ["genlock.pair"]

    def process(self, instance: Any) -> None:
        wanted = [suffix for suffix in instance.data["suffixes"] if suffix not in instance.data["files"]]
        if not wanted:
            return
        try:
            self._write(instance, wanted)
        except Problem:
            ask_all(*(lambda suffix=suffix: self._write(instance, [suffix]) for suffix in wanted))  # which of them it is
            raise

    def _write(self, instance: Any, suffixes: list[str]) -> None:
        data = instance.data
        paths = {suffix: os.path.join(data["stagingDir"], instance.name + suffix) for suffix in suffixes}
        manner = {name: data["settings"][name] for name in ("edl", "otio") if name in data["settings"]}
        try:
            result = carry_out("convert", {"aligned": data["files"][".json"]}, tuple(paths.values()), manner, instance.name, data["command"])
        except Problem as problem:
            raise Problem(f"{instance.name}{' '.join(suffixes)}", problem.what, problem.next_step, problem.code) from problem
        data["files"].update(paths)
        others = [path for path in result["outputs"] if path not in paths.values()]  # an .edl of several tracks is several files
        data["files"].update({os.path.basename(path): path for path in others})
        data["notes"] += result["notes"]
