"""genlock inpaint as a person calls it: two commands and the thing is gone; and what is said where something is wrong."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from genlock.core.inpaint.project import create_project, open_project
from genlock.core.inpaint.project.config import to_text
from genlock.core.inpaint.steps import STEPS
from genlock.core.media.plates import open_plates
from genlock.hosts.jobs import Job, Request
from genlock.hosts.worker.inpaint_picks import pick
from genlock.hosts.worker.run import run
from genlock.tests.core.inpaint.made_shots import shot, write_film
from genlock.tests.core.inpaint.servers.a1111 import FakeA1111
from genlock.tests.core.inpaint.servers.comfyui import FakeComfyUI
from genlock.tests.core.inpaint.servers.paints import colour
from genlock.tests.models.masks.test_saliency import network

SIZE_WH = (120, 80)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """plate.mkv, matte.mkv."""
    folder = tmp_path_factory.mktemp("shots")
    _, frames, masks = shot(8, SIZE_WH, pan=6)
    write_film(folder / "plate.mkv", frames)
    write_film(folder / "matte.mkv", masks)
    return folder


def psnr(one: np.ndarray, other: np.ndarray) -> float:
    return float(10 * np.log10(255**2 / max(1e-9, np.mean((one.astype(float) - other.astype(float)) ** 2))))


def test_two_commands_and_it_is_gone(genlock, folder: Path, made: Path) -> None:
    for name in ("plate.mkv", "matte.mkv"):
        shutil.copy(made / name, folder)
    said = genlock("inpaint", "init", "p", "--video", "plate.mkv", "--mask", "matte.mkv")
    assert said.returncode == 0 and "genlock inpaint run p" in said.stdout, said.stderr
    ran = genlock("inpaint", "run", "p", "--json")
    assert ran.returncode == 0, ran.stderr
    body = json.loads(ran.stdout)
    wanted = [step.name for step in STEPS if step.wanted(open_project(folder / "p"))]
    assert body["figures"]["ran"] == wanted
    clean, frames, masks = shot(8, SIZE_WH, pan=6)
    project = open_project(folder / "p")
    for n in range(8):
        hole = masks[n] > 0
        assert np.array_equal(project.filled(n)[~hole], frames[n][~hole])
        assert psnr(project.filled(n)[hole], clean[n][hole]) > 30 > psnr(frames[n][hole], clean[n][hole])
    with open_plates(made / "plate.mkv") as plate, open_plates(body["figures"]["films"][0]) as film:
        pairs = list(zip(plate.frames(), film.frames(), strict=True))
    for n, (before, after) in enumerate(pairs):
        hole = masks[n] > 0
        assert all(np.array_equal(a[~hole], b[~hole]) for a, b in zip(before.planes(), after.planes(), strict=True))
        assert psnr(after.rgb()[hole] * 255, clean[n][hole]) > 25 and before.pts == after.pts
    again = json.loads(genlock("inpaint", "p", "--json").stdout)
    assert again["figures"]["ran"] == [] and again["figures"]["skipped"] == wanted
    status = json.loads(genlock("inpaint", "status", "p", "--json").stdout)
    assert {row["state"] for row in status["steps"]} <= {"done", "off"} and status["next"] == ""
    text = genlock("inpaint", "status", "p").stdout
    assert "extract" in text and "keyframe" in text
    shutil.copytree(folder, folder.parent / "elsewhere")
    moved = str(folder.parent / "elsewhere" / "p")
    outcome = run(Job.create(str(folder / "job"), Request("inpaint", {"project": moved})).folder)
    assert outcome.result["figures"]["ran"] == [], "a copy in another place is as done as the first"


def test_what_is_wrong_is_one_line(genlock, folder: Path, made: Path) -> None:
    for words, status, says in (
        (("run", "nowhere"), 2, "is no project"),
        (("init", "q", "--video", folder / "no.mov", "--mask", made / "matte.mkv"), 1, "no.mov"),
        (("init", "q", "--video", made / "plate.mkv"), 2, "--mask"),
        (("pick", "nowhere", "0", "1"), 2, "is no project"),
    ):
        said = genlock("inpaint", *words)
        assert said.returncode == status, said.stderr
        assert says in said.stderr and len(said.stderr.splitlines()) == 1 and not said.stdout
    assert not (folder / "q").exists() and not (folder / "nowhere").exists()


def test_a_job_makes_the_project_and_runs_it(folder: Path, made: Path) -> None:
    """As a host asks for it: one request, from a shot and a matte to the project's first steps."""
    inputs = {"project": str(folder / "p"), "video": str(made / "plate.mkv"), "mask": str(made / "matte.mkv")}
    settings = {"only": "extract", "range": "2-4", "seeds": "7, 2", "film": "a.mov"}
    outcome = run(Job.create(str(folder / "job"), Request("inpaint", inputs, (), settings)).folder)
    assert outcome.exit_status == 0, outcome.result
    project, figures = open_project(folder / "p"), outcome.result["figures"]
    assert project.span == range(2, 5) and (figures["first"], figures["frames"]) == (2, 3)
    assert project.config.inpaint.seeds == (7, 2) and project.config.output.name == "a.mov"
    other = run(Job.create(str(folder / "job2"), Request("inpaint", {**inputs, "video": inputs["mask"]}, (), {})).folder)
    assert other.exit_status == 2 and "name another folder" in other.result["sentence"]
    strange = run(Job.create(str(folder / "job3"), Request("inpaint", {"plate": "/x"}, (), {})).folder)
    assert strange.exit_status == 2 and "knows no input" in strange.result["sentence"]


