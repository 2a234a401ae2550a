"""What stands in a written file, told by others than the code that wrote it: ffprobe where there is one, else PyAV; OpenImageIO for pictures."""

from __future__ import annotations

import json
import shutil
import subprocess
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np
import OpenImageIO as oiio


@dataclass
class Film:
    """A film's first picture stream."""

    codec: str
    pix_fmt: str
    size_wh: tuple[int, int]
    rate: Fraction
    frames: int
    times_s: list[Fraction]
    sounds: list[str]
    tags: tuple[str, str]
    """Primaries and transfer as numbers of H.273, in words where ffprobe says them."""


def film(path: Path) -> Film:
    """Read it back."""
    return _by_ffprobe(path) if shutil.which("ffprobe") else _by_pyav(path)


_WORDS = {"bt709": "1", "bt2020": "9", "smpte2084": "16", "unknown": "2"}


def _by_ffprobe(path: Path) -> Film:
    body = _probed("-show_frames", "-select_streams", "v:0", str(path))
    stream = body["streams"][0]
    sounds = _probed("-select_streams", "a", str(path))["streams"]
    base = Fraction(stream["time_base"])
    times = [int(frame["pts"]) * base for frame in body["frames"]]
    tags = tuple(_WORDS.get(stream.get(name, "unknown"), stream.get(name, "")) for name in ("color_primaries", "color_transfer"))
    return Film(
        stream["codec_name"], stream["pix_fmt"], (stream["width"], stream["height"]), Fraction(stream["avg_frame_rate"]), len(times),
        [time - times[0] for time in times], [s["codec_name"] for s in sounds], (tags[0], tags[1]),
    )  # fmt: skip


def _probed(*asked: str) -> Any:
    run = subprocess.run(["ffprobe", "-v", "error", "-of", "json", "-show_streams", *asked], capture_output=True, check=True)
    return json.loads(run.stdout)


def _by_pyav(path: Path) -> Film:
    with av.open(str(path)) as container:
        stream: Any = container.streams.video[0]
        frames = list(container.decode(stream))
        times = [frame.pts * Fraction(frame.time_base) for frame in frames]
        context = stream.codec_context
        return Film(
            context.name, frames[0].format.name, (context.width, context.height), Fraction(stream.average_rate), len(frames),
            [time - times[0] for time in times], [s.codec_context.name for s in container.streams.audio],
            (str(int(context.color_primaries)), str(int(context.color_trc))),
        )  # fmt: skip


def heard(path: Path, track: int = 0) -> tuple[np.ndarray, Fraction]:
    """(n, channels) float64 of a sound track, and when it begins after the first picture, in seconds."""
    with av.open(str(path)) as container:
        first: Any = next(container.decode(video=0))
        start_s = first.pts * Fraction(first.time_base)
    with av.open(str(path)) as container:
        blocks, begins = [], None
        for frame in container.decode(audio=track):
            if begins is None:
                begins = frame.pts * Fraction(frame.time_base)
            raw = frame.to_ndarray()
            samples = raw.T if frame.format.is_planar else raw.reshape(-1, len(frame.layout.channels))
            blocks.append(samples / 1.0 if samples.dtype.kind == "f" else samples / 2.0 ** (8 * samples.dtype.itemsize - 1))
    assert begins is not None
    return np.concatenate(blocks), begins - start_s


def picture(path: Path, part: int = 0, kind: str = "") -> tuple[np.ndarray, Any]:
    """(h, w, channels) of a picture file by OpenImageIO, as stored, and its header."""
    hints = oiio.ImageSpec()
    hints.attribute("oiio:UnassociatedAlpha", 1)
    file = oiio.ImageInput.open(str(path), hints)
    assert file is not None, oiio.geterror()
    assert file.seek_subimage(part, 0)
    spec = file.spec()
    pixels = file.read_image(part, 0, 0, spec.nchannels, kind or str(spec.format))
    file.close()
    return pixels, spec
