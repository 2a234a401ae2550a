"""What is sent to /img2img. Every field and option that the answer depends on is said each time: the server's defaults differ, and options leak."""

from __future__ import annotations

import base64
from typing import Any

import numpy as np

from ...contract import Ask
from ..pictures import encode, in_depth

FILLS = {"fill": 0, "original": 1, "noise": 2, "nothing": 3}


def options(model_title: str) -> dict[str, Any]:
    """Options that hold for one request; the server keeps some of them afterwards."""
    return {
        "sd_model_checkpoint": model_title,
        "return_mask": True,
        "return_mask_composite": True,
        "return_grid": False,
        "samples_format": "png",
    }


def body(ask: Ask, model_title: str, fill: str, sampler: str = "", scheduler: str = "") -> dict[str, Any]:
    """The request for one picture.

    The picture is cut and scaled already, so the server does neither; the mask is not blurred, since blur repaints outside of it; one picture
    a request, so that a crash loses no more.
    """
    height, width = ask.mask.shape
    return {
        "init_images": [_text(in_depth(ask.picture, np.dtype(np.uint8)))],
        "mask": _text(np.where(ask.mask > 127, 255, 0).astype(np.uint8)),
        "prompt": ask.prompt,
        "negative_prompt": ask.negative,
        "seed": ask.seed,
        "subseed": -1,
        "subseed_strength": 0,
        "steps": ask.steps,
        "cfg_scale": ask.cfg,
        "denoising_strength": ask.denoise,
        "width": width,
        "height": height,
        "batch_size": 1,
        "n_iter": 1,
        "resize_mode": 0,
        "mask_blur": 0,
        "inpainting_fill": FILLS[fill],
        "inpaint_full_res": False,
        "inpaint_full_res_padding": 0,
        "inpainting_mask_invert": 0,
        "override_settings": options(model_title),
        "override_settings_restore_afterwards": True,
        "send_images": True,
        "save_images": False,
        "include_init_images": False,
        "alwayson_scripts": {},
        **({"sampler_name": sampler} if sampler else {}),
        **({"scheduler": scheduler} if scheduler else {}),
    }


def _text(picture: np.ndarray) -> str:
    return base64.b64encode(encode(picture)).decode("ascii")
