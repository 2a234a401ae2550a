"""An edit re-pointed from one version of its footage to another, frame for frame."""

from .edit import CONFORMED, Conformed, conform
from .pairs import Pair

__all__ = ["CONFORMED", "Conformed", "Pair", "conform"]
