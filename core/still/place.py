"""A proposed place made exact: registered against the frame, as far as the two allow."""

from __future__ import annotations

from dataclasses import dataclass, replace

import cv2
import numpy as np

from ..space.fit import fit, prepare
from ..space.geometry import apply, corners, distance, fit_to_frame, mirrored, normalised, resize_matrix, scale_of
from ..space.refine import Refined, refine
from ..space.register import EDGE, coarse_to_fine
from .climb import climbed, upright
from .film import Film
from .judge import Agreement, agreement
from .match import Placing
from .subject import Subject

POINTS = 4000
WHOLE = 0.01
"""A place this near to the whole frame (share of its width, root mean square) is tried as just that."""


@dataclass(frozen=True)
class Found:
    """A still in one frame, with what speaks for it."""

    frame: int
    still_to_frame: np.ndarray
    agreement: Agreement
    placing: Placing
    """As it was proposed."""

    @property
    def rank(self) -> tuple[float, float]:
        """Greater is better."""
        return -self.agreement.log10_chance, self.agreement.score


def settled(subject: Subject, film: Film, placing: Placing, picture: np.ndarray) -> Found | None:
    """A proposed place after registration; None where the frame (h, w) uint8 does not bear it out at all."""
    best: tuple[np.ndarray, Agreement] | None = None
    for matrix in _tries(subject, film, placing.still_to_frame, picture):
        there = agreement(subject, picture, film.wh, matrix)
        if there is not None and (best is None or (-there.log10_chance, there.score) > (-best[1].log10_chance, best[1].score)):
            best = matrix, there
    return None if best is None else Found(placing.frame, best[0], best[1], placing)


def _tries(subject: Subject, film: Film, start: np.ndarray, picture: np.ndarray) -> list[np.ndarray]:
    """The place as proposed, registered, and the whole frame where that is near."""
    out = [start]
    if subject.masked:
        moved = [registered(subject, film, begin, picture, "scale", 12) for begin in (upright(start, subject.full_wh), start)]
        out += [upright(start, subject.full_wh), *(matrix for matrix in moved if matrix is not None)]
        return [*out, climbed(subject, film, out, picture)]
    still, frame = matched_sizes(subject, film, start, picture)
    model = "affine" if min(_extent(subject, film, start, picture)) >= 60 else "similarity"
    for model_now in dict.fromkeys(("similarity", model)):
        there = coarse_to_fine([still], [frame], subject.full_wh, film.wh, out[-1], model_now, POINTS, (2.0, 1.0))
        if there is not None and sound(there.clip_to_ref, start, subject.full_wh):
            out.append(there.clip_to_ref)
    whole = fit_to_frame(subject.full_wh, film.wh)
    if any(distance(matrix, whole, subject.full_wh) < WHOLE * film.wh[0] for matrix in out):
        out.append(whole)
    return out


def registered(
    subject: Subject, film: Film, start: np.ndarray, picture: np.ndarray, model: str, rounds: int = 6, points: int = POINTS
) -> np.ndarray | None:
    """The place in a frame that is near a known one; None where the fit runs away.

    The still is the template, at most as large as it is shown: so only the part of it that counts is looked at.
    """
    still, frame = matched_sizes(subject, film, start, picture)
    to_frame = resize_matrix(film.wh, frame.shape[::-1])
    scale = min(scale_of(to_frame @ start, subject.full_wh), still.shape[1] / subject.full_wh[0])
    size = (max(8, round(subject.full_wh[0] * scale)), max(8, round(subject.full_wh[1] * scale)))
    template = still if still.shape[::-1] == size else cv2.resize(still, size, interpolation=cv2.INTER_AREA)
    to_template = resize_matrix(subject.full_wh, size)
    matrix = normalised(to_frame @ start @ np.linalg.inv(to_template))
    mask = _well_inside(matrix, size, frame.shape[::-1])
    if subject.masked:
        mask &= cv2.resize(subject.mask.astype(np.uint8) * 255, size, interpolation=cv2.INTER_AREA) > 200
    pair = prepare(template, frame, max(1.0, scale_of(matrix, size)), points, mask)
    found = None if pair is None else fit([pair], matrix, model, size, rounds)
    back = None if found is None else normalised(np.linalg.inv(to_frame) @ found.matrix @ to_template)
    return back if back is not None and sound(back, start, subject.full_wh) else None


