"""What the jobs that make pictures of an aligned timeline share: how they are asked, what they read, and the files that they leave."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any, TypeVar

from ...core.alignment import Alignment
from ...core.errors import MediaError, OutputError, UsageError
from ...core.settings import Settings
from ...core.settings_render import WarpSettings
from .desk import Desk
from .inputs import read_aligned, roles, say_media
from .options import settings_of
from .outputs import File, check_places

if TYPE_CHECKING:
    from ...core.space.flow import Estimator

_S = TypeVar("_S", bound=Settings)

PATHS = ("mask", "out_of", "fallback", "static_mask")
"""Settings that name a file."""


def check_paths(settings: Mapping[str, Any]) -> None:
    """Raises UsageError where a setting names a file by a relative path: a job may be run from another folder than it was written in."""
    for name in PATHS:
        path = settings.get(name)
        if isinstance(path, str) and path and not os.path.isabs(path):
            raise UsageError(f"{name} is {path}, a relative path", "write paths from the root on")


def named_files(settings: Settings) -> list[str]:
    """The files that the settings name."""
    return [path for path in (getattr(settings, name, "") for name in PATHS) if path]


def estimator_of(settings: WarpSettings) -> Estimator | None:
    """The dense flow that the settings ask for: the built-in one, or a learned model; None where the matrix alone is used."""
    if settings.warp != "flow":
        if settings.model:
            raise UsageError("a model is named, and the warp is by matrix alone", "add --warp flow")
        return None
    from ...core.render.frames import built_in, flow_settings

    if not settings.model:
        return built_in(settings)
    from ...models.load import estimator

    return estimator(settings.model, flow_settings(settings))


def weights_of(model: str, used: bool = True) -> dict[str, str]:
    """What tells the weights of a model from others of that name; nothing where no model is named, or none is used. Raises WeightsError."""
    if not model or not used:
        return {}
    from ...models.store import Store

    return {"weights": Store().find(model).sha256}


def written(desk: Desk, sources: Iterable[str]) -> tuple[File, ...]:
    """The files that stand on the stage. Raises OutputError where one would overwrite a picture that was read."""
    from ...core.media.sequence import find_sequence

    files = desk.stage.files()
    inputs: set[str] = set()
    for source in sources:
        try:
            sequence = find_sequence(source)
        except MediaError:
            sequence = None
        inputs |= {os.path.realpath(path) for path in (sequence.files.values() if sequence else [source])}
    for file in files:
        if os.path.realpath(file.path) in inputs:
            raise OutputError(f"the output {file.path} is also an input, and would be overwritten", "give the output another name")
    return files


def require_output(desk: Desk) -> None:
    """Raises UsageError where there is none."""
    if not desk.request.outputs:
        raise UsageError(f"{desk.request.kind} is asked for no output", "name at least one with -o")


def asked(desk: Desk, kind: type[_S]) -> tuple[_S, Alignment, list[str]]:
    """What a job is asked that makes pictures of an aligned timeline: its settings, the alignment, every footage that may be read.

    Raises UsageError for a wrong request, FormatError where the timeline is not what it should be, OutputError for an output that is an input.
    """
    (aligned,) = roles(desk.request, "aligned")
    require_output(desk)
    check_paths(desk.request.settings)
    settings = settings_of(kind, desk.request.settings)
    alignment = read_aligned(aligned)
    say_media(aligned, alignment, desk.note)
    read = [alignment.clip.path, alignment.ref.path, *named_files(settings)]
    desk.steady.add(read)
    check_places(desk.request.outputs, [aligned, *read])
    return settings, alignment, read


def counted(frames: int) -> str:
    """The number of frames in words."""
    return f"{frames} frame{'' if frames == 1 else 's'}"
