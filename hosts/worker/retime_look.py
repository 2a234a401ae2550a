"""The first pass of a retime: times, cuts, cadence. In a job folder that lasts it is kept, so that shares and later runs need not look again."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ...core.media.steady import Steady
from ...core.settings_retime import RetimeSettings
from ..jobs import Request
from .desk import Desk
from .pieces import KEPT, key_of
from .retiming import is_list

if TYPE_CHECKING:
    from ...core.alignment import Media
    from ...core.media.info import FrameIndex
    from ...core.retime.scan import Scan


@dataclass(frozen=True)
class Look:
    """What the first pass has found."""

    seen: Scan
    media: Media
    index: FrameIndex | None
    """With which the second pass may seek."""


def look(footage: str, settings: RetimeSettings, desk: Desk) -> Look:
    """Look at the footage, or at what an earlier look at the same content found. Raises MediaError, Cancelled."""
    from ...core.media.kept import keep, kept
    from ...core.retime.fields import told as matches_told

    place = _place(footage, settings, desk)
    found = _from_json(kept(place), footage) if place else None
    if found is None:
        steady = Steady([footage])
        found = _looked(footage, settings, desk)
        if place and steady.holds():
            keep(place, _to_json(found))
    if found.seen.fields:
        desk.note(f"fields are woven, and were taken apart: {matches_told(found.seen.fields)}")
    if found.media.lost:
        desk.note(f"{found.media.lost} damaged or missing pieces of {os.path.basename(footage)} were passed by")
    return found


def _looked(footage: str, settings: RetimeSettings, desk: Desk) -> Look:
    from ...core.media.footage import ReadOptions, open_footage
    from ...core.retime.cuts import CutSettings
    from ...core.retime.scan import scan

    threshold = settings.scene_threshold
    cuts = CutSettings("ssim", threshold) if threshold else CutSettings()
    with open_footage(footage, ReadOptions(rate=settings.rate)) as opened:
        seen = scan(opened, cuts, desk.progress.part(0.0, 1.0 if settings.dry_run else 0.1), _fields(settings))
        return Look(seen, opened.media(), opened.index)


def _fields(settings: RetimeSettings) -> str:
    return settings.fields if settings.dedup == "only" else "keep"


def _place(footage: str, settings: RetimeSettings, desk: Desk) -> str:
    """Where it is kept; "" where nobody comes after."""
    if not desk.work or settings.dry_run or all(is_list(path) for path in desk.request.outputs):
        return ""
    asked = {"rate": settings.rate, "threshold": settings.scene_threshold, "fields": _fields(settings)}
    return os.path.join(desk.work, KEPT, f"scan-{key_of(Request('look', {'footage': footage}), asked)}.json")


def _to_json(found: Look) -> dict[str, Any]:
    from ...core.alignment import media_to_json
    from ...core.media.kept import index_to_json
    from ...core.retime.kept import scan_to_json

    index = None if found.index is None else index_to_json(found.index)
    return {"scan": scan_to_json(found.seen), "media": media_to_json(found.media), "index": index}


def _from_json(body: Any, footage: str) -> Look | None:
    """None where it is not whole, or speaks of another file."""
    from ...core.alignment import media_from_json
    from ...core.media.kept import index_from_json
    from ...core.retime.kept import scan_from_json

    try:
        seen, media = scan_from_json(body["scan"]), media_from_json(body["media"])
        index = None if body["index"] is None else index_from_json(body["index"])
    except (KeyError, TypeError, ValueError, ZeroDivisionError):
        return None
    whole = seen is not None and media.path == footage and media.frames == seen.beats.frames and (index is None) == (body["index"] is None)
    return Look(seen, media, index) if whole and seen is not None else None
