"""What the job "conform" can be told."""

from __future__ import annotations

from dataclasses import dataclass

from .settings import Settings, option


@dataclass(frozen=True)
class ConformSettings(Settings):
    """How to re-point an edit from one version of its footage to another."""

    kind = "conform"

    strict: bool = option(False, "exit status 1, and nothing written, where anything is not found")
    rate: str = option("", "frame rate of an .edl's record timecode; that of the old footage unless named", metavar="FPS")
    quality: str = option("standard", "of the alignments, as for genlock align", choices=("draft", "standard", "final"))
    cache: str = option("", "folder for what analysis keeps; 'off' keeps nothing", metavar="DIR")
