"""A Stable Diffusion made in the test: a hundredth of a percent of its size, with random weights, and whole all the same."""

from __future__ import annotations

import json
import string
from pathlib import Path
from typing import Any

import torch
from diffusers import AutoencoderKL, DDIMScheduler, StableDiffusionInpaintPipeline, UNet2DConditionModel
from transformers import CLIPTextConfig, CLIPTextModel, CLIPTokenizer

WIDTH = 8
"""Of the text's vectors."""


def tokenizer(folder: Path) -> CLIPTokenizer:
    """One token a letter, with and without the end of a word."""
    letters = [*string.ascii_lowercase, *(letter + "</w>" for letter in string.ascii_lowercase), "<|startoftext|>", "<|endoftext|>"]
    (folder / "vocab.json").write_text(json.dumps({letter: number for number, letter in enumerate(letters)}))
    (folder / "merges.txt").write_text("#version: 0.2\n")
    return CLIPTokenizer(str(folder / "vocab.json"), str(folder / "merges.txt"), model_max_length=16)


def parts(folder: Path, channels: int = 9) -> dict[str, Any]:
    """The parts of a pipeline. channels: 9 where it was trained to inpaint, 4 where it was not."""
    torch.manual_seed(3)
    words = tokenizer(folder)
    text = CLIPTextConfig(
        vocab_size=len(words), hidden_size=WIDTH, intermediate_size=WIDTH, num_attention_heads=2, num_hidden_layers=1, max_position_embeddings=16
    )
    unet = UNet2DConditionModel(
        sample_size=8,
        in_channels=channels,
        out_channels=4,
        layers_per_block=1,
        block_out_channels=(8, 16),
        down_block_types=("CrossAttnDownBlock2D", "DownBlock2D"),
        up_block_types=("UpBlock2D", "CrossAttnUpBlock2D"),
        cross_attention_dim=WIDTH,
        attention_head_dim=4,
        norm_num_groups=4,
    )
    vae = AutoencoderKL(
        block_out_channels=(4, 4, 4, 8),
        down_block_types=("DownEncoderBlock2D",) * 4,
        up_block_types=("UpDecoderBlock2D",) * 4,
        latent_channels=4,
        norm_num_groups=2,
    )
    noise = DDIMScheduler(
        beta_start=0.00085, beta_end=0.012, beta_schedule="scaled_linear", clip_sample=False, set_alpha_to_one=False, steps_offset=1
    )
    return {"tokenizer": words, "text_encoder": CLIPTextModel(text), "unet": unet, "vae": vae, "scheduler": noise}


def save(folder: Path, channels: int = 9) -> Path:
    """A model's folder, as diffusers saves it."""
    folder.mkdir(parents=True)
    made = StableDiffusionInpaintPipeline(**parts(folder, channels), safety_checker=None, feature_extractor=None, requires_safety_checker=False)
    made.save_pretrained(folder / "model", safe_serialization=True)
    return folder / "model"


def save_single(folder: Path, path: Path) -> Path:
    """The model of a folder as one file, named as such files are."""
    from safetensors.torch import load_file, save_file

    from .original_names import unet, vae

    (network,), (coder,), (text,) = (list((folder / part).glob("*.safetensors")) for part in ("unet", "vae", "text_encoder"))
    tensors = {unet(name, 1, (False, True)): tensor for name, tensor in load_file(network).items()}
    tensors |= dict(vae(name, tensor) for name, tensor in load_file(coder).items())
    for name, tensor in load_file(text).items():
        tensors["cond_stage_model.transformer." + (name if name.startswith("text_model.") else "text_model." + name)] = tensor
    save_file({name: tensor.contiguous() for name, tensor in tensors.items()}, path)
    return path
