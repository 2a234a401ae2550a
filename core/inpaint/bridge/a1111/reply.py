"""What /img2img answers: the result, perhaps a grid before it, perhaps mask and layer behind it, and what was used to make it."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from ...contract import PaintError
from ..pictures import decode
from ..words import clipped

_ODD = "check that url names A1111 or Forge"


@dataclass(frozen=True)
class Answer:
    """One picture, and the server's account of it."""

    picture: np.ndarray
    layer: np.ndarray | None
    info: Mapping[str, Any]

    def told(self, key: str) -> str:
        """A text of the account; empty where it does not say."""
        value = self.info.get(key)
        return clipped(value) if isinstance(value, str) else ""


def read(told: object, hw: tuple[int, int]) -> Answer:
    """The answer in a reply's JSON. Raises PaintError: none whole, another size, or a picture that was interrupted.

    The list of pictures depends on options that other clients may have left behind, so its shape is read off the list and never assumed.
    """
    texts = told.get("images") if isinstance(told, dict) else None
    if not isinstance(told, dict) or not isinstance(texts, list) or not all(isinstance(text, str) for text in texts):
        raise PaintError("the server answers without a list of images", _ODD)
    info = _info(told.get("info"))
    first = info.get("index_of_first_image")
    first = first if isinstance(first, int) and 0 <= first < len(texts) else 0
    wanted, made = _length(info, "all_seeds", 1), _length(info, "infotexts", 1 + first) - first
    if not texts or made < wanted:
        raise PaintError("the picture was interrupted at the server", "run again to paint it")
    picture = _decoded(texts[first], hw)
    behind = [_decoded(text, hw) for text in texts[first + wanted :][:2]] if wanted == 1 else []
    layer = next((other for other in behind if other.shape[2] == 4), None)
    return Answer(picture[..., :3], layer, info)


def _length(info: Mapping[str, Any], key: str, otherwise: int) -> int:
    value = info.get(key)
    return len(value) if isinstance(value, list) else otherwise


def _info(text: object) -> Mapping[str, Any]:
    try:
        info = json.loads(text) if isinstance(text, str) else None
    except (ValueError, RecursionError):
        info = None
    return info if isinstance(info, dict) else {}


def _decoded(text: str, hw: tuple[int, int]) -> np.ndarray:
    try:
        data = base64.b64decode(text.rpartition(",")[2], validate=True)
    except (binascii.Error, ValueError) as error:
        raise PaintError("the server's picture is no base64", _ODD) from error
    return decode(data, hw, "the server's picture")
