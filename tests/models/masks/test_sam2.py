"""SAM 2 with random weights of a tiny size: what is streamed here is what transformers finds with the whole shot in memory."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch
import transformers

from genlock.core.errors import UsageError
from genlock.core.inpaint.masks import Box, Strokes
from genlock.models.errors import WeightsError
from genlock.models.masks.sam2 import Sam2

HW, COUNT = (46, 79), 24
PICTURES = np.random.default_rng(7).integers(0, 256, (COUNT, *HW, 3), np.uint8)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    torch.manual_seed(0)
    backbone = transformers.Sam2HieraDetConfig(
        hidden_size=12, num_attention_heads=1, blocks_per_stage=[1, 1, 2, 1], embed_dim_per_stage=[12, 24, 48, 96],
        num_attention_heads_per_stage=[1, 1, 1, 1], window_size_per_stage=[8, 4, 14, 7], window_positional_embedding_background_size=[7, 7],
        global_attention_blocks=[3], image_size=[64, 64],
    )  # fmt: skip
    vision = transformers.Sam2VisionConfig(
        backbone_config=backbone, backbone_channel_list=[96, 48, 24, 12], backbone_feature_sizes=[[16, 16], [8, 8], [4, 4]]
    )
    config = transformers.Sam2VideoConfig(
        vision_config=vision, image_size=64, memory_attention_rope_feat_sizes=[4, 4], memory_attention_num_layers=1,
        num_maskmem=3, max_object_pointers_in_encoder=4, prompt_encoder_config={"image_size": 64, "patch_size": 16},
    )  # fmt: skip
    out = tmp_path_factory.mktemp("sam2")
    transformers.Sam2VideoModel(config).eval().save_pretrained(out)
    return out


@pytest.fixture(scope="module")
def sam(folder: Path) -> Sam2:
    return Sam2(folder, "cpu")


def stock(sam: Sam2, prompt: Callable[[object], None], start: int, back: bool) -> dict[int, np.ndarray]:
    """Soft masks of transformers' own walk, all frames in memory, none forgotten."""
    whole = torch.stack([sam._picture(picture) for picture in PICTURES])
    session = transformers.Sam2VideoInferenceSession(video=whole, video_height=HW[0], video_width=HW[1], dtype=torch.float32)
    index = session.obj_id_to_idx(1)
    prompt((session, index))
    session.obj_with_new_inputs = [1]
    with torch.inference_mode():
        sam.model(inference_session=session, frame_idx=start)
    found = sam.model.propagate_in_video_iterator(session, start_frame_idx=start, reverse=back)
    return {out.frame_idx: torch.nn.functional.interpolate(out.pred_masks, size=HW, mode="bilinear")[0, 0].numpy() for out in found}


def test_streaming_finds_what_the_whole_shot_in_memory_finds(sam: Sam2) -> None:
    def prompt(told: object) -> None:
        session, index = told  # type: ignore[misc]
        corners = torch.tensor([[[[20 * 64 / 79, 10 * 64 / 46], [50 * 64 / 79, 40 * 64 / 46]]]])
        session.add_point_inputs(index, 14, {"point_coords": corners, "point_labels": torch.tensor([[[2, 3]]], dtype=torch.int32)})

    found = list(sam.masks(lambda n: PICTURES[n], COUNT, {14: Box(20, 10, 30, 30)}))
    assert [done.frame for done in found] == list(range(COUNT))
    theirs = {**stock(sam, prompt, 14, True), **stock(sam, prompt, 14, False)}
    for done in found:
        clear = np.abs(theirs[done.frame]) > 1e-3
        assert np.array_equal((done.mask > 0)[clear], (theirs[done.frame] > 0)[clear])
        assert 0 <= done.sure <= 1
    assert 0.01 < np.mean([done.mask > 0 for done in found]) < 0.99, "random weights that say something"


def test_a_finished_mask_comes_back_on_its_frame(sam: Sam2) -> None:
    mask = np.zeros(HW, np.uint8)
    mask[:, 40:] = 255
    (first, *_rest) = sam.masks(lambda n: PICTURES[n], 2, {0: Strokes(mask)})
    assert ((first.mask > 0) != (mask > 0)).mean() < 0.05


def test_shots_are_apart_and_strokes_say_points(sam: Sam2) -> None:
    strokes = np.full(HW, 128, np.uint8)
    strokes[20:24, 30:36], strokes[2:4, 60:70] = 255, 0
    found = list(sam.masks(lambda n: PICTURES[n], 6, {1: Strokes(strokes)}, cuts=[3]))
    alone = list(sam.masks(lambda n: PICTURES[n], 3, {1: Strokes(strokes)}))
    assert all(np.array_equal(a.mask, b.mask) for a, b in zip(found[:3], alone, strict=True))
    assert not any(done.mask.any() or done.sure for done in found[3:])


def test_what_cannot_be_meant_is_said(sam: Sam2, folder: Path, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no frame says"):
        list(sam.masks(lambda n: PICTURES[n], 2, {}))
    with pytest.raises(UsageError, match="only what the thing is not"):
        list(sam.masks(lambda n: PICTURES[n], 2, {0: Strokes(np.where(np.arange(79) < 5, 0, 128).astype(np.uint8) * np.ones((46, 1), np.uint8))}))
    with pytest.raises(WeightsError, match="No such file"):
        Sam2(tmp_path, "cpu")
    (tmp_path / "config.json").write_text(json.dumps({"model_type": "bert"}))
    with pytest.raises(WeightsError, match="'bert'"):
        Sam2(tmp_path, "cpu")
    (tmp_path / "config.json").write_text((folder / "config.json").read_text())
    with pytest.raises(WeightsError, match=r"no \.safetensors"):
        Sam2(tmp_path, "cpu")
    (tmp_path / "model.safetensors").write_bytes((folder / "model.safetensors").read_bytes()[:5000])
    with pytest.raises(WeightsError, match="cannot be loaded"):
        Sam2(tmp_path, "cpu")
