"""The nodes that the stand-in for ComfyUI has: what each takes, and what it does."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

import cv2
import numpy as np

from . import paints

if TYPE_CHECKING:
    from .comfyui import FakeComfyUI

SAMPLERS = ["euler", "euler_ancestral", "dpm_2", "dpmpp_2m", "ddim", "uni_pc"]
SCHEDULERS = ["simple", "karras", "normal"]
_KINDS: Mapping[str, Mapping[str, Any]] = {
    "LoadImage": {"image": "file"},
    "LoadImageMask": {"image": "file", "channel": ["alpha", "red", "green", "blue"]},
    "CheckpointLoaderSimple": {"ckpt_name": "checkpoint"},
    "CLIPTextEncode": {"text": "STRING", "clip": "CLIP"},
    "InpaintModelConditioning": {name: "LINK" for name in ("positive", "negative", "vae", "pixels", "mask")} | {"noise_mask": "BOOLEAN"},
    "KSampler": {name: "LINK" for name in ("model", "positive", "negative", "latent_image")}
    | {"seed": (0, 2**64 - 1), "steps": (1, 10000), "cfg": (0.0, 100.0), "sampler_name": SAMPLERS, "scheduler": SCHEDULERS, "denoise": (0.0, 1.0)},
    "VAEDecode": {"samples": "LATENT", "vae": "VAE"},
    "SaveImage": {"images": "IMAGE", "filename_prefix": "STRING"},
    "PreviewImage": {"images": "IMAGE"},
    "PrimitiveInt": {"value": (-(2**63), 2**63)},
    "ImageInvert": {"image": "IMAGE"},
}


class Interrupted(Exception):
    """Somebody ended the prompt."""

    def __init__(self, node: str) -> None:
        self.node = node


def schemas(checkpoints: list[str]) -> dict[str, Any]:
    """/object_info, as far as it is asked for."""
    sampler = {"sampler_name": [SAMPLERS, {"tooltip": ""}], "scheduler": [SCHEDULERS, {"tooltip": ""}], "seed": ["INT", {"default": 0}]}
    loader = {"ckpt_name": [checkpoints, {"tooltip": ""}]}
    return {"KSampler": {"input": {"required": sampler}}, "CheckpointLoaderSimple": {"input": {"required": loader}}}


def checked(graph: Any, checkpoints: list[str], inputs: Mapping[str, bytes]) -> dict[str, Any]:
    """What is wrong with a graph, node by node, in the server's words; unknown inputs pass, as they do there."""
    found: dict[str, Any] = {}
    for number, node in graph.items():
        wrong = _KINDS.get(node.get("class_type", ""))
        errors = [_error("invalid_prompt", "Unknown node", "")] if wrong is None else _wrong_inputs(wrong, node["inputs"], graph, checkpoints, inputs)
        if errors:
            found[number] = {"errors": errors, "dependent_outputs": [], "class_type": node.get("class_type")}
    return found


def _wrong_inputs(kind: Mapping[str, Any], given: Mapping[str, Any], graph: Any, checkpoints: list[str], inputs: Mapping[str, bytes]) -> list[Any]:
    errors = []
    lists = {"file": list(inputs), "checkpoint": checkpoints}
    for name, wanted in kind.items():
        value = given.get(name)
        if name not in given:
            errors.append(_error("required_input_missing", "Required input is missing", name))
        elif isinstance(value, list):
            if len(value) != 2 or value[0] not in graph:
                errors.append(_error("bad_linked_input", "Bad linked input, must be a length-2 list of [node_id, slot_index]", name))
        elif isinstance(wanted, list) or wanted in lists:
            known = wanted if isinstance(wanted, list) else lists[wanted]
            if value not in known:
                errors.append(_error("value_not_in_list", "Value not in list", f"{name}: '{value}' not in {known}"))
        elif isinstance(wanted, tuple) and not wanted[0] <= value <= wanted[1]:
            errors.append(_error("value_bigger_than_max", f"Value {value} bigger than max of {wanted[1]}", name))
        elif wanted in ("LINK", "IMAGE", "LATENT", "VAE", "CLIP"):
            errors.append(_error("bad_linked_input", "Bad linked input, must be a length-2 list of [node_id, slot_index]", name))
    return errors


def _error(kind: str, message: str, details: str) -> dict[str, Any]:
    return {"type": kind, "message": message, "details": details, "extra_info": {}}