def test_an_unknown_key_names_the_nearest(genlock, folder: Path, made: Path) -> None:
    assert genlock("inpaint", "init", "p", "--video", made / "plate.mkv", "--mask", made / "matte.mkv").returncode == 0
    toml = folder / "p" / "genlock.toml"
    toml.write_text(toml.read_text().replace("max_group", "max_grup"))
    said = genlock("inpaint", "run", "p")
    assert said.returncode == 2 and "did you mean max_group" in said.stderr


_KILLED = """
import os, sys
from genlock import __version__
from genlock.core.inpaint.project import open_project
from genlock.core.inpaint.steps import STEPS, run_project
for calls in map(int, sys.argv[2:]):
    if not (child := os.fork()):
        left = calls
        break
    print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), flush=True)
else:
    sys.exit()
real = os.replace
def replace(*args, **more):
    global left
    left -= 1
    if left < 0:
        os.kill(os.getpid(), 9)
    real(*args, **more)
os.replace = replace
run_project(open_project(sys.argv[1]), STEPS, version=__version__)
os._exit(0)
"""
KEPT = ("frames", "masks", "keys", "fill", "jobs", "comp", "checks", "out")


def whole(root: Path) -> dict[str, bytes]:
    """Every file that was made."""
    found = {path.relative_to(root): path for name in KEPT for path in (root / name).rglob("*") if path.is_file()}
    return {str(name): path.read_bytes() for name, path in found.items()}


@pytest.mark.skipif(not hasattr(os, "fork"), reason="runs are killed in forks")
def test_killed_at_ten_points_it_ends_the_same(genlock, folder: Path, made: Path) -> None:
    for name in ("killed/p", "untouched/p"):
        words = ("--video", made / "plate.mkv", "--mask", made / "matte.mkv", "--range", "0-3")
        assert genlock("inpaint", "init", name, *words).returncode == 0
    assert genlock("inpaint", "run", "untouched/p").returncode == 0
    calls = ["3", "4", "5", "3", "6", "4", "3", "5", "4", "6", "7", "1000000"]
    command = [sys.executable, "-c", _KILLED, str(folder / "killed" / "p"), *calls]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    ended = [int(line) for line in done.stdout.split()]
    assert set(ended) == {-9, 0} and ended.count(-9) >= 10 and ended[-1] == 0, done.stderr
    one, other = whole(folder / "untouched" / "p"), whole(folder / "killed" / "p")
    assert one.keys() == other.keys()
    assert [name for name in one if one[name] != other[name]] == []


