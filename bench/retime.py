"""Hold retiming against its floors, on made scenes with known motion; exit 1 where a floor falls.

    python bench/retime.py                      floors: what `genlock retime` does by itself
    python bench/retime.py --all                a table of every method and n-forward
    python bench/retime.py --only cast fast     of these scenes alone

From 24 to 48 frames a second, 640 x 360. judder: how far a figure's steps are from the even step, root mean square, over that step;
plain interpolation has 1.0 on twos and 1.4 on threes. off: distance from where even motion would have the figure, px. sharp: gradients
over those of the picture with even motion. Each figure has its own cadence, so there are several figures a row.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Iterator, Sequence
from fractions import Fraction
from itertools import chain

import cv2
import numpy as np

from genlock.bench.floors import Floor
from genlock.bench.retime_cuts import of_cuts
from genlock.bench.retime_respect import of_respect
from genlock.bench.retime_scenes import SCENES, Scene
from genlock.bench.retime_score import Score, score
from genlock.core.retime.between import FlowBetween
from genlock.core.retime.cadence import Cadence, Tally, boxes_for
from genlock.core.retime.methods.contract import Boxes, Method
from genlock.core.retime.methods.passes import Passes
from genlock.core.retime.methods.plain import Plain
from genlock.core.retime.methods.resample import Resample
from genlock.core.retime.moves import Moves, small_wh
from genlock.core.retime.plan import Stretch

MOMENTS = [Fraction(k, 2) for k in range(16, 33)]
METHODS = ("plain", "multipass", "multipass -n 1", "multipass -n 2", "multipass -n 3", "resample", "auto")
HELD_TO = ("twos", "threes", "cast", "still", "carried", "fast", "lines", "grain")


def cadence(pictures: Sequence[np.ndarray]) -> Cadence:
    """As `genlock retime` finds it."""
    moves, tally = Moves(), Tally(0)
    for picture in pictures:
        small = cv2.resize((picture * 255).round().astype(np.uint8), small_wh(*picture.shape[1::-1]), interpolation=cv2.INTER_AREA)
        if (move := moves.step(cv2.cvtColor(small, cv2.COLOR_RGB2GRAY))) is not None:
            tally.add(move)
    return tally.cadence()


def method(name: str, found: Cadence) -> tuple[Method, Boxes]:
    """By its name, and over how many frames it averages."""
    if name in ("plain", "resample"):
        return (Plain if name == "plain" else Resample)(FlowBetween()), ()
    if name == "auto":
        return Passes(FlowBetween()), boxes_for(found.holds)
    passes = int(name.split()[-1]) if " " in name else found.n_forward
    return Passes(FlowBetween()), (2,) * passes


def retimed(scene: Scene, name: str) -> tuple[Score, Cadence]:
    """One scene by one method."""
    frames = [scene.frame(k) for k in range(scene.frames)]
    found = cadence(frames)
    way, boxes = method(name, found)
    out = []
    began = time.perf_counter()
    for moment in MOMENTS:
        frame = moment.__floor__()
        made = way.picture(frames.__getitem__, Stretch(0, len(frames)), boxes, frame, moment - frame)
        out.append(frames[made] if isinstance(made, int) else made)
    return score(scene, out, [float(m) for m in MOMENTS], (time.perf_counter() - began) / len(MOMENTS)), found


def table(names: Sequence[str], methods: Sequence[str]) -> None:
    print(f"{'scene':8} {'method':15} {'judder':18} {'off px':18} {'sharp':6} {'figures':7} {'PSNR':6} {'restless':8} s a frame   cadence")
    for name in names:
        for way in methods:
            got, found = retimed(SCENES[name], way)
            judder, off = (" ".join(f"{v:5.2f}" for v in values) for values in (got.judder, got.off_px))
            print(
                f"{name:8} {way:15} {judder:18} {off:18} {got.sharp:6.3f} {got.figures_sharp:7.3f} {got.psnr_db:6.2f} "
                f"{got.restless:8.2f} {got.seconds:9.2f}   {found.name}",
                flush=True,
            )


def floors(names: Sequence[str]) -> Iterator[Floor]:
    for name in names:
        got, found = retimed(SCENES[name], "auto")
        if name == "ones":
            plain, _ = retimed(SCENES[name], "plain")
            yield Floor("ones: off px against plain", max(got.off_px) - max(plain.off_px), 0.35)
            continue
        told = tuple(sorted({figure.hold for figure in SCENES[name].figures}))
        yield Floor(f"{name}: holds are {told}", float(found.holds == told), 1, at_least=True)
        yield Floor(f"{name}: judder", max(got.judder), 0.12)
        yield Floor(f"{name}: off px", max(got.off_px), 0.35)
        yield Floor(f"{name}: sharpness off by", max(abs(got.sharp - 1), abs(got.figures_sharp - 1)), 0.05)
        if name == "still":
            yield Floor("still: background changes, of 255", got.restless, 0.5)


def main(arguments: Sequence[str]) -> int:
    cv2.setNumThreads(2)
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--all", action="store_true", help="print a table of all methods, and no floors")
    parser.add_argument("--only", nargs="+", choices=sorted(SCENES), help="these scenes")
    args = parser.parse_args(arguments)
    if args.all:
        table(args.only or list(SCENES), METHODS)
        return 0
    fell = 0
    for floor in chain(floors(args.only or ("ones", *HELD_TO)), of_respect(args.only or HELD_TO), () if args.only else of_cuts()):
        print(floor, flush=True)
        fell += not floor.holds
    return 1 if fell else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
