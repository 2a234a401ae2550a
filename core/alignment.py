"""The result of an alignment: which frame is which, where the picture lies, and how sure that is.

Time is exact. A piece maps ref time to clip time by a straight line; the frame of the clip that a ref
frame shows is what the piece plays in the *middle* of that ref frame. Everything else (timelines, EDLs,
tables) is derived from the pieces, so no two outputs can disagree.

A matrix takes clip pixel (x, y, 1) to ref pixel, row by row; pixel centres are on integers, x runs right,
y down, in stored pixels after the rotation flag is applied (the sample aspect ratio is not).
"""

from __future__ import annotations

import bisect
import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import Enum
from fractions import Fraction
from pathlib import Path
from typing import Any

from .alignment_rules import exact, require_sound
from .errors import FormatError

SCHEMA = 1
Matrix = tuple[float, float, float, float, float, float, float, float, float]
IDENTITY: Matrix = (1.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 1.0)


class Verdict(str, Enum):
    """What is known of a run."""

    EXACT = "exact"
    """The frames are told apart from their neighbours, and these are the ones."""
    AMBIGUOUS = "ambiguous"
    """The picture is there, but other frames look the same (a still, a repeat): `also` names them."""
    UNMATCHED = "unmatched"
    """Nothing of the clip shows this moment of the ref."""


