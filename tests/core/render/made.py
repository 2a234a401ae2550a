"""Small films whose frames carry their number, and alignments of them that are true by the way they were made."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from fractions import Fraction
from pathlib import Path

import av
import numpy as np

from genlock.core.alignment import IDENTITY, Alignment, Key, Matrix, Media, Run, Verdict
from genlock.core.media.plates import Plate
from genlock.core.pieces import fit
from genlock.core.render.frames import Rendered
from genlock.tests.footage import Chart, number_on

NTSC = Fraction(24000, 1001)


def film(
    path: Path, pictures: Iterable[np.ndarray], rate: Fraction = Fraction(24), pix_fmt: str = "yuv420p", codec: str = "ffv1", from_fmt: str = "bgr24",
    pts: Sequence[int] | None = None, time_base: Fraction | None = None, **options: str,
) -> Path:
    """Write pictures losslessly; `pts` in `time_base` where the rate varies."""
    with av.open(str(path), "w") as box:
        stream = None
        for n, picture in enumerate(pictures):
            frame = av.VideoFrame.from_ndarray(np.ascontiguousarray(picture), format=from_fmt)
            if frame.format.name != pix_fmt:
                frame = frame.reformat(format=pix_fmt, dst_colorspace=5)
            if stream is None:
                stream = box.add_stream(codec, rate=rate)
                stream.width, stream.height, stream.pix_fmt = frame.width, frame.height, pix_fmt
                stream.codec_context.time_base = time_base or 1 / rate
                stream.options = {"g": "12", **options}
            frame.pts = pts[n] if pts is not None else n
            frame.time_base = time_base or 1 / rate
            box.mux(stream.encode(frame))
        assert stream is not None
        box.mux(stream.encode(None))
    return path


def charts(numbers: Iterable[int], size_wh: tuple[int, int] = (160, 96)) -> Iterable[np.ndarray]:
    """Numbered charts, (h, w, 3) BGR."""
    chart = Chart(size_wh=size_wh)
    return (chart.clean(number) for number in numbers)


def read_numbers(path: Path) -> list[int]:
    """The numbers that a film of charts shows."""
    with av.open(str(path)) as box:
        return [number_on(frame.to_ndarray(format="bgr24")) for frame in box.decode(video=0)]


def media(path: Path | str, frames: int, size_wh: tuple[int, int] = (160, 96), rate: Fraction = Fraction(24), **more: object) -> Media:
    return Media(str(path), frames, rate, size_wh[0], size_wh[1], **more)  # type: ignore[arg-type]


def aligned(
    clip: Media, ref: Media, shown: Sequence[int | None], matrix: Matrix | Callable[[int], Matrix] = IDENTITY, scores: Sequence[float | None] = ()
) -> Alignment:
    """The alignment in which each ref frame shows this clip frame, placed by one matrix, or by one for each ref frame."""
    runs: list[Run] = []
    at = 0
    while at < len(shown):
        end = at
        while end < len(shown) and (shown[end] is None) == (shown[at] is None):
            end += 1
        if shown[at] is None:
            runs.append(Run(at, end - at, Verdict.UNMATCHED))
        else:
            pieces = fit([(n, n) for n in shown[at:end] if n is not None], at, clip, ref)
            keys = tuple(Key(n, matrix(n)) for n in range(at, end)) if callable(matrix) else (Key(at, matrix),)
            runs.append(Run(at, end - at, Verdict.EXACT, pieces, keys, score=0.9, confidence=0.9))
        at = end
    made = Alignment(clip, ref, tuple(runs), evidence={"scores": list(scores)} if scores else {})
    assert made.clip_frames() == list(shown)
    return made


def rgb(shown: Rendered) -> np.ndarray:
    """(h, w, 3) uint8."""
    picture = shown.picture.rgb() if isinstance(shown.picture, Plate) else shown.picture[..., :3]
    return (np.clip(picture, 0, 1) * 255 + 0.5).astype(np.uint8)


def planes(shown: Rendered) -> tuple[np.ndarray, ...]:
    assert isinstance(shown.picture, Plate)
    return shown.picture.planes()
