"""Picture files of a project: PNG of 8 and 16 bits, EXR of float. Arrays are (h, w), (h, w, 3) or (h, w, 4), RGB order."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np

from ...errors import GenlockError, MediaError, OutputError
from ...media.plates.form import Form
from ...media.plates.plate import Layer
from ...media.write.file import Header, write_file
from .atomic import hidden, settle, write_bytes

_QUICK = [cv2.IMWRITE_PNG_COMPRESSION, 1, cv2.IMWRITE_PNG_STRATEGY, cv2.IMWRITE_PNG_STRATEGY_RLE]
if hasattr(cv2, "IMWRITE_PNG_FILTER"):
    _QUICK += [cv2.IMWRITE_PNG_FILTER, cv2.IMWRITE_PNG_FILTER_SUB]
"""A third of the time that OpenCV takes else, and files that are hardly larger."""
_ORDERS = {3: cv2.COLOR_RGB2BGR, 4: cv2.COLOR_RGBA2BGRA}


def suffix_for(dtype: np.dtype) -> str:
    """Float stands in EXR, integers in PNG."""
    return ".exr" if dtype.kind == "f" else ".png"


def save_picture(path: Path, picture: np.ndarray) -> None:
    """Write a picture whole or not at all; its suffix and type have to go together. Raises OutputError."""
    if path.suffix == ".exr":
        _save_exr(path, picture)
    else:
        write_bytes(path, png_bytes(picture))


def png_bytes(picture: np.ndarray) -> bytes:
    """A PNG file's contents; equal pictures give equal bytes."""
    if picture.dtype not in (np.uint8, np.uint16):
        raise OutputError(f"a PNG file holds no {picture.dtype}", "write 8 or 16 bit, or EXR")
    turned = cv2.cvtColor(picture, _ORDERS[picture.shape[2]]) if picture.ndim == 3 else picture
    good, data = cv2.imencode(".png", turned, _QUICK)
    if not good:
        raise OutputError("a picture cannot be written as PNG", "this is a fault; please report it")
    return data.tobytes()


def load_picture(path: Path) -> np.ndarray:
    """(h, w), (h, w, 3) or (h, w, 4) as it was saved. Raises MediaError where it is missing or damaged."""
    return _load_exr(path) if path.suffix == ".exr" else _load_png(path)


def load_rgb(path: Path) -> np.ndarray:
    """(h, w, 3), grey repeated, alpha left out."""
    picture = load_picture(path)
    return np.repeat(picture[..., None], 3, axis=2) if picture.ndim == 2 else np.ascontiguousarray(picture[..., :3])


def load_grey(path: Path) -> np.ndarray:
    """(h, w) uint8 of a mask; of a coloured picture its brightest channel, of a deep one its upper bits. Raises MediaError."""
    picture = load_picture(path)
    level = picture[..., :3].max(-1) if picture.ndim == 3 else picture
    return level if level.dtype == np.uint8 else (level >> 8).astype(np.uint8)


def _load_png(path: Path) -> np.ndarray:
    try:
        data = np.frombuffer(path.read_bytes(), np.uint8)
    except OSError as error:
        raise MediaError(f"{path} cannot be read: {error.strerror}", "run the project again") from error
    picture = cv2.imdecode(data, cv2.IMREAD_UNCHANGED) if data.size else None
    if picture is None:
        raise MediaError(f"{path} is no picture", "run the project again, or take the file away")
    if picture.ndim == 3:
        picture = cv2.cvtColor(picture, cv2.COLOR_BGR2RGB if picture.shape[2] == 3 else cv2.COLOR_BGRA2RGBA)
    return np.asarray(picture)


def _save_exr(path: Path, picture: np.ndarray) -> None:
    channels = "RGBA"[: picture.shape[2]]
    bits = 16 if picture.dtype == np.float16 else 32
    beside = hidden(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    layer = Layer(tuple(channels), np.ascontiguousarray(picture))
    write_file(str(beside), [layer], Header(".exr", Form("rgb", bits, True, len(channels) == 4), compression="zip"), str(path))
    settle(beside, path)


def _load_exr(path: Path) -> np.ndarray:
    import OpenImageIO as oiio

    image = oiio.ImageInput.open(str(path))
    if image is None:
        oiio.geterror()
        raise MediaError(f"{path} cannot be read as EXR", "run the project again")
    try:
        pixels = image.read_image("half" if str(image.spec().format) == "half" else "float")
    finally:
        image.close()
    if pixels is None:
        raise GenlockError(f"{path} is damaged", "take it away, and run the project again")
    return np.asarray(pixels)
