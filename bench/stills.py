"""Stills with a known place: the table of docs/stills.md.

    python -m genlock.bench.stills [--only WORD]

A film is made (three shots, one of them with a locked camera, one a still), and pictures are taken from it: cropped, scaled, turned, regraded,
compressed, framed, mirrored, laid in as a logo. For each, the answer is held against the truth: the frame, and how far the corners lie
off in pixels of the film.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np

from genlock.core.align import align
from genlock.core.alignment import Alignment
from genlock.core.errors import NotSameFootage
from genlock.core.settings import AlignSettings
from genlock.core.space.geometry import apply, corners, resize_matrix
from genlock.hosts.demo.scene import Scene, reel
from genlock.hosts.demo.world import paint
from genlock.hosts.demo.writing import Coding, write_file

Picture = np.ndarray


@dataclass(frozen=True)
class Case:
    """One picture, and what is true of it."""

    name: str
    picture: Picture
    """(h, w, 3 or 4) uint8 BGR(A)."""
    still_to_film: np.ndarray | None
    """3x3; None: it is not in the film."""
    frames: tuple[int, int] = (0, 0)
    """First and last frame that may be named as showing it."""
    quality: int = 0
    """Of JPEG; 0 is PNG."""
    film: str = "film"


def scene() -> Scene:
    """The film that the pictures are taken from."""
    return reel(11, (70, 60, 50, 64), ("moving", "locked", "still", "moving"), size_wh=(640, 360))


def warped(film: Picture, still_to_film: np.ndarray, wh: tuple[int, int]) -> Picture:
    """What a still of this size shows, drawn at four times the size and averaged."""
    big = resize_matrix(wh, (4 * wh[0], 4 * wh[1]))
    smaller = max(1.0, 1 / (4 * np.sqrt(abs(np.linalg.det(np.linalg.inv(still_to_film)[:2, :2])))))
    if smaller < 0.3:
        return cv2.resize(film, wh, interpolation=cv2.INTER_AREA)
    drawn = cv2.warpPerspective(
        film, big @ np.linalg.inv(still_to_film), (4 * wh[0], 4 * wh[1]), flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REFLECT_101
    )
    return np.asarray(cv2.resize(drawn, wh, interpolation=cv2.INTER_AREA))


def placed(scale: float, x: float, y: float, turn_deg: float = 0.0) -> np.ndarray:
    """still_to_film of a picture whose top left pixel edge lies at (x, y), each pixel `scale` film pixels wide."""
    c, s = scale * np.cos(np.radians(turn_deg)), scale * np.sin(np.radians(turn_deg))
    return np.array([[c, -s, x + (c - s) / 2 - 0.5], [s, c, y + (c + s) / 2 - 0.5], [0, 0, 1.0]])


def graded(picture: Picture) -> Picture:
    """Darker mid-tones, warmer, less contrast."""
    curve = (np.linspace(0, 1, 256) ** 1.4)[:, None] * np.array([170, 200, 225]) + np.array([30, 18, 10])
    return np.asarray(cv2.LUT(picture, curve.astype(np.uint8).reshape(1, 256, 3)))


def emblem(side: int, alpha: bool) -> Picture:
    """A logo: letters and a ring, on nothing or on white."""
    out: Picture = np.zeros((side, side * 2, 4), np.uint8)
    centre, radius = (side // 2, side // 2), side // 2 - 3
    cv2.circle(out, centre, radius, (40, 60, 220, 255), -1, cv2.LINE_AA)
    cv2.circle(out, centre, radius * 2 // 3, (240, 240, 240, 255), max(2, side // 14), cv2.LINE_AA)
    cv2.putText(out, "Vox", (side + 2, side * 2 // 3), cv2.FONT_HERSHEY_DUPLEX, side / 60, (250, 220, 60, 255), max(2, side // 20), cv2.LINE_AA)
    if alpha:
        return out
    share = out[..., 3:].astype(np.float32) / 255
    return (out[..., :3] * share + 255 * (1 - share)).astype(np.uint8)


def laid_in(film: Picture, logo: Picture, still_to_film: np.ndarray) -> Picture:
    """A logo over a frame."""
    h, w = film.shape[:2]
    four: Picture = logo if logo.shape[2] == 4 else np.dstack([logo, np.full(logo.shape[:2], 255, np.uint8)])
    scale = float(np.sqrt(abs(np.linalg.det(still_to_film[:2, :2]))))
    small: Picture = four if scale >= 1 else cv2.resize(four, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    back = still_to_film @ resize_matrix(small.shape[1::-1], four.shape[1::-1])
    drawn = cv2.warpPerspective(small, back, (w, h), flags=cv2.INTER_LINEAR).astype(np.float32)
    share = drawn[..., 3:] / 255
    return (film * (1 - share) + drawn[..., :3] * share + 0.5).astype(np.uint8)


def cases(film: Scene) -> Iterator[Case]:
    """Every case, in the order of the table."""
    whole = np.eye(3)
    first = film.frame(41)
    yield Case("the frame itself", first, whole, (41, 41))
    for quality in (40, 15):
        yield Case(f"JPEG, quality {quality}", first, whole, (41, 41), quality)
    yield Case("regraded", graded(first), whole, (41, 41), 85)
    yield Case("black and white", cv2.cvtColor(cv2.cvtColor(first, cv2.COLOR_BGR2GRAY), cv2.COLOR_GRAY2BGR), whole, (41, 41), 85)
    yield Case("mirrored", first[:, ::-1].copy(), np.array([[-1, 0, 639], [0, 1, 0], [0, 0, 1.0]]), (41, 41))
    for scale in (0.1, 0.25, 0.5, 2.0, 3.0, 6.0):
        wh = (round(640 * scale), round(360 * scale))
        matrix = resize_matrix(wh, (640, 360))
        sized = cv2.resize(first, wh, interpolation=cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC)
        yield Case(f"whole, {scale} times the size", sized, matrix, (41, 41), 90)
    thumbnail = cv2.resize(first, (160, 90), interpolation=cv2.INTER_AREA)
    yield Case("thumbnail, 160 x 90", thumbnail, resize_matrix((160, 90), (640, 360)), (41, 41), 70)
    yield Case("crop, half the width", first[80:281, 200:521].copy(), placed(1, 200, 80), (41, 41))
    yield Case("crop, a quarter of the width", first[101:192, 301:462].copy(), placed(1, 301, 101), (41, 41))
    for turn in (2.0, 7.0, 30.0):
        matrix = placed(0.7, 210, 60, turn)
        yield Case(f"crop, turned by {turn:g} degrees, 1/0.7", warped(first, matrix, (400, 280)), matrix, (41, 41), 80)
    wide = np.zeros((480, 640, 3), np.uint8)
    wide[60:420] = first
    yield Case("letterboxed", wide, placed(1, 0, -60), (41, 41), 80)
    scan: Picture = np.full((1300, 2100, 3), 236, np.uint8)
    scan[110:1190, 90:2010] = cv2.resize(graded(first), (1920, 1080), interpolation=cv2.INTER_CUBIC)
    scan = cv2.add(scan, np.random.default_rng(1).integers(0, 9, scan.shape, dtype=np.uint8))
    yield Case("scan, 3 times larger, with borders", scan, placed(1 / 3, -30, -110 / 3), (41, 41), 85)
    yield Case("from the locked shot", film.frame(101), whole, (101, 101), 90)
    yield Case("from the locked shot, JPEG 40", film.frame(101), whole, (99, 103), 40)
    yield Case("from the still shot, JPEG 40", film.frame(150), whole, (130, 179), 40)
    yield Case("from a fast shot", film.frame(200), whole, (200, 200), 60)
    for alpha in (True, False):
        matrix = placed(140 / 480, 470, 20)
        kind = "transparent" if alpha else "on white"
        yield Case(f"logo {kind}, 5 % of the picture", emblem(240, alpha), matrix, (70, 129), film=f"logo-{kind.split()[-1]}")
    matrix = placed(90 / 480, 30, 290)
    yield Case("logo transparent, 2 % of the picture", emblem(240, True), matrix, (70, 129), film="logo-small")
    yield Case("unrelated picture", paint((640, 360), 991), None)
    yield Case("unrelated picture 2", reel(77, (20,), size_wh=(640, 360)).frame(9), None)
    yield Case("unrelated thumbnail", cv2.resize(paint((640, 360), 992), (160, 90)), None)
    yield Case("unrelated logo", emblem(240, True), None)
    yield Case("unrelated text", cv2.putText(np.full((200, 600, 3), 255, np.uint8), "nothing here", (20, 120), 0, 2, (0, 0, 0), 4), None)
    yield Case("one colour", np.full((180, 320, 3), 90, np.uint8), None)
    yield Case("black", np.zeros((180, 320, 3), np.uint8), None)
    yield Case("noise", np.random.default_rng(3).integers(0, 256, (180, 320, 3), dtype=np.uint8), None)


def films(film: Scene) -> dict[str, Callable[[int], Picture]]:
    """The film, and the same with logos in its second shot."""

    def with_logo(logo: Picture, matrix: np.ndarray) -> Callable[[int], Picture]:
        return lambda n: laid_in(film.frame(n), logo, matrix) if 70 <= n < 130 else film.frame(n)

    big, small = placed(140 / 480, 470, 20), placed(90 / 480, 30, 290)
    return {
        "film": film.frame,
        "logo-transparent": with_logo(emblem(240, True), big),
        "logo-white": with_logo(emblem(240, False), big),
        "logo-small": with_logo(emblem(240, True), small),
    }


def outcome(case: Case, done: Alignment | None) -> tuple[bool, str, str]:
    """Whether it is right, the frames told, and how far the corners lie off."""
    if done is None:
        return case.still_to_film is None, "refused", ""
    told = [frame for frame, shown in enumerate(done.clip_frames()) if shown is not None]
    span = f"{told[0]}-{told[-1]}" if len(told) > 1 else str(told[0])
    if case.still_to_film is None:
        return False, span, ""
    best = int(done.evidence["still"]["frame"])
    matrix = np.array(done.matrix_at(best)).reshape(3, 3)
    outline = corners(case.picture.shape[1::-1])
    off = float(np.linalg.norm(apply(matrix, outline) - apply(case.still_to_film, outline), axis=1).max())
    first, last = case.frames
    right = first <= best <= last and all(first <= frame <= last for frame in told) and off < 2
    return right, f"{best} of {span}" if len(told) > 1 else span, f"{off:.2f}"


def main() -> int:
    """Print the table; status 1 where a case is wrong."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", default="", help="cases whose name holds this word")
    args = parser.parse_args()
    wrong = 0
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        film = scene()
        settings = AlignSettings(cache=str(folder / "cache"))
        draw = films(film)
        print(f"{'case':40} {'right':5} {'frame':>12} {'corner px':>9} {'chance':>7} {'CPU s':>6}")
        for case in cases(film):
            if args.only not in case.name:
                continue
            path, picture = folder / f"{case.film}.mp4", folder / f"still.{'jpg' if case.quality else 'png'}"
            if not path.exists():
                write_file(path, (draw[case.film](n) for n in range(film.frames)), film.rate, Coding(crf=20))
            cv2.imwrite(str(picture), case.picture, [cv2.IMWRITE_JPEG_QUALITY, case.quality] if case.quality else [])
            began = time.process_time()
            try:
                done: Alignment | None = align(picture, path, settings)
            except NotSameFootage:
                done = None
            took = time.process_time() - began
            right, span, off = outcome(case, done)
            chance = f"{done.evidence['still']['log10_chance']:.1f}" if done else ""
            wrong += not right
            print(f"{case.name:40} {'yes' if right else 'NO':5} {span:>12} {off:>9} {chance:>7} {took:6.2f}", flush=True)
    return int(wrong > 0)


if __name__ == "__main__":
    raise SystemExit(main())
