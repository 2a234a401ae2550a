"""The table in otio_adapters/README.md says, of each feature and format, what happens; this looks whether it does."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from types import SimpleNamespace

import opentimelineio as otio
import pytest

import genlock.otio_adapters
from genlock.core.alignment import Alignment, Key, Media, Piece, Run, Verdict
from genlock.core.errors import FormatError
from genlock.otio_adapters.formats import render

from .test_edl import evaluated
from .test_nuke import shown as nuke_shown
from .test_timeline import sampled

PAGE = Path(genlock.otio_adapters.__file__).with_name("README.md").read_text(encoding="utf-8")
CLIP = Media("/m/clip.mov", 200, Fraction(24), 640, 480)
REF = Media("/m/ref.mov", 48, Fraction(24), 640, 480)


def made(*pieces: Piece, matrices: tuple[tuple[float, ...], ...] = (), clip: Media = CLIP, ref: Media = REF, **run) -> Alignment:
    end = sum(piece.ref_count for piece in pieces)
    keys = tuple(Key(10 * n, matrix) for n, matrix in enumerate(matrices))  # type: ignore[arg-type]
    first = Run(0, end, run.pop("verdict", Verdict.EXACT), pieces, keys, **run)
    return Alignment(clip, ref, (first, Run(end, ref.frames - end, Verdict.UNMATCHED)) if end < ref.frames else (first,))


def line(first: int, count: int, at: int, speed: Fraction | int) -> Piece:
    return Piece(first, count, Fraction(at, 24), Fraction(speed))


WHOLE = line(0, 48, 0, 1)
RAMP = tuple(line(8 * n, 8, 20 * n, Fraction(n + 1, 2)) for n in range(6))
TURN = (0.99, 0.1, 3.0, -0.1, 0.99, 4.0, 0.0, 0.0, 1.0)
VFR = replace(CLIP, pts=tuple(n * 40 + n % 3 for n in range(200)), time_base=Fraction(1, 960))
FEATURES: dict[str, Alignment] = {
    "cut": made(line(0, 20, 5, 1), line(20, 28, 100, 1)),
    "offset": made(line(0, 48, 7, 1)),
    "speed": made(line(0, 48, 3, 2)),
    "ramp": made(*RAMP),
    "freeze": made(line(0, 48, 9, 0)),
    "reverse": made(line(0, 48, 100, -1)),
    "gap": made(line(0, 20, 5, 1)),
    "crop, scale": made(WHOLE, matrices=((2.0, 0, -300.5, 0, 2.0, -200.5, 0, 0, 1),)),
    "rotation": made(WHOLE, matrices=(TURN,)),
    "homography": made(WHOLE, matrices=((1.0, 0.02, 3.0, 0.01, 1.0, 4.0, 1e-5, 2e-5, 1.0),)),
    "moving framing": made(WHOLE, matrices=((0.5, 0, 100.0, 0, 0.5, 40.0, 0, 0, 1), (0.5, 0, 120.0, 0, 0.5, 40.0, 0, 0, 1))),
    "markers": made(WHOLE, notes=("a person should look",)),
    "verdicts": made(WHOLE, verdict=Verdict.AMBIGUOUS),
    "sound of the ref": made(WHOLE, ref=replace(REF, sound=True)),
    "other rate": made(Piece(0, 48, Fraction(0), Fraction(24, 25)), clip=replace(CLIP, rate=Fraction(25))),
    "variable rate": made(line(0, 48, 2, 1), clip=VFR),
    "drop frame": made(WHOLE, clip=replace(CLIP, rate=Fraction(30000, 1001)), ref=replace(REF, rate=Fraction(30000, 1001), timecode="00:59:59;20")),
    "odd start": made(WHOLE, clip=replace(CLIP, start_frame=1009)),
}  # fmt: skip
RESOLVE = SimpleNamespace(edl="resolve", otio="resolve")


def body(alignment: Alignment, name: str) -> tuple[bytes, list[str]]:
    """What a format of the table gives, and its notes."""
    suffix = name.split()[0]
    bodies, notes = render(alignment, suffix, RESOLVE if "Resolve" in name else None)
    return bodies[suffix], notes


def _by_otio(alignment: Alignment, text: bytes) -> list[int | None]:
    return sampled(otio.adapters.read_from_string(text.decode(), "otio_json"), alignment.clip, alignment.ref)


def _by_vpy(alignment: Alignment, text: bytes) -> list[int | None]:
    pieces = eval(re.search(r"^PIECES = (\[.*?^\])", text.decode(), re.M | re.S)[1])  # type: ignore[index]
    return [None if at is None else at + k * step for _, count, at, step in pieces for k in range(count)]


def _by_cuts(alignment: Alignment, text: bytes) -> list[int | None]:
    """FCP7 XML and FCPXML, by their numbers alone: cuts at one rate."""
    out: list[int | None] = [None] * alignment.ref.frames
    for item in re.findall(rb'<clipitem id="clip-.*?</clipitem>', text, re.S):
        start, end, first = (int(re.search(rb"<%s>(\d+)<" % name, item)[1]) for name in (b"start", b"end", b"in"))  # type: ignore[index]
        out[start:end] = range(first, first + end - start)
    begin = _seconds(re.search(rb'tcStart="(\S+)s"', text)) if b"tcStart" in text else Fraction(0)
    for item in re.findall(rb"<asset-clip [^>]*>", text):
        rate, zero = alignment.ref.rate, alignment.clip.start_frame
        start, first, count = (_seconds(re.search(rb' %s="(\S+)s"' % name, item)) * rate for name in (b"offset", b"start", b"duration"))
        at = int(start - begin * rate)
        out[at : at + int(count)] = range(int(first) - zero, int(first) - zero + int(count))
    return out


def _seconds(found) -> Fraction:
    return Fraction(found[1].decode())


def _by_mlt(alignment: Alignment, text: bytes) -> list[int | None]:
    """The maps of the chains in the order of the playlist. That melt plays them so is looked at in test_mlt.py."""
    out: list[int | None] = []
    maps = {name.decode(): keys.decode() for name, keys in re.findall(rb'<chain id="(\w+)".*?name="map">([^<]*)<', text, re.S)}
    for blank, name, last in re.findall(r'<blank length="(\d+)"|<entry producer="(piece\d+)" in="0" out="(\d+)"', text.decode()):
        if blank:
            out += [None] * int(blank)
            continue
        keys = [(int(frame), float(time)) for frame, time in (key.split("=") for key in maps[name].split(";"))]
        for frame in range(int(last) + 1):
            (x0, y0), (x1, y1) = next(((a, b) for a, b in zip(keys, keys[1:]) if a[0] <= frame <= b[0]), (keys[0], keys[-1]))  # noqa: B905, RUF007
            at = y0 if x0 == x1 else y0 + (y1 - y0) * (frame - x0) / (x1 - x0)
            out.append(int(at * float(alignment.clip.rate)))
    return out


def _by_edl(manner: str) -> Callable[[Alignment, bytes], list[int | None]]:
    return lambda alignment, text: evaluated([text.decode()], alignment, manner)


PLAYERS: dict[str, Callable[[Alignment, bytes], list[int | None]]] = {
    ".otio": _by_otio,
    ".otio Resolve": _by_otio,
    ".json": lambda alignment, text: __import__("genlock.otio_adapters.formats", fromlist=["x"]).from_json_bytes(text).clip_frames(),
    ".edl": _by_edl("cmx"),
    ".edl Resolve": _by_edl("resolve"),
    ".nk": lambda alignment, text: nuke_shown(text.decode(), alignment),
    ".xml": _by_cuts,
    ".fcpxml": _by_cuts,
    ".mlt": _by_mlt,
    ".vpy": _by_vpy,
}  # fmt: skip
_BEYOND = {"crop, scale", "rotation", "homography", "moving framing", "markers", "verdicts", "sound of the ref"}
"""Features that are not frames: a format says them, or a person is told, or the table says plainly that it does not."""
SAID = {
    ".otio": {"crop, scale": "transform", "rotation": "transform", "homography": "transform", "moving framing": "transform",
              "markers": "a person should look", "verdicts": "ambiguous", "sound of the ref": "ref sound"},
    ".otio Resolve": {"crop, scale": "transform", "rotation": "transform", "homography": "transform", "moving framing": "transform",
                      "markers": "a person should look", "verdicts": "ambiguous", "sound of the ref": "Audio 1"},
    ".json": {"crop, scale": "matrix", "rotation": "matrix", "homography": "matrix", "moving framing": "matrix",
              "markers": "a person should look", "verdicts": "ambiguous", "sound of the ref": '"sound": true'},
    ".edl": {"verdicts": "GENLOCK: ambiguous"},
    ".edl Resolve": {"verdicts": "GENLOCK: ambiguous"},
    ".nk": {"crop, scale": "Transform", "rotation": "rotate 5.7", "homography": "CornerPin2D", "moving framing": "curve"},
    ".xml": {"markers": "a person should look", "verdicts": "ambiguous", "sound of the ref": "<audio>"},
    ".fcpxml": {"markers": "a person should look", "verdicts": "ambiguous"},
    ".mlt": {"crop, scale": "transition.rect", "moving framing": "transition.rect", "sound of the ref": 'hide="video"'},
    ".vpy": {"crop, scale": "WINDOW = ("},
}  # fmt: skip


def table() -> dict[tuple[str, str], str]:
    lines = PAGE.split("## The matrix")[1].split("\n## ")[0].splitlines()
    rows = [[cell.strip() for cell in row.strip("|").split("|")] for row in lines if row[:1] == "|"]
    names = rows[0][1:]
    return {(row[0], name): cell for row in rows[2:] for name, cell in zip(names, row[1:], strict=True)}


CELLS = table()


def test_the_table_is_whole() -> None:
    assert {feature for feature, _ in CELLS} == set(FEATURES) and {name for _, name in CELLS} == set(PLAYERS)
    assert set(CELLS.values()) <= {"yes", "cuts", "note", "no", "refused"}


@pytest.mark.parametrize(("feature", "name"), sorted(CELLS))
def test_a_cell(feature: str, name: str) -> None:
    """What the words of the table mean is in the README."""
    alignment, cell = FEATURES[feature], CELLS[feature, name]
    if cell == "refused":
        with pytest.raises(FormatError, match=r"; write .*\.(otio|json)"):
            body(alignment, name)
        return
    text, notes = body(alignment, name)
    assert PLAYERS[name](alignment, text) == alignment.clip_frames()
    cut = [note for note in notes if "cut" in note]
    assert bool(cut) == (cell == "cuts"), notes
    if feature in _BEYOND:
        said = SAID[name].get(feature)
        assert (cell == "yes") == (feature in SAID[name]), "the table and this test differ"
        if cell == "yes" and said is not None:
            assert said.encode() in text
        assert any("does not say where" in note for note in notes) == (cell == "note"), notes
