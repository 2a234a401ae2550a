"""Which strips show an alignment in the sequencer. No Blender needed.

A stretch that plays frame for frame becomes a plain strip, which a person can trim and slip. Anything else (another speed, a ramp, a held
frame, backwards) becomes one strip whose frame is told for every timeline frame.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from ..aligned import Aligned, Matrix, Run
from .placing import CLOSE_PX, IDENTITY, Placement, Point, Size, pins, place, product

SHORTEST_PLAIN = 8
"""Frames; a shorter stretch among others of another speed is part of them, since a person could do nothing with it."""
LOW_CONFIDENCE = 0.8
"""A run that is surer than this needs no one to look."""


@dataclass(frozen=True)
class Stage:
    """Where the ref lies in the timeline."""

    ref_at: int
    """Timeline frame of the ref's frame 0, seen or not."""
    first: int
    """The ref is seen from this timeline frame on."""
    end: int
    """One past the last timeline frame of the ref that is seen."""
    canvas_wh: Size
    ref_to_canvas: Matrix = IDENTITY
    there: bool = True
    """Whether a strip shows it already."""


@dataclass(frozen=True)
class Laid:
    """A strip of the clip."""

    at: int
    """Its first timeline frame."""
    clip_frames: tuple[int, ...]
    """One for each timeline frame."""
    matrices: tuple[Matrix, ...]
    """Clip pixel to canvas pixel: one, or one for each timeline frame."""
    ref_first: int
    """The ref frame at `at`."""
    run: int = 0
    verdict: str = "exact"

    @property
    def end(self) -> int:
        """One past its last timeline frame."""
        return self.at + len(self.clip_frames)

    @property
    def plain(self) -> bool:
        """Whether each frame is followed by the next one."""
        return follows(self.clip_frames)


@dataclass(frozen=True)
class Space:
    """How a strip is brought to its place: by placements, else by pinned corners, else (neither) by rendered media."""

    placements: tuple[Placement, ...] = ()
    pins: tuple[tuple[Point, ...], ...] = ()
    """For each frame, or once: the four corners."""


@dataclass(frozen=True)
class Look:
    """A reason for a person to look at a timeline frame."""

    at: int
    text: str


@dataclass(frozen=True)
class Layout:
    """All that is laid."""

    strips: tuple[Laid, ...]
    looks: tuple[Look, ...] = ()
    notes: tuple[str, ...] = field(default_factory=tuple)


def lay(aligned: Aligned, stage: Stage) -> Layout:
    """The strips for all of the ref that is seen, in order."""
    strips = [strip for number, run in enumerate(aligned.runs) for strip in _of_run(aligned, run, number, stage)]
    trimmed = [cut for cut in (trim(strip, stage.first, stage.end) for strip in strips) if cut is not None]
    looks = []
    for run in aligned.runs:
        at = max(stage.ref_at + run.ref_first, stage.first)
        if at < min(stage.ref_at + run.ref_first + run.ref_count, stage.end):
            looks += [Look(at, text) for text in worth_a_look(aligned, run)]
    return Layout(tuple(trimmed), tuple(looks), tuple(_notes(aligned, trimmed)))


def trim(strip: Laid, first: int, end: int) -> Laid | None:
    """The part of a strip between two timeline frames; None where there is none."""
    begin, stop = max(strip.at, first), min(strip.end, end)
    if begin >= stop:
        return None
    a, b = begin - strip.at, stop - strip.at
    matrices = strip.matrices if len(strip.matrices) == 1 else _once(strip.matrices[a:b])
    return replace(strip, at=begin, clip_frames=strip.clip_frames[a:b], matrices=matrices, ref_first=strip.ref_first + a)


