"""Resolve's part of the tests: a made pair, an installed adapter, a Resolve with the pair in its media pool."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

from genlock import __version__
from genlock.hosts.demo import cutting
from genlock.hosts.demo.twin import Side
from genlock.tests.footage import write_pair
from genlock.tests.hosts.resolve.fake_resolve import MediaPoolItem, Resolve


@pytest.fixture(scope="session")
def pair(tmp_path_factory) -> dict[str, Path]:
    """The clip is ref frames 9 to 60."""
    folder = tmp_path_factory.mktemp("pair")
    write_pair(folder, Side(time=(cutting.trim(9, 61),)))
    return {role: next(folder.glob(f"{role}.*")) for role in ("clip", "ref")}


@pytest.fixture
def home(tmp_path, monkeypatch) -> str:
    """An installed adapter's folder, and a shelf for jobs of its own."""
    monkeypatch.setenv("GENLOCK_JOBS", str(tmp_path / "jobs"))
    monkeypatch.delenv("GENLOCK_COMMAND", raising=False)
    folder = tmp_path / "home"
    folder.mkdir()
    (folder / "worker.json").write_text(json.dumps({"command": [sys.executable, "-m", "genlock"], "version": __version__}))
    return str(folder)


def resolve_with(pair, product="DaVinci Resolve Studio", version=(20, 3, 2)) -> Resolve:
    resolve = Resolve(product, version)
    pool = resolve._manager._project._pool
    pool._folder._clips = [MediaPoolItem(pool._world, str(path)) for path in pair.values()]
    pool._selected = list(pool._folder._clips)
    return resolve


def timelines(resolve) -> list[list[tuple[str, int, int, int]]]:
    """Of the newest timeline: (file, first ref frame, count, first clip frame) by track."""
    newest = resolve._manager._project._timelines[-1]
    return [[(Path(i._media._path).name, i._start - newest._start, i._count, i._source) for i in track] for track in newest._video]
