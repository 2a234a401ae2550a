"""The half precision of a device."""

from __future__ import annotations

import torch


def half_dtype(device: torch.device) -> torch.dtype:
    """The half precision that this device is quick in: CPUs have units for bfloat16 alone."""
    return torch.bfloat16 if device.type == "cpu" else torch.float16
