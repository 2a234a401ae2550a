"""Colour spaces by name, through OpenColorIO. Imported only where a person named one."""

from __future__ import annotations

import difflib
import os
from collections.abc import Callable
from typing import Any

import numpy as np

from ..errors import MediaError, UsageError

BUILT_IN = "ocio://default"


def to_display(name: str) -> Callable[[np.ndarray], np.ndarray]:
    """From a named colour space to the config's default display and view: (h, w, 3) float32 RGB in, display RGB 0..1 out.

    The config is the one that $OCIO names, else OpenColorIO's built-in ACES config. Names, aliases and roles count, in any case of
    letters. Raises UsageError for a name the config does not have, MediaError where the config itself cannot be read.
    """
    ocio, config, source = _config(name)
    space = _space(config, name, source)
    display = config.getDefaultDisplay()
    try:
        transform = ocio.DisplayViewTransform(src=space, display=display, view=config.getDefaultView(display))
        processor = config.getProcessor(transform).getDefaultCPUProcessor()
    except (ocio.Exception, ocio.ExceptionMissingFile) as error:
        raise MediaError(f"{name!r} cannot be brought to the display: {_first_line(error)}", "check the OCIO config") from error

    def apply(rgb: np.ndarray) -> np.ndarray:
        out = np.array(rgb, np.float32, order="C")
        processor.applyRGB(out)
        return np.clip(np.nan_to_num(out, nan=0.0, posinf=1.0, neginf=0.0), 0.0, 1.0)

    return apply


def between(name: str, into: str) -> Callable[[np.ndarray], np.ndarray]:
    """From one named colour space to another: (h, w, 3) float32 RGB to the same, nothing clipped. Raises as to_display does."""
    ocio, config, source = _config(name)
    try:
        processor = config.getProcessor(_space(config, name, source), _space(config, into, source)).getDefaultCPUProcessor()
    except (ocio.Exception, ocio.ExceptionMissingFile) as error:
        raise MediaError(f"{name!r} cannot be brought to {into!r}: {_first_line(error)}", "check the OCIO config") from error

    def apply(rgb: np.ndarray) -> np.ndarray:
        out = np.array(rgb, np.float32, order="C")
        processor.applyRGB(out)
        return out

    return apply


def _config(name: str) -> tuple[Any, Any, str]:
    """(the library, the config, where it is from)."""
    try:
        import PyOpenColorIO as ocio
    except ImportError as error:
        raise MediaError(f"the colour space {name!r} needs OpenColorIO, which is not installed", "pip install opencolorio") from error
    source = os.environ.get("OCIO") or BUILT_IN
    try:
        return ocio, ocio.Config.CreateFromFile(source), source
    except (ocio.Exception, ocio.ExceptionMissingFile) as error:
        raise MediaError(f"the OCIO config {source} cannot be read: {_first_line(error)}", "correct $OCIO, or unset it") from error


def _space(config: Any, name: str, source: str) -> str:
    """The config's own name of a space, an alias or a role."""
    space = config.getColorSpace(name)
    if space is None:
        raise UsageError(f"{name!r} is not a colour space of {config.getName() or source}", f"near it are {', '.join(_near(name, config))}")
    return str(space.getName())


def _near(name: str, config: Any) -> list[str]:
    """Names that look like this one, best first; the first few of all where none does."""
    spaces = list(config.getColorSpaceNames())
    known = {alias.lower(): space for space in spaces for alias in (space, *config.getColorSpace(space).getAliases())}
    close = difflib.get_close_matches(name.lower(), known, n=8, cutoff=0.4)
    found = list(dict.fromkeys(known[alias] for alias in close))
    return found[:4] or spaces[:6]


def _first_line(error: Exception) -> str:
    return next(iter(str(error).strip().splitlines()), type(error).__name__)
