"""The graph that paints where a person brings none of their own, as ComfyUI's API takes it: nodes by number, an input is a value or [node, output].

InpaintModelConditioning does for both kinds of checkpoint: one made for inpainting gets picture and mask as more channels, any other is held
to the mask by its noise alone.
"""

from __future__ import annotations

from typing import Any

from ...contract import Ask

Graph = dict[str, dict[str, Any]]

OUT = "9"
"""The node whose picture is the answer."""


def built_in(ask: Ask, picture: str, mask: str, prefix: str, model: str, sampler: str, scheduler: str) -> Graph:
    """The graph of one picture.

    picture, mask  files on the server, as LoadImage takes them
    prefix         of the file that the answer is written to
    """
    text, sampling = "CLIPTextEncode", {"seed": ask.seed, "steps": ask.steps, "cfg": ask.cfg, "denoise": ask.denoise}
    return {
        "1": _node("LoadImage", image=picture),
        "2": _node("LoadImageMask", image=mask, channel="red"),
        "3": _node("CheckpointLoaderSimple", ckpt_name=model),
        "4": _node(text, clip=["3", 1], text=ask.prompt),
        "5": _node(text, clip=["3", 1], text=ask.negative),
        "6": _node("InpaintModelConditioning", positive=["4", 0], negative=["5", 0], vae=["3", 2], pixels=["1", 0], mask=["2", 0], noise_mask=True),
        "7": _node(
            "KSampler",
            model=["3", 0],
            positive=["6", 0],
            negative=["6", 1],
            latent_image=["6", 2],
            sampler_name=sampler,
            scheduler=scheduler,
            **sampling,
        ),
        "8": _node("VAEDecode", samples=["7", 0], vae=["3", 2]),
        OUT: _node("SaveImage", images=["8", 0], filename_prefix=prefix),
    }


def _node(kind: str, **inputs: Any) -> dict[str, Any]:
    return {"class_type": kind, "inputs": inputs}
