"""Archives: how long a search takes in how many hours, and how often it is right.

    python bench/archive.py size 10 100 1000            made archives of so many hours: time, memory, bytes
    python bench/archive.py right FOOTAGE               excerpts of a folder's films, edited in every way named in docs/archive.md
    python bench/archive.py stores 100                  other ways to keep and look up the codes, beside the one that is used

Made fingerprints have the statistics of real ones, which `right` prints: how often a bit is set, by how many bits neighbours of half a
second differ within a shot, how long shots are. Archives of FOOTAGE are real files, read by the real commands' code.
"""

from __future__ import annotations

import argparse
import importlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import cv2
import numpy as np

from genlock.bench.archive_edits import EDITS, Edit, film, write
from genlock.core.alignment import Media
from genlock.core.archive.ask import ask
from genlock.core.archive.index import index
from genlock.core.archive.prints import RATE, Prints
from genlock.core.archive.scan import near, ones
from genlock.core.archive.store import Archive
from genlock.core.processes import peak_bytes
from genlock.core.settings_archive import FindSettings, IndexSettings
from genlock.hosts.demo.scene import reel

FILM_S = 5400
SHOT = 8
"""Moments of a made shot, on average."""
EXCERPT_S = 4.0
UNCACHED = IndexSettings(cache="off")
ASKING = FindSettings(cache="off")


@dataclass(frozen=True)
class Made(Prints):
    """Fingerprints of a film that nobody made; its pictures come packed, since packing them takes longest."""

    rest: bytes = b""

    def packed(self) -> tuple[bytes, bytes, bytes, bytes]:
        """As Prints does."""
        whole, middle = np.ascontiguousarray(self.codes.T).astype("<u8")
        return whole.tobytes(), middle.tobytes(), b"", self.rest


def made_codes(rng: np.random.Generator, moments: int) -> np.ndarray:
    """(moments, 2) uint64: shots with codes of their own, in which one bit in eight changes from moment to moment."""
    words = rng.integers(0, 2**64, (3, moments, 2), np.uint64)
    begins = rng.random((moments, 1)) < 1 / SHOT
    return np.bitwise_xor.accumulate(np.where(begins, words[0], words[0] & words[1] & words[2]), axis=0)


