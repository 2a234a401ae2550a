"""The figures of the pictures in words and rows, for the terminal and for the report."""

from __future__ import annotations

import math

from .quality import Figures, FrameQuality, PictureQuality

HEAD = ("PSNR", "Grade off", "SSIM", "Off by, median", "95 %", "Patches", "VMAF")
_WORST = 3


def row(figures: Figures) -> tuple[str, ...]:
    """One cell for each name of HEAD."""
    return (
        decibels(figures.psnr_db),
        decibels(figures.graded_psnr_db),
        "" if figures.ssim is None else f"{figures.ssim:.4f}",
        pixels(figures.median_px),
        pixels(figures.p95_px),
        str(figures.pool.patches),
        "" if figures.vmaf is None else f"{figures.vmaf:.1f}",
    )


def lines(quality: PictureQuality) -> list[str]:
    """For the terminal: what was compared, then the whole, then a line a run."""
    if quality.matrix is None:
        return ["No pictures were measured: no frame that was looked at shows anything of the clip."]
    count = len(quality.frames)
    out = [f"Pictures, {count} frame{'' if count == 1 else 's'} ({quality.sampling}), {quality.plane}:"]
    out += [f"  {way}: {sentence(figures)}" for way, figures in ways(quality.matrix, quality.flow)]
    if len(quality.runs) > 1:
        for run in quality.runs:
            if run.matrix is not None:
                out += [f"  run {run.number}, {way}: {sentence(figures)}" for way, figures in ways(run.matrix, run.flow)]
    worst = least_alike(quality)
    if worst:
        told = ", ".join(f"{one.ref_frame} (SSIM {_best(one).ssim or 0:.4f})" for one in worst)
        out.append(f"  least alike: ref frame{'' if len(worst) == 1 else 's'} {told}")
    if quality.empty:
        out.append(f"  {quality.empty} more show nothing of the clip inside the ref")
    if quality.vmaf:
        out.append(f"  VMAF: {quality.vmaf}")
    return out


def ways(matrix: Figures, flow: Figures | None) -> list[tuple[str, Figures]]:
    """The ways in which the clip was laid on the ref, with the figures of each."""
    return [("by its matrix", matrix)] + ([("by flow", flow)] if flow is not None else [])


def sentence(figures: Figures) -> str:
    """The figures in a row of clauses."""
    if figures.mean_square == 0:
        said = ["equal, bit for bit"]
    else:
        said = [f"PSNR {decibels(figures.psnr_db)} ({decibels(figures.graded_psnr_db)} with gain and offset fitted)"]
        said += [] if figures.ssim is None else [f"SSIM {figures.ssim:.4f}"]
    if figures.median_px is None:
        said.append("too few patches to tell where it lies")
    else:
        said.append(f"off by {pixels(figures.median_px)} in the median, {pixels(figures.p95_px)} at 95 %, of {figures.pool.patches} patches")
    return ", ".join(said + ([] if figures.vmaf is None else [f"VMAF {figures.vmaf:.1f}"]))


def least_alike(quality: PictureQuality) -> list[FrameQuality]:
    """The few frames that a person should look at first, by the best way that was measured; none where all are alike."""
    known = [one for one in quality.frames if _best(one).ssim is not None]
    if len(known) < 2 * _WORST:
        return []
    return sorted(known, key=lambda one: _best(one).ssim or 0.0)[:_WORST]


def decibels(value: float) -> str:
    """A figure in decibels, or that there is no difference."""
    return f"{value:.2f} dB" if math.isfinite(value) else "equal"


def pixels(value: float | None) -> str:
    """A length; empty where it is not known."""
    return "" if value is None else f"{value:.3f} px"


def _best(one: FrameQuality) -> Figures:
    return one.flow or one.matrix
