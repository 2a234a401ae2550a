"""What a job can be told. One frozen dataclass a job; flags, panels and knobs are made from its fields.

A field is a text, a whole number, a number, a switch (bool, off by default) or a list of texts. Its metadata: "help" (a clause),
and where they apply "choices", "low", "high" (both allowed), "many" (repeatable), "metavar". The command line writes
`clip_space` as --clip-space. The settings of jobs that make pictures are in settings_render.py.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, field, fields
from typing import Any, ClassVar, TypeVar

from .errors import UsageError

_S = TypeVar("_S", bound="Settings")


def option(default: Any, help: str, **more: Any) -> Any:
    """A field of a Settings class, with what a person is told of it."""
    return field(default=default, metadata={"help": help, **more})


@dataclass(frozen=True)
class Settings:
    """What the settings of every kind of job can do. Raises UsageError for a value that is not allowed."""

    kind: ClassVar[str] = ""
    """Of the job."""

    def __post_init__(self) -> None:
        for f in fields(self):
            _check(f.name, getattr(self, f.name), f.metadata)

    def to_json(self) -> dict[str, Any]:
        """A plain dictionary, as a job's request holds it."""
        return {name: list(value) if isinstance(value, tuple) else value for name, value in asdict(self).items()}

    @classmethod
    def from_json(cls: type[_S], body: dict[str, Any]) -> _S:
        """The reverse of to_json(). Raises UsageError for a name that is not a setting."""
        known = {f.name for f in fields(cls)}
        for name in body:
            if name not in known:
                raise UsageError(f"{name!r} is not a setting of {cls.kind}", f"known are {', '.join(sorted(known))}")
        given: dict[str, Any] = {name: tuple(value) if isinstance(value, list) else value for name, value in body.items()}
        return cls(**given)


def _check(name: str, value: Any, allowed: Any) -> None:
    choices, low, high = allowed.get("choices"), allowed.get("low"), allowed.get("high")
    if choices and value not in choices:
        raise UsageError(f"{name} is {value!r}", f"choose one of {', '.join(map(str, choices))}")
    if (low is not None and not value >= low) or (high is not None and not value <= high):
        bounds = f"{low} or more" if high is None else f"{high} or less" if low is None else f"{low} to {high}"
        raise UsageError(f"{name} is {value}", f"write {bounds}")


@dataclass(frozen=True)
class AlignSettings(Settings):
    """How to align. The defaults need no one to think."""

    kind = "align"

    quality: str = option("standard", "draft answers in a fraction of the time, final looks longest", choices=("draft", "standard", "final"))
    time: str = option(
        "auto", "what finds the frames: everything, nothing (both run by the clock), sound alone, or the pictures alone",
        choices=("auto", "off", "audio", "frames"),
    )
    space: str = option(
        "auto", "the richest transform allowed; off: the pictures lie as they are",
        choices=("auto", "off", "shift", "similarity", "affine", "homography"),
    )
    anchor: tuple[str, ...] = option((), "a frame known by hand, CLIP_TC=REF_TC (timecode or frame number)", many=True, metavar="CLIP=REF")
    range: str = option("", "only these ref frames, FIRST-LAST (timecode or frame number, both included)", metavar="FIRST-LAST")
    clip_space: str = option("", "colour space of the clip, by its OCIO name", metavar="NAME")
    ref_space: str = option("", "colour space of the ref, by its OCIO name", metavar="NAME")
    clip_rate: str = option("", "frame rate of the clip, where it is an image sequence or its file lies", metavar="FPS")
    ref_rate: str = option("", "frame rate of the ref, where it is an image sequence or its file lies", metavar="FPS")
    cache: str = option("", "folder for what analysis keeps; 'off' keeps nothing", metavar="DIR")
    edl: str = option("cmx", "manner of .edl outputs", choices=("cmx", "resolve"))
    otio: str = option("genlock", "manner of .otio outputs; resolve: as DaVinci Resolve imports them frame for frame", choices=("genlock", "resolve"))
