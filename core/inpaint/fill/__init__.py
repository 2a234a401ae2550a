"""Masked pixels filled from the other frames of the shot, with no model.

A trajectory is followed from each masked pixel to a frame that shows it, and that frame is sampled once. Which way of following suits a shot
is found by a test on the shot itself: the same hole, moved to where the truth is known.
"""

from .report import FillReport, ShotReport
from .settings import METHODS, FillSettings
from .shot import fill_shot, foresee

__all__ = ["METHODS", "FillReport", "FillSettings", "ShotReport", "fill_shot", "foresee"]
