"""The film: out/final.mkv, or as [output] says. It is made of the shot's own samples, and only those inside the mask are others."""

from __future__ import annotations

from typing import Any

from ..finish import output_rel
from ..project import Project
from ..project.inputs import input_digest
from .bench import Bench
from .filming import film_info, finished, settings_of, sounds_of, turns, write_film
from .step import Step


def given(project: Project) -> Any:
    """What a film depends on, but for the steps before."""
    config = project.config
    table = {name: value for name, value in config.output.to_json().items() if name not in ("grid", "rate")}
    return [
        table, output_rel(project), config.enhance.to_json(), config.composite.feather, config.input.space, config.upscale.times,
        input_digest(project.root, "video"),
    ]  # fmt: skip


def _run(bench: Bench) -> None:
    project = bench.project
    large = project.config.upscale.times > 1
    with project.plates(upright=large or not turns()) as plates:
        info = film_info(project, plates.info)
        sounds = sounds_of(project, info)
        write_film(bench, output_rel(project), info, lambda begin: finished(bench, plates, large, begin), settings_of(project), sounds)


STEP = Step("video", "writing the film", ("extract", "mask", "composite", "check", "enhance", "upscale"), _run, given=given, share=2.0)