def _well_inside(matrix: np.ndarray, template_wh: tuple[int, int], frame_wh: tuple[int, int]) -> np.ndarray:
    """(h, w) bool: pixels of the template that fall inside the frame by as much as fine detail reaches: over its edge, one side shows nothing."""
    margin = EDGE * max(template_wh) * scale_of(matrix, template_wh)
    x, y = (round(min(margin, 0.1 * side)) for side in frame_wh)
    framed = np.zeros((frame_wh[1], frame_wh[0]), np.uint8)
    framed[y : frame_wh[1] - y, x : frame_wh[0] - x] = 255
    return cv2.warpPerspective(framed, matrix, template_wh, flags=cv2.INTER_NEAREST | cv2.WARP_INVERSE_MAP) > 0


def matched_sizes(subject: Subject, film: Film, matrix: np.ndarray, picture: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Still and frame, the finer one shrunk towards the coarser one: what is finer only costs time."""
    scale = scale_of(matrix, subject.full_wh) * picture.shape[1] / film.wh[0] * subject.full_wh[0] / subject.wh[0]
    still, frame = subject.luma, picture
    if scale < 0.5:
        still = cv2.resize(still, None, fx=min(1.0, 1.5 * scale), fy=min(1.0, 1.5 * scale), interpolation=cv2.INTER_AREA)
    if scale > 2:
        frame = cv2.resize(frame, None, fx=1.5 / scale, fy=1.5 / scale, interpolation=cv2.INTER_AREA)
    return still, frame


def sound(matrix: np.ndarray, start: np.ndarray, still_wh: tuple[int, int]) -> bool:
    """Whether a fit stayed near where it began: no corner moved by a fifth of the picture, the same way round."""
    a, b = apply(matrix, corners(still_wh)), apply(start, corners(still_wh))
    if not np.isfinite(a).all() or mirrored(matrix) != mirrored(start):
        return False
    size = float(np.linalg.norm(b[2] - b[0]))
    return bool(np.linalg.norm(a - b, axis=1).max() < 0.2 * size)


def final(subject: Subject, film: Film, found: Found, film_is_ref: bool, richest: str) -> tuple[Found, Refined]:
    """The place at full size and by the simplest model, as clip_to_ref; what was found so far where that is no better."""
    picture = film.full(found.frame)
    film.analysis.hold({found.frame: picture})
    if subject.masked:
        best = climbed(subject, film, [upright(found.still_to_frame, subject.full_wh), found.still_to_frame], picture)
        there = agreement(subject, picture, film.wh, best)
        found = found if there is None else replace(found, still_to_frame=best, agreement=there)
        matrix = found.still_to_frame if film_is_ref else normalised(np.linalg.inv(found.still_to_frame))
        return found, Refined(matrix, "similarity" if abs(matrix[0, 1]) > 1e-9 else "scale", 0.1, found.agreement.score)
    start = found.still_to_frame if film_is_ref else np.linalg.inv(found.still_to_frame)
    sides = ([subject.luma], subject.full_wh), ([picture], film.wh)
    (clips, clip_wh), (refs, ref_wh) = sides if film_is_ref else (sides[1], sides[0])
    models = ("shift", "scale", "similarity", "stretch", "affine", "homography")
    most = "homography" if min(_extent(subject, film, found.still_to_frame, picture)) >= 120 else "similarity"
    refined = refine(clips, refs, clip_wh, ref_wh, start, min(richest, most, key=models.index))
    rough = Refined(start, "affine", 0.5, found.agreement.score)
    if refined is None:
        return found, rough
    back = refined.clip_to_ref if film_is_ref else np.linalg.inv(refined.clip_to_ref)
    there = agreement(subject, picture, film.wh, back) if sound(back, found.still_to_frame, subject.full_wh) else None
    if there is None or there.score < found.agreement.score - 0.02 or there.share < found.agreement.share - 0.1:
        return found, rough
    return replace(found, still_to_frame=back, agreement=there), refined


def _extent(subject: Subject, film: Film, matrix: np.ndarray, picture: np.ndarray) -> tuple[float, float]:
    """Width and height of the still in the coarser of the two pictures."""
    scale = min(1.0, scale_of(matrix, subject.full_wh) * picture.shape[1] / film.wh[0])
    return subject.full_wh[0] * scale, subject.full_wh[1] * scale
