"""The project's folder: relative paths, whole files, one writer at a time, picks that survive other writers."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import threading
from pathlib import Path

import numpy as np
import pytest

from genlock.core.errors import FormatError, GenlockError, MediaError, OutputError, UsageError
from genlock.core.inpaint.project import Selection, atomic, create_project, open_project, pictures
from genlock.core.inpaint.project.lock import locked

from .made_shots import write_shot


@pytest.fixture
def films(tmp_path: Path) -> tuple[Path, Path]:
    return write_shot(tmp_path / "shots", 2)


def test_it_is_made_and_opened_again(tmp_path: Path, films: tuple[Path, Path]) -> None:
    made = create_project(tmp_path / "shots" / "p", str(films[0]), str(films[1]), prompt="a wall", seeds=(3, 9))
    again = open_project(made.root)
    assert again.config == made.config
    assert again.config.inpaint.prompt == "a wall" and again.config.inpaint.seeds == (3, 9)
    assert again.config.input.video == "../plate.mkv" and again.config.mask.file == "../matte.mkv"


def test_it_can_be_moved_with_its_shot(tmp_path: Path, films: tuple[Path, Path]) -> None:
    made = create_project(films[0].parent / "p", str(films[0]), str(films[1]))
    for name in ("genlock.toml", "inputs.json"):
        assert str(tmp_path) not in (made.root / name).read_text()
    shutil.move(tmp_path / "shots", tmp_path / "elsewhere")
    moved = open_project(tmp_path / "elsewhere" / "p")
    with moved.plates() as plates:
        assert len(list(plates.frames())) == 2


def test_a_shot_far_away_is_named_from_the_root_on(tmp_path: Path, films: tuple[Path, Path]) -> None:
    made = create_project(tmp_path / "work" / "p", str(films[0]), str(films[1]))
    assert made.config.input.video == str(films[0])


def test_names_are_never_read_as_commands(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A path with everything that a shell would stumble over is a path."""
    monkeypatch.chdir(tmp_path)
    folder = tmp_path / "it's a $(touch pwned); `touch pwned` & \"q\" %n"
    video, mask = write_shot(folder, 2)
    made = create_project(folder / "p p", str(video), str(mask))
    with made.plates() as plates:
        assert len(list(plates.frames())) == 2
    assert not list(tmp_path.rglob("pwned"))


def test_what_cannot_be_made_leaves_nothing(tmp_path: Path, films: tuple[Path, Path]) -> None:
    with pytest.raises(MediaError):
        create_project(tmp_path / "p", str(tmp_path / "no.mov"), str(films[1]))
    with pytest.raises(UsageError, match="--mask"):
        create_project(tmp_path / "p", str(films[0]))
    with pytest.raises(UsageError, match="choose one of classic"):
        create_project(tmp_path / "p", str(films[0]), str(films[1]), backend="magic")
    with pytest.raises(UsageError, match="not a key"):
        create_project(tmp_path / "p", str(films[0]), str(films[1]), sead=3)
    assert not (tmp_path / "p").exists()
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "mine.txt").write_text("mine")
    with pytest.raises(OutputError, match="not an empty folder"):
        create_project(tmp_path / "full", str(films[0]), str(films[1]))
    made = create_project(tmp_path / "p", str(films[0]), str(films[1]))
    with pytest.raises(UsageError, match="a project already"):
        create_project(made.root, str(films[0]), str(films[1]))


def test_a_project_appears_whole_or_not_at_all(tmp_path: Path, films: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch) -> None:
    """Where an empty folder stands, too; and its permissions stay."""
    (tmp_path / "p").mkdir(mode=0o750)
    kept = os.stat(tmp_path / "p").st_mode

    def full(source: object, target: object) -> None:
        raise OSError(28, "No space left on device")

    for name in ("replace", "rename"):  # of a file of it, of the whole
        with monkeypatch.context() as patch, pytest.raises(OutputError, match="free some space"):
            patch.setattr(os, name, full)
            create_project(tmp_path / "p" if name == "replace" else tmp_path / "q", str(films[0]), str(films[1]))
        assert {path.name for path in tmp_path.iterdir()} == {"shots", "p"} and not list((tmp_path / "p").iterdir())
    made = create_project(tmp_path / "p", str(films[0]), str(films[1]))
    assert {path.name for path in made.root.iterdir()} == {"genlock.toml", "inputs.json"} and os.stat(made.root).st_mode == kept


