"""What can be wrong with a weights file or a model, as one error of core's family."""

from __future__ import annotations

from ..core.errors import GenlockError


class WeightsError(GenlockError):
    """A weights file is missing, damaged, hostile, or not of a kind that genlock knows."""

    code = "weights"


class ModelError(GenlockError):
    """A model cannot be run as asked: no such device, or it gave something that is no picture."""

    code = "model"
