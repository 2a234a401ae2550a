"""The stand-ins against what the real servers were recorded to say (recorded.json: types, names, sizes and counts; no pictures).

Left side: a stand-in at work. Right side: Forge f2.0.1v1.10.1 and ComfyUI 0.3.64, at work with random weights.
"""

from __future__ import annotations

import base64
import json
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from genlock.core.inpaint.bridge.a1111 import request as a1111_request
from genlock.core.inpaint.bridge.comfyui import ComfyUI, graph
from genlock.core.inpaint.bridge.settings import ComfySettings
from genlock.core.inpaint.contract import Ask, PaintError

from . import paints
from .a1111 import API, FIELDS, FakeA1111
from .comfyui import FakeComfyUI

RECORDED = json.loads((Path(__file__).parent / "recorded.json").read_text())
FORGE, COMFY = RECORDED["forge"], RECORDED["comfyui"]


def kind(value: Any) -> str:
    names = {type(None): "none", bool: "bool", int: "number", float: "number", str: "text", list: "list", dict: "object"}
    return names[type(value)]


def unlike(value: Any, recorded: Any, where: str = "") -> list[str]:
    """Where a reply has a name or a type that the recorded one has not."""
    if isinstance(recorded, dict):
        if not isinstance(value, dict):
            return [f"{where} is {kind(value)}"]
        strange = [f"{where}.{name} was never seen" for name in value if recorded and name not in recorded]
        return strange + [fault for name in value if name in recorded for fault in unlike(value[name], recorded[name], f"{where}.{name}")]
    if isinstance(recorded, list):
        if not isinstance(value, list):
            return [f"{where} is {kind(value)}"]
        return [fault for entry in value if recorded for fault in unlike(entry, recorded[0], f"{where}[]")]
    return [] if kind(value) in recorded.split("|") or recorded == "list" else [f"{where} is {kind(value)}, and {recorded} was seen"]


def ask_server(url: str, body: Any = None) -> tuple[int, Any]:
    request = urllib.request.Request(url, None if body is None else json.dumps(body).encode(), {"Content-Type": "application/json"})
    try:
        with urllib.request.urlopen(request) as answer:
            return answer.status, json.load(answer)
    except urllib.error.HTTPError as error:
        return error.code, json.load(error)


@pytest.fixture
def forge() -> Iterator[FakeA1111]:
    with FakeA1111() as fake:
        fake.models[0].update(title="sd15_inpaint_rand.safetensors", model_name="sd15_inpaint_rand", filename="/srv/sd15_inpaint_rand.safetensors")
        fake.data["sd_model_checkpoint"] = "sd15_inpaint_rand.safetensors"
        yield fake


@pytest.fixture
def comfy() -> Iterator[FakeComfyUI]:
    with FakeComfyUI() as fake:
        yield fake


@pytest.mark.parametrize("name", ["options", "samplers", "schedulers", "sd-models", "progress"])
def test_what_a1111_lists(forge: FakeA1111, name: str) -> None:
    status, told = ask_server(forge.url + API + name + "?skip_current_image=true")
    assert status == 200 and told and not unlike(told, FORGE[name])


def test_the_fields_that_are_sent_are_the_servers_own() -> None:
    known = set(FORGE["img2img fields"].split())
    asked = Ask("", np.zeros((8, 8, 3), np.uint8), np.full((8, 8), 255, np.uint8))
    body = a1111_request.body(asked, "model", "original", "Euler", "Automatic")
    assert set(body) <= known and known >= FIELDS and set(body["override_settings"]) <= set(FORGE["options"])


@pytest.mark.parametrize("name", FORGE["cases"])
def test_pictures_and_accounts_of_a1111(forge: FakeA1111, name: str) -> None:
    case = FORGE["cases"][name]
    if name == "wrong_checkpoint_silently_ignored":  # the options of requests before it had leaked
        forge.data.update(return_mask=True, return_mask_composite=True, return_grid=False)
    if name == "interrupted":
        forge.step_s = 0.02
        threading.Thread(target=lambda: forge.at_step.wait(5) and forge.state.update(interrupted=True), daemon=True).start()
    picture, mask = np.zeros((64, 64, 3), np.uint8), np.zeros((case["request"]["width"],) * 2 + (3,), np.uint8)
    mask[8:24] = 255 * (name != "blank_mask")
    body = {"init_images": [_b64(picture)], "mask": _b64(mask), "seed": case["info"]["all_seeds"][0], "mask_blur": 0, **case["request"]}
    body |= {"height": body["width"], "override_settings": body.pop("options")}
    status, told = ask_server(forge.url + API + "img2img", body)
    info = json.loads(told["info"])
    told.pop("parameters")
    assert status == 200 and not unlike(told, FORGE["img2img"]) and not unlike(info, FORGE["info"])
    sizes = [paints.read(base64.b64decode(text)).shape for text in told["images"]]
    assert [f"{width}x{height} {'RGBA' if depth == 4 else 'RGB'}" for height, width, depth in sizes] == case["images"]
    wanted = dict(case["info"])
    assert len(info["infotexts"]) == wanted.pop("infotexts")
    assert {key: info[key] for key in wanted} == wanted