def space_of(matrices: tuple[Matrix, ...], wh: Size, canvas_wh: Size, can_pin: bool) -> Space:
    """The simplest way that shows these matrices to a quarter of a pixel, at the worst corner.

    wh, canvas_wh  (width, height) of the clip and of the scene's output
    can_pin        whether this Blender pins corners in the sequencer
    """
    found = [place(matrix, wh, canvas_wh) for matrix in matrices]
    if all(missed <= CLOSE_PX for _, missed in found) and len({placement.flip_x for placement, _ in found}) == 1:
        return Space(placements=tuple(_unwound(placement for placement, _ in found)))
    corners = [pins(matrix, wh, canvas_wh) for matrix in matrices]
    if can_pin and all(each is not None for each in corners):
        return Space(pins=tuple(each for each in corners if each is not None))
    return Space()


def follows(frames: tuple[int, ...] | list[int]) -> bool:
    """Whether each number is followed by the next one."""
    return all(b == a + 1 for a, b in zip(frames, frames[1:]))


def changes(frames: tuple[int, ...]) -> list[tuple[int, int]]:
    """(place, frame) wherever the frame is another than before: what constant keys have to say."""
    return [(n, frame) for n, frame in enumerate(frames) if n == 0 or frame != frames[n - 1]]


def worth_a_look(aligned: Aligned, run: Run) -> Iterator[str]:
    """Why a person should look at a run."""
    if run.verdict == "ambiguous":
        others = ", ".join(f"{a + aligned.clip.start_frame} to {b + aligned.clip.start_frame}" for a, b in run.also)
        yield "ambiguous" + (f": clip frames {others} look the same" if others else "")
    if run.verdict != "unmatched" and run.confidence < LOW_CONFIDENCE:
        yield f"low confidence: {run.confidence:.0%}"
    if len(aligned.runs) > 1 and run.pieces and run.ref_count * 4 < aligned.ref.rate:
        yield f"short: {run.ref_count} frame{'s' if run.ref_count > 1 else ''}"
    yield from run.notes


def _of_run(aligned: Aligned, run: Run, number: int, stage: Stage) -> Iterator[Laid]:
    """The strips of one run: pieces that play frame for frame by themselves, the rest joined."""
    group: list[int] = []
    first = run.ref_first
    was_plain = False
    for piece in run.pieces:
        frames = aligned.frames_of(piece)
        plain = follows(frames) and (len(frames) >= SHORTEST_PLAIN or len(run.pieces) == 1)
        goes_on = group and plain == was_plain and (not plain or frames[0] == group[-1] + 1) and first + len(group) == piece.ref_first
        if not goes_on:
            if group:
                yield _laid(run, number, stage, first, group)
            group, first = [], piece.ref_first
        group += frames
        was_plain = plain
    if group:
        yield _laid(run, number, stage, first, group)


def _laid(run: Run, number: int, stage: Stage, first: int, frames: list[int]) -> Laid:
    if len({matrix for _, matrix in run.keys}) == 1:
        matrices: tuple[Matrix, ...] = (product(stage.ref_to_canvas, run.keys[0][1]),)
    else:
        matrices = _once(tuple(product(stage.ref_to_canvas, run.matrix_at(first + n)) for n in range(len(frames))))
    return Laid(stage.ref_at + first, tuple(frames), matrices, first, number, run.verdict)


def _once(matrices: tuple[Matrix, ...]) -> tuple[Matrix, ...]:
    return matrices[:1] if len(set(matrices)) == 1 else matrices


def _unwound(placements: Iterator[Placement]) -> Iterator[Placement]:
    """Angles that go on from one another, so that nothing spins between two keys."""
    turn = 6.283185307179586
    last = None
    for placement in placements:
        if last is not None:
            placement = replace(placement, rotation=placement.rotation + turn * round((last - placement.rotation) / turn))
        last = placement.rotation
        yield placement


def _notes(aligned: Aligned, strips: list[Laid]) -> Iterator[str]:
    if not strips:
        yield "no frame of the ref that is seen in the timeline was found in the clip, so nothing is laid"
    if aligned.ref.pts is not None:
        yield "the ref has a variable frame rate, which the sequencer does not play: frames may differ; make it constant first"
