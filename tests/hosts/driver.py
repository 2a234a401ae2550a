"""The command `genlock` with an aligner that behaves as the first argument says, to try what a real one seldom does.

Run as a program by the tests: python driver.py MANNER align CLIP REF -o OUT ...
"""

from __future__ import annotations

import functools
import os
import sys
import time
from fractions import Fraction

from genlock.core.alignment import IDENTITY, Alignment, Key, Media, Piece, Run, Verdict
from genlock.core.errors import MediaError, NotSameFootage
from genlock.core.progress import Progress
from genlock.core.settings import AlignSettings
from genlock.hosts.cli import main
from genlock.hosts.worker import align, outputs
from genlock.hosts.worker import run as runner


def made(clip: str, ref: str, found: bool = True, frames: int = 97) -> Alignment:
    """A clip that begins 7 frames into the ref and runs for 50, at 24000/1001."""
    rate = Fraction(24000, 1001)
    files = [Media(path, frames, rate, 320, 180, digest="d") for path in (clip, ref)]
    if not found:
        return Alignment(files[0], files[1], (Run(0, frames, Verdict.UNMATCHED),))
    piece = Piece(7, 50, Fraction(0), Fraction(1))
    runs = (
        Run(0, 7, Verdict.UNMATCHED),
        Run(7, 50, Verdict.EXACT, (piece,), (Key(7, IDENTITY),), score=0.97, confidence=0.99, model="identity"),
        Run(57, frames - 57, Verdict.UNMATCHED),
    )
    return Alignment(files[0], files[1], runs, version="test")


def good(clip: str, ref: str, settings: AlignSettings, progress: Progress) -> Alignment:
    progress.at(0.5, "reading")
    return made(clip, ref)


def slow(clip: str, ref: str, settings: AlignSettings, progress: Progress) -> Alignment:
    """Hears "stop" at once."""
    for step in range(1500):
        progress.at(step / 1500, "reading")
        time.sleep(0.02)
    return made(clip, ref)


def deaf(clip: str, ref: str, settings: AlignSettings, progress: Progress) -> Alignment:
    """Hears nothing for half a minute, as deep inside a library."""
    progress.at(0.2, "thinking")
    time.sleep(30)
    return made(clip, ref)


def different(clip: str, ref: str, settings: AlignSettings, progress: Progress) -> Alignment:
    raise NotSameFootage("the two do not show the same footage", "check that these are the right files", made(clip, ref, found=False))


def faulty(clip: str, ref: str, settings: AlignSettings, progress: Progress) -> Alignment:
    raise ZeroDivisionError("division\nby zero")


def unreadable(clip: str, ref: str, settings: AlignSettings, progress: Progress) -> Alignment:
    raise MediaError(f"{clip} has no picture", "name a file with video")


def hungry(clip: str, ref: str, settings: AlignSettings, progress: Progress) -> Alignment:
    raise MemoryError


def noisy(clip: str, ref: str, settings: AlignSettings, progress: Progress) -> Alignment:
    """Prints as C libraries do, behind Python's back."""
    os.write(1, b"[h264] noise on stdout\n")
    os.write(2, b"[h264] noise on stderr\n")
    print("noise from Python")
    return made(clip, ref)


def early(clip: str, ref: str, settings: AlignSettings, progress: Progress) -> Alignment:
    """Says what start-up has cost until here."""
    heavy = [name for name in ("numpy", "cv2", "av", "rich", "opentimelineio", "PyOpenColorIO", "torch", "scipy") if name in sys.modules]
    raise MediaError(f"CPU seconds {time.process_time():.3f}, heavy {heavy}")


def dying(clip: str, ref: str, settings: AlignSettings, progress: Progress) -> Alignment:
    """Killed when the first output is written beside, and the second is not."""
    plain, count = outputs._write_beside, 0

    def write(file: outputs.File, place: str) -> str:
        nonlocal count
        count += 1
        if count == 2:
            os.kill(os.getpid(), 9)
        return plain(file, place)

    outputs._write_beside = write
    return made(clip, ref)


if __name__ == "__main__":
    runner.KINDS["align"] = functools.partial(align.work, aligner=globals()[sys.argv[1]])  # type: ignore[index]
    sys.exit(main(sys.argv[2:]))
