"""The alignment that the worker writes as .json, read inside a host. Standard library only, Python 3.9 syntax.

Numbers mean what they mean in core/alignment.py: frames count from 0 at each file's first one, a matrix takes clip pixel to ref pixel
with pixel centres on integers and y down, times are exact fractions of seconds.
"""

from __future__ import annotations

import bisect
import json
import os
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

SCHEMA = 1
MOST_FRAMES = 50_000_000
"""More than a day at 480 frames a second."""
_EXACT = re.compile(r"-?\d{1,400}([./]\d{1,400})?")
Matrix = tuple[float, ...]
"""Nine numbers, row by row."""


class NotAligned(Exception):
    """This is no alignment that can be read here. The text says why, and what to do next."""


@dataclass(frozen=True)
class Media:
    """One of the two files."""

    path: str
    frames: int
    rate: Fraction
    wh: tuple[int, int]
    pts: tuple[int, ...] | None = None
    """Variable rate only: when each frame begins, in time_base."""
    time_base: Fraction = Fraction(1)
    start_frame: int = 0
    """Number of its first frame: by its name for pictures, by its timecode for a film."""
    sound: bool = False
    lost: int = 0
    """Frames that could not be decoded."""
    length_s: Fraction | None = None
    aspect: float = 1.0
    """Width of a pixel over its height."""

    def time_of(self, frame: int) -> Fraction:
        """When a frame begins, in seconds after the first one."""
        if self.pts is None or frame < 0:
            return frame / self.rate
        if frame >= len(self.pts):
            return self.duration_s + (frame - len(self.pts)) / self.rate
        return (self.pts[frame] - self.pts[0]) * self.time_base

    @property
    def counts_from(self) -> int:
        """What a range in a job's settings calls the first frame: pictures go by their files' numbers, films count from 0."""
        name = os.path.basename(self.path)
        return self.start_frame if "%" in name or "#" in name else 0

    @property
    def duration_s(self) -> Fraction:
        """From the first frame's start to the last one's end."""
        if self.length_s is not None:
            return self.length_s
        if self.pts is None:
            return self.frames / self.rate
        return (self.pts[-1] - self.pts[0]) * self.time_base + 1 / self.rate

    def frame_at(self, time_s: Fraction) -> int:
        """The frame on screen at a time; negative before the first."""
        if self.pts is None or time_s < 0:
            return int(time_s * self.rate // 1)
        return bisect.bisect_right(self.pts, self.pts[0] + time_s / self.time_base) - 1


@dataclass(frozen=True)
class Piece:
    """Ref frames that the clip plays through at one speed."""

    ref_first: int
    ref_count: int
    clip_start_s: Fraction
    speed: Fraction


@dataclass(frozen=True)
class Run:
    """Consecutive ref frames with one verdict and one way of lying in the ref."""

    ref_first: int
    ref_count: int
    verdict: str
    """exact, ambiguous or unmatched."""
    pieces: tuple[Piece, ...]
    keys: tuple[tuple[int, Matrix], ...]
    """(ref frame, clip pixel to ref pixel); linear between, held outside."""
    confidence: float = 0.0
    also: tuple[tuple[int, int], ...] = ()
    model: str = ""
    notes: tuple[str, ...] = ()

    def matrix_at(self, frame: int) -> Matrix:
        """Clip pixel to ref pixel at a ref frame."""
        at = bisect.bisect_right([key for key, _ in self.keys], frame)
        if at == 0 or at == len(self.keys):
            return self.keys[max(at - 1, 0)][1]
        (begin, a), (end, b) = self.keys[at - 1], self.keys[at]
        u = (frame - begin) / (end - begin)
        return tuple(x * (1 - u) + y * u for x, y in zip(a, b))


@dataclass(frozen=True)
class Aligned:
    """Where each frame of the ref is found in the clip, and where the clip's picture lies in it."""

    clip: Media
    ref: Media
    runs: tuple[Run, ...]

    def frames_of(self, piece: Piece) -> list[int]:
        """The clip frame that each ref frame of a piece shows: what plays in the frame's middle."""
        clip, ref = self.clip, self.ref
        start_s = ref.time_of(piece.ref_first)
        out = []
        for frame in range(piece.ref_first, piece.ref_first + piece.ref_count):
            middle_s = (ref.time_of(frame) + ref.time_of(frame + 1)) / 2
            out.append(min(max(clip.frame_at(piece.clip_start_s + (middle_s - start_s) * piece.speed), 0), clip.frames - 1))
        return out


def load(path: str) -> Aligned:
    """Read the .json of `genlock align`. Raises NotAligned where it is none, or of another version."""
    try:
        with open(path, encoding="utf-8") as file:
            return from_json(json.load(file))
    except OSError as error:
        raise NotAligned(f"{path} cannot be read: {error.strerror}") from error
    except (ValueError, RecursionError) as error:
        raise NotAligned(f"{path} is not JSON: {error}; name the .json that genlock align wrote") from error


def from_json(body: Any) -> Aligned:
    """What core writes by Alignment.to_json(). Raises NotAligned where it is something else."""
    try:
        if body["genlock_alignment"] != SCHEMA:
            raise NotAligned(f"this alignment has format {body['genlock_alignment']!r}, and this host reads {SCHEMA}; use matching versions of both")
        return Aligned(_media(body["clip"]), _media(body["ref"]), tuple(_run(run) for run in body["runs"]))
    except (KeyError, TypeError, ValueError, ZeroDivisionError, AttributeError, OverflowError) as error:
        raise NotAligned(f"this is not an alignment ({type(error).__name__} {error}); name the .json that genlock align wrote") from error


def exact(said: Any) -> Fraction:
    """A number, or a fraction written "n" or "n/d". Raises ValueError for another text: an exponent could fill the memory."""
    if isinstance(said, str) and not _EXACT.fullmatch(said):
        raise ValueError(f"{said:.60} is not a number")
    return Fraction(said)


def _media(body: Mapping[str, Any]) -> Media:
    pts, length = body.get("pts"), body.get("length_s")
    media = Media(
        path=str(body["path"]),
        frames=int(body["frames"]),
        rate=exact(body["rate"]),
        wh=(int(body["width"]), int(body["height"])),
        pts=None if pts is None else tuple(int(x) for x in pts),
        time_base=exact(body.get("time_base", 1)),
        start_frame=int(body.get("start_frame", 0)),
        sound=bool(body.get("sound", False)),
        lost=int(body.get("lost", 0)),
        length_s=None if length is None else exact(length),
        aspect=float(exact(str(body.get("sample_aspect") or 1))),
    )
    if not 1 <= media.frames <= MOST_FRAMES or media.rate <= 0 or min(media.wh) < 1:
        raise ValueError(f"footage of {media.frames} frames, {media.wh[0]}x{media.wh[1]}")
    return media


def _run(body: Mapping[str, Any]) -> Run:
    pieces = tuple(Piece(int(p["ref_first"]), int(p["ref_count"]), exact(p["clip_start_s"]), exact(p["speed"])) for p in body["pieces"])
    keys = tuple((int(key["frame"]), _nine(key["matrix"])) for key in body["transform"])
    if any(not 0 <= piece.ref_count <= MOST_FRAMES for piece in pieces):
        raise ValueError("a piece of more frames than a day has")
    if pieces and not keys:
        raise ValueError("a run is matched, and has no transform")
    return Run(
        ref_first=int(body["ref_first"]),
        ref_count=int(body["ref_count"]),
        verdict=str(body["verdict"]),
        pieces=pieces,
        keys=keys,
        confidence=float(body.get("confidence", 0.0)),
        also=tuple((int(a), int(b)) for a, b in body.get("also", [])),
        model=str(body.get("model", "")),
        notes=tuple(str(note) for note in body.get("notes", [])),
    )


def _nine(numbers: Sequence[Any]) -> Matrix:
    matrix = tuple(float(x) for x in numbers)
    if len(matrix) != 9:
        raise ValueError(f"a matrix has nine numbers, this one {len(matrix)}")
    return matrix
