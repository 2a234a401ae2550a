"""The one way in: two pieces of footage -> Alignment."""

from __future__ import annotations

import hashlib
import os
import threading
import time
import uuid
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from .alignment import Alignment
from .errors import NotSameFootage
from .going import Going
from .media.cache import Cache, default_root, digest, digest_of_many
from .media.footage import Footage, ReadOptions, open_footage
from .media.steady import Steady, steadily
from .progress import Progress
from .settings import AlignSettings
from .sync.analysis import VERSION, Analysis, analyse
from .sync.given import by_clock
from .sync.hints import Hints, read_hints
from .sync.path import NOTHING
from .sync.runs import placed_by_sound
from .sync.solve import Solved, solve, solve_given
from .telling import nothing, told

SOLVED, HEARD = 0.93, 0.97
"""Where what comes after reading stands once the frames are known, and once sound has been listened to."""
NO_SETTINGS = AlignSettings()


def align(clip: str | Path | Footage, ref: str | Path | Footage, settings: AlignSettings = NO_SETTINGS, progress: Progress = Progress()) -> Alignment:
    """Find which frame of the clip each frame of the ref shows, and where its picture lies.

    Footage that is open already, such as given_footage(), is closed at the end; the settings say nothing of how to read it, and nothing of
    either is kept for another time.

    Raises MediaError (a file cannot be read), UsageError (a setting makes no sense), NotSameFootage (with the
    alignment that says so), OutputError (no room for the cache), Cancelled.
    """
    started = time.perf_counter()
    passing = settings.cache == "off" or isinstance(clip, Footage) or isinstance(ref, Footage)
    cache = Cache(None if passing else Path(settings.cache) if settings.cache else default_root())
    try:
        how = (ReadOptions(settings.clip_rate, settings.clip_space), ReadOptions(settings.ref_rate, settings.ref_space))
        with ExitStack() as stack, ThreadPoolExecutor(2) as pool:
            steady = Steady(media for media in (clip, ref) if not isinstance(media, Footage))
            opening = [pool.submit(_opened, media, options) for media, options in zip((clip, ref), how, strict=True)]
            footages = [stack.enter_context(job.result()) for job in opening]
            stack.enter_context(steadily(steady))
            a, b, read_share = _analyse_both((footages[0], footages[1]), how, cache, progress, steady)
            rest = progress.part(read_share, 1 - read_share)
            stack.callback(a.close)
            stack.callback(b.close)
            read = time.perf_counter()
            if min(a.frames, b.frames) == 1:
                done, sound = _still(a, b, (footages[0], footages[1]), settings, rest), None
            else:
                solved, sound = _solve(a, b, settings, rest)
                done = told(a, b, solved, settings, rest.part(HEARD, 1 - HEARD))
            times = {"read": round(read - started, 3), "solve": round(time.perf_counter() - read, 3)}
            return replace(done, evidence={**done.evidence, "sound": sound, "times_s": times})
    finally:
        cache.close()


def _bytes(footage: Footage) -> int:
    """What it weighs on disk; of a sequence, as many times the first file as it has."""
    files = footage.files
    try:
        return os.path.getsize(files[0]) * len(files) if files else 0
    except OSError:
        return 0


def _opened(media: str | Path | Footage, options: ReadOptions) -> Footage:
    return media if isinstance(media, Footage) else open_footage(media, options)


