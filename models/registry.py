"""The cards that there are. A family of models is a folder here; listing them loads no torch."""

from __future__ import annotations

from importlib import import_module

from .cards import Card, Shapes, Variant
from .errors import WeightsError
from .strangers import stranger

FAMILIES = ("rife", "gmfss", "door")
"""Each is a folder with card.py (CARD) and open.py (open_interpolator, open_estimator: what its card says it gives)."""
BY_TENSORS = ("rife", "gmfss")
"""Those that are known by their tensors: shape.py has variant(shapes) -> Variant, which raises a ValueError that names the tensor that is wrong."""


def cards() -> tuple[Card, ...]:
    """Every card, in the order of the list."""
    return tuple(import_module(f".{name}.card", __package__).CARD for name in FAMILIES)


def card(name: str) -> Card:
    """The card of this name. Raises KeyError."""
    return {found.name: found for found in cards()}[name]


def recognise(shapes: Shapes, where: str) -> Variant:
    """Which model tensors of these names and sizes are. Raises WeightsError with the nearest family's reason; where: the file, for the text."""
    known = stranger(shapes)
    if known:
        raise WeightsError(f"{where}: {known[0]}", known[1])
    reasons = []
    for name in BY_TENSORS:
        found = import_module(f".{name}.shape", __package__)
        try:
            return found.variant(shapes)  # type: ignore[no-any-return]
        except ValueError as error:
            reasons.append((found.likeness(shapes), str(error)))
    nearest, reason = max(reasons)
    if not nearest:
        reason = f"its tensors ({', '.join(sorted(shapes)[:3])}, ...) belong to no model that genlock knows"
    raise WeightsError(f"{where}: {reason}", "genlock models list tells which files are known")
