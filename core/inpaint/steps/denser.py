"""More frames before anything else: the shot's own stay as they are, and between each and the next some are made along the motion.

So frame n of the shot that was given is frame times * n of the one that is worked on. Over a cut the frame before it is held, and so is the last one
until the shot is over: sound and length stay what they are.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fractions import Fraction

import numpy as np

from ...media.plates import Plate, Plates
from ...retime.between.looking import look
from ...retime.contracts import Pair
from ...retime.cuts import joins
from ..colour import Look, look_of
from ..project import Project
from .bench import Bench
from .extract import dtype_of, picture_of, small_look
from .filming import Timed, as_light


def denser(bench: Bench, plates: Plates) -> Timed:
    """The pictures that are worked on, with their times and lengths in ticks of the shot's time_base / times.

    Outside the range that is worked on nothing is made: the frames are held. So is its last one, since no mask is known behind it.
    """
    table, info, form = bench.project.config.input, plates.info, plates.info.form
    cuts, bounds = _cuts(bench), table.bounds()
    wanted = None if bounds is None else range(bounds[0] - table.handles, bounds[1] + table.handles + 1)
    picture_look, interpolator = look_of(dtype_of(form), table.space), bench.tools.interpolator()
    frames = plates.frames()
    now = next(frames, None)
    while now is not None:
        following = next(frames, None)
        known = now.duration or round(1 / (info.rate * info.time_base))
        length = known if following is None else following.pts - now.pts
        yield now, now.pts * table.times, length
        pair: Pair | None = None
        if following is not None and following.number not in cuts and (wanted is None or (now.number in wanted and following.number in wanted)):
            pair = interpolator.pair(picture_look.seen(picture_of(now, form)), picture_look.seen(picture_of(following, form)))
        for k in range(1, table.times):
            made = now if pair is None else _made(pair, Fraction(k, table.times), picture_look)
            yield made, now.pts * table.times + k * length, length
        now = following


def _made(pair: Pair, t: Fraction, picture_look: Look) -> np.ndarray:
    """(H, W, 3) float32 in the shot's encoding."""
    seen = np.clip(np.asarray(pair.at(t), np.float32), 0, 1)
    return as_light(picture_look.from_painter((seen * np.float32(65535) + np.float32(0.5)).astype(np.uint16)))


def _cuts(bench: Bench) -> frozenset[int]:
    """Numbers of the given shot's frames that begin another one."""
    with bench.project.source() as plates:
        looks = (small_look(picture_of(plate, plates.info.form)) for plate in _watched(bench, plates))
        return frozenset(n + 1 for n, join in enumerate(joins(looks)) if not join.crosses)


def _watched(bench: Bench, plates: Plates) -> Iterator[Plate]:
    for plate in plates.frames():
        bench.progress.check()
        yield plate


def of_the_given_shot(project: Project, known: int) -> bool:
    """Whether a matte of so many frames has one a frame of the shot that was given, rather than of the denser one. A still has neither."""
    times, span = project.config.input.times, project.span
    if times == 1 or known == 1:
        return False
    off = abs(known * times - project.info.frames)
    return known == len(span) // times or off < times or (known != len(span) and off < abs(known - project.info.frames))


def denser_masks(bench: Bench, masks: Iterator[np.ndarray]) -> Iterator[np.ndarray]:
    """A mask for every frame that is worked on, from those of the given shot's frames in the range.

    Between two, each goes along the motion of the pictures, and what either covers is masked: a little too much rather than too little.
    """
    project = bench.project
    frames, span, times = project.frames(), project.span, project.config.input.times
    cuts: Sequence[int] = project.facts["cuts"]
    interpolator = bench.tools.interpolator()
    now = next(masks)
    for number in range(span.start, span.stop, times):
        yield now
        behind = number + times
        following = next(masks) if behind < span.stop else None
        still = following is None or any(number < cut <= behind for cut in cuts) or not (now.any() or following.any())
        pair = None if still else interpolator.pair(project.look.seen(frames[number]), project.look.seen(frames[behind]))
        for k in range(1, times):
            if pair is None or following is None:
                yield now
                continue
            found = pair.between(Fraction(k, times))
            yield np.maximum(look(now, found.flow_to_a), look(following, found.flow_to_b))
        now = now if following is None else following
