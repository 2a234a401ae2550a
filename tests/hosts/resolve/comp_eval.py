"""Plays a Fusion composition's text: which point of the ref shows a point of the clip, at a frame. Written apart from its writer.

Knows MediaIn, BetterResize, CornerPositioner, Transform and MediaOut; points are 0 to 1, y up, edges included.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Any

import numpy as np

_TOKEN = re.compile(r'\s*(?:("(?:[^"\\]|\\.)*")|(-?\d+\.?\d*(?:[eE][-+]?\d+)?)|([A-Za-z_]\w*)|([{}\[\]=,]))')


@lru_cache(maxsize=8)
def parse(text: str) -> dict[str, Any]:
    """The composition as nested dictionaries: {"Tools": {name: (kind, body)}}. Raises AssertionError where it is no Lua table."""
    tokens: list[str] = []
    at, text = 0, text.rstrip()
    while at < len(text):
        found = _TOKEN.match(text, at)
        assert found, text[at : at + 40]
        tokens.append(found.group().strip())
        at = found.end()
    value, rest = _value(tokens)
    assert not rest
    kind, body = value
    assert kind == "Composition"
    return body


def point(text: str, xy: tuple[float, float], clip_wh: tuple[int, int], ref_wh: tuple[int, int], frame: int) -> tuple[float, float]:
    """Where a clip pixel (centres on integers, y down) is drawn in the ref at a frame of the composition."""
    tools = parse(text)["Tools"]
    at = ((xy[0] + 0.5) / clip_wh[0], 1 - (xy[1] + 0.5) / clip_wh[1])
    chain = []
    name = tools["MediaOut1"][1]["Inputs"]["Input"][1]["SourceOp"]
    while tools[name][0] != "MediaIn":
        chain.append(name)
        name = tools[name][1]["Inputs"]["Input"][1]["SourceOp"]
    size = clip_wh
    for name in reversed(chain):
        kind, body = tools[name]
        inputs = body["Inputs"]
        if kind == "BetterResize":
            size = (inputs["Width"][1]["Value"], inputs["Height"][1]["Value"])
        elif kind == "CornerPositioner":
            at = _pinned(at, [_moving(tools, inputs[corner], frame) for corner in ("BottomLeft", "BottomRight", "TopRight", "TopLeft")])
        else:
            assert kind == "Transform", kind
            at = _transformed(at, size, *[_moving(tools, inputs[key], frame) for key in ("Center", "Size", "Angle")])
    assert tuple(size) == tuple(ref_wh)
    return at[0] * ref_wh[0] - 0.5, (1 - at[1]) * ref_wh[1] - 0.5


def _pinned(at, corners):
    rows, right = [], []
    for (u, v), (x, y) in zip([(0, 0), (1, 0), (1, 1), (0, 1)], corners, strict=True):
        rows += [[u, v, 1, 0, 0, 0, -u * x, -v * x], [0, 0, 0, u, v, 1, -u * y, -v * y]]
        right += [x, y]
    h = np.append(np.linalg.solve(np.array(rows, float), np.array(right)), 1).reshape(3, 3)
    x, y, w = h @ [*at, 1]
    return x / w, y / w


def _transformed(at, size, center, scale, degrees):
    u = np.array([(at[0] - 0.5) * size[0], (at[1] - 0.5) * size[1]]) * scale
    c, s = np.cos(np.radians(degrees)), np.sin(np.radians(degrees))
    x, y = c * u[0] - s * u[1], s * u[0] + c * u[1]
    return center[0] + x / size[0], center[1] + y / size[1]


def _moving(tools, value, frame):
    kind, body = tools[value[1]["SourceOp"]]
    if kind == "XYPath":
        return _moving(tools, body["Inputs"]["X"], frame), _moving(tools, body["Inputs"]["Y"], frame)
    assert kind == "BezierSpline"
    keys = sorted((int(time), key[0]) for time, key in body["KeyFrames"].items())
    return float(np.interp(frame, [time for time, _ in keys], [value for _, value in keys]))


def _value(tokens):
    token, *rest = tokens
    if token == "{":
        return _table(rest)
    if re.fullmatch(r"[A-Za-z_]\w*", token) and token not in ("true", "false"):
        value, rest = _value(rest)
        return (token, value), rest
    if token.startswith('"'):
        return token[1:-1], rest
    return ({"true": True, "false": False}[token] if token in ("true", "false") else float(token)), rest


def _table(rest):
    named: dict[Any, Any] = {}
    number = 0
    while rest[0] != "}":
        if rest[0] == "[":
            key, close, equals, *rest = rest[1:]
            assert (close, equals) == ("]", "=")
            value, rest = _value(rest)
        elif rest[1] == "=":
            key, _, *rest = rest
            value, rest = _value(rest)
        else:
            key, number = number, number + 1
            value, rest = _value(rest)
        named[key] = value
        if rest[0] == ",":
            rest = rest[1:]
    return named, rest[1:]
