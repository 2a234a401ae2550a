"""Measures the pictures themselves: each sampled clip frame is laid on its ref frame at full size, and the two are compared."""

from __future__ import annotations

import math
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, replace

import numpy as np

from ..alignment import Alignment, Matrix, Run, matrix_between
from ..progress import Progress
from ..settings_verify import VerifySettings
from ..space.flow import Estimator
from ..space.geometry import as_array, scale_of
from .detail import Blur
from .displacement import displacement, equal_sharpness
from .laying import Laid, Table
from .plan import MOST_TIMES
from .psnr_ssim import fit_grade, mean_square, ssim
from .quality import PEAK, Figures, FrameQuality, PictureQuality, Pool, RunQuality
from .rectangle import common_box
from .reopen import options_for, reopen
from .vmaf_runs import NO_VMAF, RunVmaf, VmafMaker

SAMPLES = 24
"""Frames measured unless more are asked for; with many runs, one a run at least, up to MOST_TIMES as many."""
LEAST_PIXELS = 1024
"""A clip that covers less of the ref than this shows nothing to compare."""
PICTURES = VerifySettings(pictures=True)


@dataclass(frozen=True)
class _Pair:
    ref_frame: int
    clip_frame: int
    matrix: Matrix


def picture_quality(
    alignment: Alignment,
    progress: Progress = Progress(),
    settings: VerifySettings = PICTURES,
    estimator: Estimator | None = None,
    vmaf: VmafMaker = NO_VMAF,
) -> PictureQuality:
    """Lay the clip on the ref as the alignment says, and say how alike the two are.

    estimator  of dense flow; where there is one, every frame is measured both by its matrix alone and by flow that starts there
    vmaf       what measures VMAF; vmaf_runs.NO_VMAF leaves it out

    What is compared is luma, full size, in the ref's raster, levels of 8 bits, where the clip covers the ref and 3 px inside of its edge.
    Each frame is laid by one Lanczos resampling, or by none where whole pixels lie on whole pixels. Raises MediaError where a
    file cannot be read or has lost frames since, GenlockError where VMAF was begun and could not be ended, Cancelled.
    """
    frames = sampled(alignment, settings.every)
    shown = alignment.clip_frames()
    pairs = {n: list(_pairs(alignment.runs[n], some, shown)) for n, some in frames.items()}
    all_of_them = [pair for some in pairs.values() for pair in some]
    wanted = [pair.clip_frame for pair in all_of_them], vmaf.wanted([pair.ref_frame for pair in all_of_them], alignment.ref.frames)
    with ExitStack() as stack:
        clip = stack.enter_context(reopen(alignment.clip, options_for(alignment, "clip"), progress.part(0.0, 0.05)))
        ref = stack.enter_context(reopen(alignment.ref, options_for(alignment, "ref"), progress.part(0.05, 0.05)))
        table = Table(clip, ref, wanted, estimator)
        deep = max(clip.info.bits, ref.info.bits) > 8
        total, done, runs = len(all_of_them), 0, []
        for n, some in pairs.items():
            share = progress.part(0.1 + 0.9 * done / max(1, total), 0.9 * len(some) / max(1, total))
            runs.append(_run(alignment, n, some, table, vmaf, deep, share))
            done += len(some)
    progress.at(1.0, "pictures measured")
    measured = sum(len(run.frames) for run in runs)
    plane = f"luma at {alignment.ref.width} × {alignment.ref.height} in levels of 8 bits"
    return PictureQuality(tuple(runs), plane, _sampling(alignment, settings.every), vmaf.told, total - measured)


