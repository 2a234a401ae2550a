"""Inpaint in Resolve: a clip and its matte, the real worker, and a new timeline with the film above the clip in a fake Resolve."""

from __future__ import annotations

import pytest

from genlock.hosts.resolve.run import run
from genlock.tests.core.inpaint.made_shots import shot, write_film
from genlock.tests.hosts.resolve.conftest import resolve_with, timelines
from genlock.tests.hosts.resolve.fake_window import Program


@pytest.fixture
def here(tmp_path):
    """A shot of three frames, and its matte."""
    _, frames, masks = shot(3)
    return {"shot": write_film(tmp_path / "shot.mkv", frames), "matte": write_film(tmp_path / "shot_matte.mkv", masks)}


def test_from_the_menu_and_once_more_in_the_window(here, home):
    """Started again, nothing is made anew, and another timeline is."""
    resolve, said = resolve_with(dict(reversed(here.items())), "DaVinci Resolve"), []
    assert run(resolve, None, None, home, write=said.append, what="inpaint") == 0, said
    project = here["shot"].with_name("shot-inpaint")
    assert said[0] == "clip: shot.mkv; matte: shot_matte.mkv" and any(f"genlock review {project}" in line for line in said)
    assert timelines(resolve) == [[("shot.mkv", 0, 3, 0)], [("final.mov", 0, 3, 0)]]
    assert said[-1] == f"report: {project / 'out' / 'report.html'}" and any(line.startswith("read back from Resolve") for line in said)
    film = (project / "out" / "final.mov").stat().st_mtime_ns
    seen: list[str] = []

    def play(program: Program) -> None:
        if not seen:
            program.item("clip").CurrentIndex, program.item("matte").CurrentIndex = 1, 1
            program.click("inpaint")
            assert program.text("log").endswith("clip and matte are the same file; choose two")
            program.item("matte").CurrentIndex = 0
            program.click("inpaint")
            seen.append("begun")
        elif program.item("inpaint").Enabled:
            seen.append(program.text("log"))
            program.close()

    resolve._world.product = "DaVinci Resolve Studio"
    program = Program(play)
    assert run(resolve, program, program, home) == 0
    assert "is done already" in seen[1] and "the timeline shot_inpainted_genlock_v002 is made" in seen[1]
    assert (project / "out" / "final.mov").stat().st_mtime_ns == film


def test_nothing_is_picked(home):
    said: list[str] = []
    assert run(resolve_with({}), None, None, home, write=said.append, what="inpaint") == 1
    assert said[0].startswith("genlock: no two clips are picked")
