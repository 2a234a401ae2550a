"""The one way in: a clip that is on disk, and an archive -> where it was found."""

from __future__ import annotations

import os
import time
from dataclasses import dataclass
from pathlib import Path

from ..align import align, analysis_key, content_digest
from ..alignment import Media
from ..errors import MediaError, NotSameFootage
from ..media.cache import Cache, default_root
from ..media.footage import ReadOptions, open_footage
from ..progress import Progress
from ..settings import AlignSettings
from ..settings_archive import FindSettings
from ..sync.analysis import analyse
from .find import Found, find
from .places import Place
from .query import View, view_of
from .store import Archive

_READING = 0.6
_VERIFYING = 0.5
NO_SETTINGS = FindSettings()


@dataclass(frozen=True)
class Answered:
    """What is to be told of a clip."""

    media: Media
    found: Found
    paths: dict[int, tuple[str, ...]]
    """By position of the file in the archive: where it lies; those that are there come first."""
    read_s: float
    """What reading the clip took."""
    confirmed: dict[int, bool]
    """By position: whether an alignment said the same, where one was asked for and the file is there."""

    @property
    def places(self) -> tuple[Place, ...]:
        """Without those that an alignment contradicts."""
        return tuple(place for place in self.found.places if self.confirmed.get(place.file, True))


def ask(clip: str, path: str, settings: FindSettings = NO_SETTINGS, progress: Progress = Progress()) -> Answered:
    """Read a clip and look it up in the archive at `path`.

    Raises MediaError for the clip, UsageError, FormatError and OutputError for the archive, Cancelled.
    """
    with Archive(path) as archive:
        began = time.perf_counter()
        media, view = _read(clip, settings, progress.part(0.0, _READING))
        read_s = time.perf_counter() - began
        rest = progress.part(_READING, 1 - _READING)
        found = find(view, archive, settings.most, rest.part(0.0, _VERIFYING if settings.verify else 1.0))
        paths = {place.file: _there_first(archive.paths_of(place.entry.id)) for place in found.places}
    confirmed = _verify(clip, paths, settings, rest.part(_VERIFYING, 1 - _VERIFYING)) if settings.verify else {}
    return Answered(media, found, paths, round(read_s, 3), confirmed)


def _read(clip: str, settings: FindSettings, progress: Progress) -> tuple[Media, View]:
    """The clip by way of its analysis, which an alignment that follows takes from the cache."""
    cache = Cache(None if settings.cache == "off" else Path(settings.cache) if settings.cache else default_root())
    try:
        options = ReadOptions(rate=settings.rate)
        with open_footage(clip, options) as footage:
            analysis = analyse(footage, cache, analysis_key(content_digest(footage), options), progress.part(0.0, 0.8))
            try:
                return analysis.media, view_of(analysis, progress.part(0.8, 0.2))
            finally:
                analysis.close()
    finally:
        cache.close()


def _there_first(paths: list[str]) -> tuple[str, ...]:
    return tuple(sorted(paths, key=lambda path: not is_there(path)))


def is_there(path: str) -> bool:
    """Whether there is such a file; of a sequence, the folder it lies in."""
    return os.path.exists(path) or ("%" in os.path.basename(path) and os.path.isdir(os.path.dirname(path)))


def _verify(clip: str, paths: dict[int, tuple[str, ...]], settings: FindSettings, progress: Progress) -> dict[int, bool]:
    """Align the clip to each file that is there."""
    out: dict[int, bool] = {}
    for k, (file, some) in enumerate(paths.items()):
        if not some:
            continue
        try:
            align(clip, some[0], AlignSettings(clip_rate=settings.rate, cache=settings.cache), progress.part(k / len(paths), 1 / len(paths)))
            out[file] = True
        except NotSameFootage:
            out[file] = False
        except MediaError:
            continue
    return out
