"""docs/contracts.md promises nothing that no test holds."""

from __future__ import annotations

import ast
import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs" / "contracts.md").read_text(encoding="utf-8")
NAMED = re.compile(r"`(tests/[\w/]+\.py)((?:::\w+)+)`")


def names_in(path: Path) -> set[str]:
    """Its tests: ::test_a, and ::TestB::test_c."""
    found = set()
    for node in ast.parse(path.read_text(encoding="utf-8")).body:
        if isinstance(node, ast.FunctionDef):
            found.add(f"::{node.name}")
        elif isinstance(node, ast.ClassDef):
            found |= {f"::{node.name}::{part.name}" for part in node.body if isinstance(part, ast.FunctionDef)}
    return found


def test_every_test_that_is_named_is_there() -> None:
    named = NAMED.findall(PAGE)
    assert len(named) > 50
    missing = {path + name for path, name in named if not (ROOT / path).exists() or name not in names_in(ROOT / path)}
    assert not missing


def test_every_line_of_a_table_names_a_test() -> None:
    lines = [line for line in PAGE.splitlines() if line.startswith("| ") and not line.endswith(" tests |")]
    assert len(lines) > 25
    assert [line[:60] for line in lines if not NAMED.search(line)] == []
