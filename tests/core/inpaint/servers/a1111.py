"""A stand-in for A1111 and Forge: it keeps state as they do, and does what was seen of them where a caller is careless.

Names, fields and replies are those of recorded.json, taken from a Forge f2.0.1 at work; test_recorded.py holds this file to it.
"""

from __future__ import annotations

import base64
import json
import threading
import time
from typing import Any

import cv2
import numpy as np

from . import paints
from .loopback import Answer, Fake, Request, as_json

API = "/sdapi/v1/"
VERSION = "f2.0.1v1.10.1-1.10.1"
DEFAULTS = {"return_mask": False, "return_mask_composite": False, "return_grid": True, "samples_format": "png", "img2img_color_correction": False}
FIELDS = {
    *("init_images", "mask", "prompt", "negative_prompt", "seed", "subseed", "subseed_strength", "sampler_name", "scheduler", "steps", "cfg_scale"),
    *("denoising_strength", "width", "height", "batch_size", "n_iter", "resize_mode", "mask_blur", "inpainting_fill", "inpaint_full_res"),
    *("inpaint_full_res_padding", "inpainting_mask_invert", "override_settings", "override_settings_restore_afterwards", "send_images"),
    *("save_images", "include_init_images", "alwayson_scripts"),
}
NUMBERS = ("seed", "steps", "width", "height", "batch_size", "n_iter", "mask_blur", "inpainting_fill")


