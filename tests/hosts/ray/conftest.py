"""Ray is part of the test extra; a Python for which it has no wheel goes without these tests, and says so."""

from __future__ import annotations

import importlib.util
import os
import sys

import pytest

if importlib.util.find_spec("ray") is None:
    collect_ignore_glob = ["test_*.py"]
    print(f"no Ray for Python {sys.version.split()[0]} here: its tests do NOT run", file=sys.stderr)


@pytest.fixture(autouse=True)
def _no_ray_of_this_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in os.environ if name.startswith("RAY_")]:
        monkeypatch.delenv(name)
