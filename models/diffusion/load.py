"""From a model's files to a pipeline of diffusers that inpaints, on its device."""

from __future__ import annotations

import os
from importlib.util import find_spec
from typing import Any

from ...core.inpaint.bridge.words import clipped
from ...core.inpaint.contract import ServerError
from .files import Model

_INPAINT = {
    "StableDiffusionPipeline": "StableDiffusionInpaintPipeline",
    "StableDiffusionImg2ImgPipeline": "StableDiffusionInpaintPipeline",
    "StableDiffusionInpaintPipeline": "StableDiffusionInpaintPipeline",
    "StableDiffusionXLPipeline": "StableDiffusionXLInpaintPipeline",
    "StableDiffusionXLImg2ImgPipeline": "StableDiffusionXLInpaintPipeline",
    "StableDiffusionXLInpaintPipeline": "StableDiffusionXLInpaintPipeline",
}
"""What inpaints with a model that was saved as this. Any other is left to diffusers' own table."""


def require_diffusers(offline: bool) -> None:
    """Raise ServerError unless the libraries are there. Keeps them from the net before they are imported."""
    if offline:
        for name in ("HF_HUB_OFFLINE", "TRANSFORMERS_OFFLINE", "HF_HUB_DISABLE_TELEMETRY", "DISABLE_TELEMETRY"):
            os.environ.setdefault(name, "1")
    lacking = [name for name in ("diffusers", "transformers", "safetensors") if find_spec(name) is None]
    if lacking:
        raise ServerError(f"painting in this process needs {' and '.join(lacking)}", "install it with: pip install genlock[diffusers]")


def pipeline(model: Model, device: Any, dtype: Any, offline: bool) -> Any:
    """The pipeline of a model. Raises ServerError, in the library's words, where it cannot be opened."""
    require_diffusers(offline)
    import diffusers
    from diffusers.utils import logging

    shown = logging.is_progress_bar_enabled() if hasattr(logging, "is_progress_bar_enabled") else True
    kind = getattr(diffusers, _INPAINT.get(model.pipeline, ""), diffusers.AutoPipelineForInpainting)
    given: dict[str, Any] = {"dtype": dtype, "local_files_only": offline}
    if "safety_checker" in model.index:
        given |= {"safety_checker": None}
        given |= {} if model.config else {"requires_safety_checker": False}
    logging.disable_progress_bar()
    try:
        if model.config:
            if kind is diffusers.AutoPipelineForInpainting:
                raise ServerError(f"{model.config}: a single file of {model.pipeline} is not opened", "take the model as a folder")
            made = kind.from_single_file(str(model.path), config=str(model.config), **given)
        else:
            made = kind.from_pretrained(str(model.path), use_safetensors=True, **given)
        made.set_progress_bar_config(disable=True)
        return made.to(device)
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RuntimeError, ImportError) as error:
        raise ServerError(
            f"{model.path}: diffusers cannot open it ({clipped(str(error) or type(error).__name__)})", "check that it is whole"
        ) from error
    finally:
        if shown:
            logging.enable_progress_bar()