class FakeA1111(Fake):
    """Switches: auth (name:password), obeys_mask, tells (whether replies say what was used), step_s, replaces (sampler it cannot run)."""

    def __init__(self) -> None:
        super().__init__()
        self.data: dict[str, Any] = {"sd_model_checkpoint": "first.safetensors [aaaaaaaaaa]"}
        """Options that were set by somebody; the others have their defaults, and those are not restored after a request."""
        self.models = [_model("first", "a" * 64), _model("other", None), _model("sub/deep", "c" * 64)]
        self.samplers = [{"name": "Euler", "aliases": ["k_euler"], "options": {}}, {"name": "DPM++ 2M", "aliases": ["k_dpmpp_2m"], "options": {}}]
        self.auth = ""
        self.obeys_mask = self.tells = True
        self.has_schedulers = True
        self.step_s = 0.0
        self.replaces = ""
        self.at_step = threading.Event()
        """Set once a picture is at work."""
        self.state: dict[str, Any] = {"skipped": False, "interrupted": False, "stopping_generation": False, "job": "", "job_count": 0}
        self.state |= {"job_timestamp": "20250101000000", "job_no": 0, "sampling_step": 0, "sampling_steps": 0}
        self.posted: list[dict[str, Any]] = []
        self._jobs = 0
        self._queue = threading.Lock()

    @property
    def options(self) -> dict[str, Any]:
        return {**DEFAULTS, **self.data}

    def answer(self, request: Request) -> Answer:
        if self.auth and request.headers.get("authorization") != "Basic " + base64.b64encode(self.auth.encode()).decode():
            return as_json({"detail": "Incorrect username or password"}, 401)
        name = request.path.removeprefix(API)
        if request.method == "POST" and name == "img2img":
            return self._img2img(request)
        if request.method == "POST" and name == "options":
            self.data.update(request.json())
            return as_json(None)
        if request.method == "POST" and name == "interrupt":
            self.state["interrupted"] = True
            return as_json({})
        if name == "cmd-flags":
            return as_json({"error": "ResponseValidationError", "detail": "", "body": {}, "message": "1 validation errors"}, 500)
        if name == "progress":
            return as_json(self._progress(request))
        lists = {"options": self.options, "samplers": self.samplers, "sd-models": self.models}
        if self.has_schedulers:
            lists["schedulers"] = [_scheduler("automatic", "Automatic"), _scheduler("karras", "Karras")]
        if request.method == "GET" and name in lists and request.path.startswith(API):
            return as_json(lists[name])
        return as_json({"detail": "Not Found"}, 404)

    def _progress(self, request: Request) -> dict[str, Any]:
        busy, steps = self.state["job_count"] != 0, max(1, self.state["sampling_steps"])
        progress = self.state["sampling_step"] / steps if busy else 0.0
        if request.query.get("skip_current_image") != "true":
            self.strange.append("progress was asked for with the whole picture")
        return {"progress": progress, "eta_relative": 0.0, "state": dict(self.state), "current_image": None, "textinfo": None}

    def _img2img(self, request: Request) -> Answer:
        body = request.json()
        self.strange += [f"{name} is no field of img2img" for name in set(body) - FIELDS]
        self.posted.append(body)
        wrong = next((name for name in NUMBERS if name in body and not isinstance(body[name], int)), None)
        if wrong:
            error = {"type": "int_parsing", "loc": ["body", wrong], "msg": "Input should be a valid integer", "input": body[wrong], "url": ""}
            return as_json({"detail": [error]}, 422)
        if not body.get("init_images"):
            return as_json({"detail": "Init image not found"}, 404)
        try:
            pictures = [paints.read(base64.b64decode(text, validate=True)) for text in body["init_images"]]
            mask = paints.read(base64.b64decode(body["mask"], validate=True))[..., 0] if body.get("mask") else None
        except (ValueError, cv2.error):
            return as_json({"detail": "Invalid encoded image"}, 500)
        with self._queue:
            return as_json(self._job(body, pictures, mask))

    def _job(self, body: dict[str, Any], pictures: list[np.ndarray], mask: np.ndarray | None) -> dict[str, Any]:
        asked = body.get("override_settings", {})
        kept = {key: self.data[key] for key in asked if key in self.data}
        self.data.update(asked)
        self._jobs += 1
        self.state.update(interrupted=False, skipped=False, job="scripts_img2img", job_count=-1, sampling_steps=body.get("steps", 50))
        self.state["job_timestamp"] = f"{20260101000000 + self._jobs}"
        model = self._loaded(self.data["sd_model_checkpoint"], kept.get("sd_model_checkpoint", self.data["sd_model_checkpoint"]))
        options = self.options
        wanted = body.get("batch_size", 1) * body.get("n_iter", 1)
        seeds = [body.get("seed", -1) + number for number in range(wanted)]
        made = [self._picture(body, pictures[number % len(pictures)], mask, seed) for number, seed in enumerate(seeds) if self._steps(body)]
        if body.get("save_images"):  # then they come back with an alpha of 254 and 255, which means nothing
            made = [np.dstack([picture, np.full(picture.shape[:2], 254, np.uint8)]) for picture in made]
        info = self._info(body, model, seeds, len(made))
        images = [image for result in made for image in _with_masks(result, mask, body, options)]
        if options["return_grid"] and body.get("save_images") and len(made) > 1:
            images.insert(0, np.hstack(made))
            info["index_of_first_image"], info["infotexts"] = 1, info["infotexts"][:1] + info["infotexts"]
        for key in asked:
            if key in kept:
                self.data[key] = kept[key]
        self.state.update(job="", job_count=0)
        texts = [base64.b64encode(paints.png(image)).decode() for image in images]
        return {"images": texts, "parameters": {**body, "init_images": None, "mask": None}, "info": json.dumps(info) if self.tells else ""}

    def _loaded(self, title: str, before: str) -> dict[str, Any]:
        """The model of a title; one that is not there leaves the one before, without a word. Loading makes its hash known."""
        for wanted in (title, before):
            for entry in self.models:
                if wanted in (entry["title"], entry["model_name"]):
                    if entry["hash"] is None:
                        entry.update(sha256="b" * 64, hash="b" * 10, title=f"{entry['title']} [{'b' * 10}]")
                    return entry
        return self.models[0]

    def _steps(self, body: dict[str, Any]) -> bool:
        """Whether this picture is reached at all: after an interruption the batch ends."""
        if self.state["interrupted"]:
            return False
        for step in range(body.get("steps", 50)):
            self.state["sampling_step"] = step
            self.at_step.set()
            if self.state["interrupted"]:
                break
            if self.step_s:
                time.sleep(self.step_s)
        return True

    def _picture(self, body: dict[str, Any], picture: np.ndarray, mask: np.ndarray | None, seed: int) -> np.ndarray:
        wh = body["width"] // 8 * 8, body["height"] // 8 * 8
        made = cv2.resize(picture[..., :3], wh) if picture.shape[1::-1] != wh else picture[..., :3].copy()
        if mask is None or not mask.any() or not self.obeys_mask:
            made[:] = paints.colour(seed, body.get("prompt", ""))
            return made
        where = cv2.resize(mask, wh, interpolation=cv2.INTER_NEAREST)
        reach = int(2.5 * body.get("mask_blur", 4) + 0.5)
        if reach:
            where = cv2.dilate(where, np.ones((2 * reach + 1, 2 * reach + 1), np.uint8))
        made[where > 127] = paints.colour(seed, body.get("prompt", ""))
        return made

    def _info(self, body: dict[str, Any], model: dict[str, Any], seeds: list[int], made: int) -> dict[str, Any]:
        names = {entry["name"] for entry in self.samplers}
        sampler = self.replaces or (body.get("sampler_name", "Euler") if body.get("sampler_name", "Euler") in names else "DPM++ 2M")
        used = {"sampler_name": sampler, "sd_model_name": model["filename"].rpartition("/")[2].rpartition(".")[0], "sd_model_hash": model["hash"]}
        texts = [f"Steps: {body.get('steps')}, Sampler: {sampler}, Seed: {seed}, Version: {VERSION}" for seed in seeds[:made]]
        places = {"width": body["width"], "height": body["height"], "index_of_first_image": 0, "job_timestamp": self.state["job_timestamp"]}
        return {"seed": seeds[0], "all_seeds": seeds, "infotexts": texts, "version": VERSION, **used, **places}


def _with_masks(result: np.ndarray, mask: np.ndarray | None, body: dict[str, Any], options: dict[str, Any]) -> list[np.ndarray]:
    """A result and what goes behind it: the mask, in the size that it came in, and the layer."""
    if mask is None or (not mask.any() and body.get("inpaint_full_res", True)):
        return [result]
    found = [result]
    if options["return_mask"]:
        found.append(np.repeat(mask[..., None], 3, 2))
    if options["return_mask_composite"]:
        found.append(np.dstack([result[..., :3], cv2.resize(mask, result.shape[1::-1], interpolation=cv2.INTER_NEAREST)]))
    return found


def _model(path: str, sha256: str | None) -> dict[str, Any]:
    short = sha256[:10] if sha256 else None
    title = f"{path}.safetensors" + (f" [{short}]" if short else "")
    file = f"/srv/models/Stable-diffusion/{path}.safetensors"
    return {"title": title, "model_name": path.replace("/", "_"), "hash": short, "sha256": sha256, "filename": file, "config": None}


def _scheduler(name: str, label: str) -> dict[str, Any]:
    return {"name": name, "label": label, "aliases": None, "default_rho": -1.0, "need_inner_model": False}
