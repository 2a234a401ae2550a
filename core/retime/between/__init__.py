"""Frames in between with no weights: motion both ways, carried to the time that is asked for, and both pictures drawn along it."""

from .pair import FlowBetween, FlowPair
from .settings import BetweenSettings

__all__ = ["BetweenSettings", "FlowBetween", "FlowPair"]
