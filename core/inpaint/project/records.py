"""What the files of a project say, as values: groups of frames, paint jobs, picks."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any

from ...alignment_rules import MOST_FRAMES
from ...errors import FormatError, UsageError
from ..crop import Crop
from .atomic import whole

ACTIONS = ("pick", "redo", "drop")


@dataclass(frozen=True)
class Group:
    """Frames that are made from one keyframe."""

    keyframe: int
    first: int
    last: int
    """Both included."""
    why: str
    """What made it begin a new group: start, cut, motion, colour, size or manual; still where nothing is masked."""
    score: float
    """How far the picture inside the mask had gone from the keyframe before, 0 to 1 a masked pixel."""
    crop: Crop

    @property
    def frames(self) -> range:
        return range(self.first, self.last + 1)

    def to_json(self) -> dict[str, Any]:
        return {**{k: v for k, v in asdict(self).items() if k != "crop"}, "crop": self.crop.to_json()}

    @classmethod
    def from_json(cls, body: Mapping[str, Any]) -> Group:
        first, last = whole(body["first"]), whole(body["last"])
        if not 0 <= first <= last <= MOST_FRAMES:
            raise ValueError(f"a group from frame {first} to {last}")
        return cls(whole(body["keyframe"]), first, last, str(body["why"]), float(body["score"]), Crop.from_json(body["crop"]))


@dataclass(frozen=True)
class Selection:
    """What a person said of one keyframe."""

    action: str
    """pick, redo or drop."""
    job: str = ""
    name: str = ""
    """Of the picture in the job's folder."""
    sha256: str = ""
    note: str = ""
    seed: int | None = None
    """Of redo: the seed to paint it with; None takes the next one that was not tried."""

    def __post_init__(self) -> None:
        if self.action not in ACTIONS:
            raise UsageError(f"the action is {self.action!r}", f"choose one of {', '.join(ACTIONS)}")

    @classmethod
    def from_json(cls, body: Mapping[str, Any]) -> Selection:
        known = {f.name for f in fields(cls)}
        try:
            said = cls(**{k: v for k, v in body.items() if k in known})
            if not all(isinstance(text, str) for text in (said.job, said.name, said.sha256, said.note)):
                raise TypeError("a text is none")
            if said.seed is not None:
                whole(said.seed)
            return said
        except (TypeError, ValueError, AttributeError, UsageError) as error:
            raise FormatError(f"picks/selections.json is damaged: {error}", "put back a copy, or delete it and pick again") from error


@dataclass(frozen=True)
class PaintJob:
    """One question to a painter, as its folder tells it."""

    job: str
    keyframe: int
    seed: int
    crop: Crop
    state: str
    """waiting, done or failed."""
    results: tuple[Path, ...] = ()
    layers: tuple[Path, ...] = ()
    error: str = ""
    denoise: float = 0.0
    """How much of the picture was to be made anew."""


@dataclass(frozen=True)
class Chosen:
    """What is used for a keyframe."""

    action: str
    """pick or drop."""
    by: str
    """person or default."""
    job: str = ""
    path: str = ""
    """Of the picture, relative to the project."""
    crop: Crop | None = None

    def to_json(self) -> dict[str, Any]:
        return {**{k: v for k, v in asdict(self).items() if k != "crop"}, "crop": self.crop.to_json() if self.crop else None}

    @classmethod
    def from_json(cls, body: Mapping[str, Any]) -> Chosen:
        crop = Crop.from_json(body["crop"]) if body["crop"] else None
        return cls(str(body["action"]), str(body["by"]), str(body["job"]), str(body["path"]), crop)
