"""Node classes that the stand-in for Nuke knows: how many inputs, which knobs, and what each takes, as a regular expression of script text.

Names and values are those that a Nuke 17 lists of itself; of each class, what genlock writes and a little more.
"""

from __future__ import annotations

_NUMBER = r"-?\d+(?:\.\d+)?(?:e-?\d+)?"
_CURVE = rf"\{{curve(?: [LKCHRl])?(?: x-?\d+ {_NUMBER})+\}}"
COMPONENT = rf"(?:{_NUMBER}|{_CURVE})"
_FORMAT = r"\d+ \d+ 0 0 \d+ \d+ \d+(?:\.\d+)? ?\w*"
_BOOL = r"true|false"
_FILTERS = r"impulse|linear|cubic|Keys|Simon|Rifman|Mitchell|Parzen|notch|Lanczos4|Lanczos6|sinc4"


def _many(count: int) -> str:
    return rf"{COMPONENT}(?: {COMPONENT}){{{count - 1}}}|{_NUMBER}"


COMMON = {"name": r"\w+", "label": r".*", "xpos": r"-?\d+", "ypos": r"-?\d+", "disable": _BOOL, "tile_color": r".*", "selected": _BOOL}
CLASSES: dict[str, tuple[int, dict[str, str]]] = {
    "Group": (100, {}),
    "Input": (0, {"number": r"\d+"}),
    "Output": (1, {}),
    "Dot": (1, {}),
    "Grade": (2, {"white": COMPONENT, "mix": COMPONENT}),
    "Switch": (1000, {"which": COMPONENT}),
    "Constant": (1, {"color": _many(4), "format": _FORMAT}),
    "Read": (1, {
        "file": r".*", "format": _FORMAT, "first": r"-?\d+", "last": r"-?\d+", "origfirst": r"-?\d+", "origlast": r"-?\d+", "origset": _BOOL,
        "frame_mode": r"expression|start at|offset", "frame": r".*", "raw": _BOOL, "before": r"hold|loop|bounce|black",
    }),
    "TimeOffset": (1, {"time_offset": COMPONENT, "reverse_input": _BOOL}),
    "FrameHold": (1, {"firstFrame": COMPONENT, "increment": r"\d+"}),
    "TimeWarp": (1, {"lookup": COMPONENT, "filter": r"none|nearest|box"}),
    "Transform": (1, {
        "translate": _many(2), "rotate": COMPONENT, "scale": _many(2), "center": _many(2), "filter": _FILTERS, "black_outside": _BOOL,
        "invert_matrix": _BOOL,
    }),
    "CornerPin2D": (1, {
        **{f"{side}{n}": _many(2) for side in ("to", "from") for n in (1, 2, 3, 4)}, "invert": _BOOL, "filter": _FILTERS, "black_outside": _BOOL,
    }),
    "STMap": (3, {"channels": r"all|rgb|rgba", "uv": r"none|rgb|rgba|forward|backward", "filter": _FILTERS}),
    "Reformat": (1, {
        "format": _FORMAT, "resize": r"none|width|height|fit|fill|distort", "center": _BOOL, "black_outside": _BOOL, "pbb": _BOOL,
        "type": r"to format|to box|scale",
    }),
    "Copy": (2, {f"{side}{n}": r"\w+\.\w+" for side in ("from", "to") for n in range(4)}),
    "Premult": (1, {"channels": r"rgb|rgba|all", "alpha": r"\w+\.\w+"}),
    "Merge2": (100, {"operation": r"over|difference|plus|under|mask", "bbox": r"union|intersection|A|B", "mix": COMPONENT}),
}  # fmt: skip
DEFAULTS = {
    "frame_mode": "expression", "frame": "", "number": "0", "which": "0", "time_offset": "0", "file": "", "disable": "false",
    "reverse_input": "false", "first": "1", "last": "1", "origfirst": "1",
}  # fmt: skip