def _analyse_both(
    footages: tuple[Footage, Footage], how: tuple[ReadOptions, ReadOptions], cache: Cache, progress: Progress, steady: Steady
) -> tuple[Analysis, Analysis, float]:
    """Read both files at once, each in a thread; the first error stops the other. The number is where the job stands then."""
    found: dict[int, Analysis] = {}
    errors: list[BaseException] = []
    going = Going([(footage.info.frames, footage.info.width * footage.info.height, _bytes(footage)) for footage in footages])
    stop = threading.Event()

    def read(which: int) -> None:
        def tell(share: float, what: str) -> None:
            going.read(which, share)

        try:
            footage = footages[which]
            steady.add(footage.files)
            content = content_digest(footage)
            part = Progress(tell, lambda: not stop.is_set())
            made = analyse(footage, cache, analysis_key(content or uuid.uuid4().hex, how[which]), part, steady)
            made.media = replace(made.media, digest=content)
            found[which] = made
            going.finished(which)
        except BaseException as error:
            errors.append(error)
            stop.set()

    threads = [threading.Thread(target=read, args=(which,), daemon=True) for which in (0, 1)]
    for thread in threads:
        thread.start()
    try:
        while any(thread.is_alive() for thread in threads):
            threads[0 if threads[0].is_alive() else 1].join(0.05)
            progress.at(going.now(), going.words(("clip", "ref")))
    finally:
        stop.set()
        for thread in threads:
            thread.join()
    if errors:
        raise errors[0]
    return found[0], found[1], going.now()


def analysis_key(content: str, how: ReadOptions) -> str:
    """Of what analysis keeps of one file: its content, how it is read, and the version of the keeping."""
    text = "\n".join([content, how.rate, how.space, str(VERSION)])
    return hashlib.blake2b(text.encode(), digest_size=16).hexdigest()


def content_digest(footage: Footage) -> str:
    """Of what a piece of footage is made of: one file, or every file of a sequence; "" where its frames are handed in."""
    files = list(footage.files)
    if not files:
        return ""
    return digest(files[0]) if len(files) == 1 else digest_of_many(files)


def _still(clip: Analysis, ref: Analysis, footages: tuple[Footage, Footage], settings: AlignSettings, progress: Progress) -> Alignment:
    """A single picture says nothing of time: it is looked for in the other one. Loaded only when there is one."""
    from .still.solve import align_still

    return align_still(clip, ref, footages, settings, progress)


def _solve(clip: Analysis, ref: Analysis, settings: AlignSettings, progress: Progress) -> tuple[Solved | None, dict[str, Any] | None]:
    """Frames by whatever the settings allow (picture, sound, the clock, or what the person named), and what was heard."""
    hints = read_hints(settings, clip.media, ref.media)
    space = settings.space != "off"
    if settings.time == "off":
        return solve_given(clip, ref, _within(by_clock(clip, ref, hints.anchors), hints, ref), space), None
    if settings.time == "audio":
        by_sound, sound = _listen(clip, ref)
        if sound is None:
            raise NotSameFootage(
                f"the sound of {clip.media.path} is not heard in {ref.media.path}",
                "leave --time at auto to use the pictures as well",
                nothing(clip, ref, settings),
            )
        return solve_given(clip, ref, _within(by_sound, hints, ref), space), sound
    solved = solve(clip, ref, progress.part(0.0, SOLVED), hints, space, settings.quality)
    if settings.time == "frames" or not _sound_helps(solved, settings):
        return solved, None
    progress.at(SOLVED, "listening")
    by_sound, sound = _listen(clip, ref)
    if sound is None:
        return solved, None
    if solved is None:
        return (solve_given(clip, ref, _within(by_sound, hints, ref), space) if (by_sound != NOTHING).any() else None), sound
    return replace(solved, path=placed_by_sound(solved.path, by_sound)), sound


def _listen(clip: Analysis, ref: Analysis) -> tuple[np.ndarray, dict[str, Any] | None]:
    """(ref frames,) int clip frames by sound, and the match told; None where nothing is heard. Loaded only when there is listening to do."""
    from .sync.hearing import frames_by_sound, heard, told

    matches = heard(clip, ref)
    return frames_by_sound(clip, ref, matches), told(matches)


def _within(at: np.ndarray, hints: Hints, ref: Analysis) -> np.ndarray:
    rows = hints.rows(ref.frames)
    return at if rows is None else np.where(rows, at, NOTHING)


def _sound_helps(solved: Solved | None, settings: AlignSettings) -> bool:
    """Whether sound could tell something that the pictures leave open: nothing found, or frames that look the same."""
    if solved is None or settings.quality == "final":
        return True
    playing = solved.path.at != NOTHING
    wide = (solved.path.high - solved.path.low)[playing]
    return settings.quality == "standard" and bool((wide > 4).mean() > 0.1)
