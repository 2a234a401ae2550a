"""What a painter is asked, and what it gives back: the one contract of every backend that paints keyframes.

Convention: pictures are (h, w, 3) RGB, display-referred, uint8 or uint16; masks are (h, w) uint8, 255 = repaint. The engine
cuts and scales them to the model's size before a painter sees them, and composes the answer itself afterwards, so no painter
is trusted with what lies outside the mask.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

import numpy as np

from ..errors import GenlockError


class PaintError(GenlockError):
    """A painter refused or failed; asking it again as it is set up would not help."""

    code = "paint"


class ServerError(PaintError):
    """A painter cannot be used as it is set up: no such model, a server that is something else, a missing folder."""


class RetryLater(PaintError):
    """The connection failed, or the server is not ready; the same question may be asked again after a while."""


@dataclass(frozen=True)
class Ask:
    """One picture to paint, with one seed. Height and width are multiples of 8."""

    job: str
    """The question's id, 64 hex digits made from all of its content: the same question has the same id on any machine."""
    picture: np.ndarray
    mask: np.ndarray
    prompt: str = ""
    negative: str = ""
    seed: int = 0
    denoise: float = 0.3
    """How much of the picture is made anew: 0 nothing, 1 everything."""
    steps: int = 20
    cfg: float = 7.0
    sampler: str = ""
    """By the backend's own name of it; "" takes the backend's own choice."""


@dataclass(frozen=True)
class Painted:
    """A painter's answer."""

    picture: np.ndarray
    """Of the size and type of the one that was asked about. What lies outside the mask is not looked at."""
    layer: np.ndarray | None = None
    """(h, w, 4) uint8: the backend's own layer with alpha, where it gives one; kept for people, not used."""
    facts: Mapping[str, Any] = field(default_factory=dict)
    """Of the manifest, JSON: the model's name and hash, the sampler that ran, versions, times."""


class Inpainter(Protocol):
    """Paints keyframes. One instance is used from one thread.

    One that knows how far a picture is has an attribute tell(done 0..1, words), which whoever asks it sets, to hear of it while paint() runs.
    """

    name: str

    def identity(self) -> Mapping[str, Any]:
        """What answers: the model's name and hash, the backend's version; JSON. Part of every job's id.

        Raises ServerError where it cannot be used as it is set up, RetryLater where it cannot be reached.
        """
        ...

    def paint(self, ask: Ask, stop: Callable[[], bool]) -> Painted:
        """Paint one picture. Where the backend can, it looks for the job's answer before it sends.

        stop  True once nobody wants the answer any more; then Cancelled is raised
        Raises PaintError, RetryLater.
        """
        ...

    def close(self) -> None:
        """Let go of connections and memory, and put back what was changed on a server. May be called twice."""
        ...
