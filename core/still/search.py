"""Where in a film a still may be: cheap looks first, at all of it, then closer ones, until a place holds or nothing is left to try."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import islice

import numpy as np

from ..progress import Progress
from ..space.geometry import fit_to_frame
from .dense import places
from .film import Film, bounded
from .match import Placing, best_placing, mirror_of
from .place import Found, settled
from .subject import Subject, at_sizes, keypoints, without_ground

COUNT = 900
"""Keypoints a picture."""
CLOSE_PX = 960
"""Longer side at which frames are looked at closely."""
NEEDED = -4.0
"""Decimal logarithm of the chance, with all frames counted, under which a place holds."""
LEAST_SHARE, LEAST_SEEN = 0.34, 0.2
"""Share of the blocks that have to agree, and of the still that has to be inside (or it covers the frame)."""
TRIED = 10
"""Proposals of one look that are followed up."""
CORRELATED = 16
"""Frames in which the still is held against every place."""


def search(subject: Subject, film: Film, progress: Progress, whole_only: bool = False) -> list[Found]:
    """Places that hold, in different frames, best first; empty where the film does not show the still."""
    looks = [_as_whole] if whole_only else [_as_whole, _by_small, _by_close, _by_correlation]
    for n, look in enumerate(looks):
        part = progress.part(n / len(looks), 1 / len(looks))
        found = follow_up(subject, film, look(subject, film, part))
        if found:
            return found
    bare = None if whole_only else without_ground(subject)
    if bare is not None:
        return follow_up(bare, film, [*_by_close(bare, film, progress.part(0.9, 0.05)), *_by_correlation(bare, film, progress.part(0.95, 0.05))])
    return []


def follow_up(subject: Subject, film: Film, proposals: list[Placing]) -> list[Found]:
    """The proposals that hold, best first."""
    by_frame: dict[int, list[Placing]] = {}
    for placing in proposals:
        by_frame.setdefault(placing.frame, []).append(placing)
    out = []
    for number, picture in film.working(by_frame):
        tried = [settled(subject, film, placing, picture) for placing in by_frame[number]]
        holding = [found for found in tried if found is not None and holds(found, film)]
        if holding:
            out.append(max(holding, key=lambda found: found.rank))
    return sorted(out, key=lambda found: found.rank, reverse=True)


def holds(found: Found, film: Film) -> bool:
    """Whether a place is more than chance, and the whole of the picture speaks for it."""
    there = found.agreement
    chance = there.log10_chance + float(np.log10(max(1, len(film.chosen))))
    return chance < NEEDED and there.share >= LEAST_SHARE and there.score > 0.6 and there.seen >= LEAST_SEEN


def _as_whole(subject: Subject, film: Film, progress: Progress) -> list[Placing]:
    """The still as the whole frame: the frames that are most like it at a glance."""
    alike = film.alike.copy()
    if film.rows is not None:
        alike[~film.rows] = -1
    matrix = fit_to_frame(subject.full_wh, film.wh)
    out: list[Placing] = []
    while len(out) < 4:
        frame = int(alike.argmax())
        if alike[frame] < 0.7:
            break
        out.append(Placing(frame, matrix, 0, -float(alike[frame]), "whole"))
        alike[max(0, frame - 24) : frame + 25] = -1
    return out


def _by_small(subject: Subject, film: Film, progress: Progress) -> list[Placing]:
    """Keypoints of the small pictures of all scenes."""
    return _by_keypoints(subject, film, ((n, film.small(n)) for n in film.chosen), progress)


def _by_close(subject: Subject, film: Film, progress: Progress) -> list[Placing]:
    """Keypoints of larger pictures; the film is decoded once more."""
    return _by_keypoints(subject, film, ((n, bounded(p, CLOSE_PX)) for n, p in film.working(film.chosen)), progress)


def _by_keypoints(subject: Subject, film: Film, pictures: Iterator[tuple[int, np.ndarray]], progress: Progress) -> list[Placing]:
    still = keypoints(subject, 2 * COUNT)
    if len(still.points) < 4:
        return []
    mirrored = mirror_of(still)

    def look(item: tuple[int, np.ndarray]) -> Placing | None:
        number, picture = item
        slack = 3.0 * film.wh[0] / picture.shape[1]
        return best_placing(still, mirrored, at_sizes(picture, film.wh, COUNT), subject.full_wh, film.wh, number, slack)

    found: list[Placing] = []
    done = 0
    with ThreadPoolExecutor(2) as pool:
        while batch := list(islice(pictures, 8)):
            found += [placing for placing in pool.map(look, batch) if placing is not None]
            done += len(batch)
            progress.at(done / max(1, len(film.chosen)), "looking for the picture")
    return sorted(found, key=lambda placing: placing.log10_chance)[:TRIED]


def _by_correlation(subject: Subject, film: Film, progress: Progress) -> list[Placing]:
    """The still at every size against every place, in frames from all over the film."""
    count = min(CORRELATED, len(film.chosen))
    frames = [film.chosen[(2 * k + 1) * len(film.chosen) // (2 * count)] for k in range(count)]
    found: list[Placing] = []
    with ThreadPoolExecutor(2) as pool:
        for first in range(0, len(frames), 4):
            batch = frames[first : first + 4]
            found += [one for some in pool.map(lambda n: places(subject, film.small(n), film.wh, n), batch) for one in some]
            progress.at((first + len(batch)) / len(frames), "looking for the picture place by place")
    return sorted(found, key=lambda placing: placing.log10_chance)[:TRIED]
