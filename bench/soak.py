"""Twelve hours of footage through every command in one process: does memory, a handle, a thread or a temporary file stay behind?

    python bench/soak.py                    29 pieces of 25 minutes; some minutes on two cores
    python bench/soak.py --pieces 60

A piece is 36 pictures at 24/1001 frames a second, 48 times 32 pixels, so that hours cost what seconds do. Each is aligned to a twin, verified,
converted, rendered, composited, laid out as ST maps and retimed, by the worker's own run() in this process; every fifth piece in fresh processes
too. Each film that comes out has to have its pictures at their times, as fractions. Exit 1 where something grows, or a film is wrong. Linux.
"""

from __future__ import annotations

import argparse
import gc
import os
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import chain
from pathlib import Path
from typing import Any

import av
import cv2
import numpy as np

from genlock.bench.floors import Floor
from genlock.hosts.jobs import Job, Request
from genlock.hosts.worker.run import run

RATE = Fraction(24, 1001)
PICTURES = 36
SIZE_WH = (48, 32)
SOUND_HZ = 1000
WARM = 4
"""Pieces before libraries have loaded what they load, and pools have their size."""


@dataclass(frozen=True)
class Held:
    """What this process holds at a moment."""

    memory_mb: float
    handles: int
    threads: int
    temporary: int
    """Files in the folder for temporary ones."""


def held(scratch: Path) -> Held:
    """Look; Linux's /proc."""
    gc.collect()
    said = dict(line.split(":", 1) for line in Path("/proc/self/status").read_text(encoding="utf-8").splitlines() if ":" in line)
    files = sum(len(names) for _, _, names in os.walk(scratch))
    return Held(int(said["VmRSS"].split()[0]) / 1000, len(os.listdir("/proc/self/fd")), int(said["Threads"]), files)


def write_piece(path: Path, number: int, blur: float = 0) -> Path:
    """Noise in large grains that pans, another one for each number; half an hour of low noise for sound."""
    width, height = SIZE_WH
    random = np.random.default_rng(number)
    ground = cv2.resize(random.integers(0, 255, (12, 40), np.uint8), (width + 3 * PICTURES, height), interpolation=cv2.INTER_CUBIC)
    with av.open(str(path), "w") as box:
        video: Any = box.add_stream("ffv1", rate=RATE)
        video.width, video.height, video.pix_fmt = width, height, "gray"
        video.codec_context.time_base = 1 / RATE
        sound: Any = box.add_stream("pcm_s16le", rate=SOUND_HZ)
        sound.codec_context.layout, sound.codec_context.format = "mono", "s16"
        for n in range(PICTURES):
            seen: Any = np.ascontiguousarray(ground[:, 3 * n : 3 * n + width])
            frame: Any = av.VideoFrame.from_ndarray(cv2.GaussianBlur(seen, (0, 0), blur) if blur else seen, format="gray")
            frame.pts, frame.time_base = n, 1 / RATE
            box.mux(video.encode(frame))
        box.mux(video.encode(None))
        words = random.integers(-99, 99, (1, round(PICTURES / RATE * SOUND_HZ))).astype(np.int16)
        block: Any = av.AudioFrame.from_ndarray(words, format="s16", layout="mono")
        block.sample_rate, block.pts, block.time_base = SOUND_HZ, 0, Fraction(1, SOUND_HZ)
        box.mux(sound.encode(block))
        box.mux(sound.encode(None))
    return path


def requests(folder: Path) -> Iterator[Request]:
    """Every command that makes something of footage, in an order in which each finds what it needs."""
    clip, ref, aligned = (str(folder / name) for name in ("clip.mkv", "ref.mkv", "a.json"))
    software: dict[str, object] = {"encoder": "software"}
    yield Request("align", {"clip": clip, "ref": ref}, (aligned, str(folder / "a.otio"), str(folder / "a.html")), {"time": "frames"})
    yield Request("verify", {"aligned": aligned}, (str(folder / "v.html"),), {})
    yield Request("convert", {"aligned": aligned}, (str(folder / "a.csv"), str(folder / "a.nk")), {})
    yield Request("render", {"aligned": aligned}, (str(folder / "r.mov"), str(folder / "r.%04d.png")), {**software, "codec": "h264"})
    yield Request("composite", {"aligned": aligned}, (str(folder / "c.mkv"),), {**software, "feather": 4})
    yield Request("stmap", {"aligned": aligned}, (str(folder / "s.%04d.exr"),), {"range": "0-3"})
    yield Request("retime", {"footage": ref}, (str(folder / "t.mov"),), {**software, "codec": "h264", "dedup": "off", "method": "plain", "times": 2})


