"""An alignment in sentences: what a person would say who had looked at every frame."""

from __future__ import annotations

from fractions import Fraction
from itertools import pairwise

from ..alignment import Alignment, Matrix, Media, Piece, Run, Verdict, played
from .clock import Clock
from .place import SAME_PX, Place, apart_px, placed
from .speed import run_speed, speed_words
from .still_words import still_summary

_SMALL = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve")


def summary(alignment: Alignment) -> str:
    """The verdict in one plain sentence."""
    total, matched = alignment.ref.frames, alignment.matched
    if not matched:
        whole = "the ref's one frame was not" if total == 1 else f"none of the ref's {total} frames was"
        return f"The clip and the ref do not show the same footage: {whole} found in the clip."
    shown = _shown(matched, total)
    runs = [run for run in alignment.runs if run.verdict is not Verdict.UNMATCHED]
    if min(total, alignment.clip.frames) == 1:
        return still_summary(alignment, runs)
    parts = [f"The clip shows {shown}, {_speeds(runs, alignment)}, in {counted(len(runs), 'run')}"]
    if _reordered(runs, alignment):
        parts[0] += ", in another order"
    missing = total - matched
    if missing:
        parts.append(f"{missing} {'frame is' if missing == 1 else 'frames are'} not in it")
    alike = sum(run.ref_count for run in runs if run.verdict is Verdict.AMBIGUOUS)
    if alike:
        who = "what it shows" if alike == matched else str(alike)
        parts.append(f"{who} cannot be told from other frames that look the same")
    return "; ".join(parts) + "."


def lines(alignment: Alignment, most: int = 24) -> list[str]:
    """The verdict, then a line a run, at most `most` of them."""
    ref, clip = Clock.of(alignment.ref), Clock.of(alignment.clip)
    out = [summary(alignment)]
    for run in alignment.runs[:most]:
        where = f"ref {ref.span(run.ref_first, run.ref_end - 1)} ({frames_words(run.ref_first, run.ref_end - 1)})"
        if run.verdict is Verdict.UNMATCHED:
            out.append(f"{where}: not in the clip")
            continue
        first, last = clip_span(run, alignment)
        shows = f"clip {clip.span(first, last)} ({frames_words(first, last)})"
        how = [run.verdict.value, run_speed(run, alignment), transform_words(run, alignment), f"score {run.score:.3f}", *run.notes]
        out.append(f"{where}: {shows}; {'; '.join(how)}")
    if len(alignment.runs) > most:
        out.append(f"and {len(alignment.runs) - most} more runs")
    return out


def counted(n: int, noun: str) -> str:
    """ "one run", "three runs", "14 runs"."""
    return f"{_SMALL[n] if n < len(_SMALL) else n} {noun}{'' if n == 1 else 's'}"


def frames_words(first: int, last: int) -> str:
    """A stretch of frame numbers, both included."""
    return str(first) if first == last else f"{first}–{last}"


def clip_span(run: Run, alignment: Alignment) -> tuple[int, int]:
    """The clip frames that the run's first and last ref frame show; the first is the later one where it plays backwards."""
    end = run.pieces[-1]
    at = end.ref_first + end.ref_count - 1
    start_s = end.clip_start_s + (alignment.ref.time_of(at) - alignment.ref.time_of(end.ref_first)) * end.speed
    ends = (run.pieces[0], Piece(at, 1, start_s, end.speed))
    first, last = (next(played((piece,), alignment.clip, alignment.ref))[1] for piece in ends)
    return first, last


def transform_words(run: Run, alignment: Alignment) -> str:
    """Where the clip's picture lies in the ref during a run, in a clause."""
    keys = run.transform
    if not keys:
        return "place unknown"
    start = place_words(keys[0].matrix, alignment.clip, alignment.ref)
    if all(apart_px(keys[0].matrix, key.matrix, alignment.clip) <= SAME_PX for key in keys[1:]):
        return start
    before = start.split(", ")
    after = place_words(keys[-1].matrix, alignment.clip, alignment.ref).split(", ")
    new = [clause for clause in after if clause not in before] or after
    return f"moves: at first {start}; at last {', '.join(new)}"


