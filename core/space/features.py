"""Framing from scratch: where, if anywhere, the clip's picture may lie in the ref's. Proposes; never decides.

SIFT keypoints (Lowe 2004, through OpenCV) of a few frames of each file are matched frame against frame; a matrix is fitted to
each pair by random samples of three (RANSAC, Fischler & Bolles 1981), and pairs that agree vote together. The frames need not be in
sync: what does not move between them is enough. Mirrored pictures are found by mirroring the clip's descriptors.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np

from .geometry import apply, corners, mirrored, resize_matrix

RATIO = 0.8
MIN_MATCHES = 8
MIN_INLIERS = 7
TRIALS = 200
JUDGED = 100
"""Matches that the random samples are judged by; the fit that follows uses all."""
_FLIP = np.array([((3 - y) * 4 + x) * 8 + (-b) % 8 for y in range(4) for x in range(4) for b in range(8)])
"""Where each number of a SIFT descriptor goes when the picture is mirrored: rows reversed, directions negated."""


@dataclass(frozen=True)
class Features:
    """Keypoints of one frame."""

    points: np.ndarray
    """(N, 2), full-size pixels."""
    descriptors: np.ndarray
    """(N, 128) float32, unit length (RootSIFT, Arandjelovic & Zisserman 2012)."""


@dataclass(frozen=True)
class Framing:
    """A candidate for where the clip lies in the ref."""

    clip_to_ref: np.ndarray
    votes: float
    """Matches that agree, summed over the frame pairs that say the same."""


def detect(picture: np.ndarray, full_wh: tuple[int, int], count: int) -> Features:
    """Keypoints of a picture (h, w) uint8, told in pixels of its full-size original."""
    h, w = picture.shape
    sift: Any = cv2.SIFT_create(nfeatures=count, contrastThreshold=0.015)  # type: ignore[attr-defined,unused-ignore]
    keypoints, descriptors = sift.detectAndCompute(picture, None)
    if descriptors is None or not len(keypoints):
        return Features(np.zeros((0, 2)), np.zeros((0, 128), np.float32))
    points = np.array([k.pt for k in keypoints])
    root = np.sqrt(descriptors / np.maximum(descriptors.sum(1, keepdims=True), 1e-6))
    return Features(apply(resize_matrix((w, h), full_wh), points), root.astype(np.float32))


def mirror_descriptors(features: Features) -> np.ndarray:
    """Descriptors as the mirrored picture would have them; the points stay where they are."""
    return features.descriptors[:, _FLIP]


def propose(
    clips: list[Features], refs: list[Features], clip_wh: tuple[int, int], ref_wh: tuple[int, int], most: int = 4, seed: int = 1
) -> list[Framing]:
    """Candidate framings from some frames of each file, most votes first; empty where nothing fits."""
    rng = np.random.default_rng(seed)
    found: list[Framing] = []
    for clip in clips:
        for descriptors in (clip.descriptors, mirror_descriptors(clip)):
            for ref in refs:
                a, b = _matches(descriptors, ref.descriptors)
                if len(a) >= MIN_MATCHES:
                    hit = _fit(clip.points[a], ref.points[b], clip_wh, ref_wh, rng)
                    if hit is not None:
                        found.append(hit)
    return _vote(found, clip_wh, ref_wh)[:most]


def _matches(a: np.ndarray, b: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Rows of a and b that are each other's nearest, and clearly nearer than the second nearest."""
    if len(a) < MIN_MATCHES or len(b) < MIN_MATCHES:
        return np.zeros(0, int), np.zeros(0, int)
    alike = a @ b.T
    best = alike.argmax(1)
    rows = np.arange(len(a))
    top = alike[rows, best].copy()
    alike[rows, best] = -1
    second = alike.max(1)
    alike[rows, best] = top
    clear = (2 - 2 * top) < RATIO**2 * (2 - 2 * second)
    keep = clear & (alike.argmax(0)[best] == rows)
    return rows[keep], best[keep]


def _fit(p: np.ndarray, q: np.ndarray, clip_wh: tuple[int, int], ref_wh: tuple[int, int], rng: np.random.Generator) -> Framing | None:
    """The affine map with the most matches behind it, or None: too few, or no shape a picture would take."""
    n = len(p)
    picks = rng.integers(0, n, (TRIALS, 3))
    source = np.concatenate([p[picks], np.ones((TRIALS, 3, 1))], axis=2)
    solvable = np.abs(np.linalg.det(source)) > 1e-4 * clip_wh[0] * clip_wh[1]
    if not solvable.any():
        return None
    maps = np.linalg.solve(source[solvable], q[picks][solvable])
    maps = maps[_plausible(maps)]
    if not len(maps):
        return None
    ones = np.concatenate([p, np.ones((n, 1))], 1)
    limit = 0.012 * max(ref_wh)
    some = slice(None) if n <= JUDGED else rng.choice(n, JUDGED, replace=False)
    off = np.linalg.norm(ones[some] @ maps - q[some], axis=2)
    inliers = np.linalg.norm(ones @ maps[int((off < limit).sum(1).argmax())] - q, axis=1) < limit
    for _ in range(3):
        if inliers.sum() < MIN_INLIERS:
            return None
        best = np.linalg.lstsq(ones[inliers], q[inliers], rcond=None)[0]
        inliers = np.linalg.norm(ones @ best - q, axis=1) < limit
    if inliers.sum() < MIN_INLIERS or inliers.sum() < 0.2 * n or not _plausible(best[None])[0]:
        return None
    spread = p[inliers].std(0) / np.array(clip_wh)
    if spread.min() < 0.02:
        return None
    matrix = np.eye(3)
    matrix[:2] = best.T
    return Framing(matrix, float(inliers.sum()))


def _plausible(maps: np.ndarray) -> np.ndarray:
    """(T,) bool: scale within 1/12 to 12, no pixel stretched more than 2.2 to 1, little shear, any rotation. maps (T, 3, 2)."""
    m = maps[:, :2]
    u, v = np.linalg.norm(m[:, 0], axis=1), np.linalg.norm(m[:, 1], axis=1)
    shear = np.abs((m[:, 0] * m[:, 1]).sum(1)) / np.maximum(u * v, 1e-12)
    scale = np.sqrt(np.maximum(u * v, 1e-12))
    return (scale > 1 / 12) & (scale < 12) & (np.maximum(u, v) < 2.2 * np.minimum(u, v)) & (shear < 0.35)


def _vote(found: list[Framing], clip_wh: tuple[int, int], ref_wh: tuple[int, int]) -> list[Framing]:
    """Framings that put the clip's outline in nearly the same place are one; the strongest stands for each."""
    groups: list[list[Framing]] = []
    for framing in sorted(found, key=lambda f: -f.votes):
        here = apply(framing.clip_to_ref, corners(clip_wh))
        size = np.linalg.norm(here[2] - here[0])
        for group in groups:
            there = apply(group[0].clip_to_ref, corners(clip_wh))
            same_side = mirrored(group[0].clip_to_ref) == mirrored(framing.clip_to_ref)
            if same_side and np.linalg.norm(here - there, axis=1).max() < 0.06 * size:
                group.append(framing)
                break
        else:
            groups.append([framing])
    summed = [Framing(group[0].clip_to_ref, sum(f.votes for f in group)) for group in groups]
    return sorted(summed, key=lambda f: -f.votes)
