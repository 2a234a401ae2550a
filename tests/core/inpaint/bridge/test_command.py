"""Any program as a painter: real programs, run."""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from genlock.core.errors import Cancelled, UsageError
from genlock.core.inpaint.bridge.command import Command
from genlock.core.inpaint.bridge.settings import CommandSettings
from genlock.core.inpaint.contract import PaintError, RetryLater, ServerError

from .asks import ask, never, shows

PAINT = """
import sys, cv2, json, hashlib
picture, mask, out, seed, prompt = sys.argv[1:]
read, hole = cv2.imread(picture, cv2.IMREAD_UNCHANGED), cv2.imread(mask, cv2.IMREAD_UNCHANGED)
assert hole.shape == read.shape[:2] and set(hole.ravel()) == {0, 255}
digest = hashlib.sha256(f"{seed} {prompt}".encode()).digest()
scale = 257 if read.dtype == "uint16" else 1
read[hole > 0] = [(40 + byte % 176) * scale for byte in digest[2::-1]]
cv2.imwrite(out, read)
"""
PLACES = ("{picture}", "{mask}", "{out}")


def python(tmp_path: Path, code: str, *words: str, **more: object) -> Command:
    script = tmp_path / "program.py"
    script.write_text(code)
    return Command(CommandSettings(command=(sys.executable, str(script), *words), **more))  # type: ignore[arg-type]


@pytest.mark.parametrize(("dtype", "depth"), [(np.uint8, 8), (np.uint16, 16), (np.uint16, 8)])
def test_a_program_paints_the_hole(tmp_path: Path, dtype: type, depth: int) -> None:
    asked = ask(dtype=dtype)
    painted = python(tmp_path, PAINT, *PLACES, "{seed}", "{prompt}", depth=depth).paint(asked, never)
    assert shows(painted, asked) and painted.facts["depth"] == depth


def test_sixteen_bits_come_back_bit_for_bit(tmp_path: Path) -> None:
    asked = ask(dtype=np.uint16)
    painted = python(tmp_path, PAINT, *PLACES, "{seed}", "{prompt}", depth=16).paint(asked, never)
    assert (painted.picture == asked.picture)[asked.mask == 0].all()


@pytest.mark.parametrize("prompt", ["a {out} $(touch x); `id` \"quoted\" 'so' {seed}", "--help", "wörter\nand lines"])
def test_a_prompt_is_one_word_whatever_stands_in_it(tmp_path: Path, prompt: str) -> None:
    asked = ask(prompt=prompt)
    assert shows(python(tmp_path, PAINT, *PLACES, "{seed}", "{prompt}").paint(asked, never), asked)


def test_every_place_is_filled(tmp_path: Path) -> None:
    words = "{negative}|{denoise}|{steps}|{cfg}|{sampler}|{width}|{height}|{unknown}"
    code = f"import sys, shutil; open({str(tmp_path / 'said')!r}, 'w').write(sys.argv[4]); shutil.copy(sys.argv[1], sys.argv[3])"
    python(tmp_path, code, *PLACES, words).paint(ask(negative="blur", denoise=0.25, cfg=6.5, sampler="Euler"), never)
    assert (tmp_path / "said").read_text() == "blur|0.25|3|6.5|Euler|72|64|{unknown}"


@pytest.mark.parametrize(
    ("code", "said"),
    [
        ("import sys; print('starting'); sys.exit('no weights here')", "ended with status 1: no weights here"),
        ("import os, signal; os.kill(os.getpid(), signal.SIGKILL)", "was ended by SIGKILL"),
        ("pass", "wrote no picture"),
        ("import sys; open(sys.argv[3], 'wb').write(open(sys.argv[1], 'rb').read()[:-30])", "no whole PNG"),
        ("import sys; open(sys.argv[3], 'wb').write(b'GIF89a')", "no whole PNG"),
        ("import sys, cv2; cv2.imwrite(sys.argv[3], cv2.imread(sys.argv[1])[:-8])", "72 x 56, and 72 x 64 was asked for"),
        ("import sys, os; os.symlink(sys.argv[1], sys.argv[3])", "wrote no picture"),
    ],
)
def test_what_goes_wrong_is_told_in_one_line(tmp_path: Path, code: str, said: str) -> None:
    with pytest.raises(PaintError, match=said) as caught:
        python(tmp_path, code, *PLACES).paint(ask(), never)
    assert "\n" not in str(caught.value) and type(caught.value) is PaintError


