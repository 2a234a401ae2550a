"""A still against a film, or against another still: where and when it is seen, told as an Alignment like any other."""

from __future__ import annotations

from fractions import Fraction
from itertools import pairwise

import numpy as np

from ... import __version__
from ..alignment import Alignment, Key, Piece, Run, Verdict
from ..errors import NotSameFootage, UsageError
from ..media.footage import Footage
from ..progress import Progress
from ..settings import AlignSettings
from ..space.geometry import as_tuple, distance, scale_of
from ..space.refine import Refined
from ..sync.analysis import Analysis
from ..sync.hints import read_hints
from .around import REACH, Moment, moment
from .film import Film
from .place import Found, final
from .search import search
from .subject import Subject, flat, read_subject

HOLE = 1
"""Frames that fail by noise between frames that look the same, and are taken in."""
NEARLY_ALL = 0.92
"""Share of the picture that has to agree for the frame to be the very one."""
SURE = 0.9
"""Confidence from which a run is exact."""
STANDING_PX = 0.5
"""Places that differ by less, in the coarser picture's pixels, are one."""
MOST_STARTS = 3
"""Places found near one another that the very frame is looked for from."""
MOST_PLACES = 6
"""Separate moments of a film that are told."""


def align_still(clip: Analysis, ref: Analysis, footages: tuple[Footage, Footage], settings: AlignSettings, progress: Progress) -> Alignment:
    """Find a still in a film or in another still. One of the two is one frame long; where both are, the clip is looked for in the ref.

    Of a film as ref, the frames that show the still become runs of one held piece (speed 0), all others are unmatched. Of a film as clip,
    the ref's one frame shows one frame of it; frames that look the same stand in `also`.
    Raises NotSameFootage where it is not found, UsageError for settings that mean nothing here, Cancelled.
    """
    if settings.time in ("off", "audio"):
        raise UsageError(f"time is {settings.time!r}, and a single picture has no time to go by", "leave --time at auto")
    film_is_ref = clip.frames == 1
    footage, analysis = (footages[0], ref) if film_is_ref else (footages[1], clip)
    subject = read_subject(footage)
    film = Film(analysis, subject.luma, _rows(clip, ref, settings, film_is_ref), progress.part(0.0, 0.1))
    found = [] if flat(subject) else search(subject, film, progress.part(0.1, 0.6), settings.space == "off")
    if not found:
        raise _refusal(clip, ref, settings, subject)
    moments = _moments(subject, film, found, progress.part(0.7, 0.25))
    progress.at(0.96, "placing the picture")
    richest = "homography" if settings.space in ("auto", "off") else settings.space
    placed = [final(subject, film, one.found, film_is_ref, richest) for one in moments]
    moments = [_replaced(subject, one, best) for one, (best, _) in zip(moments, placed, strict=True)]
    tell = _of_film if film_is_ref else _of_still
    return tell(clip, ref, settings, moments, placed[0][1])


def _rows(clip: Analysis, ref: Analysis, settings: AlignSettings, film_is_ref: bool) -> np.ndarray | None:
    """(film frames,) bool: the frames that the range and the anchors leave."""
    hints = read_hints(settings, clip.media, ref.media)
    frames = ref.frames if film_is_ref else clip.frames
    rows = hints.rows(ref.frames) if film_is_ref else None
    if hints.anchors:
        named = np.zeros(frames, bool)
        named[[i if film_is_ref else j for j, i in hints.anchors]] = True
        rows = named if rows is None else rows & named
    return rows


def _moments(subject: Subject, film: Film, found: list[Found], progress: Progress) -> list[Moment]:
    """The best moment, then others of the film that show the still as well."""
    out: list[Moment] = []
    for n, one in enumerate(found[:MOST_PLACES]):
        if any(abs(one.frame - frame) <= 2 * REACH for before in out for frame in before.same):
            continue
        near = [one, *(other for other in found if other is not one and abs(other.frame - one.frame) <= REACH)]
        out.append(moment(subject, film, near[:MOST_STARTS], progress.part(n / MOST_PLACES, 1 / MOST_PLACES)))
    out.sort(key=lambda one: one.found.rank, reverse=True)
    top = out[0].found.agreement
    return [one for one in out if one.found.agreement.score > top.score - 0.02 and one.found.agreement.share > top.share - 0.1]


def _replaced(subject: Subject, one: Moment, best: Found) -> Moment:
    """A moment with its final place, which goes for every frame where the still lay in the same place before."""
    limit = STANDING_PX * max(1.0, scale_of(best.still_to_frame, subject.full_wh))
    stands = {frame: distance(matrix, one.found.still_to_frame, subject.full_wh) < limit for frame, matrix in one.same.items()}
    same = {frame: best.still_to_frame if stands[frame] or subject.masked else matrix for frame, matrix in one.same.items()}
    return Moment(best, {**same, best.frame: best.still_to_frame})


def _refusal(clip: Analysis, ref: Analysis, settings: AlignSettings, subject: Subject) -> NotSameFootage:
    nothing = Alignment(clip.media, ref.media, (Run(0, ref.frames, Verdict.UNMATCHED),), settings.to_json(), {}, __version__)
    still, other = (clip, ref) if clip.frames == 1 else (ref, clip)
    if flat(subject):
        what = f"{still.media.path} has no detail to find it by: it is one flat colour, or all but transparent"
        return NotSameFootage(what, "give a picture with something on it", nothing)
    return NotSameFootage(f"{still.media.path} is not seen in {other.media.path}", "check that these are the right two files", nothing)


