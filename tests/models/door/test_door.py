"""A model of somebody's own: it is asked as promised, believed only where it gives pictures, and run only where it is trusted."""

from __future__ import annotations

import json
import struct
import sys
import zipfile
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
import torch

from genlock.core.errors import UsageError
from genlock.core.retime.contracts import Interpolator
from genlock.models.errors import ModelError, WeightsError
from genlock.models.load import estimator, interpolator
from genlock.models.settings import RunSettings
from genlock.models.store import Store
from genlock.models.trial import try_out

pytestmark = pytest.mark.filterwarnings("ignore:`torch.jit:DeprecationWarning")
"""PyTorch would rather have people export otherwise; what they have is TorchScript."""

A, B = np.random.default_rng(5).random((2, 33, 47, 3), np.float32)
MIX = A + (B - A) * np.float32(0.25)


class Mix(torch.nn.Module):
    """The plainest model that uses all that it is given."""

    def forward(self, a: torch.Tensor, b: torch.Tensor, t: torch.Tensor) -> torch.Tensor:
        return a + (b - a) * t


class Small(torch.nn.Module):
    def forward(self, a: torch.Tensor, b: torch.Tensor, t: torch.Tensor) -> torch.Tensor:
        return a[:, :, 1:] + 0 * t


class Spoilt(torch.nn.Module):
    def forward(self, a: torch.Tensor, b: torch.Tensor, t: torch.Tensor) -> torch.Tensor:
        return a / (0 * t)


class Picky(torch.nn.Module):
    def forward(self, a: torch.Tensor, b: torch.Tensor, t: torch.Tensor) -> torch.Tensor:
        assert a.shape[2] % 64 == 0 and a.shape[3] % 64 == 0 and a.shape == b.shape and t.numel() == 1
        return b


def _scripted(path: Path, model: torch.nn.Module) -> Path:
    torch.jit.script(model).save(str(path))
    return path


def _field(number: int, value: bytes | str | int) -> bytes:
    """One field of a protobuf message."""
    if isinstance(value, int):
        return bytes([number << 3, value])
    content = value.encode() if isinstance(value, str) else value
    size = bytes([len(content)]) if len(content) < 128 else bytes([len(content) & 127 | 128, len(content) >> 7])
    return bytes([number << 3 | 2]) + size + content


def _onnx(path: Path, inputs: str = "abt") -> Path:
    """Mix as ONNX, written out by hand: Sub, Mul and Add, sizes left open."""

    def node(operation: str, *names: str) -> bytes:
        return _field(1, _field(1, names[0]) + _field(1, names[1]) + _field(2, names[2]) + _field(4, operation))

    def value(number: int, name: str) -> bytes:
        axes = b"".join(_field(1, _field(2, f"{name}{axis}")) for axis in range(4))
        return _field(number, _field(1, name) + _field(2, _field(1, _field(1, 1) + _field(2, axes))))

    nodes = node("Sub", "b", "a", "d") + node("Mul", "d", "t", "m") + node("Add", "a", "m", "out")
    graph = nodes + _field(2, "mix") + b"".join(value(11, name) for name in inputs) + value(12, "out")
    path.write_bytes(_field(1, 8) + _field(7, graph) + _field(8, _field(2, 13)))
    return path


PROGRAM = """
import sys
import numpy as np
a, b, t, out = sys.argv[1:5]
{body}
"""
MIXED = "a, b = np.load(a), np.load(b)\nnp.save(out, a + (b - a) * np.float32(t))"


def _command(folder: Path, body: str = MIXED, **more: object) -> Path:
    (folder / "mix.py").write_text(PROGRAM.format(body=body))
    words = [sys.executable, str(folder / "mix.py"), "{a}", "{b}", "{t}", "{out}"]
    (folder / "mix.json").write_text(json.dumps({"genlock_model": 1, "command": words, "files": "npy", **more}))
    return folder / "mix.json"


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(tmp_path / "kept")


def _opened(store: Store, path: Path) -> Interpolator:
    return interpolator(store.add(path, trust=True)[0].name, RunSettings(device="cpu"), store)


@pytest.mark.parametrize("make", [lambda folder: _scripted(folder / "mix.pt", Mix()), lambda folder: _onnx(folder / "mix.onnx"), _command])
class TestEveryForm:
    def test_gives_what_the_model_gives(self, store, tmp_path, make) -> None:
        got = _opened(store, make(tmp_path)).middle(A, B, Fraction(1, 4))
        assert got.dtype == np.float32 and got == pytest.approx(MIX, abs=1e-6)

    def test_the_ends_are_not_asked_for(self, store, tmp_path, make) -> None:
        pair = _opened(store, make(tmp_path)).pair(A, B)
        assert pair.at(0) is A and pair.at(Fraction(1)) is B

    def test_is_not_run_unless_it_is_trusted(self, store, tmp_path, make) -> None:
        path = make(tmp_path)
        with pytest.raises(WeightsError, match=r"will run on your computer as you.*--trust"):
            store.add(path)
        with pytest.raises(WeightsError, match="it is a program"):
            interpolator(str(path), store=store)
        assert store.entries() == []

    def test_is_kept_as_it_is_and_passes_its_check(self, store, tmp_path, make) -> None:
        path = make(tmp_path)
        entry, new = store.add(path, "mine", trust=True)
        assert new and entry.card == "door" and entry.file.read_bytes() == path.read_bytes() and store.entries() == [entry]
        try_out(entry, store)

    def test_gives_no_flow(self, store, tmp_path, make) -> None:
        store.add(make(tmp_path), "mine", trust=True)
        with pytest.raises(ModelError, match="mine is a door model, which gives middle"):
            estimator("mine", store=store)
        with pytest.raises(ModelError, match="gives pictures and no motion"):
            interpolator("mine", RunSettings(device="cpu"), store).pair(A, B).between(0.5)


