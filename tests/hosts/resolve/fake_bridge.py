"""Attributes as Resolve's Python bridge has them: everything seems to be there, and what is not raises when it is called."""

from __future__ import annotations

from typing import Any

STUDIO_ONLY = {"TranscribeAudio", "ClearTranscription", "CreateSubtitlesFromAudio", "CreateStereoClip", "ConvertTimelineToStereo", "UIManager"}
LATE = {("MediaPool", "GetSelectedClips"): (19, 1), ("Timeline", "GetSelectedClips"): (20, 2)}
"""When calls came, as far as is known."""


class UnknownCallError(AssertionError):
    """Something was called that Resolve does not have."""


class World:
    """What all objects share."""

    def __init__(self, product: str, version: tuple[int, int, int]) -> None:
        self.product = product
        self.version = version
        self.modal = ""

    @property
    def studio(self) -> bool:
        return "Studio" in self.product


class Bridge:
    """Attributes as the Python bridge has them."""

    def __init__(self, world: World) -> None:
        self._world = world

    def __getattribute__(self, name: str) -> Any:
        if name.startswith("_"):
            return object.__getattribute__(self, name)
        world, kind = self._world, type(self).__name__
        if name in STUDIO_ONLY and not world.studio and (name != "UIManager" or world.version >= (19, 1)):
            return lambda *_: _raise_modal(world, name)
        if name not in type(self).__dict__ or world.version[:2] < LATE.get((kind, name), (0, 0)):
            return _fabricated(kind, name)
        call = object.__getattribute__(self, name)
        return (lambda *given: None if world.modal else call(*given)) if callable(call) else call

    def __dir__(self) -> list[str]:
        known = [name for name in type(self).__dict__ if not name.startswith("_")]
        return [name for name in known if self._world.version[:2] >= LATE.get((type(self).__name__, name), (0, 0))]


def _fabricated(kind: str, name: str) -> Any:
    def call(*given: Any) -> None:
        raise UnknownCallError(f"{kind} has no {name}")

    return call


def _raise_modal(world: World, name: str) -> bool:
    world.modal = f"{name} is a feature of DaVinci Resolve Studio"
    return False
