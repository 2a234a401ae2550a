"""Every painter that a project can name is made from its table, and nothing is loaded or sent for it."""

from __future__ import annotations

import subprocess
import sys
from typing import Any

import pytest

from genlock.core.errors import UsageError
from genlock.core.inpaint.project.config import PAINTERS, Config
from genlock.hosts.worker.painting import painter_of

WORDS: dict[str, Any] = {"command": {"command": ("program", "{picture}", "{mask}", "{out}")}}


@pytest.mark.parametrize("name", PAINTERS)
def test_a_painter_for_every_name(name: str) -> None:
    table = {**getattr(Config(), name).to_json(), **WORDS.get(name, {})}
    painter = painter_of(name, table)
    assert painter.name == name
    painter.close()
    painter.close()


def test_unknown_names_and_keys_are_refused() -> None:
    with pytest.raises(UsageError, match="no painter is called 'brush'"):
        painter_of("brush", {})
    for name in PAINTERS:
        with pytest.raises(UsageError, match="'colour' is not a setting"):
            painter_of(name, {"colour": "red"})


def test_naming_a_painter_imports_nothing_heavy() -> None:
    code = (
        "import sys; from genlock.hosts.worker.painting import painter_of; [painter_of(name, {}) for name in ('a1111', 'comfyui', 'diffusers')];"
        "print(*[name for name in ('torch', 'diffusers', 'transformers') if name in sys.modules])"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60)
    assert run.returncode == 0 and run.stdout.split() == [], run.stdout + run.stderr
