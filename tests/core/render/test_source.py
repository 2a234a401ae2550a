"""Footage of an alignment is opened wherever the alignment comes from."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from genlock.core.media.info import ReadOptions
from genlock.core.render.source import open_source

from .made import film


def test_a_cache_of_another_machine_is_neither_needed_nor_made(tmp_path: Path) -> None:
    """The folder that align kept its index in may not be there, and may be one that nobody here can make."""
    footage = film(tmp_path / "a.mkv", [np.full((32, 48, 3), 40 * n, np.uint8) for n in range(4)])
    (tmp_path / "file").write_text("")
    for cache in (tmp_path / "elsewhere" / "cache", tmp_path / "file" / "cache"):
        with open_source(str(footage), ReadOptions(), seeks=True, cache=str(cache)) as plates:
            assert [plate.number for plate in plates.at([3, 1])] == [3, 1]
    assert {path.name for path in tmp_path.iterdir()} == {"a.mkv", "file"}
