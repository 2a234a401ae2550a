"""What a job can be told. One frozen dataclass a job; flags, panels and knobs are made from its fields.

Each field's metadata: "help" (a clause), and where they apply "choices", "low", "high", "many" (repeatable),
"metavar". The command line writes `clip_space` as --clip-space.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, field, fields
from typing import Any

from .errors import UsageError


def _option(default: Any, help: str, **more: Any) -> Any:
    return field(default=default, metadata={"help": help, **more})


@dataclass(frozen=True)
class AlignSettings:
    """How to align. The defaults need no one to think."""

    quality: str = _option("standard", "draft answers in a fraction of the time, final looks longest", choices=("draft", "standard", "final"))
    time: str = _option(
        "auto", "what finds the frames: everything, nothing (both run by the clock), sound alone, or the pictures alone",
        choices=("auto", "off", "audio", "frames"),
    )
    space: str = _option(
        "auto", "the richest transform allowed; off: the pictures lie as they are",
        choices=("auto", "off", "shift", "similarity", "affine", "homography"),
    )
    anchor: tuple[str, ...] = _option((), "a frame known by hand, CLIP_TC=REF_TC (timecode or frame number)", many=True, metavar="CLIP=REF")
    range: str = _option("", "only these ref frames, FIRST-LAST (timecode or frame number, both included)", metavar="FIRST-LAST")
    clip_space: str = _option("", "colour space of the clip, by its OCIO name", metavar="NAME")
    ref_space: str = _option("", "colour space of the ref, by its OCIO name", metavar="NAME")
    clip_rate: str = _option("", "frame rate of the clip, where it is an image sequence or its file lies", metavar="FPS")
    ref_rate: str = _option("", "frame rate of the ref, where it is an image sequence or its file lies", metavar="FPS")
    cache: str = _option("", "folder for what analysis keeps; 'off' keeps nothing", metavar="DIR")
    edl: str = _option("cmx", "manner of .edl outputs", choices=("cmx", "resolve"))

    def __post_init__(self) -> None:
        for f in fields(self):
            choices = f.metadata.get("choices")
            value = getattr(self, f.name)
            if choices and value not in choices:
                raise UsageError(f"{f.name} is {value!r}", f"choose one of {', '.join(choices)}")

    def to_json(self) -> dict[str, Any]:
        """A plain dictionary, as a job's request holds it."""
        return {name: list(value) if isinstance(value, tuple) else value for name, value in asdict(self).items()}

    @classmethod
    def from_json(cls, body: dict[str, Any]) -> AlignSettings:
        """The reverse of to_json(). Raises UsageError for a name that is not a setting."""
        known = {f.name for f in fields(cls)}
        for name in body:
            if name not in known:
                raise UsageError(f"{name!r} is not a setting of align", f"known are {', '.join(sorted(known))}")
        given: dict[str, Any] = {name: tuple(value) if isinstance(value, list) else value for name, value in body.items()}
        return cls(**given)