def test_a_grey_answer_becomes_three_channels(tmp_path: Path) -> None:
    painted = python(tmp_path, "import sys, cv2; cv2.imwrite(sys.argv[3], cv2.imread(sys.argv[1], 0))", *PLACES).paint(ask(), never)
    assert painted.picture.shape == (64, 72, 3) and (painted.picture[..., 0] == painted.picture[..., 2]).all() and painted.layer is None


def test_an_answer_with_alpha_is_kept_as_layer(tmp_path: Path) -> None:
    code = "import sys, cv2; a = cv2.cvtColor(cv2.imread(sys.argv[1]), cv2.COLOR_BGR2BGRA); a[..., 3] = cv2.imread(sys.argv[2], 0)"
    asked = ask()
    painted = python(tmp_path, code + "; cv2.imwrite(sys.argv[3], a)", *PLACES).paint(asked, never)
    assert painted.layer is not None and (painted.layer[..., 3] == asked.mask).all() and (painted.picture == asked.picture).all()


STARTS_ANOTHER = """
import subprocess, sys, time
child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
open({place!r}, "w").write(str(child.pid))
time.sleep(60)
"""


@pytest.mark.parametrize("how", ["stop", "time"])
def test_it_is_ended_with_all_that_it_has_started(tmp_path: Path, how: str) -> None:
    note, began = tmp_path / "child", time.monotonic()
    bridge = python(tmp_path, STARTS_ANOTHER.format(place=str(note)), *PLACES, timeout_s=2.0 if how == "time" else 60.0)
    with pytest.raises(RetryLater if how == "time" else Cancelled):
        bridge.paint(ask(), lambda: how == "stop" and note.exists() and bool(note.read_text()))
    assert time.monotonic() - began < 20
    child = int(note.read_text())
    for _ in range(100):
        if not _runs(child):
            return
        time.sleep(0.05)
    raise AssertionError("the program's child still runs")


def _runs(pid: int) -> bool:
    """Whether a process is there and no mere entry that nobody has collected."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    status = Path(f"/proc/{pid}/stat")
    return not (status.exists() and status.read_text().rpartition(")")[2].split()[0] == "Z")


def test_nothing_is_left_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import tempfile

    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "temp"))
    (tmp_path / "temp").mkdir()
    with pytest.raises(PaintError):
        python(tmp_path, "raise SystemExit(3)", *PLACES).paint(ask(), never)
    assert not list((tmp_path / "temp").iterdir())


def test_a_program_that_is_not_there_cannot_be_used() -> None:
    with pytest.raises(ServerError, match="cannot be started"):
        Command(CommandSettings(command=("genlock-no-such-program", *PLACES))).paint(ask(), never)


@pytest.mark.parametrize("words", [(), ("program",), ("program", "{picture}", "{out}"), ("{picture}{mask}{out}",)])
def test_words_without_places_are_refused_at_once(words: tuple[str, ...]) -> None:
    with pytest.raises(ServerError):
        Command(CommandSettings(command=words))


def test_settings_out_of_bounds_are_refused() -> None:
    for wrong in ({"depth": 10}, {"timeout_s": 0.0}):
        with pytest.raises(UsageError):
            CommandSettings(**wrong)  # type: ignore[arg-type]


def test_identity_is_the_command_and_the_version_that_a_person_gives_it(tmp_path: Path) -> None:
    one, two = (python(tmp_path, PAINT, *PLACES, version=version).identity() for version in ("1", "2"))
    assert one != two and one == python(tmp_path, PAINT, *PLACES, version="1").identity()
