"""A second film at another rate: frames of the first stay what they are, those between are made from the motion."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from fractions import Fraction
from pathlib import PurePosixPath
from typing import Any

import numpy as np

from ...media.plates.plate import Shown
from ...media.upright import Turn
from ...retime.output import retimed_timecode
from ...timing import FrameRate
from ..finish import Finish, output_rel
from ..project import Project
from .bench import Bench
from .filming import Timed, as_light, film_info, finished, length_of_last_s, settings_of, sounds_of, turns, write_film
from .step import Step
from .upscale import FOLDER
from .video import given as given_of_video

_NEAR = 8
"""A frame is due as it is where it lies nearer than this part of a new frame's length, and than a tick of the shot: ticks are rounded times."""


def rate_of(project: Project) -> Fraction | None:
    """Frames a second of the second film; None where none is wanted. Raises UsageError for a rate that is none."""
    said = project.config.output.rate
    return FrameRate.parse(said).fps if said else None


def _wanted(project: Project) -> bool:
    return bool(project.config.output.rate)


def _given(project: Project) -> Any:
    return [given_of_video(project), str(rate_of(project))]


def second_rel(project: Project) -> str:
    """Where the second film goes: beside the first one, with the rate in its name."""
    rate = rate_of(project)
    mark = f"_{float(rate or 0):.5g}fps"
    path = PurePosixPath(output_rel(project))
    stem, dot, rest = path.name.partition(".")
    folder = path.parent if path.parent.name != stem else path.parent.with_name(stem + mark)
    return str(folder / f"{stem}{mark}{dot}{rest}")


def _run(bench: Bench) -> None:
    project, rate = bench.project, rate_of(bench.project)
    assert rate is not None
    large = project.config.upscale.times > 1
    with project.plates(upright=large or not turns()) as plates:
        info = film_info(project, plates.info)
        length_s = (project.pts[-1] - project.pts[0]) * info.time_base + length_of_last_s(project, info)
        count = max(1, round(length_s * rate))
        sounds = sounds_of(project, info)
        timecode = retimed_timecode(info, rate, Fraction(0))
        second = replace(info, rate=rate, time_base=1 / rate, frames=count, timecode=timecode, interlaced=False)

        def pictures(begin: int) -> Timed:
            shown = finished(bench, plates, large, 0)
            return ((picture, n, 1) for n, picture in enumerate(_timed(bench, shown, info.time_base, rate, count, begin, info.turn), begin))

        write_film(bench, second_rel(project), second, pictures, settings_of(project), sounds)


def _timed(
    bench: Bench, shown: Timed, time_base: Fraction, rate: Fraction, count: int, begin: int, turn: Turn
) -> Iterator[Shown]:
    """The pictures of the second film, from one on."""
    project = bench.project
    cuts, first = frozenset(project.facts["cuts"]), project.pts[0]
    views = _Views(bench)
    near_s = min(time_base, 1 / (_NEAR * rate))
    at, (now, _, _) = 0, next(shown)
    following = next(shown, None)
    for n in range(begin, count):
        time_s = n / rate
        while following is not None and (following[1] - first) * time_base <= time_s + near_s:
            at, now, following = at + 1, following[0], next(shown, None)
        here_s = (project.pts[at] - first) * time_base
        if following is None or time_s - here_s <= near_s or project.span[at] + 1 in cuts:
            yield now
        else:
            there_s = (following[1] - first) * time_base
            yield views.between(project.span[at], (time_s - here_s) / (there_s - here_s), turn)


class _Views:
    """Pairs of neighbouring frames, as they are displayed, with the motion between them."""

    def __init__(self, bench: Bench) -> None:
        self._project = bench.project
        self._finish = Finish(bench.project)
        self._look = bench.project.look
        self._interpolator = bench.tools.interpolator()
        self._large = bench.project.pictures(FOLDER) if bench.project.config.upscale.times > 1 else None
        self._held: tuple[int, Any] = (-1, None)

    def between(self, number: int, t: Fraction, turn: Turn) -> np.ndarray:
        """What lies between a frame and the next, (H, W, 3) float32 in the shot's encoding, as it is stored."""
        if self._held[0] != number:
            self._held = number, self._interpolator.pair(self._view(number), self._view(number + 1))
        seen = np.asarray(self._held[1].at(t), np.float32)
        made = self._look.from_painter((np.clip(seen, 0, 1) * np.float32(65535) + np.float32(0.5)).astype(np.uint16))
        return as_light(made, turn)

    def _view(self, number: int) -> np.ndarray:
        return self._look.seen(self._finish.of(number)[1] if self._large is None else self._large[number])


STEP = Step(
    "interpolate", "making frames between", ("extract", "mask", "composite", "check", "enhance", "upscale"), _run,
    given=_given, wanted=_wanted, share=4.0,
)  # fmt: skip
