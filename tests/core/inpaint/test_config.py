"""genlock.toml: what is written is read back, and what is not known is refused with the nearest name that is."""

from __future__ import annotations

from dataclasses import fields, replace
from itertools import pairwise
from pathlib import Path

import pytest

from genlock.core.errors import FormatError, UsageError
from genlock.core.inpaint.project import config as config_file
from genlock.core.inpaint.project.config import NAME, PAINTERS, TABLES, Config, read_config, to_text
from genlock.core.inpaint.project.tables import Batch
from genlock.core.inpaint.steps import STEPS


def read(folder: Path, text: str) -> Config:
    (folder / NAME).write_text(text, encoding="utf-8")
    return read_config(folder / NAME)


@pytest.mark.parametrize("backend", ["classic", *PAINTERS])
def test_what_is_written_is_read_back(tmp_path: Path, backend: str) -> None:
    config = Config()
    config = replace(
        config,
        inpaint=replace(
            config.inpaint, backend=backend, prompt='a "quoted"\\ täxt\n', seeds=(7,), denoise=0.45, batch=(Batch((1, 2), 0.3), Batch(denoise=1.0))
        ),
        keyframes=replace(config.keyframes, manual=(3, 9), split_at_cuts=False),
    )
    assert read(tmp_path, to_text(config)) == config


def test_every_key_says_what_it_is() -> None:
    lines = to_text(Config()).splitlines()
    keys = [(above, line) for above, line in pairwise(lines) if " = " in line and not line.startswith(("#", "schema_version"))]
    bare = [line for above, line in keys if "  # " not in line and not above.startswith("# ")]
    assert bare == []
    assert max(map(len, lines)) < 130


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("[inpaint]\nsead = [1]", "sead is not a key of [inpaint]; did you mean seeds"),
        ("[keyframs]\nmax_group = 3", "[keyframs] is not a table of a project; did you mean keyframes"),
        ("[inpaint.a111]\nurl = ''", "did you mean inpaint.a1111"),
        ("seeds = [1]", "seeds stands in no table; move it below [inpaint]"),
        ("[inpaint]\nseeds = [true]", "write a list, each a whole number"),
        ("[inpaint]\nseeds = []", "write one or more"),
        ("[inpaint]\nseeds = [4, 4]", "different"),
        ("[inpaint]\ndenoise = 3", "denoise is 3.0"),
        ("[[inpaint.batch]]\ndenois = 0.3", "denois is not a key of [[inpaint.batch]]; did you mean denoise"),
        ("[[inpaint.batch]]\ndenoise = -0.5", "[[inpaint.batch]]: denoise is -0.5"),
        ("[[inpaint.batch]]\nseeds = [4, 4]", "different"),
        ("[inpaint.batch]\nseeds = [4]", "write [[inpaint.batch]]"),
        ("[inpaint]\nbatch = [1]", "write [[inpaint.batch]] and its keys"),
        ("[inpaint]\nsteps = 2.5", "write a whole number"),
        ("[keyframes]\nsplit_at_cuts = 1", "write true or false"),
        ("[input]\nrange = '9-3'", "FIRST-LAST"),
        ("[mask]\nbox = '1,2,3'", "LEFT,TOP,WIDTH,HEIGHT"),
    ],
)
def test_what_is_wrong_is_refused_and_named(tmp_path: Path, text: str, says: str) -> None:
    with pytest.raises(UsageError) as caught:
        read(tmp_path, f"schema_version = 1\n{text}\n")
    assert says in str(caught.value)
    assert NAME in str(caught.value)


@pytest.mark.parametrize(("text", "says"), [("", "has no schema_version"), ("schema_version = 2", "reads 1"), ("a = [", "is not TOML")])
def test_another_version_and_no_toml(tmp_path: Path, text: str, says: str) -> None:
    with pytest.raises(FormatError, match=says):
        read(tmp_path, text)


def test_a_folder_without_it_is_no_project(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="genlock inpaint init"):
        read_config(tmp_path / NAME)


def test_every_table_is_named_once() -> None:
    assert len(TABLES) == len(fields(Config)) == len(set(TABLES.values()))


def test_the_page_tells_of_every_step_and_table() -> None:
    page = (Path(config_file.__file__).parents[3] / "docs" / "inpaint.md").read_text(encoding="utf-8")
    assert [step.name for step in STEPS if f"| `{step.name}` |" not in page] == []
    assert [table for table in TABLES if f"`[{table}]`" not in page] == []