def made_rest(rng: np.random.Generator, moments: int) -> bytes:
    """Pictures of a film, packed; noise, which packs worse than pictures do."""
    at = np.arange(moments, dtype=np.uint32)
    small = rng.integers(0, 256, (moments, 192), np.uint8) & 0x77
    return Prints(at * 12, at * (1000 // RATE), np.zeros((moments, 2), np.uint64), small).packed()[3]


def made_archive(path: str, hours: float, seed: int = 1) -> None:
    """An archive of films of an hour and a half each."""
    rng = np.random.default_rng(seed)
    moments = FILM_S * RATE
    media = Media("film", moments * 12, Fraction(24), 1920, 1080)
    rests = [made_rest(rng, moments) for _ in range(4)]
    with Archive(path, make=True) as archive:
        none = np.zeros(moments, np.uint32)
        for number in range(max(1, round(hours * 3600 / FILM_S))):
            archive.add(f"{number:032x}", Made(none, none, made_codes(rng, moments), none, rests[number % 4]), media)


def size(hours: Sequence[float]) -> None:
    """The table of growth: for a clip that is in the archive, for one that is cropped to 80 %, and for one that is not there, which is asked for
    crops as well."""
    print(f"{'hours':>6s} {'MB':>8s} {'clip':>8s} {'load s':>7s} {'search s':>9s} {'confirm s':>10s} {'all s':>6s} {'CPU s':>6s} {'peak MB':>8s}")
    with tempfile.TemporaryDirectory() as name:
        home = Path(name)
        scene = reel(5, (60, 60, 60, 60))
        shown, cropped, other = home / "shown.mp4", home / "cropped.mp4", home / "other.mp4"
        frames = [scene.frame(n) for n in range(240)]
        write(shown, frames, Fraction(24), 20)
        write(cropped, [_crop(frame) for frame in frames], Fraction(24), 20)
        scene = reel(6, (120, 120))
        write(other, [scene.frame(n) for n in range(240)], Fraction(24), 20)
        for many in hours:
            path = home / f"{many:g}.genlock"
            made_archive(str(path), many)
            (home / "one").mkdir(exist_ok=True)
            os.replace(shown, home / "one" / "shown.mp4")
            index(str(home / "one"), str(path), UNCACHED)
            os.replace(home / "one" / "shown.mp4", shown)
            for clip in (shown, cropped, other):
                print(_sized(many, path, clip), flush=True)
            path.unlink()


def _crop(frame: np.ndarray) -> np.ndarray:
    """Its middle, 80 % each way, as large as it was."""
    h, w = frame.shape[:2]
    return np.asarray(cv2.resize(frame[h // 10 : h - h // 10, w // 10 : w - w // 10], (w, h), interpolation=cv2.INTER_CUBIC), np.uint8)


def _sized(hours: float, path: Path, clip: Path) -> str:
    """One row, measured in a process of its own."""
    command = [sys.executable, __file__, "ask", str(clip), str(path)]
    told = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
    times = told["times_s"]
    mb = path.stat().st_size / 1e6
    head = f"{hours:6g} {mb:8.1f} {clip.stem if told['places'] else 'not':>8s} {times['load']:7.3f} {times['search']:9.3f} {times['confirm']:10.3f}"
    return f"{head} {sum(times.values()):6.2f} {told['cpu_s']:6.2f} {told['peak_mb']:8.0f}"


def _ask(clip: str, path: str) -> None:
    answered = ask(clip, path, ASKING)
    began = time.process_time()
    answered = ask(clip, path, ASKING)
    print(json.dumps({
        "times_s": answered.found.times_s, "places": len(answered.places), "cpu_s": time.process_time() - began,
        "peak_mb": peak_bytes() / 1e6,
    }))


def right(folder: Path, only: Sequence[str]) -> None:
    """Excerpts of each film, edited, looked up among all films; and in an archive without that film."""
    with tempfile.TemporaryDirectory() as name:
        home = Path(name)
        whole = str(home / "all.genlock")
        done = index(str(folder), whole, UNCACHED)
        print(f"{done.total} films, {done.seconds:.0f} s")
        _statistics(whole)
        films = [path for path in sorted(folder.iterdir()) if path.suffix == ".mp4"]
        without = {path: _without(home, path, films) for path in films}
        print(f"{'edit':22s} {'asked':>5s} {'found':>5s} {'sure':>5s} {'its file':>8s} {'off s, median':>13s} {'worst':>6s} {'false':>6s}")
        for edit in EDITS:
            if not only or edit.name in only:
                print(_edited(edit, films, whole, without, home), flush=True)


def _without(home: Path, path: Path, films: Sequence[Path]) -> str:
    """An archive of all films but one."""
    folder = home / f"without-{path.stem}"
    folder.mkdir()
    for other in films:
        if other != path:
            shutil.copyfile(other, folder / other.name)
    archive = str(home / f"{path.stem}.genlock")
    index(str(folder), archive, UNCACHED)
    return archive


def _edited(edit: Edit, films: Sequence[Path], whole: str, without: dict[Path, str], home: Path) -> str:
    asked = found = sure = same = false = 0
    off: list[float] = []
    for path in films:
        frames, rate = film(path)
        count = round(EXCERPT_S * rate)
        for first in _excerpts(len(frames), count):
            clip = home / "clip.mp4"
            truth = write(clip, *edit.apply(frames[first : first + count], rate))
            asked += 1
            answered = ask(str(clip), whole, ASKING)
            false += len(ask(str(clip), without[path], ASKING).places)
            places = answered.places
            found += bool(places)
            sure += any(place.verdict == "sure" for place in places)
            if places:
                best = places[0]
                same += Path(answered.paths[best.file][0]).name == path.name
                middle = truth.seconds / 2
                off.append(abs(best.file_s(middle) - (first / float(rate) + edit.source_s(middle))))
            clip.unlink()
    late = f"{np.median(off):13.3f} {max(off):6.2f}" if off else f"{'':13s} {'':6s}"
    return f"{edit.name:22s} {asked:5d} {found:5d} {sure:5d} {same:8d} {late} {false:6d}"


def _excerpts(frames: int, count: int) -> Iterator[int]:
    for place in (0.1, 0.55):
        first = int(place * frames)
        if first + count <= frames:
            yield first


def _statistics(path: str) -> None:
    with Archive(path) as archive:
        codes = archive.entries()
        kept = 16 * len(codes.whole) + sum(len(archive.rest_of(entry.id) or b"") for entry in codes.entries)
    print(f"{kept / len(codes.whole):.0f} bytes a moment, {kept / len(codes.whole) * RATE * 3600 / 1e6:.2f} MB an hour, without SQLite's pages")
    file = np.repeat(np.arange(len(codes.entries)), [entry.count for entry in codes.entries])
    a, b = np.triu_indices(len(file), 1)
    far = ones(codes.whole[a] ^ codes.whole[b])[file[a] != file[b]]
    near_by = ones(codes.whole[1:] ^ codes.whole[:-1])[file[1:] == file[:-1]]
    within = near_by[near_by < 20]
    print(f"bits apart: moments of other films {far.mean():.1f} +- {far.std():.1f}, least {far.min()}; neighbours in a shot {within.mean():.1f} "
          f"({len(within)} of {len(near_by)} neighbours)")


def stores(hours: float) -> None:
    """Codes of so many hours looked up by a pass over them, by a table of keys in SQLite, and by faiss where it is installed."""
    rng = np.random.default_rng(1)
    kept = np.concatenate([made_codes(rng, FILM_S * RATE)[:, 0] for _ in range(max(1, round(hours * 3600 / FILM_S)))])
    asked = kept[rng.integers(0, len(kept), 1200)] ^ (np.uint64(1) << rng.integers(0, 64, 1200).astype(np.uint64))
    _timed("one pass over the codes", lambda: len(near(kept, asked).entry))
    _sqlite(kept, asked)
    _faiss(kept, asked)


def _timed(what: str, work: Callable[[], object]) -> None:
    began, cpu = time.perf_counter(), time.process_time()
    told = work()
    print(f"{what:44s} {time.perf_counter() - began:8.3f} s wall {time.process_time() - cpu:8.3f} s CPU   {told}", flush=True)


def _sqlite(kept: np.ndarray, asked: np.ndarray) -> None:
    import sqlite3

    with tempfile.TemporaryDirectory() as name:
        path = Path(name) / "keys.db"
        base = sqlite3.connect(path)
        base.execute("CREATE TABLE keys (key INTEGER, entry INTEGER, PRIMARY KEY (key, entry)) WITHOUT ROWID")
        keys = kept.view("<u2").reshape(-1, 4)

        def fill() -> str:
            row = [(keys[:, k].astype(int) + (k << 16)).tolist() for k in range(4)]
            for k in range(4):
                base.executemany("INSERT INTO keys VALUES (?, ?)", zip(row[k], range(len(kept)), strict=True))
            base.commit()
            return f"{path.stat().st_size / len(kept):.0f} bytes a code"

        _timed("SQLite, a row a key: made", fill)

        def look() -> int:
            hits = 0
            for code in asked:
                for k, key in enumerate(np.array([code]).view("<u2").astype(int)):
                    rows = [row[0] for row in base.execute("SELECT entry FROM keys WHERE key = ?", (int(key) + (k << 16),))]
                    hits += int((ones(kept[rows] ^ code) <= 12).sum()) if rows else 0
            return hits

        _timed("SQLite, a row a key: looked up", look)
        base.close()


def _faiss(kept: np.ndarray, asked: np.ndarray) -> None:
    try:
        faiss = importlib.import_module("faiss")
    except ImportError:
        print("faiss is not installed here")
        return
    body, question = kept.view(np.uint8).reshape(-1, 8), asked.view(np.uint8).reshape(-1, 8)
    flat = faiss.IndexBinaryFlat(64)
    flat.add(body)
    _timed("faiss, flat: looked up", lambda: len(flat.range_search(question, 13)[2]))
    many = faiss.IndexBinaryMultiHash(64, 4, 16)
    _timed("faiss, multi-index hash: made", lambda: many.add(body))
    with tempfile.TemporaryDirectory() as name:
        path = str(Path(name) / "hash")
        faiss.write_index_binary(many, path)
        _timed("faiss, multi-index hash: loaded", lambda: faiss.read_index_binary(path).ntotal)
        print(f"    {os.path.getsize(path) / len(kept):.0f} bytes a code")
    _timed("faiss, multi-index hash: looked up", lambda: len(many.range_search(question, 13)[2]))


def main(arguments: Sequence[str]) -> int:
    """Carry it out; returns the exit status."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", choices=("size", "right", "stores", "ask"))
    parser.add_argument("given", nargs="*")
    args = parser.parse_args(arguments)
    cv2.setNumThreads(1)
    if args.what == "size":
        size([float(text) for text in args.given or ("10", "100", "1000")])
    elif args.what == "right":
        right(Path(args.given[0]), args.given[1:])
    elif args.what == "stores":
        stores(float(args.given[0]) if args.given else 100)
    else:
        _ask(*args.given)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
