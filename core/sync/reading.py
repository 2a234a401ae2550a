"""Reading a file once, so that it can be left and taken up again: small pictures go to disk as they come, and now and then a
checkpoint says how far they are good.

A checkpoint is one file, written beside and renamed, with a digest of itself, and with a checksum of all small pictures up to it: what
a power cut kept from the disk is found out by that, and nothing ever waits for the disk. Whoever goes on decodes from a key frame before
the checkpoint, and the frames that were seen before have to come out bit by bit as they were; else the file is read from its beginning.
"""

from __future__ import annotations

import hashlib
import io
import os
import time
import zipfile
import zlib
from pathlib import Path
from typing import Any

import numpy as np

from ..media.footage import Footage
from ..media.walked import Strayed, Walked
from ..progress import Progress
from .kept import Kept
from .samples import Samples

EVERY_S = 5.0
"""Seconds between checkpoints, at least."""
SHARE = 1 / 200
"""Of the time, that writing them may take."""
BLOCK = 64
"""Small pictures written at once."""
NAME = "standing.bin"
_DIGEST = 16


class Reading:
    """One pass over footage, writing thumbs.bin and samples.npz into a folder.

    wh        size of the small pictures
    kept      where all full-size luma is held too; such footage is short, and has no checkpoints
    resumes   whether checkpoints are written and used
    """

    def __init__(self, footage: Footage, folder: Path, wh: tuple[int, int], kept: Kept | None, resumes: bool) -> None:
        self.footage, self.folder, self.wh, self.kept = footage, folder, wh, kept
        self.resumes = resumes and kept is None
        self.resumed_at = 0
        """The first frame that was decoded in this pass."""

    def run(self, progress: Progress, expected: int) -> None:
        """All of it, from the last checkpoint where there is one. Raises MediaError, OSError, Cancelled."""
        before = self._checkpoint() if self.resumes else None
        if before is not None:
            try:
                self._pass(progress, expected, *before)
                return
            except Strayed:
                pass
        self.forget()
        self._pass(progress, expected, None, None)

    def forget(self) -> None:
        """Take the checkpoint away."""
        (self.folder / NAME).unlink(missing_ok=True)

    @property
    def leaves(self) -> bool:
        """Whether there is something to go on from."""
        return self.resumes and (self.folder / NAME).exists()

    def _pass(self, progress: Progress, expected: int, before: Walked | None, had: dict[str, Any] | None) -> None:
        info = self.footage.info
        samples = Samples(info.width, info.height)
        if had is not None:
            samples.restore(int(had["step"]), had["numbers"], had["pictures"])
        known = len(before) if before is not None else 0
        self.resumed_at = before.start() if before is not None else 0
        with open(self.folder / "thumbs.bin", "r+b" if known else "wb", buffering=0) as file:
            thumbs = _Thumbs(file, self.wh, known, int(had["crc"]) if had is not None else 0)
            due = time.monotonic() + EVERY_S
            for frame in self.footage.frames(before):
                thumb = frame.luma(self.wh)
                if frame.number < known:
                    if not thumbs.same(frame.number, thumb):
                        raise Strayed(f"{info.kind} frame {frame.number} is not what it was", "read it from its beginning")
                    continue
                thumbs.add(thumb)
                if self.kept is not None and self.kept.full:
                    samples.settle(self.kept)
                    self.kept = None
                if self.kept is not None:
                    self.kept.add(frame.luma())
                samples.see(frame, self.kept)
                if frame.number % 8 == 0:
                    progress.at(frame.number / expected)
                    if self.resumes and time.monotonic() >= due:
                        due = self._write(thumbs, samples)
            thumbs.flush()
        samples.settle(self.kept)
        samples.write(self.folder / "samples.npz")

    def _write(self, thumbs: _Thumbs, samples: Samples) -> float:
        """A checkpoint; returns when the next one is due."""
        began, walked = time.monotonic(), self.footage.walked
        if walked is None or not walked.start():
            return began + EVERY_S
        thumbs.flush()
        samples.settle(None)
        numbers, pictures = samples.arrays()
        body = io.BytesIO()
        had: dict[str, Any] = {name: np.array(getattr(walked, name), np.int64) for name in ("pts", "keys", "lost")}
        had |= {"wh": np.array(self.wh), "crc": np.array(thumbs.crc), "step": np.array(samples.step), "numbers": numbers, "pictures": pictures}
        np.savez(body, **had)
        said = body.getbuffer()
        beside = self.folder / f"{NAME}.part"
        with open(beside, "wb", buffering=0) as file:
            file.write(hashlib.blake2b(said, digest_size=_DIGEST).digest())
            file.write(said)
        os.replace(beside, self.folder / NAME)
        took = time.monotonic() - began
        return began + max(EVERY_S, took / SHARE)

    def _checkpoint(self) -> tuple[Walked, dict[str, Any]] | None:
        """What an earlier pass left, where all of it is as it was written and leads somewhere."""
        try:
            body = (self.folder / NAME).read_bytes()
            if hashlib.blake2b(body[_DIGEST:], digest_size=_DIGEST).digest() != body[:_DIGEST]:
                return None
            with np.load(io.BytesIO(body[_DIGEST:])) as box:
                had = {name: box[name] for name in box.files}
            walked = Walked(*(had[name].tolist() for name in ("pts", "keys", "lost")))
            if tuple(had["wh"]) != self.wh or not walked.start() or self._crc(len(walked)) != int(had["crc"]):
                return None
        except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile):
            return None
        return walked, had

    def _crc(self, count: int) -> int:
        """Of the first small pictures on disk; -1 where there are not so many."""
        size, crc = self.wh[0] * self.wh[1] * count, 0
        with open(self.folder / "thumbs.bin", "rb", buffering=0) as file:
            while size:
                part = file.read(min(size, 1 << 22))
                if not part:
                    return -1
                crc, size = zlib.crc32(part, crc), size - len(part)
        return crc


class _Thumbs:
    """Small pictures on their way to disk, and those that are there already."""

    def __init__(self, file: Any, wh: tuple[int, int], known: int, crc: int) -> None:
        self.file, self.crc = file, crc
        self.size = wh[0] * wh[1]
        self.block = np.empty((BLOCK, wh[1], wh[0]), np.uint8)
        self.held = 0
        file.truncate(known * self.size)

    def add(self, thumb: np.ndarray) -> None:
        self.block[self.held] = thumb
        self.held += 1
        if self.held == BLOCK:
            self.flush()

    def flush(self) -> None:
        """Write what is held."""
        part = memoryview(self.block[: self.held].reshape(-1).data)
        self.crc = zlib.crc32(part, self.crc)
        self.file.seek(0, os.SEEK_END)
        while len(part):
            part = part[self.file.write(part) :]
        self.held = 0

    def same(self, number: int, thumb: np.ndarray) -> bool:
        """Whether this is the picture that is on disk."""
        self.file.seek(number * self.size)
        return bool(self.file.read(self.size) == thumb.tobytes())
