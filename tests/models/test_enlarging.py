"""A network in ONNX that repeats every pixel: what it makes of a picture is known."""

from __future__ import annotations

import struct
from pathlib import Path

import numpy as np
import pytest

from genlock.models.enlarging import Enlarger
from genlock.models.errors import ModelError, WeightsError


def field(number: int, value: bytes | str | int) -> bytes:
    """One field of a protobuf message."""
    if isinstance(value, int):
        return bytes([number << 3, value])
    content = value.encode() if isinstance(value, str) else value
    size = bytes([len(content)]) if len(content) < 128 else bytes([len(content) & 127 | 128, len(content) >> 7])
    return bytes([number << 3 | 2]) + size + content


def network(path: Path, scales: tuple[float, float] = (3.0, 3.0), sides: tuple[str | int, ...] = (1, 3, "h", "w")) -> Path:
    """One node of operation set 7: Upsample, nearest."""
    floats = field(5, field(1, "scales") + field(7, struct.pack("<4f", 1, 1, *scales)) + b"\xa0\x01\x06")
    node = field(1, field(1, "x") + field(2, "y") + field(4, "Upsample") + floats)

    def value(number: int, name: str, named: tuple[str | int, ...]) -> bytes:
        shape = b"".join(field(1, field(1, side) if isinstance(side, int) else field(2, side)) for side in named)
        return field(number, field(1, name) + field(2, field(1, field(1, 1) + field(2, shape))))

    graph = node + field(2, "g") + value(11, "x", sides) + value(12, "y", (1, 3, "H", "W"))
    path.write_bytes(field(1, 4) + field(7, graph) + field(8, field(2, 7)))
    return path


def test_tiles_meet_without_a_seam(tmp_path: Path) -> None:
    picture = np.random.default_rng(0).random((41, 70, 3)).astype(np.float32)
    model = Enlarger(network(tmp_path / "three.onnx"), "cpu", tile_px=32)
    assert (model.times, model.name) == (3, "three.onnx")
    np.testing.assert_array_equal(model.enlarged(picture), picture.repeat(3, axis=0).repeat(3, axis=1))


def test_other_files_and_networks_are_refused(tmp_path: Path) -> None:
    with pytest.raises(WeightsError, match="no such file"):
        Enlarger(tmp_path / "none.onnx")
    (tmp_path / "text.onnx").write_text("hello")
    with pytest.raises(WeightsError, match="cannot be opened"):
        Enlarger(tmp_path / "text.onnx", "cpu")
    with pytest.raises(WeightsError, match="one size alone"):
        Enlarger(network(tmp_path / "fixed.onnx", sides=(1, 3, 32, 32)), "cpu")
    with pytest.raises(ModelError, match="no larger picture"):
        Enlarger(network(tmp_path / "askew.onnx", scales=(2.0, 3.0)), "cpu")