def test_a_network_finds_what_stands_out(folder: Path, made: Path) -> None:
    """A real ONNX network that says how bright a pixel is; the shot has one bright square."""
    pictures = [np.full((64, 96, 3), 20, np.uint8) for _ in range(3)]
    for n, picture in enumerate(pictures):
        picture[20:40, 10 * n : 10 * n + 30] = 240
    write_film(folder / "plate.mkv", pictures)
    network(folder / "net.onnx")
    inputs = {"project": str(folder / "p"), "video": str(folder / "plate.mkv")}
    for only in ("extract", "mask"):
        settings = {"only": only, "mask_method": "saliency", "mask_model": str(folder / "net.onnx")}
        outcome = run(Job.create(str(folder / only), Request("inpaint", inputs, (), settings)).folder)
        assert outcome.exit_status == 0, outcome.result
    project = open_project(folder / "p")
    assert project.config.mask.model == "../net.onnx"
    for n in range(3):
        assert np.array_equal(project.mask(n) > 0, pictures[n][..., 0] > 100)


def test_a_server_paints_and_a_person_picks(folder: Path, made: Path) -> None:
    """Through the stand-in for A1111: each keyframe and seed once, layers kept, the pick in the film, nothing outside the mask touched."""
    with FakeA1111() as server:
        project = create_project(
            folder / "p", str(made / "plate.mkv"), str(made / "matte.mkv"), backend="a1111", seeds=(5, 6), size=64, range="0-3", manual=(2,)
        )
        config = replace(project.config, a1111=replace(project.config.a1111, url=server.url))
        project.path("genlock.toml").write_text(to_text(config))
        request = Request("inpaint", {"project": str(project.root)})
        first = run(Job.create(str(folder / "job"), request).folder)
        assert first.exit_status == 0, first.result
        painted = sum(body["width"] > 0 for body in server.posted)
        assert [(job.keyframe, job.seed, len(job.layers)) for job in project.jobs()] == [(k, s, 1) for k in (0, 2) for s in (5, 6)]
        assert "6" in pick(str(project.root), 2, "6")
        second = run(Job.create(str(folder / "job2"), request).folder)
        assert second.result["figures"]["ran"][0] == "select" and sum(body["width"] > 0 for body in server.posted) == painted
    assert project.chosen()[2].job == project.jobs(2)[1].job
    with open_plates(made / "plate.mkv") as plate, open_plates(second.result["figures"]["films"][0]) as film:
        for n, (before, after) in enumerate(zip(plate.at(range(4)), film.frames(), strict=True)):
            hole = project.mask(n) > 0
            assert all(np.array_equal(a[~hole], b[~hole]) for a, b in zip(before.planes(), after.planes(), strict=True))
            assert not np.array_equal(before.planes()[0][hole], after.planes()[0][hole])


