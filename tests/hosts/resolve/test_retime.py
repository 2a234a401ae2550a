"""Retime in Resolve: one clip is rendered beside its file by the real worker, and lies in the bin Genlock of a fake Resolve."""

from __future__ import annotations

import shutil
from pathlib import Path

import av
import pytest

from genlock.hosts.resolve.run import run
from genlock.tests.hosts.resolve.conftest import resolve_with
from genlock.tests.hosts.resolve.fake_window import Program


@pytest.fixture
def clip(pair, tmp_path) -> Path:
    return Path(shutil.copy(pair["clip"], tmp_path))


def in_bin(resolve) -> list[Path]:
    pool = resolve._manager._project._pool
    return [Path(item._path) for folder in pool._root._folders for item in folder._clips if folder._name == "Genlock"]


def test_from_the_menu_at_the_timelines_rate(clip, home):
    """The project runs at 24, as the clip does: as many frames as before."""
    resolve, said = resolve_with({"clip": clip}, "DaVinci Resolve"), []
    assert run(resolve, None, None, home, write=said.append, what="retime") == 0, said
    (made,) = in_bin(resolve)
    assert made == clip.with_name("clip_retimed_v001.mov") and resolve._manager._project._pool._folder._name == "Master"
    with av.open(str(made)) as film:
        assert sum(1 for _ in film.decode(video=0)) == 52 and film.streams.video[0].average_rate == 24


def test_in_the_window_with_what_is_chosen(clip, home):
    seen: list[str] = []

    def play(program: Program) -> None:
        if not seen:
            assert not program.item("align").Enabled and program.item("method").entries[0] == "auto"
            program.item("fps").Text = "12"
            program.item("dedup").CurrentIndex = program.item("dedup").entries.index("only")
            program.click("retime")
            seen.append("begun")
        elif program.item("retime").Enabled:
            seen.append(program.text("log"))
            program.close()

    resolve, program = resolve_with({"clip": clip}), Program(play)
    assert run(resolve, program, program, home) == 0
    assert "26 frames at 12 frames a second" in seen[1] and "is in the bin Genlock" in seen[1]


def test_nothing_is_picked(pair, home):
    said: list[str] = []
    assert run(resolve_with(pair), None, None, home, write=said.append, what="retime") == 1
    assert said == ["genlock: no single clip is picked; select one in the media pool, or put the playhead over it, and run the script again"]
