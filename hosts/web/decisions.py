"""What a person said of an alignment: runs accepted or rejected, frames that belong together. Kept beside it, and laid over its runs.

A rejection says "these ref frames do not show those clip frames". It holds as long as they do: where a new solve has another answer for a
frame, that answer is open again.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, dataclass, field, fields, replace
from itertools import groupby
from pathlib import Path

from ...core.alignment import Alignment, Key, Media, Piece, Run, Verdict, matrix_between
from ...core.errors import FormatError
from ...core.inpaint.project.atomic import read_json, write_json
from ...core.media.probe import start_frame


@dataclass(frozen=True)
class Said:
    """Of one run, as it was when it was judged. Frames count from 0."""

    first: int
    last: int
    """Ref frames, both included."""
    clip_first: int
    clip_last: int
    """What the run showed at its two ends."""


@dataclass(frozen=True)
class Decisions:
    """Everything that was said. JSON by asdict()."""

    accepted: tuple[Said, ...] = ()
    rejected: tuple[Said, ...] = ()
    anchors: tuple[tuple[int, int], ...] = ()
    """(clip frame, ref frame), by ref frame."""
    notes: dict[str, str] = field(default_factory=dict)
    """By the first ref frame of a run."""
    at: int = 0
    """The ref frame that the person was at."""

    @classmethod
    def load(cls, path: Path) -> Decisions:
        """Nothing said where there is no file. Raises FormatError where it is damaged."""
        body = read_json(path, {})
        try:
            if not isinstance(body, dict):
                raise ValueError("it is no object")
            known = {f.name: body[f.name] for f in fields(cls) if f.name in body}
            for name in ("accepted", "rejected"):
                known[name] = tuple(Said(**said) for said in known.get(name, ()))
            known["anchors"] = tuple((int(clip), int(ref)) for clip, ref in known.get("anchors", ()))
            return cls(**known)
        except (TypeError, ValueError, AttributeError) as error:
            raise FormatError(f"{path} is damaged: {error}", "put back a copy, or delete it") from error

    def save(self, path: Path) -> None:
        """Raises OutputError."""
        write_json(path, asdict(self))

    def of(self, run: Run, shown: list[int | None]) -> str:
        """accept, reject, or "" for what is open."""
        said = said_of(run, shown)
        return "accept" if said in self.accepted else "reject" if said in self.rejected else ""

    def with_said(self, run: Run, shown: list[int | None], action: str) -> Decisions:
        """action  accept, reject, or clear"""
        said = said_of(run, shown)
        accepted, rejected = ([one for one in held if one != said] for held in (self.accepted, self.rejected))
        if action == "accept":
            accepted.append(said)
        elif action == "reject":
            rejected.append(said)
        return replace(self, accepted=tuple(accepted), rejected=tuple(rejected))

    def with_anchor(self, clip: int, ref: int) -> Decisions:
        """One ref frame shows one clip frame: an anchor takes the place of the one before it."""
        held = {at: frame for frame, at in self.anchors} | {ref: clip}
        return replace(self, anchors=tuple((held[at], at) for at in sorted(held)))

    def without_anchor(self, ref: int) -> Decisions:
        return replace(self, anchors=tuple(pair for pair in self.anchors if pair[1] != ref))


def said_of(run: Run, shown: list[int | None]) -> Said:
    """What a judgement of a run is about."""
    ends = shown[run.ref_first], shown[run.ref_end - 1]
    return Said(run.ref_first, run.ref_end - 1, *(-1 if frame is None else frame for frame in ends))


def anchor_texts(decisions: Decisions, clip: Media, ref: Media) -> tuple[str, ...]:
    """Anchors as the settings of align write them: as each file counts its frames."""
    return tuple(f"{frame + counts_from(clip)}={at + counts_from(ref)}" for frame, at in decisions.anchors)


def counts_from(media: Media) -> int:
    """What a whole number in the settings calls a file's first frame: pictures go by their files' numbers, films count from 0."""
    by_code = media.timecode and start_frame(media.timecode, media.rate) == media.start_frame
    return 0 if by_code else media.start_frame


def reviewed(alignment: Alignment, decisions: Decisions) -> Alignment:
    """The alignment as the person left it: what was rejected is unmatched, what was accepted needs no second look."""
    shown = alignment.clip_frames()
    runs: list[Run] = []
    for run in alignment.runs:
        if decisions.of(run, shown) == "accept":
            run = replace(run, notes=())
        note = decisions.notes.get(str(run.ref_first), "")
        said = (note,) if note else ()
        runs += _without(replace(run, notes=(*run.notes, *said)), decisions.rejected, shown, alignment.ref, said)
    body = asdict(decisions)
    told = {name: list(body[name]) for name in ("accepted", "rejected", "anchors")}
    return replace(alignment, runs=tuple(runs), evidence={**alignment.evidence, "reviewed": told})


def _without(run: Run, rejected: tuple[Said, ...], shown: list[int | None], ref: Media, notes: tuple[str, ...]) -> Iterator[Run]:
    """A run, cut where some of it is rejected.

    notes  of the person: all that is still told of what is rejected
    """
    frames = range(run.ref_first, run.ref_end)
    if run.verdict is Verdict.UNMATCHED:
        yield run
        return
    bad = [any(_still(said, frame, shown) for said in rejected) for frame in frames]
    for is_bad, group in groupby(frames, key=lambda frame: bad[frame - run.ref_first]):
        part = list(group)
        if is_bad:
            yield Run(part[0], len(part), Verdict.UNMATCHED, notes=notes)
        else:
            yield part_of(run, part[0], part[-1] + 1, ref)


def _still(said: Said, frame: int, shown: list[int | None]) -> bool:
    """Whether a frame shows what was rejected: the line through the two ends that were judged, to the frame."""
    if not said.first <= frame <= said.last or shown[frame] is None:
        return False
    share = (frame - said.first) / max(1, said.last - said.first)
    return abs(said.clip_first + share * (said.clip_last - said.clip_first) - (shown[frame] or 0)) <= 1


def part_of(run: Run, first: int, end: int, ref: Media) -> Run:
    """Ref frames first to end - 1 of a run; every frame shows and lies as before."""
    if (first, end) == (run.ref_first, run.ref_end):
        return run
    pieces = []
    for piece in run.pieces:
        a, b = max(first, piece.ref_first), min(end, piece.ref_first + piece.ref_count)
        if a < b:
            moved_s = (ref.time_of(a) - ref.time_of(piece.ref_first)) * piece.speed
            pieces.append(Piece(a, b - a, piece.clip_start_s + moved_s, piece.speed))
    keys = {frame: matrix_between(run.transform, frame) for frame in (first, end - 1)} if len(run.transform) > 1 else {}
    keys |= {key.frame: key.matrix for key in run.transform if first <= key.frame < end}
    if not keys and run.transform:
        keys = {first: run.transform[0].matrix}
    transform = tuple(Key(frame, matrix) for frame in sorted(keys) if (matrix := keys[frame]) is not None)
    return replace(run, ref_first=first, ref_count=end - first, pieces=tuple(pieces), transform=transform)
