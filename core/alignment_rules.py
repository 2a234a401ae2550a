"""What an alignment read from a file has to fulfil before anything is computed from it."""

from __future__ import annotations

import itertools
import math
import re
from fractions import Fraction
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .alignment import Alignment, Media, Run

MOST_FRAMES = 50_000_000
"""More than a day at 480 frames a second."""
_FRACTION = re.compile(r"^-?\d{1,400}(/\d{1,400})?$")


def exact(text: object) -> Fraction:
    """A fraction written "n" or "n/d". Raises ValueError for anything else; an exponent could fill the memory."""
    if not isinstance(text, str) or not _FRACTION.match(text):
        raise ValueError(f"{text!r:.60} is not a fraction")
    return Fraction(text)


def require_sound(alignment: Alignment) -> None:
    """Raises ValueError where an alignment contradicts itself."""
    for role, media in (("clip", alignment.clip), ("ref", alignment.ref)):
        _media(role, media)
    at = 0
    for run in alignment.runs:
        if run.ref_first != at or run.ref_count < 1:
            raise ValueError(f"a run begins at ref frame {run.ref_first} with {run.ref_count} frames, where {at} is next")
        at = run.ref_end
        _run(run)
    if at != alignment.ref.frames:
        raise ValueError(f"the runs cover {at} ref frames of {alignment.ref.frames}")


def _media(role: str, media: Media) -> None:
    if not isinstance(media.path, str) or "\0" in media.path:
        raise ValueError(f"the {role}'s path is no text")
    numbers = (media.frames, media.width, media.height, media.start_frame, media.lost)
    if not all(isinstance(n, int) for n in numbers) or not 1 <= media.frames <= MOST_FRAMES or abs(media.start_frame) > 2**53:
        raise ValueError(f"the {role} has {media.frames!r} frames from {media.start_frame!r}")
    if media.rate <= 0 or media.time_base <= 0 or media.sample_aspect <= 0 or (media.length_s is not None and media.length_s <= 0):
        raise ValueError(f"a rate or length of the {role} is not above zero")
    if media.timecode is not None and not isinstance(media.timecode, str):
        raise ValueError(f"the {role}'s timecode is no text")
    if media.pts is not None and (len(media.pts) != media.frames or any(b <= a for a, b in itertools.pairwise(media.pts))):
        raise ValueError(f"the time stamps of the {role} do not rise, or are not one a frame")


def _run(run: Run) -> None:
    at = run.ref_first
    for piece in run.pieces:
        if piece.ref_first != at or piece.ref_count < 1:
            raise ValueError(f"a piece begins at ref frame {piece.ref_first}, where {at} is next")
        at += piece.ref_count
    if run.pieces and at != run.ref_end:
        raise ValueError(f"the pieces of the run at ref frame {run.ref_first} end at {at}, the run at {run.ref_end}")
    if run.pieces and run.verdict.value == "unmatched":
        raise ValueError(f"the run at ref frame {run.ref_first} is unmatched and has pieces")
    frames = [key.frame for key in run.transform]
    if any(b <= a for a, b in itertools.pairwise(frames)):
        raise ValueError(f"the keys of the run at ref frame {run.ref_first} do not rise")
    if not all(math.isfinite(x) for key in run.transform for x in key.matrix):
        raise ValueError(f"a matrix of the run at ref frame {run.ref_first} is not finite")
    if not (math.isfinite(run.score) and math.isfinite(run.confidence)):
        raise ValueError(f"the score of the run at ref frame {run.ref_first} is not finite")
