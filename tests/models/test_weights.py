"""Weights files that are wrong, damaged or hostile: one clear line for each, and nothing of them is run."""

from __future__ import annotations

import json
import os
import pickle
import struct
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
import torch

from genlock.models import kinds
from genlock.models.errors import WeightsError
from genlock.models.safetensors import read_tensors, write_safetensors
from genlock.models.weights import chosen, read_weights, shapes_of

TENSORS = {"module.a.weight": torch.arange(6.0).reshape(2, 3), "module.b": torch.tensor([1.5, -2.0], dtype=torch.float16)}


class Harm:
    """Unpickled carelessly, it makes a file."""

    def __init__(self, mark: Path) -> None:
        self.mark = mark

    def __reduce__(self) -> tuple[Callable[..., object], tuple[str, ...]]:
        return os.mkdir, (str(self.mark),)


def _saved(path: Path, value: object, zipped: bool = True) -> Path:
    torch.save(value, path, _use_new_zipfile_serialization=zipped)
    return path


@pytest.mark.parametrize("zipped", [True, False], ids=["archive", "pickle of old"])
@pytest.mark.parametrize("checkpoint", [False, True])
def test_what_torch_saves_is_read_by_plain_names(tmp_path: Path, zipped: bool, checkpoint: bool) -> None:
    found = {**TENSORS, "step": 12}
    path = _saved(tmp_path / "flownet.pkl", {"epoch": 7, "state_dict": found, "optimizer": {"lr": [0.1]}} if checkpoint else found, zipped)
    found = read_weights(path)
    assert list(found) == ["a.weight", "b"]
    assert torch.equal(found["a.weight"], TENSORS["module.a.weight"])
    assert shapes_of(path) == {"a.weight": (2, 3), "b": (2,)}


def test_safetensors_by_hand(tmp_path: Path) -> None:
    """Bytes as the format's description has them."""
    header = b'{"__metadata__":{"x":"y"},"w":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},"e":{"dtype":"F32","shape":[0,3],"data_offsets":[8,8]}}'
    path = tmp_path / "w.safetensors"
    path.write_bytes(struct.pack("<Q", len(header)) + header + struct.pack("<2f", 0.25, -3))
    found = read_weights(path)
    assert found["w"].tolist() == [0.25, -3] and found["e"].shape == (0, 3)
    assert shapes_of(path) == {"w": (2,), "e": (0, 3)}


@pytest.mark.parametrize("kind", [torch.float32, torch.float16, torch.bfloat16, torch.float64, torch.int64, torch.uint8, torch.bool])
def test_safetensors_there_and_back(tmp_path: Path, kind: torch.dtype) -> None:
    tensors = {"a": torch.arange(10).reshape(5, 2).to(kind), "b.c": torch.ones((), dtype=kind), "t": torch.eye(3).to(kind)[:, 1:].T}
    write_safetensors(tmp_path / "w.safetensors", tensors, {"made by": "a test"})
    found = read_tensors(tmp_path / "w.safetensors")
    assert found.keys() == tensors.keys()
    assert all(found[name].dtype == kind and torch.equal(found[name], tensors[name]) for name in tensors)
    assert os.listdir(tmp_path) == ["w.safetensors"]


@pytest.mark.parametrize("zipped", [True, False], ids=["archive", "pickle of old"])
def test_a_pickle_that_would_run_code_is_refused_and_does_not(tmp_path: Path, zipped: bool) -> None:
    mark = tmp_path / "harm"
    with pytest.raises(WeightsError, match="would run code when opened") as told:
        read_weights(_saved(tmp_path / "flownet.pkl", {**TENSORS, "x": Harm(mark)}, zipped))
    assert not mark.exists() and "weights_only" not in str(told.value)
    torch.load(tmp_path / "flownet.pkl", weights_only=False)
    assert mark.exists(), "the test's own harm is harmless"


def test_a_bare_pickle_is_refused_and_does_not_run(tmp_path: Path) -> None:
    mark, path = tmp_path / "harm", tmp_path / "flownet.pkl"
    path.write_bytes(pickle.dumps(Harm(mark), protocol=2))
    with pytest.raises(WeightsError):
        read_weights(path)
    assert not mark.exists()


def _told(kind: str, shape: list[int], begin: int, end: int) -> dict[str, object]:
    return {"dtype": kind, "shape": shape, "data_offsets": [begin, end]}