@pytest.mark.parametrize("shape", [(5, 7), (5, 7, 3), (5, 7, 4)])
@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
def test_png_keeps_every_bit(tmp_path: Path, shape: tuple[int, ...], dtype: type) -> None:
    picture = np.random.default_rng(0).integers(0, np.iinfo(dtype).max, shape, dtype=dtype)
    pictures.save_picture(tmp_path / "deep" / "a.png", picture)
    again = pictures.load_picture(tmp_path / "deep" / "a.png")
    assert again.dtype == dtype and np.array_equal(again, picture)


@pytest.mark.parametrize("dtype", [np.float16, np.float32])
def test_exr_keeps_every_bit(tmp_path: Path, dtype: type) -> None:
    picture = np.array([[[0.1, -2.0, 70.5], [1e-4, 1.0, 40000.0]]], dtype)
    pictures.save_picture(tmp_path / "a.exr", picture)
    again = pictures.load_picture(tmp_path / "a.exr")
    assert again.dtype == dtype and np.array_equal(again, picture)


def test_a_write_that_fails_leaves_the_old_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    atomic.write_json(tmp_path / "a.json", {"old": 1})

    def full(source: object, target: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "replace", full)
    with pytest.raises(OutputError, match="free some space"):
        atomic.write_json(tmp_path / "a.json", {"new": 2})
    monkeypatch.undo()
    assert json.loads((tmp_path / "a.json").read_text()) == {"old": 1}
    assert [path.name for path in tmp_path.iterdir()] == ["a.json"]


def test_a_damaged_file_is_named(tmp_path: Path) -> None:
    (tmp_path / "a.json").write_text('{"half":')
    with pytest.raises(FormatError, match=r"a\.json is damaged"):
        atomic.read_json(tmp_path / "a.json")
    (tmp_path / "b.json").write_bytes(b"[" + b"0," * (32 << 20) + b"0]")
    with pytest.raises(FormatError, match="larger than 64 MiB"):
        atomic.read_json(tmp_path / "b.json")


def test_one_writer_at_a_time(tmp_path: Path) -> None:
    with locked(tmp_path / "lock", "it"), pytest.raises(GenlockError, match=f"in use by process {os.getpid()}"), locked(tmp_path / "lock", "it"):
        pass
    assert not (tmp_path / "lock").exists()


def test_the_lock_of_a_process_that_is_gone_is_taken(tmp_path: Path) -> None:
    """Killed outright while it held the lock."""
    lock = tmp_path / "lock"
    code = f"""
import os
from pathlib import Path
from genlock.core.inpaint.project.lock import locked
with locked(Path({str(lock)!r}), "it"):
    os.kill(os.getpid(), 9)
"""
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == -9
    assert lock.exists()
    with locked(lock, "it"):
        assert json.loads(lock.read_text())["pid"] == os.getpid()


def test_a_number_that_was_given_to_another_process_is_no_holder(tmp_path: Path) -> None:
    with locked(tmp_path / "lock", "it"):
        body = json.loads((tmp_path / "lock").read_text())
    if not body["began"]:
        pytest.skip("this system does not say when a process began")
    (tmp_path / "lock").write_text(json.dumps({**body, "began": "1"}))
    with locked(tmp_path / "lock", "it"):
        assert json.loads((tmp_path / "lock").read_text()) == body, "it is held anew, by this process as it began"


def test_the_lock_of_another_machine_is_respected(tmp_path: Path) -> None:
    (tmp_path / "lock").write_text(json.dumps({"pid": 1, "host": "another", "began": ""}))
    with pytest.raises(GenlockError, match=r"process 1 on another.*delete"), locked(tmp_path / "lock", "it"):
        pass


def test_picks_of_two_writers_are_both_kept(tmp_path: Path, films: tuple[Path, Path]) -> None:
    root = create_project(tmp_path / "p", str(films[0]), str(films[1])).root

    def write(first: int) -> None:
        project = open_project(root)
        for keyframe in range(first, first + 8):
            project.save_selection(keyframe, Selection("pick", "j", "result_000.png", note=f"no. {keyframe}"))

    threads = [threading.Thread(target=write, args=(first,)) for first in (0, 8, 16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(open_project(root).selections()) == list(range(24))
    open_project(root).save_selection(3, None)
    assert 3 not in open_project(root).selections()


def test_asking_again_takes_a_seed_that_was_not_tried(tmp_path: Path, films: tuple[Path, Path]) -> None:
    project = create_project(tmp_path / "p", str(films[0]), str(films[1]), seeds=(4, 2))
    project.save_selection(7, Selection("redo"))
    assert project.selections()[7].seed == 5
    project.save_selection(7, Selection("redo"))
    project.save_selection(7, Selection("redo", seed=100))
    assert project.extra_seeds() == {7: [5, 6, 100]}


def test_an_action_that_is_none(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="choose one of pick, redo, drop"):
        Selection("keep")
