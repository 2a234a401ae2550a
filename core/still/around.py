"""From a frame that shows about what the still shows to the very one, and to all that look the same."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from ..progress import Progress
from ..space.geometry import distance, fit_to_frame, scale_of
from .film import WORKING_PX, Film, bounded
from .judge import agreement
from .moment import Contest
from .place import Found, registered
from .subject import Subject, shrunk

REACH = 40
WALK_PX, WALK_POINTS = 160, 1500
"""Frames walked to either side."""
LOST, PATIENCE = 0.97, 4
"""What is left, from which a frame counts as not showing the still; so many of those in a row, or seen better before, end a walk."""
CLOSELY = 10
"""Frames compared at full size."""
SMALL_PX, LARGE_PX = 160, 480
WHOLE_PX = 0.6
"""A place this near the whole frame, in pixels of the coarser picture, is the whole frame: then a camera's move tells frames apart too."""
EACH, LEAP = 6000, 12
"""Of a film with more frames than EACH, only every LEAP-th one is looked at for a second showing, and those around one that shows it."""
SAME_CLOSELY = 40
"""So many frames that look the same in small pictures are compared again at full size."""


@dataclass(frozen=True)
class Moment:
    """The frame that fits best, and the frames that cannot be told from it."""

    found: Found
    same: dict[int, np.ndarray]
    """still_to_frame by frame number; the best one among them."""


def moment(subject: Subject, film: Film, near: list[Found], progress: Progress) -> Moment:
    """The best frame around some that were found close to one another (best first), and those that look the same anywhere in the film."""
    found = near[0]
    whole = _whole_around(subject, film, found)
    if whole is not None:
        best, close = whole
    else:
        walked = _walk(subject, film, near, progress.part(0.0, 0.3))
        best, close = _closely(subject, film, found, walked)
    progress.at(0.4, "finding the frame")
    for frame in _standing(subject, film, best, progress.part(0.4, 0.6)):
        close.setdefault(frame, best.still_to_frame)
    return Moment(best, dict(sorted(close.items())))


def _whole_around(subject: Subject, film: Film, found: Found) -> tuple[Found, dict[int, np.ndarray]] | None:
    """The best frame with the still as the whole frame; None where it does not lie like that even there."""
    whole = fit_to_frame(subject.full_wh, film.wh)
    if distance(found.still_to_frame, whole, subject.full_wh) > 0.1 * film.wh[0]:
        return None
    near = [n for n in range(found.frame - REACH, found.frame + REACH + 1) if film.allowed(n)]
    around = {n: (_left(subject, film, whole, film.small(n)), whole) for n in near}
    best, close = _closely(subject, film, replace(found, still_to_frame=whole), around, hold=True)
    picture = next(picture for _, picture in film.working([best.frame]))
    free = registered(subject, film, whole, picture, "affine", 8)
    pixel = max(1.0, film.wh[0] / subject.full_wh[0])
    if free is None or distance(free, whole, subject.full_wh) > WHOLE_PX * pixel:
        return None
    return best, close


def _walk(subject: Subject, film: Film, near: list[Found], progress: Progress) -> dict[int, tuple[float, np.ndarray]]:
    """What is left, and the still's place, in the frames around, followed from frame to frame while the still is seen."""
    first, last = near[0].frame - REACH, near[0].frame + REACH
    subject = shrunk(subject, round(1.3 * WALK_PX))
    starts = [found for found in near if first <= found.frame <= last]
    pictures = _pictures(subject, film, near[0], [n for n in range(first, last + 1) if film.allowed(n)])
    places: dict[int, tuple[float, np.ndarray]] = {}
    for k, found in enumerate(starts):
        for way in (-1, 1):
            progress.at((k + (way > 0) / 2) / len(starts), "finding the frame")
            matrix, lost, frame = found.still_to_frame, 0, found.frame
            while frame in pictures and lost < PATIENCE:
                left, here = _followed(subject, film, matrix, pictures[frame])
                known = places.get(frame, (LOST, here))
                matrix = here if left < LOST else matrix
                lost = 0 if left < known[0] else lost + 1
                places[frame] = min(known, (left, here), key=lambda item: item[0])
                frame += way
    return places


def _followed(subject: Subject, film: Film, before: np.ndarray, picture: np.ndarray) -> tuple[float, np.ndarray]:
    """What is left, and the place: moved alone, or turned and scaled as well where that leaves less."""
    best = _left(subject, film, before, picture), before
    for model in ("shift", "similarity"):
        here = registered(subject, film, best[1], picture, model, 4, WALK_POINTS)
        if here is not None:
            best = min(best, (_left(subject, film, here, picture), here), key=lambda item: item[0])
        if best[0] > LOST:
            break
    return best


