"""Every painter that a project can name is made from its table, and nothing is loaded or sent for it."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from genlock.core.errors import UsageError
from genlock.core.inpaint.project.config import NAME, PAINTERS, Config, read_config
from genlock.hosts.worker.painting import painter_of

WORDS: dict[str, Any] = {"command": {"command": ("program", "{picture}", "{mask}", "{out}")}}


@pytest.mark.parametrize("name", PAINTERS)
def test_a_painter_for_every_name(name: str) -> None:
    table = {**getattr(Config(), name).to_json(), **WORDS.get(name, {})}
    painter = painter_of(name, table)
    assert painter.name == name
    painter.close()
    painter.close()


PAGE = (Path(__file__).parents[2] / "docs" / "stable-diffusion.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("block", re.findall(r"```toml\n(.*?)```", PAGE, re.DOTALL))
def test_what_the_page_shows_is_read_and_makes_that_painter(block: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / NAME).write_text("schema_version = 1\n" + block)
    monkeypatch.setenv("GENLOCK_SD_LOGIN", "me:secret")
    config = read_config(tmp_path / NAME)
    assert painter_of(config.inpaint.backend, config.painter()).name == config.inpaint.backend


def test_the_page_shows_every_painter_with_every_key() -> None:
    for name in PAINTERS:
        assert f'backend = "{name}"' in PAGE and f"[inpaint.{name}]" in PAGE
        table = PAGE.split(f"[inpaint.{name}]")[1].split("```")[0]
        lacking = [key for key in getattr(Config(), name).to_json() if not re.search(rf"^{key} = ", table, re.MULTILINE)]
        assert set(lacking) <= {"timeout_s", "probe"}, name


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
