"""spatial(): the clip's pictures, bent and moved to lie on the ref's."""

from __future__ import annotations

import os
from typing import Any

from ...core.alignment import Alignment
from ...core.errors import NotSameFootage, UsageError
from ...core.settings import AlignSettings
from ...core.space.flow import Estimator, FlowSettings
from ...core.space.warp import KERNELS
from .arguments import device_of, number_of, rate_of
from .frames import grey, require_constant
from .solving import say, solved
from .warping import Warping

WARPS = ("flow", "matrix")


def spatial(
    clip: Any,
    ref: Any,
    mask: Any = None,
    precision: Any = 2,
    wide_search: bool = False,
    lq_input: bool = False,
    alpha: bool = False,
    backend: Any = "auto",
    *,
    iterations: int = 0,
    device: Any = None,
    warp: str = "flow",
    kernel: str = "lanczos",
    tile: int = 0,
    alignment: Alignment | str | os.PathLike[str] | None = None,
    estimator: Estimator | None = None,
) -> Any:
    """Each frame of clip as the frame of ref with the same number would see it; the size is ref's, the format clip's.

    The matrix is solved once for all frames that lie alike, the flow of each frame starts from there and knows of no other frame: the answer does
    not depend on the order in which frames are asked for. Each picture is resampled once.

    clip, ref    any constant size; clip is RGB, GRAY or YUV 4:4:4 of any depth, ref any format. What is longer is cut
    mask         white excludes: the warp there follows its surroundings. Of ref's picture, any size and format, one frame or as many as ref
    precision    1 fast to 4 most exact
    wide_search  first solve where the clip lies in the ref: another crop, scale, rotation. Both clips are read once, while the script
                 loads. Without it, the clip is taken to fill the ref, give or take what flow can bridge
    lq_input     flow that ignores grain, halos and compression, and leaves lines as thick as they are
    alpha        attach, as the frame property _Alpha, how much of each pixel the clip covers; without it, the rest is black
    backend      auto, cpu, cuda or mps
    iterations   rounds of the flow on each level; 0 leaves it to the precision
    warp         flow, or matrix: no flow, and no torch
    kernel       lanczos, bicubic or linear
    tile         pixels a side that flow works on at once, where memory is short; 0 is all
    alignment    what genlock align wrote for the same two (.json, .otio), or an Alignment: its matrices are used, and nothing is read here
    estimator    dense flow of another kind, such as a learned one, in place of genlock's own

    Each frame keeps clip's properties, and has genlock_matched: 0 where the alignment finds nothing, and the clip is only stretched over the ref.
    Raises vapoursynth.Error with what is wrong and what to do next.
    """
    import vapoursynth as vs

    try:
        level = number_of("precision", precision, 1, 4)
        settings = FlowSettings(precision=level, iterations=iterations, soften=bool(lq_input), device=device_of(backend, device), tile=tile)
        for name, value, known in (("warp", warp, WARPS), ("kernel", kernel, KERNELS)):
            if value not in known:
                raise UsageError(f"{name} is {value!r}", f"choose one of {', '.join(known)}")
        clip, ref = _same_length(clip, ref)
        found = _placed(clip, ref, alignment) if wide_search or alignment is not None else None
        flow = _estimator(settings, estimator) if warp == "flow" else None
        return _warped(clip, ref, _mask(mask, ref), bool(alpha), Warping(found, (clip.width, clip.height), (ref.width, ref.height), flow, kernel))
    except UsageError as error:
        raise vs.Error(f"spatial: {error}") from error
    except NotSameFootage as error:
        raise vs.Error(f"spatial: {error.what}; leave wide_search out where the two fill the same frame") from error


def _same_length(clip: Any, ref: Any) -> tuple[Any, Any]:
    require_constant(clip, "clip")
    require_constant(ref, "ref")
    sub = clip.format.subsampling_w, clip.format.subsampling_h
    if sub != (0, 0):
        raise UsageError(f"clip is {clip.format.name}", "bring it to RGB or YUV 4:4:4 with resize first: colour has to move with the picture")
    if clip.num_frames != ref.num_frames:
        shorter = min(clip.num_frames, ref.num_frames)
        say(f"clip has {clip.num_frames} frames and ref {ref.num_frames}; the first {shorter} are used")
        clip, ref = clip[:shorter], ref[:shorter]
    return clip, ref


def _placed(clip: Any, ref: Any, alignment: Alignment | str | os.PathLike[str] | None) -> Alignment:
    """Frame n of the one is frame n of the other; only the place is open."""
    rate = rate_of("ref", None, None, ref.fps)
    return solved(clip, ref, (rate, rate), AlignSettings(time="off", cache="off"), alignment)


def _estimator(settings: FlowSettings, given: Estimator | None) -> Estimator:
    if given is not None:
        return given
    from ...core.space.flow import estimator

    try:
        return estimator(settings)
    except ImportError as error:
        raise UsageError(f"flow needs torch, which does not load here ({error})", 'install it into this Python, or write warp="matrix"') from error


def _mask(mask: Any, ref: Any) -> Any:
    """The mask at the ref's size, 8 bits, as long as the ref; None where there is none."""
    if mask is None:
        return None
    require_constant(mask, "mask")
    if mask.num_frames not in (1, ref.num_frames) and mask.num_frames < ref.num_frames:
        raise UsageError(f"mask has {mask.num_frames} frames and ref {ref.num_frames}", "give one frame, or as many as ref has")
    seen = grey(mask, 8)
    if (mask.width, mask.height) != (ref.width, ref.height):
        seen = seen.resize.Bilinear(ref.width, ref.height)
    return seen * ref.num_frames if mask.num_frames == 1 else seen[: ref.num_frames]


def _warped(clip: Any, ref: Any, mask: Any, alpha: bool, warping: Warping) -> Any:
    import vapoursynth as vs

    flat = clip.std.BlankClip(width=ref.width, height=ref.height, length=ref.num_frames, keep=True)
    fmt = clip.format
    alone = vs.core.query_video_format(vs.GRAY, fmt.sample_type, fmt.bits_per_sample, 0, 0)
    inputs = [flat, clip, grey(clip, 16), grey(ref, 16)]
    inputs += [flat.std.BlankClip(format=alone.id, keep=True)] if alpha else []
    inputs += [mask] if mask is not None else []

    def show(n: int, f: list[Any]) -> Any:
        return warping.frame(n, f[0], f[1], f[2], f[3], f[4] if alpha else None, f[-1] if mask is not None else None)

    return flat.std.ModifyFrame(clips=inputs, selector=show)