def piece(folder: Path, number: int, afresh: bool) -> list[str]:
    """Run every command on one piece; what was wrong."""
    folder.mkdir()
    write_piece(folder / "ref.mkv", number)
    write_piece(folder / "clip.mkv", number, blur=0.6)
    wrong = []
    for k, request in enumerate(requests(folder)):
        job = Job.create(str(folder / f"job{k}"), request)
        if afresh:
            done = subprocess.run([sys.executable, "-m", "genlock", "run", job.folder, "--quiet"], capture_output=True, text=True, check=False)
            status, said = done.returncode, done.stderr[-300:]
        else:
            outcome = run(job.folder)
            status, said = outcome.exit_status, str(outcome.result.get("error") or outcome.result.get("sentence"))
        if status and request.kind != "verify":
            wrong.append(f"piece {number}: {request.kind} ended with {status}: {said}")
    if not wrong:
        wrong += chain(_strange(folder / "r.mov", RATE, PICTURES), _strange(folder / "t.mov", 2 * RATE, 2 * PICTURES))
    return wrong


def _strange(film: Path, rate: Fraction, count: int) -> Iterator[str]:
    with av.open(str(film)) as box:
        times = [packet.pts * Fraction(packet.time_base) for packet in box.demux(video=0) if packet.pts is not None and packet.size]
    if sorted(times) != [n / rate for n in range(count)]:
        yield f"{film}: pictures do not begin where they begin"


def soak(root: Path, pieces: int, afresh_every: int = 5, listen: Any = lambda number, now: None) -> tuple[list[Held], list[str]]:
    """Run them; what was held after each piece, and what was wrong. Temporary files and the cache lie in `root`."""
    scratch = root / "scratch"
    scratch.mkdir(parents=True)
    before, old_temporary = dict(os.environ), tempfile.tempdir
    os.environ.update(TMPDIR=str(scratch), GENLOCK_CACHE=str(root / "cache"))
    tempfile.tempdir = str(scratch)
    seen, wrong = [], []
    try:
        for number in range(pieces):
            folder = root / f"piece{number}"
            wrong += piece(folder, number, afresh=False)
            if afresh_every and number % afresh_every == afresh_every - 1:
                wrong += piece(root / f"fresh{number}", number, afresh=True)
            seen.append(held(scratch))
            listen(number, seen[-1])
    finally:
        tempfile.tempdir = old_temporary
        os.environ.clear()
        os.environ.update(before)
    return seen, wrong


def floors(seen: Sequence[Held], wrong: Sequence[str]) -> Iterator[Floor]:
    """Nothing may grow from after the warm-up to the end; memory by no more than a tenth of what it was, and 20 MB."""
    warm = seen[WARM:]
    third = max(1, len(warm) // 3)
    early, late = (statistics.median(now.memory_mb for now in part) for part in (warm[:third], warm[-third:]))
    yield Floor("commands that failed, films with a wrong time", len(wrong), 0)
    yield Floor("memory that stayed, MB", round(late - early, 1), max(20.0, early / 10))
    yield Floor("handles that stayed", max(now.handles for now in warm[-third:]) - max(now.handles for now in warm[:third]), 0)
    yield Floor("threads that stayed", max(now.threads for now in warm[-third:]) - max(now.threads for now in warm[:third]), 0)
    yield Floor("temporary files that stayed", seen[-1].temporary, 0)


def main(arguments: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pieces", type=int, default=29, help="of 25 minutes; 29 are twelve hours")
    args = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory(prefix="genlock-soak-") as folder:
        told = "after {:4.1f} h: {:6.1f} MB, {} handles, {} threads, {} temporary files"
        hours = float(PICTURES / RATE / 3600)

        def listen(number: int, now: Held) -> None:
            print(told.format((number + 1) * hours, now.memory_mb, now.handles, now.threads, now.temporary), flush=True)

        seen, wrong = soak(Path(folder), args.pieces, listen=listen)
        cache = sum(path.stat().st_size for path in (Path(folder) / "cache").rglob("*") if path.is_file())
        print(f"the cache holds {cache / 1e3 / args.pieces:.1f} kB a piece")
    print(*wrong, sep="\n")
    fell = 0
    for floor in floors(seen, wrong):
        print(floor, flush=True)
        fell += not floor.holds
    return 1 if fell else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
