"""A card says what a model needs and gives before any of it is loaded; plain data, so that listing cards loads nothing heavy."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

Shapes = Mapping[str, "tuple[int, ...]"]
"""Tensors of a weights file by name, and the size of each."""


@dataclass(frozen=True)
class Card:
    """One family of models."""

    name: str
    """As on the command line; lower case."""
    title: str
    gives: tuple[str, ...]
    """Of "flow" (where each pixel of one picture lies in the other) and "middle" (the picture in between)."""
    trained_for: str
    licence: str
    """Of the weights that people know by this name. A file of somebody's own has the licence that they say."""
    weights_from: str
    """Where a person gets weights, in a sentence. Nothing is ever downloaded."""
    files: str
    """What the files are called, and in which formats they may come."""
    known_by: str
    """How a file is recognised, in words."""
    max_bytes: int = 512 << 20
    """A file beyond this is not looked at."""
    runs_code: bool = False
    """Whether the file is a program, and not tensors alone: it is taken only from someone who says that they trust it."""


@dataclass(frozen=True)
class Variant:
    """What one weights file turned out to hold."""

    card: str
    label: str
    """For people: "RIFE 4.25 or 4.26"."""
    tensors: Shapes
    """What is loaded: exactly these, of exactly these sizes."""
    multiple_of: int = 1
    """Height and width are padded up to a multiple of this; the pad is cut off again."""
    figures: Mapping[str, object] = field(default_factory=dict)
    """More for people and scripts: parameters, widths."""


def count(tensors: Shapes) -> int:
    """Numbers that tensors of these sizes hold."""
    total = 0
    for shape in tensors.values():
        size = 1
        for axis in shape:
            size *= axis
        total += size
    return total
