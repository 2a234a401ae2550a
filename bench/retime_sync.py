"""Sound and picture at the end of a long film that was retimed: flashes with a click each, to and fro through the real command.

    python bench/retime_sync.py                  two hours, 23.976 to 60 and a rate that varies to 60; some minutes each on two cores
    python bench/retime_sync.py --minutes 4

A flash lasts one frame of the input, and its click begins with it. In the output the flash is there from the first frame after the click; how
much later that is, in frames of the input, has to stay below a half. Exit 1 where it does not.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np

from genlock.bench.floors import Floor

SIZE_WH = (32, 18)
SOUND_RATE = 4000
NTSC = Fraction(24000, 1001)


@dataclass(frozen=True)
class Film:
    """Times of a film's frames, in ticks of time_base, and which of them are flashes."""

    pts: Sequence[int]
    time_base: Fraction
    rate: Fraction
    marks: Sequence[int]

    def time_s(self, frame: int) -> Fraction:
        """When a frame begins."""
        return self.pts[frame] * self.time_base


def steady(length_s: float, rate: Fraction, every: int) -> Film:
    """A constant rate; a flash each so many frames."""
    frames = int(length_s * rate)
    return Film(range(frames), 1 / rate, rate, range(every // 2, frames - 1, every))


def varying(length_s: float, rate: Fraction, every: int) -> Film:
    """Frames that are shown for about as long, each a little shorter or longer, in milliseconds as Matroska has them."""
    rng = np.random.default_rng(2)
    frames = int(length_s * rate)
    lengths = np.rint(float(1000 / rate) * rng.uniform(0.6, 1.4, frames)).astype(int)
    pts = [0, *np.cumsum(lengths[:-1]).tolist()]
    return Film(pts, Fraction(1, 1000), rate, range(every // 2, frames - 1, every))


def write(film: Film, path: Path) -> None:
    """Dark pictures with a blot that moves, white where a flash is; FFV1 and FLAC in Matroska."""
    marks = set(film.marks)
    length_s = film.time_s(len(film.pts) - 1) + 1 / film.rate
    with av.open(str(path), "w") as box:
        picture: Any = box.add_stream("ffv1", rate=film.rate)
        picture.width, picture.height, picture.pix_fmt = *SIZE_WH, "gray"
        picture.codec_context.time_base = film.time_base
        sound: Any = box.add_stream("flac", rate=SOUND_RATE, layout="mono")
        clicks = [round(film.time_s(mark) * SOUND_RATE) for mark in film.marks]
        heard = 0
        for number, at in enumerate(film.pts):
            luma = np.full(SIZE_WH[::-1], 255 if number in marks else 40, np.uint8)
            if number not in marks:
                luma[6:12, number // 8 % 24 : number // 8 % 24 + 6] = 90
            frame = av.VideoFrame.from_ndarray(luma, format="gray")
            frame.pts, frame.time_base = at, film.time_base
            box.mux(picture.encode(frame))
            while heard < min(at * film.time_base, length_s) * SOUND_RATE:
                heard = _more(box, sound, heard, 60 * SOUND_RATE, clicks)
        for stream in (picture, sound):
            box.mux(stream.encode(None))


def _more(box: Any, stream: Any, first: int, count: int, clicks: Sequence[int]) -> int:
    samples = np.zeros(count, np.int16)
    for click in clicks:
        if first <= click < first + count:
            samples[click - first : click - first + 4] = 30000
    frame = av.AudioFrame.from_ndarray(samples[None], format="s16", layout="mono")
    frame.sample_rate, frame.pts, frame.time_base = SOUND_RATE, first, Fraction(1, SOUND_RATE)
    box.mux(stream.encode(frame))
    return first + count


def flashes_s(path: Path) -> list[Fraction]:
    """When flashes begin, after the first picture."""
    found: list[Fraction] = []
    with av.open(str(path)) as box:
        was, first = False, None
        for frame in box.decode(video=0):
            at = _time_s(frame)
            first = at if first is None else first
            bright = bool(frame.to_ndarray(format="gray").mean() > 200)
            if bright and not was:
                found.append(at - first)
            was = bright
    return found


def clicks_s(path: Path) -> list[Fraction]:
    """When clicks begin, after the file's begin."""
    found: list[Fraction] = []
    with av.open(str(path)) as box:
        end = -1
        for frame in box.decode(audio=0):
            samples: Any = frame.to_ndarray().ravel()
            for k in np.flatnonzero(np.abs(samples.astype(np.int64)) > 0.5 * np.iinfo(samples.dtype).max):
                at = round(_time_s(frame) * SOUND_RATE) + int(k)
                if at > end + 8:
                    found.append(Fraction(at, SOUND_RATE))
                end = at
    return found


def _time_s(frame: Any) -> Fraction:
    return int(frame.pts) * Fraction(frame.time_base)


def floors(name: str, film: Film, folder: Path) -> list[Floor]:
    """Write it, retime it, look and listen."""
    source, out = folder / f"{name}.mkv", folder / f"{name}.60.mkv"
    write(film, source)
    began = time.perf_counter()
    subprocess.run([sys.executable, "-m", "genlock", "retime", str(source), "-o", str(out), "--fps", "60", "--quiet"], check=True)
    seconds = time.perf_counter() - began
    seen, heard = flashes_s(out), clicks_s(out)
    late = [float((a - b) * film.rate) for a, b in zip(seen, heard, strict=False)] or [float("nan")]
    print(f"      {name}: {len(film.pts)} frames, {float(film.time_s(len(film.pts) - 1)) / 60:.1f} minutes, made in {seconds:.0f} s")
    return [
        Floor(f"{name}: flashes seen and heard", float(len(seen) == len(heard) == len(film.marks)), 1, at_least=True),
        Floor(f"{name}: most that one is late, frames", max(map(abs, late)), 0.5),
        Floor(f"{name}: the last one is late, frames", abs(late[-1]), 0.5),
    ]


def main(arguments: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--minutes", type=float, default=120)
    args = parser.parse_args(arguments)
    fell = 0
    with tempfile.TemporaryDirectory() as folder:
        for name, film in (("steady", steady(60 * args.minutes, NTSC, 997)), ("varies", varying(60 * args.minutes, NTSC, 997))):
            for floor in floors(name, film, Path(folder)):
                print(floor, flush=True)
                fell += not floor.holds
    return 1 if fell else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
