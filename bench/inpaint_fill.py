"""Hold the embedded fill against its floors, on made footage; exit 1 where a floor falls.

    python bench/inpaint_fill.py                       floors: a pan at 720p, with and without exposure drift
    python bench/inpaint_fill.py --footage FOLDER      and every method on real films, two kinds of hole each, told beside Telea's
    python bench/inpaint_fill.py --sheet FILE.png      and a sheet to look at: what was given, Telea, the fill, the truth

PSNR is of the hole's pixels alone, over all frames. Truth is known: the hole is cut into footage that is whole. CPU seconds are of
everything, the test on the shot too.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np

from genlock.bench.floors import Floor
from genlock.core.inpaint.fill import METHODS, FillSettings, ShotReport, fill_shot
from genlock.core.inpaint.steps.extract import small_look
from genlock.core.retime.cuts import joins
from genlock.hosts.demo.world import paint
from genlock.hosts.worker.memory import keep_memory

REGRET_DB = 2.5
"""The method taken may do worse than the best one by this."""
CPU_S = 0.35
REAL_WH = (640, 360)


@dataclass(frozen=True, eq=False)
class Case:
    """A shot with a hole, and what was there."""

    name: str
    given: list[np.ndarray]
    masks: list[np.ndarray]
    truth: list[np.ndarray]
    cuts: tuple[int, ...] = ()
    """First frames of shots after the first, found as a project finds them."""


def cut(name: str, truth: list[np.ndarray], moving: bool) -> Case:
    """An ellipse that crosses the picture, or a box that stays."""
    h, w = truth[0].shape[:2]
    masks, given = [], []
    for t, picture in enumerate(truth):
        mask = np.zeros((h, w), np.uint8)
        if moving:
            along = t / len(truth)
            centre = (int(w * (0.3 + 0.4 * along)), int(h * (0.5 + 0.08 * np.sin(t / 6))))
            cv2.ellipse(mask, centre, (int(w * 0.11), int(h * 0.16)), 15, 0, 360, 255, -1)
        else:
            mask[int(h * 0.4) : int(h * 0.62), int(w * 0.42) : int(w * 0.57)] = 255
        spoilt = picture.copy()
        spoilt[mask > 0] = (200, 40, 90)
        masks.append(mask)
        given.append(spoilt)
    found = joins(small_look(picture) for picture in truth)
    return Case(name, given, masks, truth, tuple(n + 1 for n, join in enumerate(found) if not join.crosses))


def panned(count: int, wh: tuple[int, int], drift: bool) -> list[np.ndarray]:
    """(h, w, 3) uint8: a painted world under a camera that pans, turns and zooms a little, with grain; with or without changing exposure."""
    rng = np.random.default_rng(5)
    w, h = wh
    world = paint((int(w * 1.4) + 7 * count, int(h * 1.3) + 40), 5).astype(np.float32)
    out = []
    for t in range(count):
        zoom, turn = 1 - 0.0006 * t, 0.002 * np.sin(t / 9)
        matrix = np.array([[zoom, turn, 20 + 6.3 * t], [-turn, zoom, 30 + 0.8 * t + 3 * np.sin(t / 5)]])
        picture = cv2.warpAffine(world, matrix, wh, flags=cv2.INTER_LANCZOS4 | cv2.WARP_INVERSE_MAP)
        if drift:
            tint = np.array([1, 1 + 0.03 * np.sin(t / 5), 1 - 0.03 * np.sin(t / 6)], np.float32)
            picture = picture * (1 + 0.12 * np.sin(t / 7)) * tint + 4 * np.sin(t / 4)
        out.append(np.clip(np.rint(picture + rng.normal(0, 1, picture.shape)), 0, 255).astype(np.uint8))
    return out


def read(path: Path, first: int, count: int) -> list[np.ndarray]:
    """Frames of a film, small."""
    film = cv2.VideoCapture(str(path))
    film.set(cv2.CAP_PROP_POS_FRAMES, first)
    out: list[np.ndarray] = []
    while len(out) < count:
        ok, picture = film.read()
        if not ok:
            break
        out.append(np.asarray(cv2.resize(picture[..., ::-1], REAL_WH, interpolation=cv2.INTER_AREA)))
    return out


def filled(case: Case, method: str) -> tuple[list[np.ndarray], tuple[ShotReport, ...], float]:
    """The frames, the report of each shot, and CPU seconds a frame."""
    out: dict[int, np.ndarray] = {}
    began = time.process_time()
    span = range(len(case.given))
    settings = FillSettings(method=method)
    report = fill_shot(case.given.__getitem__, case.masks.__getitem__, out.__setitem__, span, case.cuts, settings)
    return list(out.values()), report.shots, (time.process_time() - began) / len(span)


def telea(case: Case) -> list[np.ndarray]:
    """Every frame for itself: Telea 2004, as OpenCV has it."""
    return [np.asarray(cv2.inpaint(picture, mask, 5, cv2.INPAINT_TELEA)) for picture, mask in zip(case.given, case.masks, strict=True)]


def psnr(case: Case, pictures: list[np.ndarray]) -> float:
    """In the hole, dB."""
    off = [(p[m > 0].astype(float) - t[m > 0]).ravel() for p, m, t in zip(pictures, case.masks, case.truth, strict=True)]
    return float(10 * np.log10(255**2 / np.mean(np.concatenate(off) ** 2)))


def _taken(shots: tuple[ShotReport, ...]) -> str:
    """Each shot's method, and what was expected of it."""
    return ", then ".join(f"{shot.method} (expected {'?' if shot.expected_db is None else f'{shot.expected_db:.1f}'})" for shot in shots)


