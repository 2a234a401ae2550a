"""The Genlock Inpaint node, with the real worker: the film and the change's own layer inside, at the frames of the script."""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path

import cv2
import pytest

from genlock.core.inpaint.project import create_project
from genlock.hosts import reviewing
from genlock.tests.core.inpaint.made_shots import shot, write_shot

from . import fake_nuke
from .conftest import Host

pytestmark = pytest.mark.skipif(os.name == "nt", reason="the worker is started by a shell script")


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("shot")
    write_shot(folder, 4)
    return folder


def placed(host: Host, made: Path, plate_at: str = "1001", matte_at: str = "1001") -> fake_nuke.Node:
    reads = [host.read(made / f"{name}.mkv", frame_mode="start at", frame=at) for name, at in (("plate", plate_at), ("matte", matte_at))]
    host.script.selected = reads
    node = sys.modules["genlock.hosts.nuke.inpainting"].create()
    node["project"].setValue(str(host.folder / "p"))
    return node


def pressed(host: Host, node: fake_nuke.Node, button: str = "inpaint") -> fake_nuke.Node:
    host.press(node, button)
    host.wait(lambda: host.state(node) != "running", 200)
    return node


def test_the_film_and_the_change_are_inside(host: Host, made: Path) -> None:
    node = placed(host, made)
    node["gl_range"].setValue("1-2")
    steps = len(host.script.history.steps)
    pressed(host, node)
    assert host.state(node) == "done", host.status(node)
    parts = host.group.made(node)
    film, mask = parts["film"], parts["mask"]
    for read, folder in ((film, "out/final/final.%06d.png"), (mask, "masks/%06d.png")):
        assert read["file"].value() == str(host.folder / "p" / folder)
        assert [read[name].value() for name in ("first", "last", "frame_mode", "frame")] == [1, 2, "start at", "1002"]
        assert all(Path(read["file"].value() % n).exists() for n in (1, 2))
    assert parts["shown"]._inputs == [parts["plate"], parts["layer"]]
    assert parts["shown"]["which"]._expression == "frame >= 1002 && frame <= 1003", "on other frames the plate is shown"
    assert parts["layer"]._inputs == [film, parts["change"]] and parts["change"]._inputs == [parts["alpha"]]
    assert parts["alpha"]._inputs == [film, mask] and parts["alpha"]["to0"].value() == "rgba.alpha"
    assert host.script.layers["inpaint"] == [parts["layer"][f"to{n}"].value() for n in range(4)]
    assert len(host.script.history.steps) == steps + 1
    again = pressed(host, node)
    assert host.group.made(again).keys() == parts.keys() and "done already" in host.status(node)
    for _ in range(2):
        fake_nuke.Undo().undo()
    assert set(host.group.made(node)) == {"plate", "matte", "shown"} and not parts["shown"]["which"]._expression


def test_a_sequence_keeps_its_numbers(host: Host, tmp_path: Path) -> None:
    _, frames, masks = shot(3, (64, 48))
    for n, (frame, mask) in enumerate(zip(frames, masks, strict=True)):
        cv2.imwrite(str(tmp_path / f"plate.{1001 + n}.png"), frame)
        cv2.imwrite(str(tmp_path / f"matte.{1001 + n}.png"), mask)
    knobs = {"first": "1001", "last": "1003", "origfirst": "1001", "origlast": "1003", "frame": "frame-100"}
    host.script.selected = [host.read(tmp_path / f"{name}.%04d.png", **knobs) for name in ("plate", "matte")]
    node = sys.modules["genlock.hosts.nuke.inpainting"].create()
    pressed(host, node)
    assert host.state(node) == "done", host.status(node)
    film, mask = (host.group.made(node)[part] for part in ("film", "mask"))
    assert [film[name].value() for name in ("first", "last", "frame")] == [1001, 1003, "1101"]
    assert [mask[name].value() for name in ("first", "last", "frame")] == [0, 2, "1101"]
    assert film["file"].value().startswith(str(tmp_path / "plate-inpaint")) and Path(film["file"].value() % 1003).exists()


def test_what_is_refused(host: Host, made: Path) -> None:
    node = placed(host, made, matte_at="1002")
    assert "matte begins at frame 1002 and plate at 1001" in host.status(pressed(host, node))
    node.setInput(1, None)
    assert "matte is not connected to a Read" in host.status(pressed(host, node))
    assert "press Inpaint first" in host.status(pressed(host, node, "review"))
    node["project"].setValue("p")
    assert "p is no whole path" in host.status(pressed(host, node))
    node["project"].setValue("")
    assert sys.modules["genlock.hosts.nuke.inpainting"].project_of(node) == str(made / "plate-inpaint")
    node["gl_box"].setValue("1,2,30,20")
    job = sys.modules["genlock.hosts.nuke.inpainting"].inpaint_job(node)
    assert job.request().settings == {"box": "1,2,30,20", "film": "final/final.%06d.png"} and set(job.request().inputs) == {"project", "video"}


def test_review_runs_beside_nuke_and_what_it_lacks_is_told(host: Host, made: Path) -> None:
    create_project(host.folder / "p", str(made / "plate.mkv"), str(made / "matte.mkv"))
    node, program = placed(host, made), host.folder / "worker.py"
    program.write_text("import sys, time\nassert sys.argv[1:] == ['review', sys.path[0] + '/p']\ntime.sleep(60)\n")
    host.worker(program)
    pressed(host, node, "review")
    (page,) = reviewing._pages.values()
    time.sleep(0.3)
    assert page.failed() == "" and page._process.poll() is None and "open in the browser" in host.status(node)
    program.write_text("import sys\nsys.exit('genlock: the review page needs starlette')\n")
    pressed(host, node, "review")
    assert page._process.poll() is not None, "one page a project"
    host.wait(lambda: host.status(node) == "failed: genlock: the review page needs starlette", 5)
    reviewing.close_all()
