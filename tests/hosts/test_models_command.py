"""genlock models, as a person types it."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
import torch

from genlock.models.rife.shape import RifeShape


@pytest.fixture
def weights(folder: Path) -> Path:
    """A small network of RIFE's class, at random, as training saves it."""
    generator = torch.Generator().manual_seed(0)
    shape = RifeShape((16, 16, 16, 16), 6)
    torch.save({f"module.{name}": 0.05 * torch.randn(size, generator=generator) for name, size in shape.tensors().items()}, folder / "flownet.pkl")
    return folder / "flownet.pkl"


@pytest.fixture
def models(genlock, tmp_path: Path):
    return lambda *words: genlock("models", *words, GENLOCK_MODELS=str(tmp_path / "kept"))


def test_from_nothing_to_kept_and_back(models, weights: Path, tmp_path: Path) -> None:
    empty = models("list")
    assert empty.returncode == 0 and empty.stderr == ""
    assert "no weights are kept yet" in empty.stdout and "Practical-RIFE" in empty.stdout and "MIT" in empty.stdout
    added = models("add", "flownet.pkl", "--name", "mine")
    assert (added.returncode, added.stderr) == (0, "")
    assert added.stdout.startswith("kept as mine: RIFE 4.x")
    assert models("add", "flownet.pkl").stdout.startswith("kept already, as mine")
    assert "  mine  RIFE 4.x" in models("list").stdout
    checked = models("check")
    assert (checked.returncode, checked.stderr) == (0, "") and "ok    mine" in checked.stdout
    assert models("remove", "mine").returncode == 0
    assert "no weights are kept yet" in models("list").stdout and weights.exists()


def test_json(models, weights: Path, tmp_path: Path) -> None:
    added = json.loads(models("add", "flownet.pkl", "--json").stdout)
    assert added["new"] and added["exit_status"] == 0 and added["model"]["gives"] == ["flow", "middle"]
    listed = json.loads(models("list", "--json").stdout)
    assert listed["models"] == [added["model"]] and listed["cards"][0]["name"] == "rife"
    failed = models("add", "nothing.pkl", "--json")
    told = json.loads(failed.stdout)
    assert failed.returncode == told["exit_status"] == 1 and told["error"]["code"] == "weights"
    assert len(failed.stderr.splitlines()) == 1


def test_check_finds_what_has_been_changed(models, weights: Path, tmp_path: Path) -> None:
    models("add", "flownet.pkl", "--name", "mine")
    (kept,) = (tmp_path / "kept").glob("*/weights.safetensors")
    content = bytearray(kept.read_bytes())
    content[-1] ^= 1
    kept.write_bytes(content)
    done = models("check", "mine")
    assert done.returncode == 1 and "is not what was added" in done.stdout
    assert done.stderr == "genlock: not usable: mine; remove them, and add their files anew\n"


@pytest.mark.parametrize(
    ("words", "status", "says"),
    [
        ((), 2, "missing: list|add|check|remove; see genlock models --help"),
        (("add",), 2, "missing: FILE; see genlock models add --help"),
        (("fetch",), 2, "invalid choice: 'fetch'"),
        (("add", "clip.mp4"), 1, "it is no weights file that genlock knows"),
        (("add", "."), 1, "of GMFSS, flow and metric and feat and fusion are missing"),
        (("remove", "ghost"), 1, "there are no weights called 'ghost'"),
        (("check", "ghost"), 1, "there are no weights called 'ghost'"),
        (("add", "flownet.pkl", "--name", "Not A Name"), 2, "is no name for weights"),
    ],
)
def test_one_line(models, weights: Path, words: tuple[str, ...], status: int, says: str) -> None:
    done = models(*words)
    assert done.returncode == status and says in done.stderr and len(done.stderr.splitlines()) == 1
    assert done.stdout == ""


def test_listing_loads_nothing_heavy(tmp_path: Path) -> None:
    code = "import sys; from genlock.hosts.cli import main; main(['models', 'list']); print([n for n in ('torch', 'cv2', 'av') if n in sys.modules])"
    env = {"GENLOCK_MODELS": str(tmp_path), "PATH": ""}
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, cwd=tmp_path, env=env)
    assert done.stdout.splitlines()[-1] == "[]", done.stderr
