"""Every command that writes something, small: what it is given, and which of its files are answers."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
import tempfile
from fractions import Fraction
from pathlib import Path

from genlock.core.archive.store import Archive
from genlock.hosts.demo import cutting
from genlock.hosts.demo.twin import Side
from genlock.tests.faults.sandbox import Command
from genlock.tests.footage import write_pair

EDIT = "edit.otio"
_TIMES = re.compile(rb'(\\*"(?:seconds|read|solve|made|began|time|decoded_again)\\*": *)(?:[0-9.e+-]+|"[^"]*")')
_DATE = re.compile(rb"\d{4}:\d\d:\d\d \d\d:\d\d:\d\d")


def stock(folder: Path) -> Path:
    """The inputs of all commands, made once: clip.mp4, ref.mp4, aligned.json, edit.otio, in.mkv, plate.mkv, matte.mkv, flownet.pkl, project/,
    films/ with two films, films.genlock with the first of them."""
    import numpy as np

    from genlock.tests.core.inpaint.made_shots import shot, write_film
    from genlock.tests.core.render.made import film

    pair(folder)
    dice = np.random.default_rng(3)
    ground = np.kron(dice.integers(0, 255, (8, 20, 3), np.uint8), np.ones((6, 6, 1), np.uint8))
    film(folder / "in.mkv", [ground[:, 2 * k : 2 * k + 64] for k in range(28)], Fraction(24))
    _, frames, masks = shot(6, (96, 64), pan=6)
    write_film(folder / "plate.mkv", frames)
    write_film(folder / "matte.mkv", masks)
    documents(folder)
    _genlock(folder, "inpaint", "init", "project", "--video", "plate.mkv", "--mask", "matte.mkv", "--quiet")
    (folder / "films").mkdir()
    shutil.copy(folder / "in.mkv", folder / "films" / "one.mkv")
    _genlock(folder, "index", "films", "--to", "films.genlock", "--cache", "off", "--quiet")
    shutil.copy(folder / "clip.mp4", folder / "films" / "two.mp4")
    (folder / "pairs.csv").write_text("clip,ref,out\n" + "".join(f"clip.mp4,ref.mp4,{name}\n" for name in ("one", "two")))
    return folder


def pair(folder: Path) -> Path:
    """clip.mp4, ref.mp4."""
    write_pair(folder, Side(time=(cutting.trim(5, 34),)), lengths=(14, 12, 14))
    return folder


def documents(folder: Path) -> Path:
    """aligned.json, edit.otio, of a pair that is there."""
    _genlock(folder, "align", "clip.mp4", "ref.mp4", "-o", "aligned.json", "-o", EDIT, "--quiet", "--quality", "draft")
    return folder


def _genlock(folder: Path, *words: str) -> None:
    done = subprocess.run([sys.executable, "-m", "genlock", *words], cwd=folder, capture_output=True, text=True)
    if done.returncode:
        raise RuntimeError(f"genlock {' '.join(words)}: {done.stderr}")


def weights(folder: Path) -> None:
    """flownet.pkl, a small network of RIFE's class. torch is needed, and its seconds."""
    import torch

    from genlock.models.rife.shape import RifeShape

    tensors = {f"module.{name}": torch.zeros(size) for name, size in RifeShape((16, 16, 16, 16), 6).tensors().items()}
    torch.save(tensors, folder / "flownet.pkl")


def _timeless(name: str, body: bytes) -> bytes:
    return _DATE.sub(b"", _TIMES.sub(rb"\1 0", body))


def _whole(name: str, body: bytes) -> bytes:
    """Of what is not the same to the bit each time: whether it ends as such a file does."""
    at = 0
    while name.endswith(".mp4") and at < len(body):
        at += max(8, int.from_bytes(body[at : at + 4], "big"))
    ends = {".mp4": at == len(body) and b"moov" in body, ".html": b"</html>" in body[-20:]}
    return b"whole" if ends.get(Path(name).suffix, body.rstrip().endswith((b"}", b"]")) or name.endswith(".edl")) else b"torn"


def _job_of(kind: str, *outputs: str):
    def prepare(stock: Path, room: Path) -> None:
        (room / "job").mkdir()
        request = {"genlock": 1, "kind": kind, "inputs": {"aligned": f"{stock}/aligned.json"}, "outputs": [f"{room}/{o}" for o in outputs]}
        (room / "job" / "request.json").write_text(json.dumps({**request, "settings": {}}))

    return prepare


def _project(stock: Path, room: Path) -> None:
    shutil.copytree(stock / "project", room / "out" / "project")
    for name in ("plate.mkv", "matte.mkv"):
        shutil.copy(stock / name, room / "out")


