"""One look at a file: a small picture of every frame, a few larger ones, the index. All later stages read these.

Small pictures ("thumbs") are 8-bit luma, area averages of the whole frame, 11,000 to 58,000 pixels depending on
the length of the footage. They are kept on disk, so memory does not grow with length.
"""

from __future__ import annotations

import json
import os
import shutil
import threading
import zipfile
from collections.abc import Iterable, Iterator
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import numpy as np

from ..alignment import Media
from ..errors import Cancelled, OutputError
from ..leftovers import name_beside, sweep_beside
from ..media.cache import Cache
from ..media.footage import Footage, FrameIndex
from ..media.steady import Steady
from ..progress import Progress
from .kept import Kept
from .reading import Reading

VERSION = 2
"""Of what is kept; a change of meaning gets a new number, and old entries are not found any more."""
THUMB_BUDGET = 160 << 20
THUMB_AREA = (11_000, 57_600)
KEEP_BYTES = 160 << 20
"""Full-size luma is held in memory while a file's stays under this; longer files are read again by seeking."""


class Analysis:
    """What is known of one file after it was read once."""

    def __init__(self, media: Media, index: FrameIndex, thumb_wh: tuple[int, int], folder: Path, footage: Footage, kept: Kept | None) -> None:
        self.media = media
        self.index = index
        self.thumb_wh = thumb_wh
        self.folder = folder
        self._footage = footage
        self._kept = kept
        self._thumbs = open(folder / "thumbs.bin", "rb", buffering=0)
        self._samples = open(folder / "samples.npz", "rb")
        """Both held open: somebody may delete the cache meanwhile."""
        self._lock = threading.Lock()
        self.keeps = True
        """Whether the entry outlives this run."""
        self.resumed_at = 0
        """The first frame that this run decoded, where an earlier one was cut off while it read; 0 is the beginning."""
        self.decoded = 0
        """Full-size frames that had to be decoded again."""

    @property
    def frames(self) -> int:
        return self.media.frames

    def thumbs(self, first: int, count: int, step: int = 1) -> np.ndarray:
        """Small pictures of frames first, first + step, …: (count, h, w) uint8."""
        w, h = self.thumb_wh
        out = np.empty((count, h, w), np.uint8)
        view = memoryview(out.reshape(-1).data)
        parts = [(first, view)] if step == 1 else [(first + k * step, view[k * w * h : (k + 1) * w * h]) for k in range(count)]
        with self._lock:
            for number, part in parts:
                self._thumbs.seek(number * w * h)
                read = 0
                while read < len(part):
                    more = self._thumbs.readinto(part[read:])
                    if not more:
                        raise OutputError(f"the cache at {self.folder} ended early", "delete that folder and run again")
                    read += more
        return out

    def thumbs_at(self, numbers: Iterable[int]) -> np.ndarray:
        """Small pictures of these frames, in this order: (N, h, w) uint8."""
        return np.concatenate([self.thumbs(number, 1) for number in numbers])

    def samples(self) -> tuple[list[int], list[np.ndarray]]:
        """Numbers and larger pictures, up to 640x360 in area, of frames spread evenly over the file."""
        with self._lock:
            self._samples.seek(0)
            with np.load(self._samples) as box:
                return [int(n) for n in box["numbers"]], list(box["pictures"])

    def full(self, numbers: Iterable[int]) -> dict[int, np.ndarray]:
        """Full-size luma of these frames: from memory, from what an earlier run kept, or decoded again."""
        out: dict[int, np.ndarray] = {}
        missing: list[int] = []
        size = (self.media.height, self.media.width)
        for number in sorted(set(numbers)):
            held = self.folder / f"full-{number}.bin"
            if self._kept is not None:
                out[number] = self._kept[number]
            elif held.exists():
                out[number] = np.fromfile(held, np.uint8).reshape(size)
            else:
                missing.append(number)
        if missing:
            self.decoded += len(missing)
            for frame in self._footage.at(missing):
                out[frame.number] = np.array(frame.luma())
        return out

    def hold(self, pictures: dict[int, np.ndarray]) -> None:
        """Keep full-size luma with the entry, so that the next run on this file decodes nothing."""
        for number, picture in pictures.items() if self.keeps else ():
            if not (self.folder / f"full-{number}.bin").exists():
                self.remember(f"full-{number}.bin", picture.tobytes())

    def sound(self, rate: int) -> Iterator[np.ndarray]:
        """Blocks of mono sound, `rate` samples a second, sample 0 at the first frame's start."""
        return self._footage.sound(rate)

    def recall(self, name: str) -> bytes | None:
        """What an earlier run remembered with this file under a name."""
        try:
            return (self.folder / name).read_bytes()
        except OSError:
            return None

    def remember(self, name: str, body: bytes) -> None:
        """Keep something small with the entry; a cache that cannot be written to forgets it."""
        place = str(self.folder / name)
        sweep_beside([place])
        beside = Path(name_beside(place))
        try:
            beside.write_bytes(body)
            os.replace(beside, place)
        except OSError:
            beside.unlink(missing_ok=True)

    def close(self) -> None:
        """Let go of the entry's files and of the frames held in memory."""
        self._thumbs.close()
        self._samples.close()
        self._kept = None


