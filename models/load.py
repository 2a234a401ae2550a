"""From a name to a model at work: the one way in for whoever has a picture and a name."""

from __future__ import annotations

from importlib import import_module
from typing import Any

from ..core.retime.contracts import Interpolator
from ..core.space.flow import Estimator, FlowSettings
from . import registry
from .errors import ModelError
from .resident import resident
from .settings import RunSettings
from .store import Entry, Store


def interpolator(name: str, settings: RunSettings = RunSettings(), store: Store | None = None) -> Interpolator:
    """What makes frames in between with the model of this name (or in this file). Raises WeightsError, ModelError, UsageError."""
    entry = _giving("middle", name, store)
    return resident("middle", entry.file, entry.digest, settings, lambda: _door(entry).open_interpolator(entry, settings))  # type: ignore[no-any-return]


def estimator(name: str, settings: FlowSettings = FlowSettings(), store: Store | None = None) -> Estimator:
    """What finds the flow between two pictures of one moment, with the model of this name. Raises WeightsError, ModelError, UsageError."""
    entry = _giving("flow", name, store)
    return resident("flow", entry.file, entry.digest, settings, lambda: _door(entry).open_estimator(entry, settings))  # type: ignore[no-any-return]


def _door(entry: Entry) -> Any:
    return import_module(f".{entry.card}.open", __package__)


def _giving(what: str, name: str, store: Store | None) -> Entry:
    entry = (store or Store()).find(name)
    card = registry.card(entry.card)
    if what not in card.gives:
        gives = " and ".join(card.gives)
        raise ModelError(f"{entry.name} is a {card.name} model, which gives {gives}", "genlock models list tells what each one gives")
    return entry


__all__ = ["RunSettings", "Store", "estimator", "interpolator"]
