"""The names that tensors have in a single-file checkpoint, as the first Stable Diffusion was published, from those of diffusers.

Written down from the two naming schemes, and not from the library's converter, which it is there to be read by.
"""

from __future__ import annotations

import re

from torch import Tensor

_RESNET = {
    "norm1": "in_layers.0",
    "conv1": "in_layers.2",
    "time_emb_proj": "emb_layers.1",
    "norm2": "out_layers.0",
    "conv2": "out_layers.3",
    "conv_shortcut": "skip_connection",
}
_UNET = {
    "time_embedding.linear_1": "time_embed.0",
    "time_embedding.linear_2": "time_embed.2",
    "conv_in": "input_blocks.0.0",
    "conv_norm_out": "out.0",
    "conv_out": "out.2",
    "mid_block.resnets.0": "middle_block.0",
    "mid_block.attentions.0": "middle_block.1",
    "mid_block.resnets.1": "middle_block.2",
}
_ATTENTION = {"group_norm": "norm", "to_q": "q", "to_k": "k", "to_v": "v", "to_out.0": "proj_out"}


def unet(name: str, layers: int, attends_up: tuple[bool, ...]) -> str:
    """A name of the UNet. layers: of a block; attends_up: which blocks on the way up have attention."""
    for ours, theirs in _UNET.items():
        if name.startswith(ours + "."):
            return "model.diffusion_model." + theirs + _inner(name[len(ours) :])
    match = re.fullmatch(r"(down|up)_blocks\.(\d+)\.(resnets|attentions|downsamplers|upsamplers)\.(\d+)(.*)", name)
    assert match, name
    way, block, part, number, rest = match[1], int(match[2]), match[3], int(match[4]), match[5]
    if way == "down":
        place = f"input_blocks.{block * (layers + 1) + (layers + 1 if part == 'downsamplers' else number + 1)}"
    else:
        place = f"output_blocks.{block * (layers + 1) + (layers if part == 'upsamplers' else number)}"
    slot = {"resnets": "0", "attentions": "1", "downsamplers": "0.op", "upsamplers": f"{1 + attends_up[block]}.conv"}[part]
    return f"model.diffusion_model.{place}.{slot}" + _inner(rest.replace(".conv.", ".", 1) if part.endswith("samplers") else rest)


def _inner(rest: str) -> str:
    first = rest.strip(".").split(".")[0]
    return rest.replace(first, _RESNET[first], 1) if first in _RESNET else rest


def vae(name: str, tensor: Tensor) -> tuple[str, Tensor]:
    """A name of the autoencoder; its attention was made of convolutions then."""
    name = re.sub(r"encoder\.down_blocks\.(\d)\.resnets", r"encoder.down.\1.block", name)
    name = re.sub(r"encoder\.down_blocks\.(\d)\.downsamplers\.0", r"encoder.down.\1.downsample", name)
    name = re.sub(r"decoder\.up_blocks\.(\d)\.resnets", lambda match: f"decoder.up.{3 - int(match[1])}.block", name)
    name = re.sub(r"decoder\.up_blocks\.(\d)\.upsamplers\.0", lambda match: f"decoder.up.{3 - int(match[1])}.upsample", name)
    name = re.sub(r"mid_block\.resnets\.(\d)", lambda match: f"mid.block_{int(match[1]) + 1}", name)
    name = name.replace("conv_norm_out", "norm_out").replace("conv_shortcut", "nin_shortcut")
    attention = re.fullmatch(r"(.*)mid_block\.attentions\.0\.(group_norm|to_q|to_k|to_v|to_out\.0)(.*)", name)
    if attention:
        name = f"{attention[1]}mid.attn_1.{_ATTENTION[attention[2]]}{attention[3]}"
        tensor = tensor[:, :, None, None] if tensor.ndim == 2 else tensor
    return "first_stage_model." + name, tensor
