"""A pipeline of diffusers as a painter. torch and diffusers are imported when the first picture is painted."""

from __future__ import annotations

import inspect
import math
import time
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from ...core.errors import Cancelled, UsageError
from ...core.inpaint.bridge.pictures import require
from ...core.inpaint.bridge.words import clipped
from ...core.inpaint.contract import Ask, Painted, PaintError
from ...core.inpaint.project.tables import DiffusersTable
from . import samplers
from .files import Model, look
from .load import pipeline, require_diffusers

_MOST_SEED = 2**64 - 1


class DiffusersPainter:
    """Paints in this process. tell hears how far the picture at work is, 0 to 1."""

    name = "diffusers"

    def __init__(self, settings: DiffusersTable) -> None:
        self._settings = settings
        self.tell: Callable[[float, str], None] = lambda done, what: None
        self._model: Model | None = None
        self._pipeline: Any = None
        self._own_sampler: Any = None

    def identity(self) -> Mapping[str, Any]:
        """The model's name and a digest of its files; half precision paints other pictures, so it counts too. Raises ServerError."""
        model = self._looked_at()
        require_diffusers(self._settings.offline)
        return {"backend": self.name, "model": model.name, "hash": model.digest, "half": self._settings.half}

    def paint(self, ask: Ask, stop: Callable[[], bool]) -> Painted:
        """Paint one picture: the same seed gives the same picture, since the noise is drawn on the CPU. Raises as Inpainter tells."""
        require(ask)
        if not 0 <= ask.seed <= _MOST_SEED or ask.denoise <= 0:
            raise UsageError(f"the seed is {ask.seed} and denoise {ask.denoise:g}", f"give a seed of 0 to {_MOST_SEED}, and denoise above 0")
        sampler = samplers.named(ask.sampler) if ask.sampler else ""
        made = self._opened()
        made.scheduler = (
            samplers.scheduler(sampler, self._own_sampler.config) if sampler else type(self._own_sampler).from_config(self._own_sampler.config)
        )
        steps, began = max(ask.steps, math.ceil(1 / ask.denoise)), time.monotonic()
        picture = self._run(made, ask, steps, stop)
        return Painted(_as_asked(picture, ask), None, self._facts(made, ask, steps, time.monotonic() - began))

    def close(self) -> None:
        """Let go of the model's memory."""
        if self._pipeline is None:
            return
        import torch

        self._pipeline = self._own_sampler = None
        if torch.cuda.is_available():
            torch.cuda.empty_cache()

    def _looked_at(self) -> Model:
        if self._model is None:
            self._model = look(self._settings.model, self._settings.config)
        return self._model

    def _opened(self) -> Any:
        if self._pipeline is None:
            model = self._looked_at()
            require_diffusers(self._settings.offline)
            import torch

            from ...core.space.flow.device import chosen
            from ..precision import half_dtype

            device = chosen(self._settings.device)
            dtype = half_dtype(device) if self._settings.half else torch.float32
            self._pipeline = pipeline(model, device, dtype, self._settings.offline)
            self._own_sampler = self._pipeline.scheduler
        return self._pipeline

    def _run(self, made: Any, ask: Ask, steps: int, stop: Callable[[], bool]) -> np.ndarray:
        """The pipeline's picture (h, w, 3) float, 0 to 1. Raises Cancelled, PaintError."""
        import torch

        def after_step(pipe: Any, step: int, when: Any, tensors: dict[str, Any]) -> dict[str, Any]:
            if stop():
                raise Cancelled("stopped by request")
            total = max(1, int(pipe.num_timesteps))
            self.tell(min(1.0, (step + 1) / total), f"step {step + 1} of {total}")
            return tensors

        height, width = ask.mask.shape
        given = {
            "prompt": ask.prompt,
            "negative_prompt": ask.negative,
            "image": ask.picture.astype(np.float32) / np.iinfo(ask.picture.dtype).max,
            "mask_image": (ask.mask > 127).astype(np.float32),
            "height": height,
            "width": width,
            "num_inference_steps": steps,
            "strength": ask.denoise,
            "guidance_scale": ask.cfg,
            "generator": torch.Generator("cpu").manual_seed(ask.seed),
            "output_type": "np",
            "callback_on_step_end": after_step,
        }
        taken = inspect.signature(type(made).__call__).parameters
        try:
            with torch.inference_mode():
                picture = made(**{name: value for name, value in given.items() if name in taken}).images[0]
        except torch.cuda.OutOfMemoryError as error:
            raise PaintError("the model needs more memory than the device has", "write half = true, or a smaller size") from error
        except (RuntimeError, ValueError, TypeError) as error:
            raise PaintError(f"the model cannot paint it: {clipped(str(error) or type(error).__name__)}", "try another size or sampler") from error
        if not np.isfinite(picture).all():
            raise PaintError("the model gave numbers that are not finite", "write half = false" if self._settings.half else "its weights are damaged")
        return np.asarray(picture)

    def _facts(self, made: Any, ask: Ask, steps: int, seconds: float) -> dict[str, Any]:
        import diffusers

        model = self._looked_at()
        return {
            "backend": self.name,
            "model": model.name,
            "model_hash": model.digest,
            "pipeline": type(made).__name__,
            "sampler": type(made.scheduler).__name__,
            "seed": ask.seed,
            "steps": steps,
            "steps_run": int(made.num_timesteps),
            "device": str(made.device),
            "half": self._settings.half,
            "version": diffusers.__version__,
            "depth": 8 * ask.picture.dtype.itemsize,
            "seconds": round(seconds, 3),
        }


def _as_asked(picture: np.ndarray, ask: Ask) -> np.ndarray:
    if picture.shape != ask.picture.shape:
        raise PaintError(f"the model gave a picture of shape {picture.shape}, and {ask.picture.shape} was asked for", "choose a size that it keeps")
    return (picture.clip(0, 1) * np.iinfo(ask.picture.dtype).max).round().astype(ask.picture.dtype)
