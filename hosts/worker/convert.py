"""The job "convert": an alignment, or an edit decision list, from one exchange format to others.

No footage is opened but for a report's pictures and a bundle.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from ...core.alignment import Alignment
from ...core.errors import GenlockError, UsageError
from .desk import Answer, Desk
from .documents import check_suffixes, render
from .figures import of_alignment
from .inputs import read_aligned, roles
from .options import align_settings
from .outputs import File, check_places

_MOST_BYTES = 64 << 20
_MANNERS = ("edl", "otio")
SETTINGS = (*_MANNERS, "rate", "clip_rate")
"""The manners of outputs, and the rates of an .edl that is read, which does not say them."""


def work(desk: Desk) -> Answer:
    """Read an aligned timeline and render every output; nothing is written here."""
    (aligned,) = roles(desk.request, "aligned")
    if not desk.request.outputs:
        raise UsageError("convert is asked for no output", "name at least one with -o")
    strange = sorted(set(desk.request.settings) - set(SETTINGS))
    if strange:
        raise UsageError(f"{strange[0]!r} is not a setting of convert", f"known are {', '.join(SETTINGS)}")
    if Path(aligned).suffix.lower() == ".edl":
        return _list(desk, aligned)
    check_suffixes(desk.request.outputs)
    alignment = read_aligned(aligned)
    check_places(desk.request.outputs, (aligned, alignment.clip.path, alignment.ref.path))
    settings = align_settings({**_manner(alignment), **{name: desk.request.settings[name] for name in _MANNERS if name in desk.request.settings}})
    files = render(alignment, desk.request.outputs, settings, desk.progress, desk.note, desk.stage)
    return Answer(f"{len(files)} file{'' if len(files) == 1 else 's'} converted from {aligned}.", figures=of_alignment(alignment), files=files)


def _manner(alignment: Alignment) -> dict[str, Any]:
    """The one setting of the alignment that outputs depend on; the request may say otherwise."""
    return {"edl": alignment.settings["edl"]} if alignment.settings.get("edl") in ("cmx", "resolve") else {}


def _list(desk: Desk, path: str) -> Answer:
    """An edit decision list, of whatever editor, as .otio or in another manner."""
    from ...core.timing import FrameRate
    from ...otio_adapters.edl_again import rewrite

    given = desk.request.settings
    if not given.get("rate"):
        raise UsageError(f"{os.path.basename(path)} does not say its frame rate", "name it with --rate, as 24, 23.976 or 25")
    rate = FrameRate.parse(str(given["rate"])).fps
    clip_rate = FrameRate.parse(str(given["clip_rate"])).fps if given.get("clip_rate") else None
    check_places(desk.request.outputs, (path,))
    try:
        if os.path.getsize(path) > _MOST_BYTES:
            raise GenlockError(f"{path} is larger than {_MOST_BYTES >> 20} MiB, which no .edl is")
        body = Path(path).read_bytes()
    except OSError as error:
        raise GenlockError(f"{path} cannot be read: {error.strerror or error}", "name an edit decision list") from error
    files = []
    for output in desk.request.outputs:
        made, notes = rewrite(body, Path(output).suffix.lower(), rate, clip_rate, str(given.get("edl", "cmx")))
        for note in notes:
            desk.note(note)
        files.append(File(output, made))
    return Answer(f"{len(files)} file{'' if len(files) == 1 else 's'} converted from {path}.", files=tuple(files))
