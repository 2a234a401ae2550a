"""What the jobs of archives can be told: keep fingerprints of a folder, and find a clip among them."""

from __future__ import annotations

from dataclasses import dataclass

from .settings import Settings, option


@dataclass(frozen=True)
class IndexSettings(Settings):
    """How to index."""

    kind = "index"

    prune: bool = option(False, "drop the fingerprints of files that are not in the folder any more")
    rebuild: bool = option(False, "read everything again; an archive that is damaged or of another version is made anew")
    keep_analysis: bool = option(False, "keep each file's analysis in the cache too (0.9 GB an hour), so that a later align reads nothing")
    rate: str = option("", "frame rate of image sequences; 24 where none is given", metavar="FPS")
    cache: str = option("", "folder of the cache, from which files that were analysed are taken; 'off' uses none", metavar="DIR")


@dataclass(frozen=True)
class FindSettings(Settings):
    """How to find."""

    kind = "find"

    verify: bool = option(False, "align the clip to each file found as well, and drop what that does not confirm; takes as long as aligning")
    most: int = option(20, "places told at most, the surest first", low=1, high=1000)
    rate: str = option("", "frame rate of the clip, where it is an image sequence or its file lies", metavar="FPS")
    cache: str = option("", "folder for what analysis keeps; 'off' keeps nothing", metavar="DIR")
