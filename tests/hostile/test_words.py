"""Names that become words of something else: markup in reports, formulas in tables, commands in scripts, escapes on the terminal."""

from __future__ import annotations

import ast
import csv
import json
import shutil
from html.parser import HTMLParser

import pytest
from defusedxml import ElementTree

from genlock.hosts.batch.page import to_html
from genlock.hosts.batch.rows import Row, to_csv

NAMES = (
    "<img src=x onerror=alert(1)>.mp4", "\"><script>alert(1)<!--.mp4", "' onmouseover='alert(1).mp4", "javascript:alert(1).mp4", "a&lt;b&amp.mp4",
    "\u202egpj.mp4", "=cmd|' !A0.mp4", "+1+1.mp4", "-2.mp4", "@SUM(A1).mp4", "\t=1.mp4", "[exec touch escaped].mp4", "$(touch escaped)`id`.mp4",
    "'); open('escaped.txt','w') #.mp4", "a\n001  AX       V     C        00:00:00:00.mp4", "a\rTITLE: b.mp4", "\x1b[2J\x1b]0;x\x07.mp4",
    "]]><!--.mp4",
    "a\\nb\\u0022{}%s%n.mp4", "\u2028\u0085.mp4",
)  # fmt: skip
FORMULAS = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")


class Tags(HTMLParser):
    """The elements of a page with the names of their attributes; addresses are kept whole."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.seen: list[tuple[str, tuple[str, ...]]] = []
        self.links: list[str] = []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        self.seen.append((tag, tuple(name for name, _ in attributes)))
        self.links += [value or "" for name, value in attributes if name in ("href", "src", "action", "formaction")]


@pytest.mark.parametrize("name", NAMES)
def test_a_films_name_in_everything_that_is_written(stage, footage, name):
    """Whole path: aligned under that name, and every format either says it as a name, or refuses it in one line."""
    clip = stage.inside / name
    shutil.copy(footage / "clip.mp4", clip)
    body = json.loads((footage / "a.json").read_text())
    body["clip"]["path"] = str(clip)
    (stage.inside / "a.json").write_text(json.dumps(body))
    plain = stage.inside / "plain.json"
    plain.write_text((footage / "a.json").read_text())
    for suffix in ("html", "csv", "nk", "vpy", "xml", "fcpxml", "mlt", "edl", "otio"):
        out = stage.out / f"a.{suffix}"
        ended = stage.genlock("convert", stage.inside / "a.json", "-o", out)
        assert ended.kind == "accepted" or (ended.kind == "refused" and suffix not in ("html", "csv", "otio")), (suffix, ended)
        if ended.kind == "accepted":
            CHECKS[suffix](out, stage, plain)


def page(out, stage, plain):
    other = stage.out / "plain.html"
    assert stage.genlock("convert", plain, "-o", other).kind == "accepted"
    found = Tags(out.read_text())
    assert found.seen == Tags(other.read_text()).seen and all(link.startswith(("#", "data:image/")) for link in found.links)
    assert not any(c in out.read_text() for c in "\u202e\x1b\x07\x85")


def table(out, *_):
    with out.open(newline="", encoding="utf-8") as file:
        for row in csv.reader(file):
            for cell in row:
                assert not cell.startswith(FORMULAS) or float(cell) <= 0, cell


def script(out, *_):
    """Of VapourSynth, which is Python: the name stands in texts alone, and nothing but its own functions is called."""
    tree = ast.parse(out.read_text())
    called = {node.func.id for node in ast.walk(tree) if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)}
    assert not called & {"open", "exec", "eval", "__import__"}


def nodes(out, *_):
    """Of Nuke: brackets and dollars, which Tcl runs, stand escaped; a line is a knob."""
    for line in out.read_text(errors="surrogateescape").split("\n"):
        bare = line.replace("\\[", "").replace("\\$", "")
        assert "[exec" not in bare and "$(" not in bare, line


def edits(out, *_):
    lines = out.read_text().splitlines()
    assert sum(line.startswith("TITLE") for line in lines) == 1 and sum(line[:3].isdigit() for line in lines) == plain_events(lines)


def plain_events(lines):
    """Events are numbered from 001, each once."""
    numbers = [int(line[:3]) for line in lines if line[:3].isdigit()]
    assert numbers == list(range(1, len(numbers) + 1))
    return len(numbers)


def document(out, *_):
    assert ElementTree.fromstring(out.read_bytes(), forbid_dtd=False) is not None


def timeline(out, *_):
    assert json.loads(out.read_text())


CHECKS = {
    "html": page, "csv": table, "nk": nodes, "vpy": script, "xml": document, "fcpxml": document, "mlt": document, "edl": edits, "otio": timeline
}  # fmt: skip


@pytest.mark.parametrize("name", NAMES)
def test_a_name_on_the_terminal_is_one_clean_line(stage, footage, name):
    """A file that is missing, one that is no film, and one that stands for an option are told in one line that steers nothing."""
    line = stage.refused("align", stage.inside / name, footage / "ref.mp4", "-o", stage.out / "a.otio")
    assert line.isprintable()


def test_timecodes_and_notes_in_the_table(stage, footage):
    """What a header or a timeline calls a timecode is one, or it is not shown."""
    told = 0
    for formula in ("=1+1", "@SUM(A1)", "=HYPERLINK(\"http://x\")", "01:00:00:00=1", "\t=1"):
        body = json.loads((footage / "a.json").read_text())
        body["clip"]["timecode"] = body["ref"]["timecode"] = formula
        (stage.inside / "a.json").write_text(json.dumps(body))
        kind = stage.genlock("convert", stage.inside / "a.json", "-o", stage.out / "a.csv").kind
        assert kind in ("accepted", "refused")
        if kind == "accepted":
            table(stage.out / "a.csv")
            told += 1
    assert told, "at least one of them was shown, or left out, in a table"


def row(name: str) -> Row:
    path = f"/x/{name}"
    return Row(1, name, path, path, "failed", f"{name} is no film", 3, 3, 3, 0, -0.5, 0.5, 1.0, False, (f"{name}.otio",), f"jobs/{name}/log.txt")


@pytest.mark.parametrize("name", [*NAMES, "\uff1dcmd.mp4", "\n=1.mp4"])
def test_a_batchs_table_and_page(name):
    for line in csv.reader(to_csv([row(name)]).splitlines(keepends=True)):
        assert not any(cell.startswith(FORMULAS) and cell != "-0.5" for cell in line), line
    found = Tags(to_html([row(name)], f"{name}.csv"))
    assert found.seen == Tags(to_html([row("plain")], "plain.csv")).seen
    assert all(link == "summary.csv" or not link.lower().startswith(("javascript:", "data:", "//", "http")) for link in found.links)


def test_a_projects_report(stage, footage):
    """A shot whose name is markup, filled by the embedded fill: its page has no element more than that of a plain one."""
    pages = []
    for name in ("plain.mp4", "<img src=x onerror=alert(1)>.mp4"):
        shutil.copy(footage / "ref.mp4", stage.inside / name)
        root = stage.out / f"p{len(pages)}"
        words = ["--video", stage.inside / name, "--box", "9,9,20,20", "--range", "0-1"]
        assert stage.genlock("inpaint", "init", root, *words).kind == "accepted"
        assert stage.genlock("inpaint", "run", root).kind == "accepted"
        pages.append(Tags((root / "out/report.html").read_text()).seen)
    assert pages[0] == pages[1]