def place_words(matrix: Matrix, clip: Media, ref: Media) -> str:
    """One matrix in a clause: "scaled to 62.5 %, moved 211.0 px right and 97.0 px down"."""
    place = placed(matrix, clip, ref)
    if place is None:
        return "in a perspective that cannot be drawn"
    said = [*_flips(place), *_sizes(place, clip, ref), *_moves(place)]
    if place.perspective_px > 4 * SAME_PX:
        said.append(f"in perspective (corners off by up to {place.perspective_px:.1f} px)")
    if not said:
        return "as it is" if (clip.width, clip.height) == (ref.width, ref.height) else "at original size, in the top left corner"
    return ", ".join(said)


def _flips(place: Place) -> list[str]:
    if place.mirrored:
        return ["mirrored left to right"] if abs(place.turn_deg) <= 90 else ["flipped top to bottom"]
    return []


def _sizes(place: Place, clip: Media, ref: Media) -> list[str]:
    x, y = place.scale_x, place.scale_y
    near = SAME_PX * 2 / max(clip.width, clip.height)
    if abs(x / y - 1) <= near:
        said = [] if abs(x - 1) <= near else [f"scaled to {percent(x)}"]
    else:
        said = [f"scaled to {percent(x)} of its width and {percent(y)} of its height"]
    turn = place.turn_deg
    if place.mirrored and abs(turn) > 90:
        turn = turn - 180 if turn > 0 else turn + 180
    if not place.upright and abs(turn) >= 0.005:
        said.append(f"rotated {number(abs(turn), 2)}° {'clockwise' if turn > 0 else 'anticlockwise'}")
    elif abs(turn) > 1:
        said.append("rotated by half a turn")
    if not place.upright and abs(place.shear_deg) >= 0.02:
        said.append(f"sheared by {number(abs(place.shear_deg), 2)}°")
    filled = max(abs(place.left_px), abs(place.top_px)) <= 0.5 and place.covers > 0.998
    spills = max(x for x, _ in place.corners) > ref.width + 0.5 or max(y for _, y in place.corners) > ref.height + 0.5
    if filled and not spills and place.upright and said and said[-1].startswith("scaled"):
        said[-1] += " to fill the ref's frame"
    return said


def _moves(place: Place) -> list[str]:
    if place.upright:
        (dx, dy), what = (place.left_px, place.top_px), "moved"
    else:
        (dx, dy), what = place.centre_px, "its middle moved"
    sides = []
    if abs(dx) > SAME_PX:
        sides.append(f"{abs(dx):.1f} px {'right' if dx > 0 else 'left'}")
    if abs(dy) > SAME_PX:
        sides.append(f"{abs(dy):.1f} px {'down' if dy > 0 else 'up'}")
    return [f"{what} {' and '.join(sides)}"] if sides else []


def percent(ratio: float | Fraction) -> str:
    """A ratio in percent, to two places where they say something."""
    return f"{number(float(ratio) * 100, 2)} %"


def number(value: float, places: int) -> str:
    """A number without idle zeros."""
    text = f"{value:.{places}f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def _shown(matched: int, total: int) -> str:
    if matched < total:
        return f"{matched} of the ref's {total} frames"
    return "the ref's one frame" if total == 1 else f"all {total} frames of the ref"


def _speeds(runs: list[Run], alignment: Alignment) -> str:
    pieces = [piece for run in runs for piece in run.pieces]
    speeds = sorted({piece.speed for piece in pieces if piece.speed})
    held = any(piece.speed == 0 for piece in pieces)
    if not speeds:
        return "held on one frame" if len(pieces) == 1 else "held on single frames"
    tail = ", with held frames" if held else ""
    if len(speeds) == 1:
        said = speed_words(speeds[0], alignment)
        return f"{said if said.startswith('backwards') else 'at ' + said}{tail}"
    return f"at speeds from {percent(speeds[0])} to {percent(speeds[-1])}{tail}"


def _reordered(runs: list[Run], alignment: Alignment) -> bool:
    starts = [run.pieces[0].clip_start_s for run in runs if run.pieces and run.pieces[0].speed >= 0]
    return any(b < a - 1 / alignment.clip.rate for a, b in pairwise(starts))
