"""Files that the add-ons read inside Blender, Nuke and Resolve, read as they do: by the same functions, with the errors that they expect."""

from __future__ import annotations

import sys
from pathlib import Path

from genlock.core.errors import GenlockError
from genlock.hosts import aligned, jobs
from genlock.hosts.batch.pairs import read_pairs
from genlock.hosts.blender import otio_in
from genlock.hosts.blender.refusing import CannotLay
from genlock.hosts.cli.say import complain
from genlock.hosts.nuke import script


def main(path: str) -> int:
    """Read one file; 0, or 1 with a line on stderr where the add-on would say it."""
    try:
        _read(Path(path))
        return 0
    except (aligned.NotAligned, jobs.JobError, CannotLay, script.NotOurs, GenlockError, OSError) as error:
        complain(str(error), sys.stderr)
        return 1


def _read(path: Path) -> None:
    if path.suffix == ".nk":
        script.moved(script.parts(path.read_text(encoding="utf-8", errors="surrogateescape")), 3, 7)
    elif path.suffix == ".jsonl":
        jobs.Tail(str(path)).read()
    elif path.suffix == ".csv":
        read_pairs(str(path), {})
    elif path.suffix == ".otio":
        otio_in.load(str(path))
    else:
        found = aligned.load(str(path))
        for run in found.runs[:100]:
            for piece in run.pieces[:100]:
                if piece.ref_count < 100_000:
                    found.frames_of(piece)
