"""A Stable Diffusion made in the test: a hundredth of a percent of its size, with random weights, and whole all the same."""

from __future__ import annotations

import json
import string
from pathlib import Path
from typing import Any

import torch
from diffusers import AutoencoderKL, DDIMScheduler, StableDiffusionInpaintPipeline, StableDiffusionXLInpaintPipeline, UNet2DConditionModel
from transformers import CLIPTextConfig, CLIPTextModel, CLIPTextModelWithProjection, CLIPTokenizer

WIDTH = 8
"""Of the text's vectors."""


def tokenizer(folder: Path) -> CLIPTokenizer:
    """One token a letter, with and without the end of a word."""
    letters = [*string.ascii_lowercase, *(letter + "</w>" for letter in string.ascii_lowercase), "<|startoftext|>", "<|endoftext|>"]
    (folder / "vocab.json").write_text(json.dumps({letter: number for number, letter in enumerate(letters)}))
    (folder / "merges.txt").write_text("#version: 0.2\n")
    return CLIPTokenizer(str(folder / "vocab.json"), str(folder / "merges.txt"), model_max_length=16)


def text_config(words: CLIPTokenizer) -> CLIPTextConfig:
    sizes = {"hidden_size": WIDTH, "intermediate_size": WIDTH, "projection_dim": WIDTH, "max_position_embeddings": 16}
    ends = {"bos_token_id": len(words) - 2, "eos_token_id": len(words) - 1, "pad_token_id": len(words) - 1}
    return CLIPTextConfig(vocab_size=len(words), num_attention_heads=2, num_hidden_layers=2, **sizes, **ends)


def network(**more: Any) -> UNet2DConditionModel:
    return UNet2DConditionModel(
        sample_size=8,
        out_channels=4,
        layers_per_block=1,
        block_out_channels=(8, 16),
        down_block_types=("CrossAttnDownBlock2D", "DownBlock2D"),
        up_block_types=("UpBlock2D", "CrossAttnUpBlock2D"),
        attention_head_dim=4,
        norm_num_groups=4,
        **more,
    )


def parts(folder: Path, channels: int = 9) -> dict[str, Any]:
    """The parts of a pipeline. channels: 9 where it was trained to inpaint, 4 where it was not."""
    torch.manual_seed(3)
    words = tokenizer(folder)
    text = text_config(words)
    unet = network(in_channels=channels, cross_attention_dim=WIDTH)
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


def save_xl(folder: Path) -> Path:
    """One of SDXL's shape: two texts, the second one pooled, and the picture's size beside the time."""
    folder.mkdir(parents=True)
    made = parts(folder)
    torch.manual_seed(4)
    told = {"addition_embed_type": "text_time", "addition_time_embed_dim": 4, "projection_class_embeddings_input_dim": WIDTH + 6 * 4}
    made["unet"] = network(in_channels=9, cross_attention_dim=2 * WIDTH, **told)
    second = CLIPTextModelWithProjection(text_config(made["tokenizer"]))
    whole = StableDiffusionXLInpaintPipeline(**made, text_encoder_2=second, tokenizer_2=made["tokenizer"], add_watermarker=False)
    whole.save_pretrained(folder / "model", safe_serialization=True)
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
