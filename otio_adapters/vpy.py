"""Alignment to a VapourSynth script (.vpy) that needs no genlock: the clip, frame for frame as the ref shows it.

Output 0 is the clip retimed, as long as the ref; output 1 the ref. Where nothing is matched, the picture is black. Where
the clip is only moved and scaled, and stays so, it is laid by the resizer; other framings stay as they are, said in a comment.
"""

from __future__ import annotations

from itertools import pairwise

from ..core.alignment import Alignment, Matrix
from ..core.errors import FormatError
from .upright import upright
from .whole import space_notes

_SCRIPT = '''"""{title}: written by genlock. Output 0: the clip as the ref shows it; output 1: the ref."""
import vapoursynth as vs

core = vs.core
CLIP = {clip!r}
REF = {ref!r}
# (first ref frame, how many, first clip frame, clip frames a ref frame); None: nothing of the clip is matched
PIECES = {pieces}
RATE = {rate}
SIZE = {size}
# left, top, width, height of the part of the clip that fills the ref's frame, in clip pixels; None: as it is
WINDOW = {window}


def source(path):
    for name, load in (("bs", "VideoSource"), ("lsmas", "LWLibavSource"), ("ffms2", "Source")):
        if hasattr(core, name):
            return getattr(getattr(core, name), load)(path)
    raise vs.Error("no source filter is found; install bestsource, L-SMASH-Works or FFMS2")


def piece(clip, black, count, first, step):
    if first is None:
        return black * count
    if step == 0 or count == 1:
        return clip[first] * count
    last = first + step * (count - 1)
    part = clip[min(first, last) : max(first, last) + 1]
    if step < 0:
        part = core.std.Reverse(part)
    return part if abs(step) == 1 else core.std.SelectEvery(part, abs(step), 0)


def retimed(clip):
    black = core.std.BlankClip(clip, length=1)
    parts = [piece(clip, black, *rest) for _, *rest in PIECES]
    while len(parts) > 1:
        parts = [core.std.Splice(parts[n : n + 200]) for n in range(0, len(parts), 200)]
    return core.std.AssumeFPS(parts[0], fpsnum=RATE[0], fpsden=RATE[1])


def laid(clip):
    if WINDOW is None:
        return clip
    left, top, width, height = WINDOW
    return core.resize.Spline36(clip, SIZE[0], SIZE[1], src_left=left, src_top=top, src_width=width, src_height=height)


if __name__ in ("__main__", "__vapoursynth__"):
    laid(retimed(source(CLIP))).set_output(0)
    source(REF).set_output(1)
'''


def to_vpy(alignment: Alignment) -> tuple[str, list[str]]:
    """The script and notes. Raises FormatError where the ref has a variable rate, which frames of a script do not carry."""
    clip, ref = alignment.clip, alignment.ref
    if ref.pts is not None:
        raise FormatError("the ref has a variable frame rate, and a script's frames run at one", "write .json, and give it to genlock's temporal()")
    for media in (clip, ref):
        if "%" in media.path:
            raise FormatError(f"{media.path} is an image sequence, and source filters number those each in its own way", "write .json")
    straight, notes = upright(alignment, ".vpy")
    window = _window(straight) if straight else None
    if window is None:
        notes = space_notes(alignment, ".vpy")
    lines = "[\n" + "".join(f"    {part},\n" for part in steps(alignment.clip_frames())) + "]"
    size = (ref.width, ref.height)
    rate = (ref.rate.numerator, ref.rate.denominator)
    text = _SCRIPT.format(title="Alignment", clip=clip.path, ref=ref.path, pieces=lines, rate=rate, size=size, window=window)
    return text, notes


def steps(shown: list[int | None]) -> list[tuple[int, int, int | None, int]]:
    """(first, count, clip frame, clip frames a frame): stretches in which the clip frame rises by one number each frame."""
    out: list[tuple[int, int, int | None, int]] = []
    jumps = [None if a is None or b is None else b - a for a, b in pairwise(shown)]
    at = 0
    while at < len(shown):
        first = shown[at]
        end = at + 1
        if first is None:
            while end < len(shown) and shown[end] is None:
                end += 1
            out.append((at, end - at, None, 0))
        else:
            step = jumps[at] if at < len(jumps) and jumps[at] is not None else 0
            assert step is not None
            while end < len(shown) and jumps[end - 1] == step:
                end += 1
            out.append((at, end - at, first, step))
        at = end
    return out


def _window(alignment: Alignment) -> tuple[float, float, float, float] | None:
    """The one window of the clip that the ref shows, where that is a plain crop and scale within the clip."""
    found: set[Matrix] = {key.matrix for run in alignment.runs for key in run.transform}
    if len(found) != 1:
        return None
    m = found.pop()
    if any(m[n] for n in (1, 3, 6, 7)) or m[0] <= 0 or m[4] <= 0:
        return None
    left, top = (-0.5 - m[2]) / m[0] + 0.5, (-0.5 - m[5]) / m[4] + 0.5
    wide, high = alignment.ref.width / m[0], alignment.ref.height / m[4]
    room = 1e-6
    inside = left > -room and top > -room and left + wide < alignment.clip.width + room and top + high < alignment.clip.height + room
    return (left, top, wide, high) if inside else None
