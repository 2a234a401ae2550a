"""Sound alone, as a WAV file: the first track of a source, cut and retimed as its edit says."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction

import av

from ...errors import MediaError
from .settings import WriteSettings
from .sound import SoundSource, open_feeds

_STEP_S = 10


def write_wav(path: str, source: SoundSource, length_s: Fraction, at: Callable[[float], None], notes: list[str]) -> None:
    """Write the file; PCM of the source's own depth, 24 bits of what was lossy.

    length_s  about how long the sound is, for `at`
    at        told the share that is done, 0 to 1, every few seconds of sound; what it raises ends the writing
    Raises MediaError where the source has no sound that can be read.
    """
    with av.open(path, "w", format="wav", options={"rf64": "auto"}) as container:
        feeds = open_feeds(container, [replace(source, tracks=(0,))], WriteSettings(sound_codec="pcm"), notes, "mov")
        if not feeds:
            raise MediaError(f"{source.path} has no sound", "name footage with sound, or write pictures alone")
        for feed in feeds:
            try:
                now_s = Fraction(0)
                while now_s < length_s:
                    at(float(now_s / length_s))
                    feed.advance(now_s)
                    now_s += _STEP_S
                feed.finish(length_s)
            finally:
                feed.close()