def test_batches_from_the_terminal_by_comfyui(genlock, folder: Path, made: Path) -> None:
    """Through the stand-in for ComfyUI: two denoise of one seed, each painted once; the pick is in the film and in the report."""
    table = "\n[[inpaint.batch]]\ndenoise = 0.4\n[[inpaint.batch]]\ndenoise = 0.6\n[inpaint.comfyui]\nmodel = 'inpaint'\n"
    with FakeComfyUI() as server:
        project = create_project(folder / "p", str(made / "plate.mkv"), str(made / "matte.mkv"), seeds=(5,), size=64, range="0-3", prompt="a wall")
        text = project.path("genlock.toml").read_text().replace('"classic"', '"comfyui"', 1)
        project.path("genlock.toml").write_text(text + table + f"url = '{server.url}'\n")
        first = genlock("inpaint", "run", "p")
        assert first.returncode == 0, first.stderr
        runs, project = list(server.runs), open_project(folder / "p")
        assert [(job.keyframe, job.seed, job.denoise, job.state) for job in project.jobs()] == [(0, 5, d, "done") for d in (0.4, 0.6)]
        assert pick(str(project.root), 0, "5@0.6") == "Keyframe 0: seed 5, denoise 0.6 is picked."
        second = genlock("inpaint", "run", "p", "--json")
        assert second.returncode == 0 and server.runs == runs and len(set(runs)) == len(runs), second.stderr
        assert server.strange == []
    figures = json.loads(second.stdout)["figures"]
    assert figures["ran"][0] == "select" and project.chosen()[0].job == project.jobs(0)[1].job
    assert "seed 5, denoise 0.6, picked by a person" in project.path("out", "report.html").read_text()
    with open_plates(made / "plate.mkv") as plate, open_plates(figures["films"][0]) as film:
        for n, (before, after) in enumerate(zip(plate.at(range(4)), film.frames(), strict=True)):
            hole = project.mask(n) > 0
            assert all(np.array_equal(a[~hole], b[~hole]) for a, b in zip(before.planes(), after.planes(), strict=True))
            if n == 0:
                row, column = np.argwhere(hole).mean(axis=0).astype(int)
                assert np.abs(after.rgb()[row, column] * 255 - colour(5, "a wall")).max() < 3


@pytest.mark.parametrize(("backend", "key"), [("a1111", "auth_env"), ("comfyui", "headers_env")])
def test_a_secret_goes_to_another_machine_only_for_who_says_so(genlock, folder: Path, made: Path, backend: str, key: str) -> None:
    """One line before anything is asked; a server on this machine is asked, and is not there."""
    project = create_project(folder / "p", str(made / "plate.mkv"), str(made / "matte.mkv"), backend=backend, seeds=(1,), size=64, range="0-1")

    def said(url: str) -> str:
        table = replace(getattr(project.config, backend), url=url, **{key: "GENLOCK_SECRET"})
        inpaint = replace(project.config.inpaint, retries=0)
        project.path("genlock.toml").write_text(to_text(replace(project.config, inpaint=inpaint, **{backend: table})))
        done = genlock("inpaint", "run", "p")
        assert done.returncode in (1, 2)
        return str(done.stderr)

    refused = said("http://192.0.2.1:7860")
    assert len(refused.splitlines()) == 1 and "GENLOCK_SECRET sent to http://192.0.2.1:7860" in refused and "--trust" in refused
    assert not (folder / "p" / "frames").exists()
    assert "--trust" not in said("http://127.0.0.1:9")


def test_a_program_that_a_project_names_runs_only_for_who_says_so(genlock, folder: Path, made: Path) -> None:
    """A project from anybody: nothing is started, nothing is made, and one line says what would have run."""
    shot_and_matte = (str(made / "plate.mkv"), str(made / "matte.mkv"))
    project, traces = create_project(folder / "p", *shot_and_matte, backend="command", seeds=(1,), size=64, range="0-1"), folder / "traces"
    copy = f"import shutil, sys; shutil.copy(*sys.argv[1:3]); open({str(traces)!r}, 'a').write(sys.argv[3])"
    program = replace(project.config.command, command=(sys.executable, "-c", copy, "{picture}", "{out}", "{mask}"))
    project.path("genlock.toml").write_text(to_text(replace(project.config, command=program)))
    said = genlock("inpaint", "run", "p")
    assert said.returncode == 2 and len(said.stderr.splitlines()) == 1 and "--trust" in said.stderr and sys.executable in said.stderr
    asked = run(Job.create(str(folder / "job"), Request("inpaint", {"project": str(folder / "p")}, (), {"trust": "yes"})).folder)
    assert asked.exit_status == 2 and not traces.exists() and not (folder / "p" / "frames").exists()
    said = genlock("inpaint", "run", "p", "--trust")
    assert said.returncode == 0 and traces.exists(), said.stderr
    traces.unlink()
    assert genlock("inpaint", "run", "p").returncode == 0, "what is painted needs no program"
    said = genlock("inpaint", "run", "p", "--from", "paint")
    assert said.returncode == 2 and "--trust" in said.stderr and not traces.exists()
