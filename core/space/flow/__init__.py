"""Dense spatial flow: for each pixel of the ref, the clip point that it shows, where a matrix alone cannot say it.

Importing this imports no torch; estimator() does.
"""

from __future__ import annotations

from .contract import Estimator, Flow
from .settings import FlowSettings

__all__ = ["Estimator", "Flow", "FlowSettings", "estimator"]


def estimator(settings: FlowSettings = FlowSettings()) -> Estimator:
    """The estimator that needs no weights. Raises UsageError where the device that is asked for is not there."""
    from .dense import DenseFlow

    return DenseFlow(settings)