@dataclass(frozen=True)
class Media:
    """What an alignment has to remember of a file."""

    path: str
    """As given by the person; absolute once written to a job."""
    frames: int
    """How many frames can be decoded."""
    rate: Fraction
    """Frames a second; of variable-rate footage the average."""
    width: int
    height: int
    """In stored pixels, after the rotation flag."""
    pts: tuple[int, ...] | None = None
    """Variable rate only: when each frame begins, in time_base, the first one at its own start."""
    time_base: Fraction = Fraction(1)
    """Seconds a unit of pts."""
    start_frame: int = 0
    """Number of the first frame: of embedded timecode, or of an image sequence; else 0."""
    timecode: str | None = None
    """Embedded start timecode, as the file has it."""
    sample_aspect: Fraction = Fraction(1)
    sound: bool = False
    digest: str = ""
    """Of the file's content, to tell whether it is still the same; see media/cache.py."""
    lost: int = 0
    """Frames that were damaged and could not be decoded."""
    length_s: Fraction | None = None
    """Where known: seconds from the first frame's start to the last one's end."""

    def time_of(self, frame: int) -> Fraction:
        """When a frame begins, in seconds after the first one. `frames` itself is the end of the last."""
        if self.pts is None:
            return frame / self.rate
        if frame >= len(self.pts):
            return self.duration_s + (frame - len(self.pts)) / self.rate
        if frame < 0:
            return frame / self.rate
        return (self.pts[frame] - self.pts[0]) * self.time_base

    @property
    def duration_s(self) -> Fraction:
        """Seconds from the first frame's start to the last one's end."""
        if self.length_s is not None:
            return self.length_s
        if self.pts is None:
            return self.frames / self.rate
        return (self.pts[-1] - self.pts[0]) * self.time_base + 1 / self.rate

    def frame_at(self, time_s: Fraction) -> int:
        """The frame on screen at a time after the first one's start; negative before it."""
        if self.pts is None or time_s < 0:
            return int(time_s * self.rate // 1)
        return bisect.bisect_right(self.pts, self.pts[0] + time_s / self.time_base) - 1

    def middle_of(self, frame: int) -> Fraction:
        """The middle of a frame's time on screen, in seconds after the first one's start."""
        return (self.time_of(frame) + self.time_of(frame + 1)) / 2


@dataclass(frozen=True)
class Piece:
    """A stretch of ref frames that the clip plays through at one constant speed."""

    ref_first: int
    ref_count: int
    clip_start_s: Fraction
    """Clip time (after the clip's first frame) shown when ref frame `ref_first` begins."""
    speed: Fraction
    """Seconds of clip a second of ref; 0 holds a frame, below 0 plays backwards."""


@dataclass(frozen=True)
class Key:
    """The matrix at one ref frame; between keys the nine numbers are linear, outside they are held."""

    frame: int
    matrix: Matrix


@dataclass(frozen=True)
class Run:
    """Consecutive ref frames with one verdict and one way of lying in the ref."""

    ref_first: int
    ref_count: int
    verdict: Verdict
    pieces: tuple[Piece, ...] = ()
    """In order and without holes; empty where unmatched."""
    transform: tuple[Key, ...] = ()
    """Clip pixel to ref pixel; one key where the picture lies still. Empty where unmatched."""
    score: float = 0.0
    """How alike the pictures are, 0 to 1: the median correlation of the matched frames' detail."""
    confidence: float = 0.0
    """0 to 1: the calibrated chance that the frames are right to the frame."""
    also: tuple[tuple[int, int], ...] = ()
    """Ambiguous only: other clip frames [first, last] that cannot be told apart."""
    model: str = ""
    """Simplest model that explains the transform: identity, shift, scale, similarity, affine, homography."""
    notes: tuple[str, ...] = ()
    """For a person to look at; each becomes a marker."""

    @property
    def ref_end(self) -> int:
        """One past the last ref frame."""
        return self.ref_first + self.ref_count


@dataclass(frozen=True)
class Alignment:
    """Where each frame of the ref is found in the clip, and where the clip's picture lies in the ref."""

    clip: Media
    ref: Media
    runs: tuple[Run, ...]
    """Cover every ref frame once, in order."""
    settings: dict[str, Any] = field(default_factory=dict)
    evidence: dict[str, Any] = field(default_factory=dict)
    """Figures of the solve: sound offset, framing candidates, scores per ref frame (`score_at`), times."""
    version: str = ""
    """Of the genlock that made it."""

    def clip_frames(self) -> list[int | None]:
        """The clip frame that each ref frame shows, or None."""
        out: list[int | None] = [None] * self.ref.frames
        for run in self.runs:
            for frame, shown in played(run.pieces, self.clip, self.ref):
                out[frame] = shown
        return out

    def matrix_at(self, frame: int) -> Matrix | None:
        """Clip pixel to ref pixel at a ref frame, or None where nothing is matched."""
        for run in self.runs:
            if run.ref_first <= frame < run.ref_end:
                return matrix_between(run.transform, frame)
        return None

    @property
    def matched(self) -> int:
        """How many ref frames show a clip frame."""
        return sum(run.ref_count for run in self.runs if run.verdict is not Verdict.UNMATCHED)

    def to_json(self) -> dict[str, Any]:
        """A plain dictionary; fractions as "n/d"."""
        return {
            "genlock_alignment": SCHEMA,
            "version": self.version,
            "clip": media_to_json(self.clip),
            "ref": media_to_json(self.ref),
            "runs": [_run_json(run) for run in self.runs],
            "settings": self.settings,
            "evidence": self.evidence,
        }

    @classmethod
    def from_json(cls, body: Any) -> Alignment:
        """The reverse of to_json(). Raises FormatError where it is not an Alignment of a version known here."""
        try:
            if body["genlock_alignment"] != SCHEMA:
                raise FormatError(
                    f"this alignment has format {body['genlock_alignment']!r}, and this genlock reads {SCHEMA}",
                    "use the genlock that wrote it, or align again",
                )
            alignment = cls(
                clip=media_from_json(body["clip"]),
                ref=media_from_json(body["ref"]),
                runs=tuple(_run_from(run) for run in body["runs"]),
                settings=dict(body.get("settings", {})),
                evidence=dict(body.get("evidence", {})),
                version=str(body.get("version", "")),
            )
            require_sound(alignment)
            return alignment
        except (KeyError, TypeError, ValueError, IndexError, ZeroDivisionError, AttributeError, OverflowError) as error:
            raise FormatError(f"not an alignment: {type(error).__name__} {error}", "write it with genlock align -o NAME.json") from error

    @classmethod
    def load(cls, path: str | Path) -> Alignment:
        """Read the .json that genlock align writes. Raises FormatError, or OSError where it cannot be opened."""
        try:
            body = json.loads(Path(path).read_text(encoding="utf-8"))
        except RecursionError as error:
            raise FormatError(f"{path} nests too deeply to be an alignment") from error
        except ValueError as error:
            raise FormatError(f"{path} is not JSON: {error}") from error
        return cls.from_json(body)


def played(pieces: tuple[Piece, ...], clip: Media, ref: Media) -> Iterator[tuple[int, int]]:
    """(ref frame, clip frame) for each ref frame of some pieces: what plays in the frame's middle."""
    for piece in pieces:
        if clip.pts is None and ref.pts is None:
            yield from _played_steadily(piece, clip, ref)
            continue
        start_s = ref.time_of(piece.ref_first)
        for frame in range(piece.ref_first, piece.ref_first + piece.ref_count):
            time_s = piece.clip_start_s + (ref.middle_of(frame) - start_s) * piece.speed
            yield frame, min(max(clip.frame_at(time_s), 0), clip.frames - 1)


def _played_steadily(piece: Piece, clip: Media, ref: Media) -> Iterator[tuple[int, int]]:
    """The same at two constant rates, in whole numbers: exact too, and many times as fast over hours."""
    step = piece.speed * clip.rate / ref.rate
    begin = piece.clip_start_s * clip.rate + step / 2
    unit = begin.denominator * step.denominator
    at, add = begin.numerator * step.denominator, step.numerator * begin.denominator
    for frame in range(piece.ref_first, piece.ref_first + piece.ref_count):
        yield frame, min(max(at // unit, 0), clip.frames - 1)
        at += add


def matrix_between(keys: tuple[Key, ...], frame: int) -> Matrix | None:
    """The matrix at a frame: linear between keys, held outside them; None without keys."""
    if not keys:
        return None
    at = bisect.bisect_right([key.frame for key in keys], frame)
    if at == 0:
        return keys[0].matrix
    if at == len(keys):
        return keys[-1].matrix
    a, b = keys[at - 1], keys[at]
    u = (frame - a.frame) / (b.frame - a.frame)
    mixed = tuple(x * (1 - u) + y * u for x, y in zip(a.matrix, b.matrix, strict=True))
    return mixed  # type: ignore[return-value]


def media_to_json(media: Media) -> dict[str, Any]:
    """As media_from_json() reads it."""
    body = dict(media.__dict__)
    for name in ("rate", "time_base", "sample_aspect", "length_s"):
        body[name] = None if body[name] is None else str(body[name])
    body["pts"] = None if media.pts is None else list(media.pts)
    return body


def media_from_json(body: dict[str, Any]) -> Media:
    """Raises KeyError, TypeError, ValueError where it is none."""
    known = {name: body[name] for name in Media.__dataclass_fields__ if name in body}
    for name in ("rate", "time_base", "sample_aspect", "length_s"):
        if known.get(name) is not None:
            known[name] = exact(known[name])
    if known.get("pts") is not None:
        known["pts"] = tuple(int(x) for x in known["pts"])
    return Media(**known)


def _run_json(run: Run) -> dict[str, Any]:
    return {
        "ref_first": run.ref_first,
        "ref_count": run.ref_count,
        "verdict": run.verdict.value,
        "pieces": [
            {"ref_first": p.ref_first, "ref_count": p.ref_count, "clip_start_s": str(p.clip_start_s), "speed": str(p.speed)} for p in run.pieces
        ],
        "transform": [{"frame": key.frame, "matrix": list(key.matrix)} for key in run.transform],
        "score": run.score,
        "confidence": run.confidence,
        "also": [list(pair) for pair in run.also],
        "model": run.model,
        "notes": list(run.notes),
    }


def _run_from(body: dict[str, Any]) -> Run:
    keys = []
    for key in body["transform"]:
        matrix = tuple(float(x) for x in key["matrix"])
        if len(matrix) != 9:
            raise ValueError(f"a matrix has nine numbers; this one has {len(matrix)}")
        keys.append(Key(int(key["frame"]), matrix))  # type: ignore[arg-type]
    return Run(
        ref_first=int(body["ref_first"]),
        ref_count=int(body["ref_count"]),
        verdict=Verdict(body["verdict"]),
        pieces=tuple(Piece(int(p["ref_first"]), int(p["ref_count"]), exact(p["clip_start_s"]), exact(p["speed"])) for p in body["pieces"]),
        transform=tuple(keys),
        score=float(body["score"]),
        confidence=float(body["confidence"]),
        also=tuple((int(a), int(b)) for a, b in body.get("also", [])),
        model=str(body.get("model", "")),
        notes=tuple(str(note) for note in body.get("notes", [])),
    )
