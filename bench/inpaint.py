"""Hold the carrying of edits against its floor, on made shots with known motion; exit 1 where the floor falls.

    python bench/inpaint.py                 groups of 8
    python bench/inpaint.py --group 16

PSNR inside the mask against the edit drawn on the moving thing itself, mean of the frames between two keyframes; CPU seconds a frame
of the carrying alone, at 224 x 160.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Sequence

import cv2
import numpy as np

from genlock.bench.inpaint_scenes import KINDS, Shot, shot
from genlock.core.inpaint.carry import WAYS, Key, carried

FLOOR_DB = 6.0
"""Over the keyframe laid over its group as it is."""


def main(argv: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--group", type=int, default=8, help="frames from one keyframe to the next")
    args = parser.parse_args(argv)
    fell = False
    print(f"{'motion':8} " + " ".join(f"{way:>10}" for way in WAYS) + f" {'gain':>6} {'cpu s':>6}")
    for kind in KINDS:
        made = shot(kind, args.group + 1)
        figures = {way: inside_db(made, way) for way in WAYS}
        began = time.process_time()
        inside_db(made, "flow-both")
        spent = (time.process_time() - began) / (args.group - 1)
        gain = figures["flow-both"] - figures["paste"]
        fell |= gain < FLOOR_DB
        print(f"{kind:8} " + " ".join(f"{db:10.2f}" for db in figures.values()) + f" {gain:6.2f} {spent:6.3f}")
    print(f"floor: {FLOOR_DB:.0f} dB over paste{' FALLEN' if fell else ''}")
    return 1 if fell else 0


def inside_db(made: Shot, way: str) -> float:
    """PSNR inside the mask, mean of all frames but the two keyframes."""
    last = len(made.frames) - 1
    keys = [Key(n, _edit(made, n), made.masks[n]) for n in (0, last)]
    grey = [cv2.cvtColor(frame, cv2.COLOR_RGB2GRAY) for frame in made.frames]
    out = []
    for one in carried(range(last), grey.__getitem__, keys[0], keys[1], way):
        if one.number:
            inside = made.masks[one.number]
            off = np.clip(one.picture, 0, 1)[inside] - made.edited[one.number][inside] / 255
            out.append(-10 * np.log10(np.mean(np.square(off))))
    return float(np.mean(out))


def _edit(made: Shot, number: int) -> np.ndarray:
    return np.where(made.masks[number][..., None], made.edited[number], made.frames[number]).astype(np.float32) / np.float32(255)


if __name__ == "__main__":
    sys.exit(main())
