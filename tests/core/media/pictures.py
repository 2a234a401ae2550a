"""Pictures with a closed form, and films of noise, for what is written and read back."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np

from genlock.core.media.info import Colour
from genlock.core.media.plates import Form, PictureInfo, Plate, open_plates
from genlock.core.media.plates.form import plane_view, stored_as

WH = (96, 64)
NTSC = Fraction(24000, 1001)


def shaded(number: int, size_wh: tuple[int, int] = WH, alpha: bool = False) -> np.ndarray:
    """(h, w, 3) or (h, w, 4) float32: slow waves of colour within 0 to 1, another one for each number."""
    x, y = np.meshgrid(np.arange(size_wh[0]), np.arange(size_wh[1]))
    planes = [0.5 + 0.4 * np.sin(x / 17 + number / 3), 0.5 + 0.4 * np.cos(y / 13 - number / 5), 0.5 + 0.3 * np.sin((x + y) / 29)]
    if alpha:
        planes.append(np.clip(0.2 + x / size_wh[0], 0, 1))
    return np.dstack(planes).astype(np.float32)


def described(model: str = "yuv", bits: int = 10, sub_wh: tuple[int, int] = (1, 1), **more: Any) -> PictureInfo:
    """Facts of pictures that are made here: BT.709, 23.976, 96 x 64."""
    form = Form(model, bits, bool(more.pop("is_float", False)), bool(more.pop("alpha", False)), sub_wh)
    facts: dict[str, Any] = {"width": WH[0], "height": WH[1], "rate": NTSC, "time_base": 1 / NTSC, "colour": Colour(1, 1, 1, False)}
    return PictureInfo(form=form, **{**facts, **more})


def noise_film(path: Path, pix_fmt: str, frames: int = 3, size_wh: tuple[int, int] = WH, seed: int = 1) -> Path:
    """Every code of a pixel format may occur: FFV1, which loses nothing."""
    rng = np.random.default_rng(seed)
    stored = stored_as(pix_fmt)
    assert stored is not None
    with av.open(str(path), "w") as container:
        stream: Any = container.add_stream("ffv1", rate=NTSC)
        stream.width, stream.height, stream.pix_fmt = *size_wh, pix_fmt
        for number in range(frames):
            frame = av.VideoFrame(*size_wh, pix_fmt)
            for k in range(len(stored.places)):
                view = plane_view(frame, stored, k)
                view[...] = rng.integers(0, 2**stored.form.bits, view.shape)
            frame.pts, frame.time_base = number, 1 / NTSC
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return path


def plates_of(path: Path | str) -> list[Plate]:
    """All of them."""
    with open_plates(path) as plates:
        return list(plates.frames())


def equal(one: Plate, two: Plate) -> bool:
    """Whether two plates hold the same samples, bit for bit; float by its bits."""

    def bits(plate: Plate) -> list[tuple[str, bytes]]:
        return [(plane.dtype.name, np.ascontiguousarray(plane).tobytes()) for plane in plate.planes()]

    return one.form == two.form and bits(one) == bits(two)
