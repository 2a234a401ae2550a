"""For every test: nothing logs an error while it passes, and nothing is kept in the user's own cache."""

from __future__ import annotations

import logging
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

if "PYTEST_XDIST_WORKER" in os.environ:
    # The processes share the cores already; set before anything imports torch or numpy, and for the programs that tests start.
    os.environ.setdefault("OMP_NUM_THREADS", "1")


@pytest.fixture(autouse=True)
def _nothing_logs_an_error(caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    yield
    for phase in ("setup", "call"):
        errors = [record.getMessage() for record in caplog.get_records(phase) if record.levelno >= logging.ERROR]
        assert not errors, f"logged as an error while the test passed: {errors}"


@pytest.fixture(autouse=True)
def _cache_of_its_own(monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory) -> None:
    monkeypatch.setenv("GENLOCK_CACHE", str(_cache(tmp_path_factory)))


def _cache(factory: pytest.TempPathFactory) -> Path:
    """One cache for the whole run."""
    folder = factory.getbasetemp() / "genlock-cache"
    folder.mkdir(exist_ok=True)
    return folder
