"""Which device the flow runs on."""

from __future__ import annotations

import torch

from ...errors import UsageError


def chosen(name: str) -> torch.device:
    """The device of this name; "auto" takes cuda, else mps, else cpu. Raises UsageError where it is unknown or not there."""
    if name == "auto":
        if torch.cuda.is_available():
            return torch.device("cuda")
        return torch.device("mps" if torch.backends.mps.is_available() else "cpu")
    try:
        device = torch.device(name)
    except RuntimeError as error:
        raise UsageError(f"no device is called {name!r}", "choose auto, cpu, cuda, cuda:1 or mps") from error
    if device.type not in ("cpu", "cuda", "mps"):
        raise UsageError(f"the flow does not run on {name!r}", "choose auto, cpu, cuda or mps")
    there = {"cpu": 1, "cuda": torch.cuda.device_count(), "mps": int(torch.backends.mps.is_available())}[device.type]
    if (device.index or 0) >= there:
        raise UsageError(f"this machine's torch sees no {name}", "choose auto, or install torch for that device")
    return device
