"""Cuts, flashes and fades in a made film: whether a frame in between is ever made out of two shots."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction

import cv2
import numpy as np

from genlock.bench.floors import Floor
from genlock.bench.retime_scenes import BLUE, GREEN, RED, Figure, Scene
from genlock.core.retime.cuts import CutSettings, joins
from genlock.core.retime.methods.passes import Passes
from genlock.core.retime.methods.plain import Plain
from genlock.core.retime.moves import moved
from genlock.core.retime.plan import stretches

SIZE_WH = (192, 108)
SHOTS, LENGTH = 101, 7


def of_cuts() -> Iterator[Floor]:
    """A hundred cuts; every fifth shot holds a flash, every seventh fades to black and the next one comes out of it."""
    film, shot_of = _film()
    found = list(joins(iter(film), CutSettings()))
    true = {k for k in range(1, len(film)) if shot_of[k] != shot_of[k - 1] and not _dark(film, k)}
    told = {k + 1 for k, join in enumerate(found) if not join.crosses}
    dark = {k for k in range(1, len(film)) if _dark(film, k)}
    yield Floor("cuts: found, of those that are no fade", len(true & told) / len(true), 1, at_least=True)
    yield Floor("cuts: false", len(told - true - dark), 1)
    ghosts = 0
    pieces = stretches(len(film), [_way(join.how, film, k) for k, join in enumerate(found)])
    for method, boxes in ((Plain, ()), (Passes, (2, 3))):
        for piece in pieces:
            ghosts += sum(_ghost(method(_Mix()), boxes, piece, k, share, film, shot_of) for k in range(piece.first, piece.end) for share in (0, 0.5))
    yield Floor("cuts: frames made of two shots", ghosts, 0)


def _way(how: str, film: list[np.ndarray], k: int) -> str:
    """As a scan has it."""
    a, b = (cv2.cvtColor(film[n], cv2.COLOR_RGB2GRAY).astype(np.float32) for n in (k, k + 1))
    return "blend" if how == "flow" and moved(a, b).empty else how


class _Mix:
    """Only what it is asked for matters here."""

    name = "mix"

    def pair(self, a, b):
        return _Pair(a, b)

    def middle(self, a, b, t=0.5):
        return a * np.float32(1 - t) + b * np.float32(t)


class _Pair(_Mix):
    def __init__(self, a, b):
        self.a, self.b = a, b

    def at(self, t):
        return self.middle(self.a, self.b, t)


def _ghost(method, boxes, piece, frame, share, film, shot_of) -> bool:
    """Whether two shots are in what is made; of black frames it is not asked."""
    used: set[int] = set()

    def look(number: int) -> np.ndarray:
        used.add(number)
        return film[number].astype(np.float32) / 255

    method.picture(look, piece, boxes, frame, Fraction(share))
    return len({shot_of[k] for k in used if film[k].max() > 8}) > 1


def _film() -> tuple[list[np.ndarray], list[int]]:
    film, shot_of = [], []
    for shot in range(SHOTS):
        scene = Scene("c", (Figure((RED, GREEN, BLUE)[shot % 3], (60, 60), (2.5, 0.5), 1 + shot % 3, size=0.5),), (1.5, 0), SIZE_WH, seed=shot)
        for k in range(LENGTH):
            picture = scene.frame(k)
            if shot % 5 == 2 and k == 3:
                picture = 0.15 * picture + 0.85
            if shot % 7 == 3:
                picture = picture * (1 - k / (LENGTH - 1))
            if shot % 7 == 4:
                picture = picture * min(1.0, k / (LENGTH - 2))
            film.append((picture * 255).round().astype(np.uint8))
            shot_of.append(shot)
    return film, shot_of


def _dark(film: list[np.ndarray], k: int) -> bool:
    return bool(film[k].max() < 60 or film[k - 1].max() < 60)
