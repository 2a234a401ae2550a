"""Models that stay loaded in a process that works at one share after another. Off unless a worker asks for it."""

from __future__ import annotations

import os
from collections import OrderedDict
from collections.abc import Callable, Hashable
from pathlib import Path
from typing import Any

_stay: OrderedDict[Hashable, Any] = OrderedDict()
_most = 0


def keep(most: int = 2) -> None:
    """From now on keep the models that were used last, so many of them; 0 lets all go, as it is at first.

    Models hold no state between pictures, so one that stays gives what a fresh one gives.
    """
    global _most
    _most = most
    while len(_stay) > most:
        _stay.popitem(last=False)


def resident(what: str, file: Path, digest: str, settings: Hashable, opened: Callable[[], Any]) -> Any:
    """The model that stays for these weights and settings; else opened(). A file that has changed since is opened anew."""
    if not _most:
        return opened()
    told = os.stat(file)
    key = (what, digest, str(file), told.st_size, told.st_mtime_ns, told.st_ino, settings)
    model = _stay.pop(key, None)
    if model is None:
        while len(_stay) >= _most:  # before another is loaded: two of them may not fit beside each other
            _stay.popitem(last=False)
        model = opened()
    _stay[key] = model
    return model
