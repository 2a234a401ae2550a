"""The committed corpus: every file is read, or refused as promised. What atheris or the campaign finds is brought here, made small."""

from __future__ import annotations

from pathlib import Path

import pytest

from genlock.bench.fuzz.readers import READERS, tried

CORPUS = Path(__file__).with_name("corpus")
FILES = sorted(path for path in CORPUS.rglob("*") if path.is_file())


@pytest.mark.parametrize("path", FILES, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_is_read_or_refused(path):
    tried(path.parent.name, path.read_bytes())


def test_every_parser_has_its_files_and_reads_the_good_one():
    assert {path.name for path in CORPUS.iterdir()} == set(READERS)
    assert [name for name in READERS if not tried(name, (CORPUS / name / "good").read_bytes())] == []
    assert sum(path.stat().st_size for path in FILES) < 200_000
