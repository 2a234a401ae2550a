"""A network in ONNX whose answer is known: the mean of what it is given."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from genlock.models.errors import ModelError, WeightsError
from genlock.models.masks.saliency import Saliency


def field(number: int, value: bytes | str | int) -> bytes:
    """One field of a protobuf message."""
    if isinstance(value, int):
        return bytes([number << 3, value])
    content = value.encode() if isinstance(value, str) else value
    size = bytes([len(content)]) if len(content) < 128 else bytes([len(content) & 127 | 128, len(content) >> 7])
    return bytes([number << 3 | 2]) + size + content


def network(path: Path, operation: str = "ReduceMean", channels: int = 3) -> Path:
    """One node over the channels: (1, 3, 32, 48) to (1, 1, 32, 48)."""
    kind_ints = b"\xa0\x01\x07"
    axes = field(5, field(1, "axes") + field(8, 1) + kind_ints) if operation == "ReduceMean" else b""
    node = field(1, field(1, "x") + field(2, "y") + field(4, operation) + axes)

    def value(number: int, name: str, sides: tuple[int, ...]) -> bytes:
        shape = b"".join(field(1, field(1, side)) for side in sides)
        return field(number, field(1, name) + field(2, field(1, field(1, 1) + field(2, shape))))

    out = 1 if operation == "ReduceMean" else channels
    graph = node + field(2, "g") + value(11, "x", (1, channels, 32, 48)) + value(12, "y", (1, out, 32, 48))
    path.write_bytes(field(1, 8) + field(7, graph) + field(8, field(2, 13)))
    return path


def frame(number: int) -> np.ndarray:
    """Black, with a white block on the left."""
    picture = np.zeros((64, 96, 3), np.uint8)
    picture[16:48, 8 : 40 + number] = 255
    return picture


def test_what_is_bright_to_a_network_that_says_brightness_is_the_mask(tmp_path: Path) -> None:
    found = list(Saliency(network(tmp_path / "mean.onnx"), "cpu").masks(frame, 3))
    assert [done.frame for done in found] == [0, 1, 2]
    assert found[0].mask.shape == (64, 96)
    assert (found[0].mask[20:44, 12:36] == 255).all() and not found[0].mask[:, 48:].any()
    assert found[0].sure > 0.9


def test_where_nothing_stands_out_nothing_is_taken(tmp_path: Path) -> None:
    (flat,) = Saliency(network(tmp_path / "mean.onnx"), "cpu").masks(lambda _: np.full((10, 20, 3), 90, np.uint8), 1)
    assert not flat.mask.any() and flat.sure == 0


def test_other_files_and_other_networks_are_refused(tmp_path: Path) -> None:
    with pytest.raises(WeightsError, match="no such file"):
        Saliency(tmp_path / "gone.onnx")
    (tmp_path / "bad.onnx").write_bytes(b"not a network")
    with pytest.raises(WeightsError, match="cannot be opened"):
        Saliency(tmp_path / "bad.onnx")
    with pytest.raises(WeightsError, match="one picture"):
        Saliency(network(tmp_path / "four.onnx", "Identity", 4))
    with pytest.raises(ModelError, match="a map"):
        list(Saliency(network(tmp_path / "same.onnx", "Identity"), "cpu").masks(frame, 1))
