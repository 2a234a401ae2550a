"""Every finished frame, larger: upscaled/000000.png or .exr. The film is then made of these."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..changes import feather_of
from ..finish import Finish
from ..project import Project
from ..project.inputs import content_digest, found_path
from ..project.pictures import suffix_for
from ..upscaling import enlarged, named_layers
from .bench import Bench
from .step import Step

FOLDER = "upscaled"


def _wanted(project: Project) -> bool:
    return project.config.upscale.times > 1


def _given(project: Project) -> Any:
    models = [[content_digest(found_path(project.root, path)), opacity] for path, opacity in named_layers(project.config.upscale.models)]
    return [project.config.upscale.times, models, project.config.enhance.to_json(), feather_of(project), project.config.input.space]


def _run(bench: Bench) -> None:
    project = bench.project
    finish = Finish(project)
    dtype = finish.frames.dtype
    look = project.look
    table = project.config.upscale
    layers = [(bench.tools.upscaler(found_path(project.root, path)), opacity) for path, opacity in named_layers(table.models)]
    for number in project.span:
        bench.progress.at((number - project.span.start) / len(project.span), "enlarging")
        rel = f"{FOLDER}/{number:06d}{suffix_for(dtype)}"
        if not bench.has(rel):
            large = enlarged(look.seen(finish.of(number)[1]), table.times, layers)
            bench.save_picture(rel, look.from_painter((np.clip(large, 0, 1) * np.float32(65535) + np.float32(0.5)).astype(np.uint16)))


STEP = Step("upscale", "enlarging", ("extract", "mask", "composite", "check", "enhance"), _run, given=_given, wanted=_wanted, share=3.0)
