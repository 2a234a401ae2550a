"""Plays a Nuke script, for tests: which frame of which file, and where its picture lies. Written from Foundry's node reference.

Knows Read, Constant, TimeOffset, FrameHold, TimeWarp, Transform, CornerPin2D, Reformat (no resize), Switch, Merge2.
Points are Nuke's: y up from the lower left corner of the format, the middle of the first pixel at (0.5, 0.5).
"""

from __future__ import annotations

import bisect
import math
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import cv2
import numpy as np

_TOKEN = re.compile(r'"((?:[^"\\]|\\.)*)"|([{}])|([^\s{}"]+)')


@dataclass
class Op:
    kind: str
    knobs: dict[str, Any]
    inputs: list[Op] = field(default_factory=list)


def parse(text: str) -> dict[str, Op]:
    """The nodes by name, joined as the stack says: a node's first input is what was pushed last."""
    stack: list[Op] = []
    named: dict[str, Op] = {}
    for kind, body in re.findall(r"^(\w+) \{\n(.*?)^\}", text, re.M | re.S):
        knobs = {}
        for line in body.splitlines():
            name, _, value = line.strip().partition(" ")
            knobs[name] = _value(value)
        op = Op(kind, knobs)
        if kind == "Root":
            named["Root"] = op
            continue
        for _ in range(int(knobs.get("inputs", 1))):
            op.inputs.append(stack.pop())
        stack.append(op)
        named[knobs["name"]] = op
    assert len(stack) == 1, "one node is left on the stack"
    return named


def _value(text: str) -> Any:
    """A text, or a list of components, each a number or a list of (frame, value)."""
    if text.startswith('"'):
        return re.sub(r"\\(.)", r"\1", text[1:-1])
    if not text.startswith("{"):
        return text
    return [_curve(word) if word.startswith("curve") else float(word) for word in re.findall(r"(?<=\{)curve[^}]*(?=\})|[-\d.]+", text[1:-1])]


def _curve(text: str) -> list[tuple[int, float]]:
    words = text.split()
    assert words[:2] == ["curve", "L"]
    return [(int(x[1:]), float(value)) for x, value in zip(words[2::2], words[3::2], strict=True)]


def at(knob: Any, frame: float) -> list[float]:
    """The components of a knob at a frame: straight between keys, held outside."""
    if isinstance(knob, str):
        return [float(knob)]
    return [part if isinstance(part, float) else _between(part, frame) for part in knob]


def _between(keys: list[tuple[int, float]], frame: float) -> float:
    n = bisect.bisect_right([x for x, _ in keys], frame)
    if n in (0, len(keys)):
        return keys[min(n, len(keys) - 1)][1]
    (x0, y0), (x1, y1) = keys[n - 1], keys[n]
    return y0 + (y1 - y0) * (frame - x0) / (x1 - x0)


def seen(op: Op, frame: float) -> tuple[Op, int, np.ndarray]:
    """(the Read or Constant, its frame, 3x3 from its points to this node's) that a node shows at a frame."""
    if op.kind in ("Read", "Constant"):
        return op, round(frame), np.eye(3)
    source = op.inputs[0]
    if op.kind == "Switch":
        return seen(op.inputs[round(at(op.knobs["which"], frame)[0])], frame)
    read, shown, matrix = seen(source, _TIMES[op.kind](op.knobs, frame) if op.kind in _TIMES else frame)
    return read, shown, (_SPACES[op.kind](op.knobs, frame) @ matrix if op.kind in _SPACES else matrix)


def _nearest(knobs: dict[str, Any], frame: float) -> float:
    assert knobs["filter"] == "nearest"
    return math.floor(at(knobs["lookup"], frame)[0] + 0.5)


_TIMES: dict[str, Callable[[dict[str, Any], float], float]] = {
    "TimeOffset": lambda knobs, frame: frame - float(knobs["time_offset"]),
    "FrameHold": lambda knobs, frame: float(knobs["firstFrame"]),
    "TimeWarp": _nearest,
}


def _transform(knobs: dict[str, Any], frame: float) -> np.ndarray:
    tx, ty = at(knobs["translate"], frame)
    (degrees,) = at(knobs["rotate"], frame)
    sx, sy = at(knobs["scale"], frame)
    cx, cy = at(knobs["center"], frame)
    c, s = math.cos(math.radians(degrees)), math.sin(math.radians(degrees))
    there, back = np.array([[1, 0, tx + cx], [0, 1, ty + cy], [0, 0, 1.0]]), np.array([[1, 0, -cx], [0, 1, -cy], [0, 0, 1.0]])
    return there @ np.array([[c, -s, 0], [s, c, 0], [0, 0, 1.0]]) @ np.diag([sx, sy, 1.0]) @ back


def _corner_pin(knobs: dict[str, Any], frame: float) -> np.ndarray:
    assert knobs["invert"] == "false"
    here, there = (np.array([at(knobs[f"{side}{n}"], frame) for n in (1, 2, 3, 4)]) for side in ("from", "to"))
    rows = []
    for (x, y), (u, v) in zip(here, there, strict=True):
        rows += [[x, y, 1, 0, 0, 0, -u * x, -u * y, -u], [0, 0, 0, x, y, 1, -v * x, -v * y, -v]]
    solution = np.linalg.svd(np.array(rows) / np.abs(rows).max())[2][-1]
    return solution.reshape(3, 3) / solution[-1]


_SPACES: dict[str, Callable[[dict[str, Any], float], np.ndarray]] = {"Transform": _transform, "CornerPin2D": _corner_pin}


def picture(op: Op, frame: int, load: Callable[[str, int], np.ndarray]) -> np.ndarray:
    """What a node shows, (H, W, 3) uint8, by bilinear sampling; load(file, frame) gives a file's picture."""
    read, shown, matrix = seen(op, frame)
    w, h = (int(word) for word in op_format(op).split()[:2])
    if read.kind == "Constant":
        return np.zeros((h, w, 3), np.uint8)
    image = load(read.knobs["file"], shown)
    up_to_pixels = np.array([[1, 0, -0.5], [0, -1, h - 0.5], [0, 0, 1.0]])
    pixels_to_up = np.array([[1, 0, 0.5], [0, -1, image.shape[0] - 0.5], [0, 0, 1.0]])
    return np.asarray(cv2.warpPerspective(image, up_to_pixels @ matrix @ pixels_to_up, (w, h), flags=cv2.INTER_LINEAR), np.uint8)


def op_format(op: Op) -> str:
    """The format of what a node gives."""
    return str(op.knobs["format"]) if "format" in op.knobs else op_format(op.inputs[0])
