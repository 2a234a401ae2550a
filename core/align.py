"""The one way in: two pieces of footage -> Alignment."""

from __future__ import annotations

import hashlib
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path

import numpy as np

from .. import __version__
from .alignment import Alignment, Key, Media, Run, Verdict
from .errors import MediaError, NotSameFootage
from .media.cache import Cache, default_root, digest, digest_of_many
from .media.footage import Footage, ReadOptions, open_footage
from .progress import Progress
from .settings import AlignSettings
from .space.geometry import as_tuple
from .space.refine import Refined, refine
from .sync.analysis import VERSION, Analysis, analyse
from .sync.given import by_clock
from .sync.hearing import frames_by_sound, heard, told
from .sync.hints import Hints, read_hints
from .sync.path import NOTHING
from .sync.runs import Stretch, placed_by_sound, stretches, to_run
from .sync.solve import Solved, solve, solve_given
from .sync.sound import SoundMatch

READING = 0.55
"""Share of the job that is reading, as progress goes."""
PAIRS = {"draft": 0, "standard": 6, "final": 20}
"""Pairs of full-size frames that the final matrix comes from."""
NO_SETTINGS = AlignSettings()


def align(clip: str | Path, ref: str | Path, settings: AlignSettings = NO_SETTINGS, progress: Progress = Progress()) -> Alignment:
    """Find which frame of the clip each frame of the ref shows, and where its picture lies.

    Raises MediaError (a file cannot be read), UsageError (a setting makes no sense), NotSameFootage (with the
    alignment that says so), OutputError (no room for the cache), Cancelled.
    """
    started = time.perf_counter()
    cache = Cache(None if settings.cache == "off" else Path(settings.cache) if settings.cache else default_root())
    try:
        how = (ReadOptions(settings.clip_rate, settings.clip_space), ReadOptions(settings.ref_rate, settings.ref_space))
        with ExitStack() as stack, ThreadPoolExecutor(2) as pool:
            opening = [pool.submit(open_footage, path, options) for path, options in zip((clip, ref), how, strict=True)]
            footages = [stack.enter_context(job.result()) for job in opening]
            a, b = _analyse_both((footages[0], footages[1]), how, cache, progress.part(0.0, READING))
            stack.callback(a.close)
            stack.callback(b.close)
            _require_motion(a, b)
            read = time.perf_counter()
            solved, sound = _solve(a, b, settings, progress.part(READING, 0.35))
            done = _told(a, b, solved, settings, progress)
            times = {"read": round(read - started, 3), "solve": round(time.perf_counter() - read, 3)}
            return replace(done, evidence={**done.evidence, "sound": told(sound), "times_s": times})
    finally:
        cache.close()


def _analyse_both(
    footages: tuple[Footage, Footage], how: tuple[ReadOptions, ReadOptions], cache: Cache, progress: Progress
) -> tuple[Analysis, Analysis]:
    """Read both files at once, each in a thread; the first error stops the other."""
    found: dict[int, Analysis] = {}
    errors: list[BaseException] = []
    done = [0.0, 0.0]
    stop = threading.Event()

    def read(which: int) -> None:
        def tell(share: float, what: str) -> None:
            done[which] = share

        try:
            footage = footages[which]
            content = content_digest(footage)
            made = analyse(footage, cache, _key(content, how[which]), Progress(tell, lambda: not stop.is_set()))
            made.media = replace(made.media, digest=content)
            found[which] = made
        except BaseException as error:
            errors.append(error)
            stop.set()

    threads = [threading.Thread(target=read, args=(which,), daemon=True) for which in (0, 1)]
    for thread in threads:
        thread.start()
    try:
        while any(thread.is_alive() for thread in threads):
            threads[0 if threads[0].is_alive() else 1].join(0.05)
            progress.at(sum(done) / 2, "reading")
    finally:
        stop.set()
        for thread in threads:
            thread.join()
    if errors:
        raise errors[0]
    return found[0], found[1]