class Nodes:
    """One graph at work."""

    def __init__(self, graph: dict[str, Any], server: FakeComfyUI, tell: Callable[..., None]) -> None:
        self._graph, self._server, self._tell = graph, server, tell
        self._done: dict[str, tuple[Any, ...]] = {}
        self.at = ""

    def outputs(self) -> dict[str, Any]:
        """What the saving nodes wrote."""
        saving = [number for number, node in self._graph.items() if node["class_type"] in ("SaveImage", "PreviewImage")]
        return {number: self._value([number, 0]) for number in saving}

    def _value(self, link: list[Any]) -> Any:
        number, slot = link
        if number not in self._done:
            node = self._graph[number]
            given = {name: self._value(value) if isinstance(value, list) else value for name, value in node["inputs"].items()}
            self.at = number
            if self._server.interrupt.is_set():
                raise Interrupted(number)
            self._tell("executing", node=number, display_node=number)
            self._done[number] = getattr(self, f"_{node['class_type']}")(given)
        return self._done[number][slot]

    def _LoadImage(self, given: Any) -> tuple[Any, ...]:
        picture = paints.read(self._server.inputs[given["image"]])
        mask = 255 - picture[..., 3] if picture.shape[2] == 4 else np.zeros((64, 64), np.uint8)
        return picture[..., :3], mask

    def _LoadImageMask(self, given: Any) -> tuple[Any, ...]:
        picture = paints.read(self._server.inputs[given["image"]])
        if given["channel"] == "alpha":
            return (255 - picture[..., 3] if picture.shape[2] == 4 else np.zeros((64, 64), np.uint8),)
        return (picture[..., ["red", "green", "blue"].index(given["channel"])],)

    def _CheckpointLoaderSimple(self, given: Any) -> tuple[Any, ...]:
        if given["ckpt_name"].startswith("corrupt"):
            raise RuntimeError("Error while deserializing header: incomplete metadata, file not fully covered\n")
        return (given["ckpt_name"], "clip", "vae")

    def _CLIPTextEncode(self, given: Any) -> tuple[Any, ...]:
        return (given["text"],)

    def _PrimitiveInt(self, given: Any) -> tuple[Any, ...]:
        return (given["value"],)

    def _ImageInvert(self, given: Any) -> tuple[Any, ...]:
        return (255 - given["image"],)

    def _InpaintModelConditioning(self, given: Any) -> tuple[Any, ...]:
        return given["positive"], given["negative"], (given["pixels"], given["mask"])

    def _KSampler(self, given: Any) -> tuple[Any, ...]:
        pixels, mask = given["latent_image"]
        for step in range(1, given["steps"] + 1):
            self._tell("progress", value=step, max=given["steps"], node=self.at)
            self._server.at_step.set()
            time.sleep(self._server.step_s)
            if self._server.interrupt.is_set():
                raise Interrupted(self.at)
        made = pixels.copy()
        where = (
            cv2.resize(mask, pixels.shape[1::-1], interpolation=cv2.INTER_NEAREST) > 127
            if self._server.obeys_mask
            else np.ones(pixels.shape[:2], bool)
        )
        made[where] = paints.colour(given["seed"], given["positive"])
        return ((made, where),)

    def _VAEDecode(self, given: Any) -> tuple[Any, ...]:
        """Encoding and decoding change what was not painted too."""
        made, painted = given["samples"]
        softer = cv2.blur(made, (3, 3))
        softer[painted] = made[painted]
        return (softer,)

    def _SaveImage(self, given: Any) -> tuple[Any, ...]:
        return self._saved("output", given["filename_prefix"], given["images"])

    def _PreviewImage(self, given: Any) -> tuple[Any, ...]:
        return self._saved("temp", f"ComfyUI_temp_{id(given)}", given["images"])

    def _saved(self, kind: str, prefix: str, picture: np.ndarray) -> tuple[Any, ...]:
        folder, _, stem = prefix.rpartition("/")
        number = 1
        while (kind, folder, f"{stem}_{number:05}_.png") in self._server.files:
            number += 1
        where = {"filename": f"{stem}_{number:05}_.png", "subfolder": folder, "type": kind}
        self._server.files[(kind, folder, where["filename"])] = paints.png(picture)
        self._tell("executed", node=self.at, display_node=self.at, output={"images": [where]})
        return ({"images": [where]},)