@pytest.mark.parametrize(
    ("model", "says"),
    [(Small(), "gives float32 of shape .* where float of shape .64, 64, 3. is due"), (Spoilt(), "numbers that are not finite")],
    ids=["a smaller picture", "not a number"],
)
def test_what_is_no_picture_is_not_believed(store: Store, tmp_path: Path, model: torch.nn.Module, says: str) -> None:
    with pytest.raises(ModelError, match=says):
        _opened(store, _scripted(tmp_path / "model.pt", model)).middle(A, B)


def test_sizes_are_padded_and_cut_off_again(store: Store, tmp_path: Path) -> None:
    assert np.array_equal(_opened(store, _scripted(tmp_path / "picky.pt", Picky())).middle(A, B), B)


def test_a_model_that_fails_says_why(store: Store, tmp_path: Path) -> None:
    door = _opened(store, _command(tmp_path, "print('first line', file=sys.stderr)\nsys.exit('no such GPU')"))
    with pytest.raises(ModelError, match=r"ended with status 1: no such GPU; try the command by hand"):
        door.middle(A, B)


@pytest.mark.parametrize(
    ("body", "says"),
    [
        ("", "ended well and wrote no picture"),
        ("open(out, 'w').write('no picture')", "cannot be read as .npy"),
        ("import time; time.sleep(60)", "took more than 0.5 s"),
        ("np.save(out, np.load(a)[:, 1:])", "gives float32 of shape"),
        ("np.save(out, np.array([{}], dtype=object), allow_pickle=True)", "cannot be read as .npy"),
    ],
)
def test_a_command_that_does_not_do_it(store: Store, tmp_path: Path, body: str, says: str) -> None:
    more = {"timeout_s": 0.5} if "sleep" in body else {}
    with pytest.raises(ModelError, match=says):
        _opened(store, _command(tmp_path, body, **more)).middle(A, B)


@pytest.mark.parametrize(("files", "step"), [("png8", 1 / 255), ("png16", 1 / 65535)])
def test_a_command_by_png(store: Store, tmp_path: Path, files: str, step: float) -> None:
    """Colours come back in their order, to half a step of the depth; what has been made of t, too."""
    body = "import shutil\nassert t == '0.25', t\nshutil.copy(b, out)"
    got = _opened(store, _command(tmp_path, body, files=files)).middle(A, B, 0.25)
    assert np.abs(got - B).max() <= 0.51 * step


def test_no_shell_reads_the_words(store: Store, tmp_path: Path) -> None:
    path = _command(tmp_path)
    told = json.loads(path.read_text())
    told["command"] += ["; touch", str(tmp_path / "harm"), "$(touch {a}.harm)", "{braces} {0}"]
    path.write_text(json.dumps(told))
    assert _opened(store, path).middle(A, B, 0.25) == pytest.approx(MIX, abs=1e-6)
    assert not (tmp_path / "harm").exists()


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"command": "echo {a} {b} {t} {out}"}, "command is no list of words"),
        ({"command": ["echo", "{a}", "{b}"]}, "does not say where {t}, {out} goes"),
        ({"command": []}, "command is no list of words"),
        ({"files": "jpg"}, "out of bounds"),
        ({"timeout_s": -1}, "out of bounds"),
        ({"multiple_of": 0}, "out of bounds"),
        ({"multiple_of": True}, "out of bounds"),
        ({"shell": True}, "it says shell"),
        ({"genlock_model": 2}, "genlock_model other than 1"),
    ],
    ids=str,
)
def test_a_command_that_is_written_wrongly_is_not_kept(store: Store, tmp_path: Path, change: dict[str, object], says: str) -> None:
    with pytest.raises(WeightsError, match=says):
        store.add(_command(tmp_path, **change), trust=True)
    assert not store.root.exists()


def test_files_that_are_none(store: Store, tmp_path: Path) -> None:
    (tmp_path / "bad.onnx").write_bytes(struct.pack("<5I", 7, 7, 7, 7, 7))
    with pytest.raises(WeightsError, match="cannot be opened as ONNX"):
        _opened(store, tmp_path / "bad.onnx")
    with pytest.raises(WeightsError, match=r"it takes 4 inputs \(a, b, t, x\)"):
        _opened(store, _onnx(tmp_path / "four.onnx", "abtx"))
    with zipfile.ZipFile(tmp_path / "hurt.pt", "w") as archive:
        for name in ("data.pkl", "constants.pkl", "code/__torch__.py"):
            archive.writestr(f"hurt/{name}", b"x")
    with pytest.raises(WeightsError, match="cannot be opened as TorchScript"):
        _opened(store, tmp_path / "hurt.pt")


def test_a_map_of_times_is_too_much_to_ask(store: Store, tmp_path: Path) -> None:
    door = _opened(store, _onnx(tmp_path / "mix.onnx"))
    with pytest.raises(ModelError, match="takes one time for the whole picture"):
        door.middle(A, B, np.full(A.shape[:2], 0.5, np.float32))
    with pytest.raises(UsageError, match="a time is 2"):
        door.middle(A, B, 2)