def _run(alignment: Alignment, n: int, pairs: list[_Pair], table: Table, maker: VmafMaker, deep: bool, progress: Progress) -> RunQuality:
    run = alignment.runs[n]
    box = common_box((pair.matrix for pair in pairs), table.clip_wh, table.ref_wh)
    found: list[FrameQuality] = []
    blur: Blur | None = None
    with ExitStack() as stack:
        by_matrix, by_flow = (stack.enter_context(maker.begin(table.ref, box, deep, alignment.ref.frames)) for _ in range(2))
        for at, pair in enumerate(pairs):
            progress.at(at / len(pairs), "measuring pictures")
            table.ref(maker.wanted([pair.ref_frame], alignment.ref.frames)[0])  # the frame before it, where VMAF asks for that: on the way
            laid = table.lay(pair.ref_frame, pair.clip_frame, pair.matrix)
            if np.count_nonzero(laid.inside) < LEAST_PIXELS:
                continue
            enlarged = scale_of(as_array(pair.matrix), table.clip_wh)
            blur = blur or equal_sharpness(laid.matrix, laid.ref, laid.inside, enlarged)
            found.append(_frame(pair, laid, blur, enlarged))
            by_matrix.show(pair.ref_frame, laid.matrix, laid.ref)
            if laid.flow is not None:
                by_flow.show(pair.ref_frame, laid.flow, laid.ref)
        found = _with_vmaf(found, by_matrix, by_flow)
    return RunQuality(n + 1, run.ref_first, run.ref_count, run.verdict, tuple(found))


def _frame(pair: _Pair, laid: Laid, blur: Blur, enlarged: float) -> FrameQuality:
    flow = None if laid.flow is None else compare(laid.flow, laid.ref, laid.inside, blur, enlarged)
    return FrameQuality(pair.ref_frame, pair.clip_frame, compare(laid.matrix, laid.ref, laid.inside, blur, enlarged), flow)


def compare(picture: np.ndarray, ref: np.ndarray, inside: np.ndarray, blur: Blur = Blur(), enlarged: float = 1.0) -> Figures:
    """All figures of one picture that was laid on another.

    picture, ref  (h, w), levels of 0 to 255; inside (h, w) bool and not empty; blur and enlarged as in displacement()
    """
    grade = fit_grade(picture, ref, inside)
    alike = ssim(picture, ref, PEAK, inside)
    return Figures(
        pixels=int(np.count_nonzero(inside)),
        mean_square=mean_square(picture, ref, inside),
        graded_mean_square=mean_square(grade.apply(picture), ref, inside),
        gain=grade.gain,
        offset=grade.offset,
        ssim=None if math.isnan(alike) else alike,
        pool=Pool.of(displacement(picture, ref, inside, blur, enlarged)),
    )


def _with_vmaf(found: list[FrameQuality], by_matrix: RunVmaf, by_flow: RunVmaf) -> list[FrameQuality]:
    a, b = by_matrix.scores(), by_flow.scores()
    out = []
    for one in found:
        flow = None if one.flow is None else replace(one.flow, vmaf=b.get(one.ref_frame))
        out.append(replace(one, matrix=replace(one.matrix, vmaf=a.get(one.ref_frame)), flow=flow))
    return out


def sampled(alignment: Alignment, every: int) -> dict[int, list[int]]:
    """Ref frames to measure by the number of their run, counted from 0; only of runs that show something.

    every  Nth of each run; 0 spreads SAMPLES evenly over all that is matched, and gives each run that none falls on its middle,
           the longest MOST_TIMES * SAMPLES of them
    """
    runs = {n: run for n, run in enumerate(alignment.runs) if run.pieces and run.transform and run.ref_count}
    if every:
        return {n: list(range(run.ref_first, run.ref_end, every)) for n, run in runs.items()}
    total = sum(run.ref_count for run in runs.values())
    wanted = [(2 * k + 1) * total // (2 * SAMPLES) for k in range(SAMPLES)] if total > SAMPLES else list(range(total))
    out, begin = dict[int, list[int]](), 0
    for n, run in runs.items():
        out[n] = [run.ref_first + at - begin for at in wanted if begin <= at < begin + run.ref_count]
        begin += run.ref_count
    for n in sorted(runs, key=lambda n: -runs[n].ref_count)[: MOST_TIMES * SAMPLES]:
        out[n] = out[n] or [runs[n].ref_first + runs[n].ref_count // 2]
    return {n: frames for n, frames in out.items() if frames}


def _pairs(run: Run, frames: list[int], shown: list[int | None]) -> Iterator[_Pair]:
    for frame in frames:
        matrix, clip_frame = matrix_between(run.transform, frame), shown[frame]
        if matrix is not None and clip_frame is not None:
            yield _Pair(frame, clip_frame, matrix)


def _sampling(alignment: Alignment, every: int) -> str:
    whole = f"of {alignment.matched} that are matched"
    return f"{'each' if every == 1 else f'every {every}th'} {whole}" if every else f"a sample {whole}"