def _pictures(subject: Subject, film: Film, found: Found, frames: list[int]) -> dict[int, np.ndarray]:
    """Pictures of the frames at a size where the still is about WALK_PX long: the small ones, where those will do."""
    extent = max(subject.full_wh) * scale_of(found.still_to_frame, subject.full_wh) / film.wh[0]
    if extent * film.analysis.thumb_wh[0] >= 0.6 * WALK_PX:
        return {frame: film.small(frame) for frame in frames}
    size = min(WORKING_PX, round(WALK_PX / max(extent, 1e-6) * max(film.wh) / film.wh[0]))
    return {frame: bounded(picture, size) for frame, picture in film.working(frames)}


def _left(subject: Subject, film: Film, matrix: np.ndarray, picture: np.ndarray, most_px: int = SMALL_PX) -> float:
    contest = Contest(subject, matrix, film.wh, (picture.shape[1], picture.shape[0]), most_px)
    return 1.0 if contest.board is None else contest.left(contest.seen(picture, matrix))


def _closely(
    subject: Subject, film: Film, found: Found, around: dict[int, tuple[float, np.ndarray]], hold: bool = False
) -> tuple[Found, dict[int, np.ndarray]]:
    """The best of the frames around at full size, and those that cannot be told from it; with hold, no place is moved.

    around  by frame number: what is left in the small picture, and the place
    """
    ranked = sorted(around, key=lambda frame: around[frame][0])
    places, seen, left, contest = {}, {}, {}, None
    for frame, picture in film.working({found.frame, *ranked[: CLOSELY - 1]}):
        matrix = around[frame][1] if frame in around else found.still_to_frame
        if not hold:
            moved = registered(subject, film, matrix, picture, "similarity" if subject.masked else "affine", 8)
            matrix = matrix if moved is None else moved
        if contest is None:
            contest = Contest(subject, found.still_to_frame, film.wh, (picture.shape[1], picture.shape[0]), LARGE_PX)
            if contest.board is None:
                return found, {found.frame: found.still_to_frame}
        places[frame], seen[frame] = matrix, contest.seen(picture, matrix)
        left[frame] = contest.left(seen[frame])
    assert contest is not None
    best = min(left, key=lambda frame: left[frame])
    same = {frame: places[frame] for frame in places if frame == best or not contest.told_apart(seen[best], seen[frame])}
    picture = next(picture for _, picture in film.working([best]))
    there = agreement(subject, picture, film.wh, places[best])
    return replace(found, frame=best, still_to_frame=places[best], agreement=there or found.agreement), same


def _standing(subject: Subject, film: Film, best: Found, progress: Progress) -> list[int]:
    """Frames of the whole film that show the still in the same place as the best one does, and as well."""
    small = film.small(best.frame)
    contest = Contest(subject, best.still_to_frame, film.wh, (small.shape[1], small.shape[0]), SMALL_PX)
    if contest.board is None:
        return []
    reference = contest.seen(small, best.still_to_frame)
    limit = 1.3 * contest.left(reference) + 0.05

    def as_well(frame: int) -> bool:
        seen = contest.seen(film.small(frame), best.still_to_frame)
        return contest.left(seen) < limit and not contest.told_apart(reference, seen)

    step = 1 if film.frames <= EACH else LEAP
    near = range(best.frame - REACH, best.frame + REACH + 1)
    looked: dict[int, bool] = {}
    for n, frame in enumerate((*near, *range(0, film.frames, step))):
        if n % 64 == 0:
            progress.at(0.8 * n / (film.frames / step + len(near)), "finding frames that look the same")
        if film.allowed(frame) and frame not in looked:
            looked[frame] = as_well(frame)
    for frame in [frame for frame, passes in looked.items() if passes] if step > 1 else []:
        for way in (-1, 1):
            at = frame + way
            while film.allowed(at) and at not in looked:
                looked[at] = as_well(at)
                if not looked[at]:
                    break
                at += way
    same = [frame for frame, passes in sorted(looked.items()) if passes and frame != best.frame]
    return _closer(subject, film, best, same) if len(same) <= SAME_CLOSELY else same


def _closer(subject: Subject, film: Film, best: Found, frames: list[int]) -> list[int]:
    """Those of some frames that cannot be told from the best one at full size either."""
    contest, reference, seen = None, None, {}
    for frame, picture in film.working([best.frame, *frames]):
        if contest is None:
            contest = Contest(subject, best.still_to_frame, film.wh, (picture.shape[1], picture.shape[0]), LARGE_PX)
            if contest.board is None:
                return frames
        seen[frame] = contest.seen(picture, best.still_to_frame)
    assert contest is not None
    reference = seen[best.frame]
    return [frame for frame in frames if not contest.told_apart(reference, seen[frame])]
