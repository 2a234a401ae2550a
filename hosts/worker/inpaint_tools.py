"""What a project's steps are handed, by what its genlock.toml names: who paints, who finds masks. Nothing is loaded before it is asked for."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import numpy as np

from ...core.errors import UsageError
from ...core.inpaint.project import Project
from ...core.inpaint.project.inputs import found_path
from ...core.inpaint.steps import STEPS, Given, standing
from ...core.inpaint.steps.asking import painter_table
from ...core.inpaint.steps.tools import MaskMaker
from ...core.inpaint.upscaling import named_layers

if TYPE_CHECKING:
    from ...core.inpaint.contract import Inpainter
    from ...core.inpaint.masks import Carried, Key
    from ...core.inpaint.upscaling import Upscaler
    from ...core.progress import Progress


_THIS_MACHINE = ("127.0.0.1", "localhost", "::1")
_HALF = 128
"""A network is a little sure of everything; what it is less than half sure of is not masked."""


def tools_of(project: Project, trust: bool = False, named: str = "") -> Given:
    """Makers of everything that core does not have by itself.

    trust  a person has said that programs and models which genlock.toml names may be run, and that its server may have their secret
    named  the model that the person named in this very request
    Raises UsageError where any of that is to happen and nobody has, before anything else is done.
    """
    done = {row["name"] for row in standing(project, STEPS)["steps"] if row["state"] == "done"}
    if "paint" not in done:
        _require_trust(project, trust)

    def known(path: str) -> str:
        return path if trust is True or (named and os.path.realpath(named) == os.path.realpath(path)) else _kept(project, path)

    models = {"mask": _saliency(project), "upscale": [found_path(project.root, path) for path, _ in named_layers(project.config.upscale.models)]}
    for step, paths in models.items():
        for path in paths if step not in done else ():
            known(path)
    return Given(paint=lambda: _painter(project, trust), masks=lambda: _mask_maker(project, known), enlarge=lambda path: _upscaler(known(path)))


def _saliency(project: Project) -> list[str]:
    table = project.config.mask
    return [found_path(project.root, table.model)] if table.method == "saliency" and table.model and not table.file else []


def _kept(project: Project, path: str) -> str:
    """A model that a person has added with --trust before, told by its content. Raises UsageError where it is none."""
    from ...models.store import Store
    from ...models.weights import sha256

    with suppress(OSError):
        digest = sha256(Path(path)) if os.path.isfile(path) else ""
        if not digest or digest in {entry.sha256 for entry in Store().entries()}:
            return path
    what = f"{project.root} has the model {path} run, and nobody has said that it may"
    raise UsageError(what, f"if you trust whoever made it: genlock models add {path} --trust, or add --trust here")


def _require_trust(project: Project, trust: bool) -> None:
    """A folder may come from anybody, and must neither run what it likes nor have secrets sent where it likes."""
    if trust is True:
        return
    backend, program = project.config.inpaint.backend, project.config.command.command
    if backend == "command" and program:
        what = f"{project.root} has a program run, {program[0]!r}, and nobody has said that it may"
        raise UsageError(what, "look at its words under [inpaint.command] in genlock.toml, then add --trust")
    for name, url, secret in (
        ("a1111", project.config.a1111.url, project.config.a1111.auth_env),
        ("comfyui", project.config.comfyui.url, project.config.comfyui.headers_env),
    ):
        if backend == name and secret and urlsplit(url).hostname not in _THIS_MACHINE:
            what = f"{project.root} has the secret in {secret} sent to {url}, and nobody has said that it may"
            raise UsageError(what, f"look at [inpaint.{name}] in genlock.toml; if that server is yours, add --trust")


def _painter(project: Project, trust: bool) -> Inpainter:
    from .painting import painter_of

    _require_trust(project, trust)
    return painter_of(project.config.inpaint.backend, painter_table(project))


def _upscaler(path: str) -> Upscaler:
    from ...models.enlarging import Enlarger

    return Enlarger(path)


def _mask_maker(project: Project, known: Callable[[str], str]) -> MaskMaker:
    table = project.config.mask
    model = found_path(project.root, table.model) if table.model else ""
    if table.method == "sam2":
        from ...models.masks.sam2 import Sam2

        return Sam2(model).masks
    if table.method == "saliency":
        from ...models.masks.saliency import Saliency

        return _without_keys(Saliency(known(model)).masks)
    from ...core.inpaint.masks import carried_masks

    return carried_masks


def _without_keys(masks: Callable[..., Iterator[Carried]]) -> MaskMaker:
    """Saliency asks nobody; what a person corrected is laid over its masks afterwards."""

    def made(
        frames: Callable[[int], np.ndarray], count: int, keys: Mapping[int, Key], cuts: Sequence[int], progress: Progress
    ) -> Iterator[Carried]:
        for one in masks(frames, count, progress):
            yield replace(one, mask=np.where(one.mask < _HALF, np.uint8(0), np.uint8(255)))

    return made