@pytest.mark.parametrize("name", FORGE["errors"])
def test_refusals_of_a1111(forge: FakeA1111, name: str) -> None:
    body = {"err_no_init": {"prompt": "x"}, "err_b64": {"init_images": ["zzz"]}, "err_type": {"steps": "many"}, "err_404": None}[name]
    status, told = ask_server(forge.url + API + ("nope" if body is None else "img2img"), body)
    wanted = FORGE["errors"][name]
    assert status == wanted["status"]
    if name == "err_type":
        assert set(told["detail"][0]) == set(wanted["response"]["detail"][0]) and told["detail"][0]["loc"] == ["body", "steps"]
    else:
        assert told == wanted["response"]


def painted(fake: FakeComfyUI, **more: Any) -> list[dict[str, Any]]:
    """What the WebSocket told of one picture."""
    heard: list[dict[str, Any]] = []
    tell = fake.listeners.tell
    fake.listeners.tell = lambda client, message: (heard.append(json.loads(json.dumps(message))), tell(client, message))[1]  # type: ignore[method-assign]
    bridge = ComfyUI(ComfySettings(url=fake.url, probe=False, **{"model": "inpaint", **more}))
    mask = np.zeros((64, 64), np.uint8)
    mask[8:24] = 255
    try:
        bridge.paint(Ask("a" * 64, np.zeros((64, 64, 3), np.uint8), mask, steps=3), lambda: False)
    except PaintError:
        pass
    deadline = time.monotonic() + 5
    while not fake.history or heard[-1]["data"].get("node", "") is not None:
        assert time.monotonic() < deadline
        time.sleep(0.01)
    return heard


@pytest.mark.parametrize("name", ["inpaint_ok_batch2", "execution_error", "interrupted"])
def test_messages_and_history_of_comfyui(comfy: FakeComfyUI, name: str) -> None:
    case = COMFY["cases"][name]
    if name == "interrupted":
        comfy.step_s = 0.2
        threading.Thread(target=lambda: comfy.at_step.wait(5) and comfy.interrupt.set(), daemon=True).start()
    heard = painted(comfy, model="corrupt" if name == "execution_error" else "inpaint")
    order: list[str] = []
    for message in heard:
        assert not unlike(message["data"], {"sid": "text", "display_node": "text|none", **COMFY["messages"][message["type"]]}, message["type"])
        word = message["type"] + (":end" if message["type"] == "executing" and message["data"]["node"] is None else "")
        if word != "status" and order[-1:] != [word]:
            order.append(word)
    if name == "interrupted":  # the recorded one was ended before its sampler
        order.remove("progress")
    assert order == case["order"]
    (entry,) = comfy.history.values()
    assert set(entry) == set(COMFY["history entry"])
    assert (entry["status"]["status_str"], entry["status"]["completed"], entry["status"]["messages"][-1][0]) == (
        case["status_str"],
        case["completed"],
        case["last"],
    )
    assert bool(entry["outputs"]) == bool(case["outputs"])
    for node in entry["outputs"].values():
        assert set(node["images"][0]) == set(case["outputs"]["10"]["images"][0])


def test_what_comfyui_says_of_itself_and_of_its_queue(comfy: FakeComfyUI) -> None:
    assert not unlike(ask_server(comfy.url + "/system_stats")[1], COMFY["system_stats"])
    comfy.held.clear()
    sent, told = ask_server(comfy.url + "/prompt", {"prompt": {}, "client_id": "me"})
    assert sent == 200 and set(told) == set(COMFY["prompt"]) and not unlike(told, COMFY["prompt"])
    queue = ask_server(comfy.url + "/queue")[1]
    assert set(queue) == set(COMFY["queue"]) and [kind(part) for part in queue["queue_pending"][0]] == COMFY["queue entry"]


def test_the_refusal_of_comfyui(comfy: FakeComfyUI) -> None:
    made = graph.built_in(
        Ask("", np.zeros((8, 8, 3), np.uint8), np.zeros((8, 8), np.uint8), denoise=7.0), "a", "b", "c", "inpaint.safetensors", "nope", "normal"
    )
    comfy.inputs.update(a=b"", b=b"")
    status, told = ask_server(comfy.url + "/prompt", {"prompt": made})
    wanted = COMFY["refused"]
    assert status == 400 and told["error"] == wanted["error"]
    (node,) = told["node_errors"].values()
    assert node["class_type"] == "KSampler"
    assert {(error["type"], error["message"]) for error in node["errors"]} == {
        (error["type"], error["message"]) for error in wanted["node_errors"]["8"]["errors"]
    }


def test_nodes_take_what_comfyui_says_that_they_take() -> None:
    made = graph.built_in(Ask("", np.zeros((8, 8, 3), np.uint8), np.zeros((8, 8), np.uint8)), "a", "b", "c", "m", "euler", "normal")
    for node in made.values():
        if node["class_type"] in COMFY["object_info"]:
            assert set(node["inputs"]) == set(COMFY["object_info"][node["class_type"]])


def _b64(picture: np.ndarray) -> str:
    return base64.b64encode(paints.png(picture)).decode()
