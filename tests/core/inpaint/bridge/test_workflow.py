"""A person's own ComfyUI graph, with titles for what goes in and out."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from genlock.core.inpaint.bridge.comfyui import ComfyUI, workflow
from genlock.core.inpaint.bridge.settings import ComfySettings
from genlock.core.inpaint.contract import ServerError
from genlock.tests.core.inpaint.servers import paints
from genlock.tests.core.inpaint.servers.comfyui import FakeComfyUI

from .asks import ask, never


def graph(mask: str = "LoadImageMask", channel: str = "red", out: str = "SaveImage") -> dict[str, Any]:
    """Two inversions around the sampler, so that it is no graph of genlock's; ids are texts, as ComfyUI writes them."""

    def node(kind: str, title: str = "", **inputs: Any) -> dict[str, Any]:
        return {"class_type": kind, "inputs": inputs, "_meta": {"title": title or kind}}

    masked = ["12", 0] if mask == "LoadImageMask" else ["12", 1]
    mask_inputs = {"image": "mask.png", **({"channel": channel} if mask == "LoadImageMask" else {})}
    out_inputs = {"images": ["30", 0], **({"filename_prefix": "mine"} if out == "SaveImage" else {})}
    sampling = {"steps": 4, "cfg": 5.0, "sampler_name": "ddim", "scheduler": "karras", "denoise": 0.8, "seed": ["40", 0]}
    conditioning = {"positive": ["14", 0], "negative": ["15", 0], "vae": ["13", 2], "pixels": ["20", 0], "mask": masked, "noise_mask": True}
    return {
        "11": node("LoadImage", "genlock_image", image="plate.png"),
        "12": node(mask, "genlock_mask", **mask_inputs),
        "13": node("CheckpointLoaderSimple", ckpt_name="inpaint.safetensors"),
        "14": node("CLIPTextEncode", "genlock_prompt", clip=["13", 1], text="mine"),
        "15": node("CLIPTextEncode", "genlock_negative", clip=["13", 1], text=""),
        "16": node("InpaintModelConditioning", **conditioning),
        "17": node(
            "KSampler", "genlock_steps genlock_denoise", model=["13", 0], positive=["16", 0], negative=["16", 1], latent_image=["16", 2], **sampling
        ),
        "18": node("VAEDecode", samples=["17", 0], vae=["13", 2]),
        "20": node("ImageInvert", image=["11", 0]),
        "30": node("ImageInvert", image=["18", 0]),
        "31": node(out, "genlock_out", **out_inputs),
        "32": node("PreviewImage", images=["18", 0]),
        "40": node("PrimitiveInt", "genlock_seed", value=1),
    }


@pytest.fixture
def fake() -> Iterator[FakeComfyUI]:
    with FakeComfyUI() as server:
        server.inputs = {"plate.png": b"", "mask.png": b""}
        yield server


def written(tmp_path: Path, content: Any) -> Path:
    path = tmp_path / "workflow.json"
    path.write_text(content if isinstance(content, str) else json.dumps(content))
    return path


@pytest.mark.parametrize("form", [{}, {"channel": "alpha"}, {"channel": "blue"}, {"mask": "LoadImage"}, {"out": "PreviewImage"}])
def test_any_node_that_loads_a_mask_means_the_same(fake: FakeComfyUI, tmp_path: Path, form: dict[str, str]) -> None:
    bridge = ComfyUI(ComfySettings(url=fake.url, workflow=str(written(tmp_path, graph(**form))), probe=True))
    asked = ask(seed=2**63, prompt="a lamp")
    painted = bridge.paint(asked, never)
    colour = 255 - paints.colour(2**63, "a lamp")
    assert (painted.picture[asked.mask > 0] == colour).all()
    outside = painted.picture[48:, 56:].astype(int) - asked.picture[48:, 56:]
    assert abs(outside.mean()) < 2, "inverted twice"
    (sampler,) = [node for node in list(fake.history.values())[-1]["prompt"][2].values() if node["class_type"] == "KSampler"]
    assert (sampler["inputs"]["steps"], sampler["inputs"]["denoise"], sampler["inputs"]["cfg"]) == (3, 1.0, 5.0)


def test_another_graph_is_another_identity(fake: FakeComfyUI, tmp_path: Path) -> None:
    def identity(content: dict[str, Any]) -> Any:
        return ComfyUI(ComfySettings(url=fake.url, workflow=str(written(tmp_path, content)), probe=False)).identity()

    changed = graph()
    changed["13"]["inputs"]["ckpt_name"] = "other.safetensors"
    assert identity(graph()) == identity(graph()) != identity(changed)


def _without(title: str) -> Callable[[dict[str, Any]], Any]:
    def change(made: dict[str, Any]) -> None:
        for node in made.values():
            if node["_meta"]["title"] == title:
                node["_meta"]["title"] = "plain"

    return change


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (_without("genlock_image"), "no node is titled genlock_image"),
        (_without("genlock_seed"), "no node is titled genlock_seed"),
        (_without("genlock_out"), "no node is titled genlock_out"),
        (lambda made: made["13"]["_meta"].update(title="genlock_sed"), "a node is titled genlock_sed; titles are genlock_image"),
        (lambda made: made["13"]["_meta"].update(title="genlock_mask"), "two nodes are titled genlock_mask"),
        (lambda made: made["20"]["_meta"].update(title="genlock_cfg"), "genlock_cfg has no input cfg or value"),
        (lambda made: made.update(nodes=[], links=[]), "as the page saves it"),
        (lambda made: made["20"].pop("inputs"), "no workflow in API format"),
        (lambda made: made.clear(), "no workflow in API format"),
    ],
)
def test_what_is_missing_is_named(tmp_path: Path, change: Callable[[dict[str, Any]], Any], said: str) -> None:
    made = graph()
    change(made)
    with pytest.raises(ServerError, match=said):
        workflow.read(written(tmp_path, made))


@pytest.mark.parametrize("content", ["", "no", "[1, 2]", "[" * 5000, '{"1": 5}'])
def test_what_is_no_workflow_is_refused(tmp_path: Path, content: str) -> None:
    with pytest.raises(ServerError, match="no workflow in API format"):
        workflow.read(written(tmp_path, content))


def test_a_file_that_is_not_there_is_told_so(tmp_path: Path) -> None:
    with pytest.raises(ServerError, match="cannot be read"):
        workflow.read(tmp_path / "gone.json")


def test_a_prompt_that_no_node_would_take_is_refused(tmp_path: Path) -> None:
    made = graph()
    _without("genlock_prompt")(made)
    read = workflow.read(written(tmp_path, made))
    with pytest.raises(ServerError, match="no node titled genlock_prompt"):
        read.filled(ask(prompt="a lamp"), "a", "b", "c")
    assert read.filled(ask(prompt=""), "a", "b", "c")["14"]["inputs"]["text"] == "mine"


def test_the_graph_itself_stays_as_it_is(tmp_path: Path) -> None:
    read = workflow.read(written(tmp_path, graph()))
    before = copy.deepcopy(read.graph)
    read.filled(ask(), "a", "b", "c")
    assert read.graph == before
