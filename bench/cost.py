"""What a film, a season and an archive cost: measures seconds a frame on one core of this machine, fits them, prints the table of docs/scale.md.

    python bench/cost.py                 three sizes, three codecs; some minutes
    python bench/cost.py --ray           and what Ray takes for a share (pip install 'genlock[ray]')
    python bench/cost.py --quick         small and rough

CPU seconds, so that other work on the machine disturbs less. Commands are run at two lengths, and the difference is taken, so that
starting up is left out. Nothing here runs on a GPU.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
import time
from collections.abc import Iterable, Sequence
from fractions import Fraction
from pathlib import Path
from statistics import mean
from typing import Any

import av
import numpy as np

from genlock.bench.cost_model import Costs, Line, rows
from genlock.bench.measure import measured
from genlock.bench.tools import START

SIZES = ((640, 360), (1280, 720), (1920, 1080))
CODECS = {"h264": "libx264", "hevc": "libx265", "prores": "prores_ks"}
LENGTHS = (48, 144)
SHOT = 48
_TIMES = (2, 22)


def film(path: Path, size: tuple[int, int], count: int, encoder: str, seed: int = 1, crf: int = 21) -> None:
    """A film of pans over painted noise with grain, a cut every two seconds."""
    width, height = size
    quiet = {"x265-params": "log-level=none"} if encoder == "libx265" else {}
    options = {} if encoder == "prores_ks" else {"crf": str(crf), "preset": "veryfast", **quiet}
    with av.open(str(path), "w") as container:
        stream: Any = container.add_stream(encoder, rate=Fraction(24), options=options)
        stream.width, stream.height = width, height
        stream.pix_fmt = "yuv422p10le" if encoder == "prores_ks" else "yuv420p"
        for number in range(count):
            frame = av.VideoFrame.from_ndarray(picture(number, size, seed), format="rgb24").reformat(format=stream.pix_fmt)
            for packet in stream.encode(frame):
                container.mux(packet)
        for packet in stream.encode():
            container.mux(packet)


_worlds: dict[tuple[int, tuple[int, int], int], np.ndarray] = {}


def picture(number: int, size: tuple[int, int], seed: int) -> np.ndarray:
    """(height, width, 3) uint8."""
    import cv2

    width, height = size
    shot, step = divmod(number, SHOT)
    if (shot, size, seed) not in _worlds:
        rng = np.random.default_rng((seed, shot))
        wide = (width + 2 * SHOT * 3, height)
        layers = [cv2.resize(rng.normal(0, amount, (h, h * 2, 3)).astype(np.float32), wide) for h, amount in ((6, 40), (40, 25))]
        _worlds[shot, size, seed] = np.clip(layers[0] + layers[1] + 120, 0, 255)
    grain = np.random.default_rng((seed, number)).normal(0, 3, (height, width, 1))
    left = step * (2 + shot % 3)
    return np.clip(_worlds[shot, size, seed][:, left : left + width] + grain, 0, 255).astype(np.uint8)


def decode_s(path: Path) -> float:
    """CPU seconds a frame to decode a film with one thread."""
    with av.open(str(path)) as container:
        stream = container.streams.video[0]
        stream.thread_count = 1
        began, count = time.process_time(), 0
        for _ in container.decode(stream):
            count += 1
    return (time.process_time() - began) / count


def command_s(words: Sequence[object], cache: Path) -> float:
    """CPU seconds of a genlock command on one thread."""
    os.environ.update(GENLOCK_THREADS="1", GENLOCK_CACHE=str(cache))
    found = measured([sys.executable, "-c", START, *map(str, words), "--quiet"])
    if found["exit"]:
        raise RuntimeError(f"genlock {' '.join(map(str, words))} ended with status {found['exit']:g}")
    return found["cpu_s"]


def repeated(path: Path, count: int, times: int, out: Path) -> Path:
    """A film of `count` frames so many times in a row, its packets as they are."""
    with av.open(str(path)) as source, av.open(str(out), "w") as target:
        of: Any = source.streams.video[0]
        stream = target.add_stream_from_template(of)
        packets: list[Any] = [packet for packet in source.demux(of) if packet.pts is not None]
        pts, dts = [packet.pts for packet in packets], [packet.dts for packet in packets]
        ticks = round(count / (of.average_rate or 24) / (of.time_base or 1))
        for turn in range(times):
            for packet, at, decoded in zip(packets, pts, dts, strict=True):
                packet.pts, packet.dts, packet.stream = at + turn * ticks, decoded + turn * ticks, stream
                packet.time_base = of.time_base
                target.mux(packet)
    return out


def index_of(folder: Path, ref: Path, count: int) -> float:
    """CPU seconds of indexing for a frame, of minutes of footage: it looks at two pictures a second."""
    took = []
    for times in _TIMES:
        home = folder / f"archive-{times}"
        home.mkdir()
        repeated(ref, count, times, home / "film.mp4")
        took.append(command_s(["index", home, "--to", folder / f"{times}.genlock"], folder / "none"))
    return (took[1] - took[0]) / (count * (_TIMES[1] - _TIMES[0]))


def bytes_in(folder: Path) -> int:
    """Of all files below a folder."""
    return sum(file.stat().st_size for file in folder.rglob("*") if file.is_file())


def of_size(folder: Path, size: tuple[int, int], lengths: tuple[int, int]) -> dict[str, float]:
    """Seconds a frame of one size: align with nothing kept, align with everything kept, render, index; and bytes kept a frame."""
    made: list[dict[str, float]] = []
    for count in lengths:
        home = folder / f"{size[1]}-{count}"
        home.mkdir()
        ref, clip, out, cache = (home / name for name in ("ref.mp4", "clip.mp4", "a.otio", "cache"))
        film(ref, size, count, "libx264")
        film(clip, size, count, "libx264", crf=28)
        align = ["align", clip, ref, "-o", out]
        took = {"cold": command_s(align, cache), "warm": command_s(align, cache), "kept": float(bytes_in(cache))}
        took["render"] = command_s(["render", out, "--workers", "1", "-o", home / "out.mp4"], cache)
        made.append(took)
    a_frame = {name: (made[1][name] - made[0][name]) / (lengths[1] - lengths[0]) for name in made[0]}
    a_frame["index"] = index_of(home, ref, lengths[1])
    return a_frame


def measure(folder: Path, sizes: Sequence[tuple[int, int]], lengths: tuple[int, int]) -> Costs:
    """Everything but Ray, told as it comes."""
    decode: dict[str, list[tuple[float, float]]] = {codec: [] for codec in CODECS}
    analyse, render, index, solve, kept = [], [], [], [], []
    for size in sizes:
        megapixels = size[0] * size[1] / 1e6
        for codec, encoder in CODECS.items():
            path = folder / f"{codec}-{size[1]}.{'mov' if codec == 'prores' else 'mp4'}"
            film(path, size, lengths[0], encoder)
            decode[codec].append((megapixels, decode_s(path)))
            told(f"decode {codec:6} {size[0]}x{size[1]}", 1 / decode[codec][-1][1], "frames a CPU second")
        took = of_size(folder, size, lengths)
        of_side = max(0.0, (took["cold"] - took["warm"]) / 2 - decode["h264"][-1][1])
        analyse.append((megapixels, of_side))
        render.append((megapixels, took["render"]))
        solve.append(max(0.0, took["warm"]))
        index.append((megapixels, took["index"]))
        kept.append(took["kept"] / 2)
        told(f"analyse       {size[0]}x{size[1]}", of_side * 1e3, "ms a frame, on top of decoding")
        told(f"solve         {size[0]}x{size[1]}", solve[-1] * 1e3, "ms a frame")
        told(f"render        {size[0]}x{size[1]}", took["render"] * 1e3, "ms a frame, decoded, placed and encoded")
        told(f"index         {size[0]}x{size[1]}", index[-1][1] * 1e3, "ms a frame, with the decoding that it needs")
    lines = {codec: Line.through(points) for codec, points in decode.items()}
    return Costs(lines, Line.through(analyse), mean(solve), Line.through(render), Line.through(index), mean(kept))


def ray_s() -> float:
    """Seconds that Ray takes to give a worker a share and to hear that it is done, on a cluster that stands."""
    from genlock.bench.ray_overhead import dispatch_s

    return dispatch_s()


def told(what: str, value: float, unit: str) -> None:
    """One measured figure."""
    print(f"{what:24} {value:10.3f} {unit}", flush=True)


def table(cells: Iterable[Sequence[str]]) -> str:
    """Markdown."""
    head, *rest = cells
    return "\n".join(["| " + " | ".join(row) + " |" for row in (head, ["---"] * len(head), *rest)])


def main(arguments: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--ray", action="store_true", help="measure Ray too")
    parser.add_argument("--quick", action="store_true", help="two small sizes")
    args = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory(prefix="genlock-cost-") as folder:
        costs = measure(Path(folder), SIZES[:2] if args.quick else SIZES, (24, 72) if args.quick else LENGTHS)
    if args.ray:
        told("Ray, for a share", ray_s() * 1e3, "ms, there and back, on a cluster that stands")
    print("\nseconds of one core for a frame, by its megapixels:")
    fitted = {f"decode {codec}": line for codec, line in costs.decode.items()}
    for name, line in {**fitted, "analyse": costs.analyse, "render": costs.render, "index": costs.index}.items():
        print(f"  {name:14} {line.base_s * 1e3:7.2f} ms + {line.a_megapixel_s * 1e3:7.2f} ms a megapixel")
    print(f"  {'solve':14} {costs.solve_s * 1e3:7.2f} ms; analysis keeps {costs.cache_bytes:.0f} bytes a frame\n")
    print(table(rows(costs)))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