def _key(content: str, how: ReadOptions) -> str:
    """Of what analysis keeps of one file: its content, how it is read, and the version of the keeping."""
    text = "\n".join([content, how.rate, how.space, str(VERSION)])
    return hashlib.blake2b(text.encode(), digest_size=16).hexdigest()


def content_digest(footage: Footage) -> str:
    """Of what a piece of footage is made of: one file, or every file of a sequence."""
    files = list(footage.files)
    return digest(files[0]) if len(files) == 1 else digest_of_many(files)


def _require_motion(clip: Analysis, ref: Analysis) -> None:
    """Footage is at least two frames; a single one says nothing of time."""
    for analysis in (clip, ref):
        if analysis.frames < 2:
            raise MediaError(
                f"{analysis.media.path} is one frame long: there is no motion to lock to", "give a file with two frames or more"
            )


def _solve(clip: Analysis, ref: Analysis, settings: AlignSettings, progress: Progress) -> tuple[Solved | None, list[SoundMatch]]:
    """Frames by whatever the settings allow: picture, sound, the clock, or what the person named."""
    hints = read_hints(settings, clip.media, ref.media)
    space = settings.space != "off"
    if settings.time == "off":
        return solve_given(clip, ref, _within(by_clock(clip, ref, hints.anchors), hints, ref), space), []
    if settings.time == "audio":
        sound = heard(clip, ref)
        if not sound:
            raise NotSameFootage(
                f"the sound of {clip.media.path} is not heard in {ref.media.path}",
                "leave --time at auto to use the pictures as well",
                _empty(clip, ref, settings),
            )
        return solve_given(clip, ref, _within(frames_by_sound(clip, ref, sound), hints, ref), space), sound
    solved = solve(clip, ref, progress, hints, space, settings.quality)
    if settings.time == "frames" or not _sound_helps(solved, settings):
        return solved, []
    progress.at(0.95, "listening")
    sound = heard(clip, ref)
    if not sound:
        return solved, []
    by_sound = frames_by_sound(clip, ref, sound)
    if solved is None:
        return (solve_given(clip, ref, _within(by_sound, hints, ref), space) if (by_sound != NOTHING).any() else None), sound
    return replace(solved, path=placed_by_sound(solved.path, by_sound)), sound


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


def _empty(clip: Analysis, ref: Analysis, settings: AlignSettings) -> Alignment:
    return Alignment(clip.media, ref.media, (Run(0, ref.frames, Verdict.UNMATCHED),), settings.to_json(), {}, __version__)


def _told(clip: Analysis, ref: Analysis, solved: Solved | None, settings: AlignSettings, progress: Progress) -> Alignment:
    """The solve as an Alignment. Raises NotSameFootage where there is nothing to tell."""
    empty = _empty(clip, ref, settings)
    if solved is None or not (solved.path.at != NOTHING).any():
        raise NotSameFootage(
            f"{clip.media.path} and {ref.media.path} do not show the same footage: no frame of one is in the other",
            "check that these are the right two files, or name a frame of each with --anchor CLIP=REF",
            empty,
        )
    lies = {}
    limit = 3 + 3 * max(lock.slope for lock in solved.locks)
    runs = []
    for part in stretches(solved, ref.frames, limit):
        for number in part.locks:
            if number not in lies:
                lies[number] = _matrix(clip, ref, solved, number, settings, progress)
        model = lies[part.locks[0]].model if part.locks else ""
        runs.append(to_run(part, solved.path, clip.media, ref.media, _keys(part, solved, lies), model))
    evidence = {
        "scores": [None if j == NOTHING else round(float(s), 3) for j, s in zip(solved.path.at, np.clip(solved.path.alike, 0, 1), strict=True)],
        "framings": [
            {"model": lie.model, "error_px": round(lie.error_px, 4), "correlation": round(lie.correlation, 4)} for lie in lies.values()
        ],
        "decoded_again": clip.decoded + ref.decoded,
    }
    return replace(empty, runs=tuple(runs), evidence=evidence)