def _safetensors(header: object, data: bytes = bytes(8)) -> bytes:
    text = header if isinstance(header, bytes) else json.dumps(header).encode()
    return struct.pack("<Q", len(text)) + text + data


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "it is empty, as placeholders are"),
        (b"version https://git-lfs.github.com/spec/v1\noid sha256:12\nsize 3\n", "placeholder of Git LFS.*git lfs pull"),
        (b"\n<!DOCTYPE html><html>Google Drive</html>", "it is a web page; what was saved is the page about the file"),
        (b"7z\xbc\xaf\x27\x1c and so on", "7z archive"),
        (b"just some text", "no weights file that genlock knows"),
        (b"PK\x03\x04" + bytes(40), "table of contents cannot be read; it is cut short or damaged"),
        (b"\x80\x02}q\x00.", "cannot be read|holds"),
        (b"\x80\x02" + bytes(range(256)), "cannot be read"),
        (_safetensors({"a": _told("F32", [2], 0, 8)})[:-1], "its tensors need .* bytes, and the file has"),
        (_safetensors({"a": _told("F32", [2], 0, 8)}, bytes(9)), "its tensors need"),
        (_safetensors({"a": _told("F32", [1], 0, 4), "b": _told("F32", [1], 0, 4)}), "overlap or leave holes"),
        (_safetensors({"a": _told("F32", [1], 4, 8)}), "overlap or leave holes"),
        (_safetensors({"a": _told("F32", [3], 0, 8)}), "8 bytes for .3,. of F32"),
        (_safetensors({"a": _told("F32", [1 << 40], 0, 1 << 42)}), "sizes that are no sizes"),
        (_safetensors({"a": _told("F32", [-1, -2], 0, 8)}), "sizes that are no sizes"),
        (_safetensors({"a": _told("F32", [True, 2], 0, 8)}), "sizes that are no sizes"),
        (_safetensors({"a": _told("C64", [1], 0, 8)}), "header cannot be read"),
        (_safetensors({"a": {"dtype": "F32"}}), "header cannot be read"),
        (_safetensors({"a": 3}), "header cannot be read"),
        (_safetensors(b'{"a' + b" " * 40), "header cannot be read"),
        (_safetensors(b'{"a":' + b"[" * 100_000), "header cannot be read"),
        (struct.pack("<Q", 5000) + b"{}" + bytes(40), "its header says 5000 bytes, and the file has 50"),
        (_safetensors({}, b""), "no tensors by name"),
    ],
    ids=lambda value: None if isinstance(value, bytes) else value[:30],
)
def test_one_clear_line(tmp_path: Path, content: bytes, says: str) -> None:
    path = tmp_path / "flownet.pkl"
    path.write_bytes(content)
    with pytest.raises(WeightsError, match=says) as told:
        read_weights(path)
    assert str(path) in str(told.value) and "\n" not in str(told.value)


@pytest.mark.parametrize("zipped", [True, False], ids=["archive", "pickle of old"])
@pytest.mark.parametrize("share", [0.3, 0.8, 0.99])
def test_cut_short(tmp_path: Path, zipped: bool, share: float) -> None:
    path = _saved(tmp_path / "flownet.pkl", {"w": torch.rand(100, 100)}, zipped)
    path.write_bytes(path.read_bytes()[: int(share * path.stat().st_size)])
    with pytest.raises(WeightsError, match=r"cut short or damaged"):
        read_weights(path)


@pytest.mark.parametrize(
    ("value", "says"),
    [
        ([1, 2], "it holds a list, not tensors by name"),
        (torch.ones(3), "it holds a Tensor, not tensors by name"),
        ({"lr": 0.1}, "no tensors by name"),
        ({0: torch.ones(2)}, "no tensors by name"),
        ({"w": torch.ones(()).expand(1 << 20, 1 << 20)}, "no tensors by name"),
        ({"w": torch.ones(4).to_sparse()}, "no tensors by name"),
    ],
    ids=["list", "tensor", "settings", "by number", "one number spread over terabytes", "sparse"],
)
def test_not_weights(tmp_path: Path, value: object, says: str) -> None:
    with pytest.raises(WeightsError, match=says):
        read_weights(_saved(tmp_path / "flownet.pkl", value))


def test_missing_a_folder_and_a_name_that_no_file_can_have(tmp_path: Path) -> None:
    for path, says in ((tmp_path / "not there", "No such file"), (tmp_path, "it is no file"), (Path("a\0b"), "null")):
        with pytest.raises(WeightsError, match=says):
            read_weights(path)


def test_too_large_is_refused_before_it_is_read(tmp_path: Path) -> None:
    path = tmp_path / "flownet.pkl"
    with path.open("wb") as file:
        file.truncate(kinds.MAX_BYTES + 1)
    with pytest.raises(WeightsError, match="it has 512 MiB, and 512 MiB is the most"):
        read_weights(path)


def test_an_archive_of_something_else(tmp_path: Path) -> None:
    for name, compress in (("RIFE/flownet.pkl", zipfile.ZIP_STORED), ("archive/data.pkl", zipfile.ZIP_DEFLATED)):
        with zipfile.ZipFile(tmp_path / "train_log.zip", "w", compress) as archive:
            archive.writestr(name, bytes(10_000))
        with pytest.raises(WeightsError, match="unpack it, and name the weights file in it"):
            read_weights(tmp_path / "train_log.zip")


def test_torchscript_is_a_program(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "model.pt", "w") as archive:
        for name in ("data.pkl", "constants.pkl", "code/__torch__.py"):
            archive.writestr(f"model/{name}", b"x")
    with pytest.raises(WeightsError, match="it is a program"):
        read_weights(tmp_path / "model.pt")


@pytest.mark.parametrize(
    ("tensor", "says"),
    [
        (torch.tensor([1.0, float("nan")]), "w holds numbers that are not finite"),
        (torch.tensor([1.0, float("inf")]), "w holds numbers that are not finite"),
        (torch.tensor([1, 2]), "w is not as its network needs it"),
        (torch.tensor([1.0]), "w is not as its network needs it"),
    ],
)
def test_numbers_that_no_network_can_use(tensor: torch.Tensor, says: str) -> None:
    with pytest.raises(WeightsError, match=says):
        chosen(Path("flownet.pkl"), {"w": tensor}, {"w": (2,)})


