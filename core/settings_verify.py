"""What a verification can be told."""

from __future__ import annotations

from dataclasses import dataclass

from .settings import Settings, option


@dataclass(frozen=True)
class VerifySettings(Settings):
    """How to look again. Without `pictures`, the claims alone are checked, and the others mean nothing."""

    kind = "verify"

    pictures: bool = option(False, "measure the pictures too: PSNR, SSIM, displacement, and VMAF where an FFmpeg has it")
    every: int = option(0, "measure every Nth ref frame of each run; 0 measures some 24, spread evenly", low=0)
    warp: str = option("matrix", "measure the clip laid on the ref by its matrix alone, or by dense flow as well", choices=("matrix", "flow"))
    precision: int = option(2, "of the flow, 1 to 4", low=1, high=4)
    soften: bool = option(False, "flow that ignores grain, halos and compression")
    device: str = option("auto", "where the flow is computed: auto, cpu, cuda, mps", metavar="NAME")
    vmaf: str = option("auto", "auto: VMAF where an FFmpeg with libvmaf is found; off: without", choices=("auto", "off"))