def of_made(count: int) -> Iterator[tuple[Floor, tuple[Case, list[np.ndarray]]]]:
    """The floors."""
    for drift, floor in ((False, 35.0), (True, 33.0)):
        case = cut("pan, exposure drifts" if drift else "pan", panned(count, (1280, 720), drift), moving=True)
        pictures, shots, cpu_s = filled(case, "auto")
        print(f"      {case.name}: {_taken(shots)}; Telea {psnr(case, telea(case)):.1f} dB")
        yield Floor(f"{case.name}, 720p: PSNR in the hole, dB", psnr(case, pictures), floor, at_least=True), (case, pictures)
        yield Floor(f"{case.name}, 720p: CPU-s a frame", cpu_s, CPU_S), (case, pictures)


def of_real(folder: Path, count: int) -> Iterator[tuple[Floor, tuple[Case, list[np.ndarray]]]]:
    """How far the method taken is from the best."""
    for path in sorted(folder.glob("*.mp4")):
        truth = read(path, 20, count)
        for moving in (True, False):
            case = cut(f"{path.stem}, {'moving' if moving else 'static'}", truth, moving)
            pictures, shots, cpu_s = filled(case, "auto")
            reached = {method: psnr(case, filled(case, method)[0]) for method in METHODS}
            told = ", ".join(f"{method} {value:.1f}" for method, value in reached.items())
            print(f"      {case.name}: {told}; Telea {psnr(case, telea(case)):.1f}; took {_taken(shots)}; {cpu_s:.2f} CPU-s", flush=True)
            yield Floor(f"{case.name}: dB under the best method", max(reached.values()) - psnr(case, pictures), REGRET_DB), (case, pictures)


def sheet(shown: list[tuple[Case, list[np.ndarray]]]) -> np.ndarray:
    """(h, w, 3): a row a case, around the hole of its middle frame."""
    rows = []
    for case, pictures in shown:
        middle = len(pictures) // 2
        x, y, w, h = cv2.boundingRect(case.masks[middle])
        part = np.s_[max(0, y - h // 2) : y + h + h // 2, max(0, x - w // 2) : x + w + w // 2]
        row = (case.given[middle], telea(case)[middle], pictures[middle], case.truth[middle])
        rows.append(np.hstack([cv2.resize(picture[part], (480, 320), interpolation=cv2.INTER_AREA) for picture in row]))
    return np.vstack(rows)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--footage", type=Path, help="a folder of .mp4 files")
    parser.add_argument("--frames", type=int, default=40)
    parser.add_argument("--sheet", type=Path)
    arguments = parser.parse_args()
    keep_memory()
    fell, shown = 0, {}
    cases = [of_made(arguments.frames)] + ([of_real(arguments.footage, arguments.frames)] if arguments.footage else [])
    for floor, done in (pair for case in cases for pair in case):
        print(floor, flush=True)
        fell += not floor.holds
        shown[done[0].name] = done
    if arguments.sheet:
        cv2.imwrite(str(arguments.sheet), sheet(list(shown.values()))[..., ::-1])
    return int(fell > 0)


if __name__ == "__main__":
    sys.exit(main())