def _of_film(clip: Analysis, ref: Analysis, settings: AlignSettings, moments: list[Moment], refined: Refined) -> Alignment:
    """The ref is the film: runs of the frames that show the still, and what lies between."""
    runs: list[Run] = []
    at = 0
    scores: list[float | None] = [None] * ref.frames
    places = sorted(((first, end, one) for one in moments for first, end in _stretches(sorted(one.same))), key=lambda item: item[:2])
    for first, end, one in places:
        if first < at:
            continue
        if first > at:
            runs.append(Run(at, first - at, Verdict.UNMATCHED))
        score = round(one.found.agreement.score, 4)
        notes = (*((_alike_note(first, end, one.found.frame),) if end - first > 1 else ()), *_unlike(one.found))
        piece, sure = Piece(first, end - first, Fraction(0), Fraction(0)), _sure(one.found)
        verdict = Verdict.EXACT if sure >= SURE else Verdict.AMBIGUOUS
        runs.append(Run(first, end - first, verdict, (piece,), _keys(one, first, end), score, sure, (), refined.model, notes))
        scores[first:end] = [score] * (end - first)
        at = end
    if at < ref.frames:
        runs.append(Run(at, ref.frames - at, Verdict.UNMATCHED))
    return Alignment(clip.media, ref.media, tuple(runs), settings.to_json(), {"scores": scores, **_evidence(moments, refined, ref)}, __version__)


def _of_still(clip: Analysis, ref: Analysis, settings: AlignSettings, moments: list[Moment], refined: Refined) -> Alignment:
    """The ref is the still: its one frame shows one frame of the clip."""
    best = moments[0].found
    others = [(first, end - 1) for one in moments for first, end in _stretches(sorted(one.same))]
    count = sum(last - first + 1 for first, last in others)
    sure = round(_sure(best) / count, 4)
    verdict = Verdict.EXACT if sure >= SURE else Verdict.AMBIGUOUS
    score = round(best.agreement.score, 4)
    notes = (f"{count} frames of the clip look the same here: which of them it is cannot be told",) if count > 1 else ()
    notes = (*notes, *_unlike(best))
    piece = Piece(0, 1, clip.media.time_of(best.frame), Fraction(0))
    key = Key(0, as_tuple(refined.clip_to_ref))
    run = Run(0, 1, verdict, (piece,), (key,), score, sure, tuple(sorted(others)) if count > 1 else (), refined.model, notes)
    return Alignment(clip.media, ref.media, (run,), settings.to_json(), {"scores": [score], **_evidence(moments, refined, clip)}, __version__)


def _stretches(frames: list[int]) -> list[tuple[int, int]]:
    """(first, end) of frames in a row; a hole of HOLE frames is no break."""
    edges = [0, *(n + 1 for n, (a, b) in enumerate(pairwise(frames)) if b - a > 1 + HOLE), len(frames)]
    return [(frames[a], frames[b - 1] + 1) for a, b in pairwise(edges)]


def _keys(one: Moment, first: int, end: int) -> tuple[Key, ...]:
    """One key where the still lies in the same place all along, else one a frame."""
    inside = {frame: matrix for frame, matrix in one.same.items() if first <= frame < end}
    told = {frame: as_tuple(matrix) for frame, matrix in inside.items()}
    if all(np.allclose(matrix, one.found.still_to_frame, rtol=0, atol=1e-9) for matrix in inside.values()):
        return (Key(first, as_tuple(one.found.still_to_frame)),)
    return tuple(Key(frame, matrix) for frame, matrix in sorted(told.items()))


def _alike_note(first: int, end: int, best: int) -> str:
    return f"frames {first} to {end - 1} show the still alike; {best} is nearest to it"


def _sure(found: Found) -> float:
    """0 to 1: that it is no chance, less what of the picture speaks against this frame."""
    there = found.agreement
    whole = 1.0 if there.share >= NEARLY_ALL else there.share
    return round(min(0.9999, whole * (1 - 10 ** min(0.0, there.log10_chance))), 4)


def _unlike(found: Found) -> tuple[str, ...]:
    share = found.agreement.share
    if share >= NEARLY_ALL:
        return ()
    return (f"{round(100 * (1 - share))} % of the picture is not as in the still: the nearest frame is told, and another cut may have the very one",)


def _evidence(moments: list[Moment], refined: Refined, film: Analysis) -> dict[str, object]:
    best = moments[0].found
    return {
        "still": {
            "frame": best.frame,
            "found_by": best.placing.by,
            "keypoints": best.placing.inliers if best.placing.by == "features" else 0,
            "blocks": best.agreement.blocks,
            "agree": round(best.agreement.share, 4),
            "log10_chance": round(best.agreement.log10_chance, 2),
        },
        "framings": [{"model": refined.model, "error_px": round(refined.error_px, 4), "correlation": round(refined.correlation, 4)}],
        "decoded_again": film.decoded,
    }
