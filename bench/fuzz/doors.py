"""By format: which seeds there are, what changes them, and through which commands a person hands such a file to genlock."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from random import Random

from . import archives, boxes, lines, pictures, trees
from .plain import Change, blind

SHOT = tuple(f"shot.{n:04d}.png" for n in range(4))


@dataclass(frozen=True)
class Place:
    """Where a case runs. `made` and what a door adds to it may change; all else may not."""

    root: Path
    seeds: Path
    made: tuple[str, ...] = ("out", "cache", "models")

    def __truediv__(self, name: str) -> Path:
        return self.root / name


Door = Callable[[Random, Place, Path], list[str]]
"""From the changed file to the words of a command line; "host ..." reads it as the add-ons do."""


@dataclass(frozen=True)
class Format:
    """One row of the table."""

    name: str
    seeds: tuple[str, ...]
    knows: tuple[Change, ...]
    """Changes that know the format; three of four cases take one of these."""
    doors: tuple[Door, ...]
    share: int = 1
    """Of a hundred cases."""

    def case(self, rng: Random, seeds: Path) -> tuple[str, bytes]:
        """The name and the content of a changed file."""
        name = rng.choice(self.seeds)
        data = (seeds / name).read_bytes()
        for _ in range(rng.choice((1, 1, 1, 2, 3))):
            changes = self.knows if self.knows and rng.random() < 0.75 else (blind,)
            try:
                data = rng.choice(changes)(rng, data) or b"\0"
            except Exception:  # an earlier change has left nothing that this one could find its way in
                break
        return name, data


def _align(rng: Random, place: Place, bad: Path) -> list[str]:
    pair = [str(bad), str(place.seeds / "ref.mp4")]
    report = ["-o", str(place / "out/a.html")] if rng.random() < 0.2 else []
    return ["align", *(pair if rng.random() < 0.7 else pair[::-1]), "-o", str(place / "out/a.otio"), *report]


def _retime(rng: Random, place: Place, bad: Path) -> list[str]:
    return ["retime", str(bad), "--rate", "50", "-o", str(place / rng.choice(("out/r.mov", "out/r.mkv")))]


def _aligned_to(place: Place, clip: str) -> Path:
    """An alignment whose clip is another file."""
    body = json.loads((place.seeds / "a.json").read_text())
    body["clip"]["path"] = clip
    out = place / "in/aligned.json"
    out.write_text(json.dumps(body))
    return out


def _render(rng: Random, place: Place, bad: Path) -> list[str]:
    command = rng.choice(("render", "composite"))
    return [command, str(_aligned_to(place, str(bad))), "-o", str(place / rng.choice(("out/r.mov", "out/r.%04d.exr")))]


def _sequence(place: Place, bad: Path) -> str:
    """A sequence of three pictures, the first or second of which is the bad one."""
    suffix = bad.suffix
    for n in range(3):
        shutil.copy(bad if n == len(bad.name) % 2 else place.seeds / bad.name, place / f"in/s.{n:04d}{suffix}")
    return str(place / f"in/s.%04d{suffix}")


def _align_pictures(rng: Random, place: Place, bad: Path) -> list[str]:
    return _align(rng, place, Path(_sequence(place, bad)))


def _retime_pictures(rng: Random, place: Place, bad: Path) -> list[str]:
    return ["retime", _sequence(place, bad), "--rate", "50", "-o", str(place / rng.choice(("out/r.%04d.exr", "out/r.%04d.png", "out/r.mov")))]


def _render_pictures(rng: Random, place: Place, bad: Path) -> list[str]:
    return _render(rng, place, Path(_sequence(place, bad)))


def _convert(rng: Random, place: Place, bad: Path) -> list[str]:
    outs = rng.sample(("otio", "json", "edl", "xml", "fcpxml", "nk", "mlt", "vpy", "csv", "html"), 3)
    if bad.suffix == ".edl":
        return ["convert", str(bad), "--rate", rng.choice(("25", "23.976")), "-o", str(place / "out/c.otio")]
    return ["convert", str(bad), *(word for suffix in outs for word in ("-o", str(place / f"out/c.{suffix}")))]


def _use(rng: Random, place: Place, bad: Path) -> list[str]:
    command, out = rng.choice((("render", "r.mov"), ("composite", "r.mov"), ("stmap", "m.%04d.exr"), ("verify", "")))
    return [command, str(bad), *(["-o", str(place / "out" / out)] if out else [])]


def _conform(rng: Random, place: Place, bad: Path) -> list[str]:
    out = ["-o", str(place / f"out/c{bad.suffix}")]
    if bad.suffix == ".json":
        return ["conform", str(place.seeds / "a.edl"), "--rate", "25", "--aligned", str(bad), "-o", str(place / "out/c.edl")]
    more = ["--rate", "25"] if bad.suffix == ".edl" else []
    return ["conform", str(bad), *more, "--aligned", str(place.seeds / "a.json"), *out]


def _run(rng: Random, place: Place, bad: Path) -> list[str]:
    (place / "job").mkdir()
    out = os.fsencode(str(place / "out"))
    (place / "job/request.json").write_bytes(bad.read_bytes().replace(b"OUT", out))
    return ["run", str(place / "job")]


def _project_with(place: Place, name: str, bad: Path) -> Path:
    for each in (*SHOT, "matte.png"):
        shutil.copy(place.seeds / each, place / each)
    shutil.copytree(place.seeds / "project", place / "project")
    shutil.copy(bad, place / "project" / name)
    return place / "project"


def _project(rng: Random, place: Place, bad: Path) -> list[str]:
    root = _project_with(place, "genlock.toml", bad)
    return ["inpaint", rng.choice(("run", "status", "run")), str(root)]


def _records(rng: Random, place: Place, bad: Path) -> list[str]:
    name = str(bad.relative_to(place / "in"))
    root = _project_with(place, name.replace("+", "/"), bad)
    return ["inpaint", *rng.choice((["run", str(root)], ["status", str(root)], ["pick", str(root), "0", "drop"]))]


def _mask(rng: Random, place: Place, bad: Path) -> list[str]:
    for each in SHOT:
        shutil.copy(place.seeds / each, place / each)
    shot, matte = (place / "shot.%04d.png", bad) if rng.random() < 0.7 else (bad, place.seeds / "matte.png")
    request = {"genlock": 1, "kind": "inpaint", "settings": {}, "inputs": {"project": str(place / "project"), "video": str(shot), "mask": str(matte)}}
    (place / "job").mkdir()
    (place / "job/request.json").write_text(json.dumps(request))
    return ["run", str(place / "job")]


def _add(rng: Random, place: Place, bad: Path) -> list[str]:
    return ["models", "add", str(bad)]


def _colour(rng: Random, place: Place, bad: Path) -> list[str]:
    for each in ("config.ocio", "look.cube"):
        if each != bad.name:
            shutil.copy(place.seeds / each, place / "in" / each)
    return [
        "align", str(place.seeds / "clip.mp4"), str(place.seeds / "ref.mp4"), "-o", str(place / "out/a.otio"), "--clip-space", "show"
    ]  # fmt: skip


def _host(rng: Random, place: Place, bad: Path) -> list[str]:
    return ["host", str(bad)]


def _any(*knows: Change) -> tuple[Change, ...]:
    return knows


_FILM: Sequence[Door] = (_align, _align, _retime, _render)
_STILLS: Sequence[Door] = (_align_pictures, _retime_pictures, _render_pictures, _retime_pictures, _align)
_RECORDS = (
    "inputs.json", "frames/frames.json", "keys/keyframes.json", "keys/jobs.json", "state/steps.json", "state/files/fill.json", "checks/groups.json",
    "fill/report.json", "out/manifest.json",
)  # fmt: skip
FORMATS: tuple[Format, ...] = (
    Format("mp4", ("clip.mp4", "parts.mp4"), _any(boxes.mp4), tuple(_FILM), 13),
    Format("mov", ("clip.mov", "small.mov"), _any(boxes.mp4), tuple(_FILM), 8),
    Format("mkv", ("clip.mkv", "clip.webm"), _any(boxes.mkv), tuple(_FILM), 9),
    Format("avi mxf ts", ("clip.avi", "clip.mxf", "clip.ts"), _any(boxes.riff, blind), tuple(_FILM), 4),
    Format("exr", ("lines.exr", "raw.exr", "dwaa.exr", "tiles.exr", "parts.exr", "deep.exr"), _any(pictures.exr), tuple(_STILLS), 9),
    Format("png", ("p.png", "p16.png"), _any(boxes.png), (*_STILLS, _mask), 4),
    Format("tiff", ("p.tif", "lzw.tif"), _any(pictures.tiff), tuple(_STILLS), 3),
    Format("dpx", ("p.dpx",), _any(pictures.dpx), tuple(_STILLS), 2),
    Format("jpg and others", ("p.jpg", "p.bmp", "p.hdr", "p.jp2", "p.webp", "p.ppm", "p.tga", "p.sgi"), (), tuple(_STILLS), 3),
    Format("wav", ("clip.wav",), _any(boxes.riff), (_align,), 2),
    Format("otio", ("a.otio",), _any(trees.json_tree), (_convert, _convert, _use, _conform, _host), 8),
    Format("otioz", ("a.otioz",), _any(archives.zipped), (_convert,), 2),
    Format("fcpxml", ("a.fcpxml",), _any(trees.xml_tree), (_conform,), 3),
    Format("xml", ("a.xml",), _any(trees.xml_tree), (_conform,), 3),
    Format("edl", ("a.edl",), _any(lines.lines), (_convert, _conform), 4),
    Format("nk", ("a.nk",), _any(lines.lines), (_host,), 3),
    Format("alignment json", ("a.json",), _any(trees.json_tree), (_convert, _convert, _use, _conform, _host), 7),
    Format("request.json", ("request.json",), _any(trees.json_tree), (_run,), 3),
    Format("events and tables", ("events.jsonl", "pairs.csv"), _any(lines.lines), (_host,), 2),
    Format("genlock.toml", ("project/genlock.toml",), _any(trees.toml_tree), (_project,), 4),
    Format("project records", tuple(f"project/{name}" for name in _RECORDS), _any(trees.json_tree), (_records,), 2),
    Format("safetensors", ("w.safetensors",), _any(archives.safetensors), (_add,), 2),
    Format("pkl pt ckpt", ("w.pt", "w.pkl", "w.ckpt"), _any(archives.pickled), (_add,), 2),
    Format("lut and ocio", ("look.cube", "config.ocio"), _any(lines.lines), (_colour,), 1),
)