def thumb_size(width: int, height: int, frames: int) -> tuple[int, int]:
    """(width, height) of the small pictures: the frame's shape, never larger than the frame.

    A whole divisor of the frame's size where one is near: averaging whole blocks costs a tenth of averaging parts of pixels.
    """
    area = min(max(THUMB_BUDGET / max(frames, 1), THUMB_AREA[0]), THUMB_AREA[1], width * height)
    shrink = (width * height / area) ** 0.5
    for k in (round(shrink), round(shrink) - 1, round(shrink) + 1):
        if k >= 1 and width % k == 0 and height % k == 0 and 0.7 < k / shrink < 1.5:
            return width // k, height // k
    return max(8, round(width / shrink)), max(8, round(height / shrink))


def analyse(footage: Footage, cache: Cache, key: str, progress: Progress, steady: Steady = Steady()) -> Analysis:
    """Read a file once, or find what an earlier run kept of it. Raises MediaError, OutputError, Cancelled.

    steady  the file as it was when its key was made: what is read of another one is not kept
    """
    folder = cache.find(key)
    if folder is not None:
        found = _recall(footage, folder)
        if found is not None:
            return found
        shutil.rmtree(folder, ignore_errors=True)
    made = cache.take_up(key)
    info = footage.info
    expected = max(1, info.frames)
    wh = thumb_size(info.width, info.height, expected)
    kept = Kept((info.width, info.height), KEEP_BYTES) if expected * info.width * info.height <= KEEP_BYTES else None
    reading = Reading(footage, made, wh, kept, cache.keeps)
    try:
        reading.run(progress, expected)
        media = footage.media()
        _write_meta(made, media, footage, wh)
        reading.forget()
        steady.check()
        final = cache.commit(made, key)
    except OSError as error:
        shutil.rmtree(made, ignore_errors=True)
        raise OutputError(
            f"the cache at {cache.root} cannot be written: {error.strerror}", "free some space, or name another with --cache"
        ) from error
    except BaseException as error:
        if isinstance(error, (Cancelled, KeyboardInterrupt)) and reading.leaves and steady.holds():
            cache.put_down(made, key)
        else:
            shutil.rmtree(made, ignore_errors=True)
        raise
    assert footage.index is not None
    made_now = Analysis(media, footage.index, wh, final, footage, reading.kept)
    made_now.keeps = cache.keeps
    made_now.resumed_at = reading.resumed_at
    return made_now


def _write_meta(folder: Path, media: Media, footage: Footage, wh: tuple[int, int]) -> None:
    index = footage.index
    assert index is not None
    body = {
        "version": VERSION,
        "thumb_wh": list(wh),
        "pts": list(index.pts),
        "keys": list(index.keys),
        "frames": media.frames,
        "lost": media.lost,
        "variable": media.pts is not None,
        "rate": str(media.rate),
    }
    (folder / "meta.json").write_text(json.dumps(body))


def _recall(footage: Footage, folder: Path) -> Analysis | None:
    """The analysis an earlier run left in a folder, or None where it cannot be used."""
    try:
        body = json.loads((folder / "meta.json").read_text())
        if body["version"] != VERSION:
            return None
        wh = (int(body["thumb_wh"][0]), int(body["thumb_wh"][1]))
        index = FrameIndex(tuple(body["pts"]), tuple(body["keys"]))
        whole = os.path.getsize(folder / "thumbs.bin") == wh[0] * wh[1] * len(index.pts) and zipfile.is_zipfile(folder / "samples.npz")
    except (OSError, ValueError, KeyError, TypeError, IndexError):
        return None
    if not whole:
        return None
    footage.index = index
    media = replace(footage.media(), lost=int(body["lost"]), rate=Fraction(body["rate"]))
    try:
        return Analysis(media, index, wh, folder, footage, None)
    except OSError:
        return None


def spread(numbers: int, count: int) -> Iterator[int]:
    """`count` frame numbers spread evenly over 0..numbers-1, ends left out."""
    for k in range(min(count, numbers)):
        yield int((k + 0.5) * numbers / min(count, numbers))
