"""Samplers by the names that people know them by, as diffusers has them."""

from __future__ import annotations

from typing import Any

from ...core.inpaint.bridge.samplers import chosen
from ...core.inpaint.contract import ServerError

SAMPLERS: dict[str, tuple[str, dict[str, Any]]] = {
    "Euler": ("EulerDiscreteScheduler", {}),
    "Euler a": ("EulerAncestralDiscreteScheduler", {}),
    "Heun": ("HeunDiscreteScheduler", {}),
    "DPM2": ("KDPM2DiscreteScheduler", {}),
    "DPM2 a": ("KDPM2AncestralDiscreteScheduler", {}),
    "DPM++ 2M": ("DPMSolverMultistepScheduler", {}),
    "DPM++ 2M SDE": ("DPMSolverMultistepScheduler", {"algorithm_type": "sde-dpmsolver++"}),
    "DDIM": ("DDIMScheduler", {}),
    "DDPM": ("DDPMScheduler", {}),
    "PNDM": ("PNDMScheduler", {"skip_prk_steps": True}),
    "UniPC": ("UniPCMultistepScheduler", {}),
}
"""Each with the class and what it is told beyond the model's own configuration."""


def named(name: str) -> str:
    """The spelling above of a sampler's name. Raises ServerError."""
    found = chosen(name, SAMPLERS)
    if found is None:
        raise ServerError(f"diffusers is not told of a sampler {name!r}", f"choose one of {', '.join(SAMPLERS)}, or none for the model's own")
    return found


def scheduler(name: str, config: Any) -> Any:
    """A scheduler of diffusers by a name of SAMPLERS.

    config  of the scheduler that came with the model: its noise schedule and what it predicts stay
    Raises ServerError where the model's noise is of another kind (flow matching), to which these samplers do not apply.
    """
    import diffusers

    kind, more = SAMPLERS[name]
    if "beta_start" not in config:
        raise ServerError(f"the model has a sampler of its own, and cannot be sampled with {name}", 'write sampler = ""')
    return getattr(diffusers, kind).from_config(config, **more)