def _keys(part: Stretch, solved: Solved, lies: dict[int, Refined]) -> tuple[Key, ...]:
    """One key where the picture lies still; where it moves, one in the middle of each window."""
    if len(part.locks) == 1:
        return (Key(part.first, as_tuple(lies[part.locks[0]].clip_to_ref)),)
    keys = {}
    for number in part.locks:
        segment = next(field.segment for field, owner in zip(solved.fields, solved.owner, strict=True) if owner == number)
        middle = min(max((segment.first + segment.last) // 2, part.first), part.end - 1)
        keys[middle] = Key(middle, as_tuple(lies[number].clip_to_ref))
    return tuple(keys[frame] for frame in sorted(keys))


def _matrix(clip: Analysis, ref: Analysis, solved: Solved, number: int, settings: AlignSettings, progress: Progress) -> Refined:
    """The final matrix of one lock."""
    progress.at(READING + 0.37, "placing the picture")
    tuned = solved.tuned[number]
    rough = Refined(tuned.clip_to_ref, tuned.model, 0.3, tuned.correlation)
    count = PAIRS[settings.quality] if solved.locks[number].chain < 0 else 0
    pairs = _pairs(clip, ref, solved, number, count) if count else []
    if not pairs:
        return rough
    clips, refs = clip.full(j for _, j in pairs), ref.full(i for i, _ in pairs)
    clip.hold(clips)
    ref.hold(refs)
    wh: Callable[[Media], tuple[int, int]] = lambda media: (media.width, media.height)  # noqa: E731
    if settings.space == "off":
        return Refined(tuned.clip_to_ref, "identity" if clip_same_size(clip, ref) else "stretch", 0.0, tuned.correlation)
    richest = "homography" if settings.space == "auto" else settings.space
    found = refine([clips[j] for _, j in pairs], [refs[i] for i, _ in pairs], wh(clip.media), wh(ref.media), tuned.clip_to_ref, richest)
    return found or rough


def clip_same_size(clip: Analysis, ref: Analysis) -> bool:
    """Whether the two have the same size in pixels."""
    return (clip.media.width, clip.media.height) == (ref.media.width, ref.media.height)


def _pairs(clip: Analysis, ref: Analysis, solved: Solved, number: int, count: int) -> list[tuple[int, int]]:
    """Matched frames of one lock, spread over it, each the cheapest to decode of the more alike half of those around it.

    A clip that lacks frames answers with their neighbours: under a moving camera, those lie elsewhere.
    """
    path, lock = solved.path, solved.locks[number]
    mine = np.array([s >= 0 and solved.owner[s] == number for s in path.segment])
    good = np.flatnonzero(mine & (path.high - path.low <= 1) & (lock.sure > 0))
    if len(good) < count:
        good = np.flatnonzero(mine & (lock.sure > 0)) if (mine & (lock.sure > 0)).any() else np.flatnonzero(mine)
    if not len(good):
        return []
    cost = _cost(ref, good) + _cost(clip, path.at[good])
    out = []
    for part in np.array_split(np.arange(len(good)), min(count, len(good))):
        part = part[path.alike[good[part]] >= np.median(path.alike[good[part]])]
        best = part[int(np.argmin(cost[part]))]
        out.append((int(good[best]), int(path.at[good[best]])))
    return out


def _cost(analysis: Analysis, frames: np.ndarray) -> np.ndarray:
    """Frames to decode for each of these: how far the key frame before it lies.

    Also where they are at hand: the answer from the cache has to be the answer of the first run.
    """
    keys = np.array(analysis.index.keys or (0,))
    return frames - keys[np.maximum(np.searchsorted(keys, frames, side="right") - 1, 0)]
