"""What the documents tell people to type exists, and what they point at is there."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
NAMED = ("README.md", "CONTRIBUTING.md", "RELEASE.md", "CHANGELOG.md", "bench/README.md")
PAGES = [ROOT / name for name in NAMED] + sorted((ROOT / "docs").glob("*.md"))
START = "import sys; from genlock.hosts.cli import main; sys.exit(main())"


def _code(page: Path) -> Iterator[str]:
    """Indented blocks, fenced blocks and spans of code."""
    text = page.read_text(encoding="utf-8")
    yield from re.findall(r"^(?: {4}|\t)(.*)$", text, re.MULTILINE)
    for block in re.findall(r"```\w*\n(.*?)```", text, re.DOTALL):
        yield from block.splitlines()
    yield from re.findall(r"`([^`\n]+)`", text)


def _said(pattern: str, *pages: Path) -> set[str]:
    return {found for page in pages or PAGES for line in _code(page) for found in re.findall(pattern, line)}


def _help(*words: str) -> str:
    run = subprocess.run([sys.executable, "-c", START, *words, "--help"], capture_output=True, text=True, check=False, timeout=60)
    assert run.returncode == 0, run.stderr
    return run.stdout


def test_every_command_exists() -> None:
    # "genlock" at a line's start, after a prompt or a path; not the word in the middle of a sentence.
    said = _said(r"(?:^|[$/] ?|&& |bin/)genlock ([a-z]+)\b") - {"at"}
    known = _help()
    assert {"align", "verify", "convert", "doctor", "run"} <= said
    assert not {name for name in said if not re.search(rf"\b{name}\b", known)}


PLAIN = "align verify render composite stmap retime review convert conform publish run doctor demo"


@pytest.mark.parametrize("command", PLAIN.split())
def test_every_flag_exists(command: str) -> None:
    said = {flag for line in (line for page in PAGES for line in _code(page)) for flag in _flags(line, command)}
    known = set(re.findall(r"--?[a-z][a-z-]*", _help(command)))
    assert said <= known


def _flags(line: str, command: str) -> set[str]:
    found = re.search(rf"\bgenlock {command}\b([^;|&#]*)", line)
    return set(re.findall(r"(?<![\w-])--?[a-z][a-z-]*", found[1])) if found else set()


def test_every_make_target_exists() -> None:
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    said = _said(r"\bmake ([a-z]+)\b")
    assert {"demo", "test"} <= said <= targets


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_link_leads_somewhere(page: Path) -> None:
    links = re.findall(r"\]\(([^)#\s]+)(#[^)\s]+)?\)", page.read_text(encoding="utf-8"))
    missing = [target for target, _ in links if "://" not in target and not (page.parent / target).exists()]
    assert not missing
    for target, anchor in links:
        if anchor and target.endswith(".md"):
            heads = re.findall(r"^#+ (.+)$", (page.parent / target).read_text(encoding="utf-8"), re.MULTILINE)
            assert anchor[1:] in {re.sub(r"[^\w\- ]", "", head.lower()).replace(" ", "-") for head in heads}


def test_files_named_in_the_documents_exist() -> None:
    said = _said(r"^((?:core|hosts|bench|tests|docs|otio_adapters|\.ci)/[\w./]+)$")
    assert said
    assert not {name for name in said if not (ROOT / name.rstrip("/")).exists()}


def test_the_picture_is_small_enough_to_load() -> None:
    assert (ROOT / "docs" / "demo.jpg").stat().st_size < 300_000
