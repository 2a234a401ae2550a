"""Where the clip's picture lies while it moves, or in perspective: a Fusion composition as text, for TimelineItem.ImportFusionComp.

    MediaIn1 -> Resize1 -> Corners1 -> MediaOut1      anything: four corners, keyed
    MediaIn1 -> Transform1 -> MediaOut1               a similarity between pictures of one size

Fusion's points are 0 to 1 across the picture from its lower left corner, edges included, y up; angles are degrees,
counter-clockwise. Resize1 stretches the clip to the ref's size, so that the composition is as large as the ref, and Resolve fits it
into the timeline exactly as it fits the ref. A composition counts from 0 at the first frame of its timeline item.

A composition that is set up call by call under Lock() does not reach the render; the text loaded whole does.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

from .placing import Affine, Matrix, Size

Key = tuple[int, Matrix]
"""Ref frame, clip_to_ref."""
_CORNERS = (("TopLeft", 0.0, 1.0), ("TopRight", 1.0, 1.0), ("BottomLeft", 0.0, 0.0), ("BottomRight", 1.0, 0.0))
_SAME = 1e-9


class TurnedAwayError(ValueError):
    """A corner of the picture lies behind the picture plane, which no corner pin says."""


def composition(keys: Sequence[Key], clip_wh: Size, ref_wh: Size, first: int, count: int) -> str:
    """The text of a .comp file for the timeline item that plays ref frames first .. first + count - 1.

    keys   linear between, held outside
    Raises TurnedAwayError.
    """
    frames = _frames(keys, first, count)
    alike = clip_wh == ref_wh and all(_similar(matrix) for _, matrix in keys)
    tools = _transform(keys, frames, clip_wh, first) if alike else _corner_pin(keys, frames, clip_wh, ref_wh, first)
    last = "Transform1" if alike else "Corners1"
    media_in = '\t\tMediaIn1 = MediaIn {\n\t\t\tViewInfo = OperatorInfo { Pos = { 0, 0 } },\n\t\t},'
    media_out = f'\t\tMediaOut1 = MediaOut {{\n\t\t\tInputs = {{ Index = Input {{ Value = "0" }}, Input = {_from(last, "Output")} }},\n\t\t}},'
    head = f"\tCurrentTime = 0,\n\tRenderRange = {{ 0, {count - 1} }},\n\tGlobalRange = {{ 0, {count - 1} }},"
    return "\n".join(["Composition {", head, "\tTools = {", media_in, *tools, media_out, "\t}", "}", ""])


def matrix_at(keys: Sequence[Key], frame: int) -> Matrix:
    """Linear between keys, held outside them."""
    if frame <= keys[0][0]:
        return keys[0][1]
    for (a, before), (b, after) in zip(keys, keys[1:]):
        if frame < b:
            u = (frame - a) / (b - a)
            return [x * (1 - u) + y * u for x, y in zip(before, after)]
    return keys[-1][1]


def corners_at(matrix: Matrix, clip_wh: Size, ref_wh: Size) -> list[tuple[float, float]]:
    """Where the clip's corners (upper left, upper right, lower left, lower right) lie in the ref, 0 to 1, y up.

    Raises TurnedAwayError.
    """
    found = []
    for _, u, v in _CORNERS:
        x, y = u * clip_wh[0] - 0.5, (1 - v) * clip_wh[1] - 0.5
        w = matrix[6] * x + matrix[7] * y + matrix[8]
        if w <= _SAME:
            raise TurnedAwayError("the picture is turned so far that a corner lies behind it; bake it with genlock render")
        px = (matrix[0] * x + matrix[1] * y + matrix[2]) / w
        py = (matrix[3] * x + matrix[4] * y + matrix[5]) / w
        found.append(((px + 0.5) / ref_wh[0], 1 - (py + 0.5) / ref_wh[1]))
    return found


def _frames(keys: Sequence[Key], first: int, count: int) -> list[int]:
    """Ref frames that get a key: corners of a moving affine matrix are linear between its keys, all else is said frame by frame."""
    last = first + count - 1
    if len({tuple(matrix) for _, matrix in keys}) == 1:
        return [first]
    affine = all(matrix[6] == 0 == matrix[7] and matrix[8] == 1 for _, matrix in keys)
    unturned = affine and all(matrix[1] == 0 == matrix[3] for _, matrix in keys)
    if not unturned:
        return list(range(first, last + 1))
    return sorted({first, last, *(frame for frame, _ in keys if first < frame < last)})


def _similar(matrix: Matrix) -> bool:
    a, b, _, c, d, _, g, h, i = matrix
    room = _SAME * math.hypot(a, c)
    return g == 0 == h and i == 1 and abs(a - d) <= room and abs(b + c) <= room and math.hypot(a, c) > 0


def _transform(keys: Sequence[Key], frames: Sequence[int], wh: Size, first: int) -> list[str]:
    size: list[tuple[int, float]] = []
    angle: list[tuple[int, float]] = []
    x: list[tuple[int, float]] = []
    y: list[tuple[int, float]] = []
    before = 0.0
    for frame in frames:
        placed = Affine(matrix_at(keys, frame), wh, wh)
        (a, _), (c, _) = placed.linear
        before += (math.degrees(math.atan2(c, a)) - before + 180) % 360 - 180
        size.append((frame - first, math.hypot(a, c)))
        angle.append((frame - first, before))
        x.append((frame - first, 0.5 + placed.middle[0] / wh[0]))
        y.append((frame - first, 0.5 + placed.middle[1] / wh[1]))
    inputs = [f'Center = {_from("Center", "Value")}', f'Size = {_from("Size", "Value")}', f'Angle = {_from("Angle", "Value")}']
    tool = _tool("Transform1", "Transform", [*inputs, f'Input = {_from("MediaIn1", "Output")}'])
    return [tool, *_path("Center", x, y), _spline("Size", size), _spline("Angle", angle)]


def _corner_pin(keys: Sequence[Key], frames: Sequence[int], clip_wh: Size, ref_wh: Size, first: int) -> list[str]:
    at = {frame: corners_at(matrix_at(keys, frame), clip_wh, ref_wh) for frame in frames}
    resize = [f"Width = Input {{ Value = {ref_wh[0]} }}", f"Height = Input {{ Value = {ref_wh[1]} }}", "KeepAspect = Input { Value = 0 }"]
    tools = [] if clip_wh == ref_wh else [_tool("Resize1", "BetterResize", [*resize, f'Input = {_from("MediaIn1", "Output")}'])]
    source = "MediaIn1" if clip_wh == ref_wh else "Resize1"
    inputs = [f"{name} = {_from(name, 'Value')}" for name, _, _ in _CORNERS]
    tools.append(_tool("Corners1", "CornerPositioner", [*inputs, f'Input = {_from(source, "Output")}']))
    for n, (name, _, _) in enumerate(_CORNERS):
        tools += _path(name, [(f - first, at[f][n][0]) for f in frames], [(f - first, at[f][n][1]) for f in frames])
    return tools


def _from(tool: str, output: str) -> str:
    return f'Input {{ SourceOp = "{tool}", Source = "{output}" }}'


def _tool(name: str, kind: str, inputs: Sequence[str]) -> str:
    return f"\t\t{name} = {kind} {{\n\t\t\tInputs = {{ {', '.join(inputs)} }},\n\t\t}},"


def _path(name: str, x: Sequence[tuple[int, float]], y: Sequence[tuple[int, float]]) -> list[str]:
    """A point that moves: an XYPath, and a spline for each of its two numbers."""
    ends = [f'X = {_from(name + "X", "Value")}', f'Y = {_from(name + "Y", "Value")}']
    return [_tool(name, "XYPath", ends), _spline(name + "X", x), _spline(name + "Y", y)]


def _spline(name: str, keys: Sequence[tuple[int, float]]) -> str:
    """Straight lines between keys: the handles lie on them, a third of the way."""
    lines = []
    for n, (frame, value) in enumerate(keys):
        parts = [_number(value)]
        for side, other in (("LH", n - 1), ("RH", n + 1)):
            if 0 <= other < len(keys):
                parts.append(f"{side} = {{ {_third(frame, keys[other][0], _plain)}, {_third(value, keys[other][1], _number)} }}")
        lines.append(f"\t\t\t\t[{frame}] = {{ {', '.join(parts)}, Flags = {{ Linear = true }} }},")
    body = "\n".join(lines)
    return f"\t\t{name} = BezierSpline {{\n\t\t\tKeyFrames = {{\n{body}\n\t\t\t}},\n\t\t}},"


def _third(a: float, b: float, write: Callable[[float], str]) -> str:
    return write(a + (b - a) / 3)


def _number(value: float) -> str:
    return f"{value:.12g}"


def _plain(value: float) -> str:
    return f"{value:.6g}"
