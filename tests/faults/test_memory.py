"""Too little memory: one line that says so, exit status 1, nothing left; and no picture is allocated that nobody could hold."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import cv2
import numpy as np
import pytest

from genlock.core.errors import MediaError
from genlock.core.media.container import Container, Damage
from genlock.core.media.guard import MAX_PIXELS
from genlock.hosts.worker.faults import explain
from genlock.tests.faults.killing import Straight
from genlock.tests.faults.matrix import ends_the_same, nothing_lost, told_in_one_line
from genlock.tests.faults.sandbox import Room

LINUX = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="limits of memory as Linux has them")


@LINUX
@pytest.mark.parametrize("megabytes", [300, 600])
def test_a_command_says_it(room: Callable[..., tuple[Room, Straight]], megabytes: int) -> None:
    """Whatever is refused its memory first: a library that is loaded, a thread, a picture."""
    here, so_far = room("align")
    here.fresh()
    limit = f"import os, resource, sys; resource.setrlimit(resource.RLIMIT_AS, ({megabytes << 20},) * 2); os.execv(sys.argv[1], sys.argv[1:])"
    words = [sys.executable, "-c", limit, *here.argv()]
    done = subprocess.run(words, cwd=here.place, env=here.env(), capture_output=True, text=True, timeout=120)
    assert not told_in_one_line(done) and "there is not enough memory for this; " in done.stderr, done.stderr
    assert not nothing_lost(here, so_far)
    assert not {name for name in here.names() - so_far.names if not name.startswith("job/")}
    assert not ends_the_same(here, so_far)


def caught(call: Callable[[], object]) -> Exception:
    with pytest.raises(Exception) as found:
        call()
    return found.value


def test_what_libraries_say() -> None:
    """Real ones where they can be had: numpy and OpenCV are asked for more than there is."""
    numpy = caught(lambda: np.zeros(1 << 48))
    opencv = caught(lambda: cv2.resize(np.zeros((2, 2, 3), np.float64), (30000, 30000 * 400)))
    chained = RuntimeError("the thread ended")
    chained.__cause__ = MemoryError()
    texts = ("DefaultCPUAllocator: can't allocate memory: you tried", "CUDA out of memory. Tried", "can't start new thread")
    said = [RuntimeError(text) for text in texts]
    for error in (numpy, opencv, chained, OSError(12, "Cannot allocate memory"), *said):
        assert "not enough memory" in str(explain(error)), repr(error)
    for error in (RuntimeError("no memory of this"), ValueError("out of memory lane"), OSError(28, "No space left on device")):
        assert "not enough memory" not in str(explain(error)), repr(error)


def test_a_decoder_without_memory_is_no_damage(stock: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import av

    from genlock.core.media import container

    def refuse(packet: object) -> None:
        raise av.error.MemoryError(12, "Cannot allocate memory")

    path, damage = str(stock / "clip.mp4"), Damage()
    # There is plenty: the packet is damaged.
    assert container.decoded(SimpleNamespace(decode=lambda: refuse(None)), damage) == [] and damage.lost == 1
    monkeypatch.setattr(container, "_PROBE", 1 << 62)
    with pytest.raises(MemoryError):
        container.decoded(SimpleNamespace(decode=lambda: refuse(None)), damage)
    with Container(path, path) as whole:
        assert len(list(whole.frames(Damage()))) > 20


def test_a_bomb_is_refused_by_its_header(tmp_path: Path) -> None:
    """A picture that says it is 60,000 a side, in a few hundred bytes: 14 GB once decoded."""
    import struct
    import zlib

    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    side = 60_000
    assert side * side > MAX_PIXELS
    head = chunk(b"IHDR", struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0))
    (tmp_path / "bomb.png").write_bytes(b"\x89PNG\r\n\x1a\n" + head + chunk(b"IDAT", zlib.compress(b"\0" * 1000)) + chunk(b"IEND", b""))
    code = (
        "from genlock.core.media.footage import open_footage; from genlock.core.processes import peak_bytes\n"
        f"try:\n    list(open_footage({str(tmp_path / 'bomb.png')!r}).frames())\n"
        "except Exception as error:\n    print(type(error).__name__, error)\n"
        "print(peak_bytes() >> 10)"
    )
    if os.name == "nt":
        with pytest.raises(MediaError):
            from genlock.core.media.footage import open_footage

            list(open_footage(str(tmp_path / "bomb.png")).frames())
        return
    said, peak = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True).stdout.splitlines()
    assert said.startswith("MediaError") and int(peak) < 700_000, (said, peak)
