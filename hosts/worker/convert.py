"""The job "convert": an alignment from one exchange format to others. No footage is opened but for the report's pictures."""

from __future__ import annotations

from typing import Any

from ...core.alignment import Alignment
from ...core.errors import UsageError
from .desk import Answer, Desk
from .figures import of_alignment
from .inputs import read_aligned, roles
from .options import align_settings
from .outputs import check_places
from .render import check_suffixes, render


def work(desk: Desk) -> Answer:
    """Read an aligned timeline and render every output; nothing is written here."""
    (aligned,) = roles(desk.request, "aligned")
    if not desk.request.outputs:
        raise UsageError("convert is asked for no output", "name at least one with -o")
    strange = sorted(set(desk.request.settings) - {"edl"})
    if strange:
        raise UsageError(f"{strange[0]!r} is not a setting of convert", "the one there is, is edl")
    check_suffixes(desk.request.outputs)
    alignment = read_aligned(aligned)
    check_places(desk.request.outputs, (aligned, alignment.clip.path, alignment.ref.path))
    settings = align_settings({**_manner(alignment), **desk.request.settings})
    files = render(alignment, desk.request.outputs, settings, desk.progress, desk.note)
    return Answer(f"{len(files)} file{'' if len(files) == 1 else 's'} converted from {aligned}.", figures=of_alignment(alignment), files=files)


def _manner(alignment: Alignment) -> dict[str, Any]:
    """The one setting of the alignment that outputs depend on; the request may say otherwise."""
    return {"edl": alignment.settings["edl"]} if alignment.settings.get("edl") in ("cmx", "resolve") else {}