def _nuke(stock: Path, room: Path) -> None:
    (room / "home" / ".nuke").mkdir()
    (room / "home" / ".nuke" / "init.py").write_bytes(b"import nuke\r\n")


def _archive(stock: Path, room: Path) -> None:
    (room / "out" / "kept").mkdir()
    shutil.copy(stock / "films.genlock", room / "out" / "kept")


def _films(path: Path) -> bytes:
    """Which films an archive holds, and their fingerprints, as whoever opens it next sees it: a journal that was left is rolled back, in a copy."""
    with tempfile.TemporaryDirectory() as folder:
        for part in (path, path.with_name(f"{path.name}-journal")):
            if part.exists():
                shutil.copy(part, folder)
        with Archive(str(Path(folder, path.name))) as archive:
            known = {name: entry.print for name, entry in archive.known("/").items()}
            codes = archive.entries()
            told = [(entry.id, entry.count, entry.frames, archive.rest_of(entry.id)) for entry in codes.entries]
    kept = {number for number in known.values() if number is not None}
    return repr((sorted(known.items()), [one for one in told if one[0] in kept])).encode()


ALL = (
    Command("align", lambda s, r: ["align", s / "clip.mp4", s / "ref.mp4", "-o", "out/a.otio", "-o", "out/a.csv", "-o", "out/a.html", "--job", "job"],
            ("out/a.*",), unlike=_timeless),
    Command("verify", lambda s, r: ["verify", s / "aligned.json", "-o", "out/v.html"], ("out/v.*",), unlike=_timeless),
    Command("convert", lambda s, r: ["convert", s / "aligned.json", "-o", "out/c.edl", "-o", "out/c.nk", "-o", "out/c.otio"], ("out/c.*",)),
    Command("conform", lambda s, r: ["conform", s / EDIT, "--aligned", s / "aligned.json", "-o", "out/e.otio"], ("out/e.*",)),
    Command("render", lambda s, r: ["render", s / "aligned.json", "-o", "out/r.mov", "-o", "out/r.%04d.png"], ("out/r.*",)),
    Command("composite", lambda s, r: ["composite", s / "aligned.json", "-o", "out/k.mkv", "--job", "job"], ("out/k.*",)),
    Command("stmap", lambda s, r: ["stmap", s / "aligned.json", "-o", "out/s.%04d.exr"], ("out/s.*",), unlike=_timeless),
    Command("retime", lambda s, r: ["retime", s / "in.mkv", "-o", "out/t.mkv", "--times", 10, "--method", "plain",
                                    "--encoder", "software", "--job", "job"], ("out/t.*",)),
    Command("retime, no job", lambda s, r: ["retime", s / "in.mkv", "-o", "out/t.mov", "--times", 10, "--method", "plain"], ("out/t.*",)),
    Command("inpaint run", lambda s, r: ["inpaint", "run", "out/project"], ("out/project/out/*",), _project, _timeless),
    Command("run", lambda s, r: ["run", "job"], ("out/j.*",), _job_of("render", "out/j.mkv")),
    Command("run on two", lambda s, r: ["run", "job", "--workers", "2"], ("out/j.*",), _job_of("render", "out/j.%04d.png")),
    Command("farm export", lambda s, r: ["farm", "export", "job", "-o", "out/t.yaml"], ("out/t.*",), _job_of("render", "out/j.mkv")),
    Command("index", lambda s, r: ["index", s / "films", "--to", "out/kept/films.genlock"], ("out/kept/*.genlock",), _archive, look=_films),
    Command("inpaint init", lambda s, r: ["inpaint", "init", "out/deep/new", "--video", s / "plate.mkv", "--mask", s / "matte.mkv"],
            ("out/deep/new/*",), unlike=_timeless, refuses=True),
    Command("align --batch", lambda s, r: ["align", "--batch", s / "pairs.csv", "-o", "out/all", "--as", ".csv", "--quality", "draft", "--jobs", 2],
            ("out/all/*.csv", "out/all/*.html"), unlike=lambda name, body: b"" if name.endswith(("summary.csv", "index.html")) else body),
    Command("publish", lambda s, r: ["publish", s / "clip.mp4", s / "ref.mp4", "-o", "out/pub", "--quality", "draft"], ("out/pub/ref/v*/*",),
            unlike=_timeless, again="out/pub/ref/v002"),
    Command("hosts install", lambda s, r: ["hosts", "install", "nuke"], ("home/.nuke/*",), _nuke),
    Command("models add", lambda s, r: ["models", "add", s / "flownet.pkl", "--name", "mine"], ("home/models/" + "[0-9a-f]" * 16 + "/*",)),
    Command("demo", lambda s, r: ["demo", "--out", "out/demo"], ("out/demo/*",), unlike=_whole),
)  # fmt: skip
