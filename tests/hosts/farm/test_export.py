"""A job as a farm gets it: read, checked and run by Open Job Description's own programs."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from fractions import Fraction
from pathlib import Path

import pytest
from openjd.model import DocumentType, decode_job_template, document_string_to_object

from genlock.core.errors import MediaError, OutputError, UsageError
from genlock.hosts.farm.export import export
from genlock.hosts.farm.template import template
from genlock.hosts.farm.yaml import to_yaml
from genlock.hosts.jobs import Job, Request
from genlock.hosts.worker.run import run
from genlock.tests.core.render.made import charts, film

OPENJD = Path(sys.executable).with_name("openjd")
UGLY = "shots {{Param.Job}} \"it's\" é\u2028\U0001f3ac # -"
SETTINGS = {"method": "plain", "times": 10}


def job(folder: Path, name: str, settings: dict | None = None) -> Job:
    """Fifty pictures, three units, each a file."""
    source = folder / "in {{x}}.mkv"
    if not source.exists():
        film(source, charts(range(5), (64, 48)), Fraction(24))
    asked = Request("retime", {"footage": str(source)}, (str(folder / f"{name}.%04d.png"),), SETTINGS | (settings or {}))
    return Job.create(folder / f"job {name}", asked)


def read(text: str) -> dict:
    """By OpenJD's reader, and its model, which refuses what the specification does not know."""
    body = document_string_to_object(document=text, document_type=DocumentType.YAML)
    decode_job_template(template=body)
    return body


@pytest.mark.parametrize("name", [UGLY, "plain", "a: b", "- [x]", "\x07bell\ttab", "x" * 300, "{{", "é" * 200])
def test_every_name_makes_a_template_that_is_read_as_it_was_meant(name):
    body = template("render", f"/farm/{name}", 12, True, f"./{name}")
    if len(name) > 250 or "\x07" in name:
        body["parameterDefinitions"][0].pop("default")
    assert read(to_yaml(body)) == body
    assert len(body["name"]) <= 128 and "{" not in body["name"]


def test_shares_come_first_and_then_what_joins_them(tmp_path):
    made = export(job(tmp_path, "out").folder, str(tmp_path / "t.yaml"), 3)
    assert (made.units, made.pieces, made.default) == (3, 3, "job out")
    body = read((tmp_path / "t.yaml").read_text(encoding="ascii"))
    shares, merge = body["steps"]
    assert shares["script"]["actions"]["onRun"]["args"] == ["run", "{{Param.Job}}", "--piece", "{{Task.Param.Piece}}/{{Param.Pieces}}"]
    assert shares["parameterSpace"]["taskParameterDefinitions"] == [{"name": "Piece", "type": "INT", "range": "1-{{Param.Pieces}}"}]
    assert merge["dependencies"] == [{"dependsOn": "Shares"}] and merge["script"]["actions"]["onRun"]["args"][-1] == "--merge"
    assert {one["name"]: one.get("default") for one in body["parameterDefinitions"]} == {"Job": "job out", "Genlock": "genlock", "Pieces": 3}
    assert body["parameterDefinitions"][0]["dataFlow"] == "INOUT" and "hostRequirements" not in shares


def test_pieces_are_no_more_than_units_and_two_if_nobody_says(tmp_path):
    one = job(tmp_path, "out").folder
    assert export(one, str(tmp_path / "t.yaml"), 50).pieces == 3
    assert export(one, str(tmp_path / "t.yaml")).pieces == 2


def test_a_gpu_is_asked_for_where_the_job_asks_for_one(tmp_path):
    made = export(job(tmp_path, "out", {"device": "cuda"}).folder, str(tmp_path / "t.yaml"))
    shares, merge = read(Path(made.path).read_text())["steps"]
    assert shares["hostRequirements"] == {"amounts": [{"name": "amount.worker.gpu", "min": 1}]} and "hostRequirements" not in merge


def test_a_job_that_is_not_cut_is_one_task(tmp_path):
    (tmp_path / "clip.mp4").write_bytes(b"-")
    asked = Request("align", {"clip": str(tmp_path / "clip.mp4"), "ref": str(tmp_path / "clip.mp4")}, (str(tmp_path / "o.otio"),))
    made = export(Job.create(tmp_path / "job", asked).folder, str(tmp_path / "t.yml"))
    (step,) = read(Path(made.path).read_text())["steps"]
    assert step["script"]["actions"]["onRun"]["args"] == ["run", "{{Param.Job}}"] and "parameterSpace" not in step


def test_a_folder_elsewhere_has_no_default_since_none_is_allowed(tmp_path):
    (tmp_path / "templates").mkdir()
    made = export(job(tmp_path, "out").folder, str(tmp_path / "templates" / "t.yaml"))
    assert made.default == "" and "default" not in read(Path(made.path).read_text())["parameterDefinitions"][0]


def test_what_a_farm_could_not_run_is_refused_in_one_line(tmp_path):
    one = job(tmp_path, "out")
    with pytest.raises(UsageError, match="give it the suffix"):
        export(one.folder, str(tmp_path / "t.json"))
    with pytest.raises(UsageError, match="0 pieces"):
        export(one.folder, str(tmp_path / "t.yaml"), 0)
    with pytest.raises(OutputError, match="no folder"):
        export(one.folder, str(tmp_path / "none" / "t.yaml"))
    body = json.loads(Path(one.request_path).read_text())
    Path(one.request_path).write_text(json.dumps(body | {"inputs": {"footage": "in.mkv"}}))
    with pytest.raises(UsageError, match="in the request is a relative path"):
        export(one.folder, str(tmp_path / "t.yaml"))
    Path(one.request_path).write_text(json.dumps(body | {"inputs": {"footage": str(tmp_path / "gone.mkv")}}))
    with pytest.raises(MediaError, match="the footage of the job, is not there"):
        export(one.folder, str(tmp_path / "t.yaml"))
    assert not list(tmp_path.glob("t.*"))


def openjd(*words: object) -> subprocess.CompletedProcess[str]:
    command = [str(OPENJD), *map(str, words)]
    env = {**os.environ, "PYTHONUTF8": "1"}
    return subprocess.run(command, env=env, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=120)


@pytest.mark.skipif(os.name == "nt", reason="the worker's command is a shell script")
def test_openjd_checks_and_runs_it_and_goes_on_after_a_share_that_failed(tmp_path, genlock):
    """The second share fails the first time, so the session does; the next one has the rest made, and the pictures are those of one process."""
    farm = tmp_path / UGLY
    farm.mkdir()
    assert run(job(tmp_path, "alone").folder).exit_status == 0
    folder = job(farm, "out").folder
    told = genlock("farm", "export", folder, "-o", farm / "t.yaml", "--pieces", 3)
    assert told.returncode == 0 and "3 shares of 3 units" in told.stdout, told.stderr
    assert "passes validation" in openjd("check", farm / "t.yaml").stdout
    command = tmp_path / "worker {{1}}"
    command.write_text(f'#!/bin/sh\nif [ "$4" = 2/3 ] && mkdir "{tmp_path}/failed" 2>/dev/null; then echo "no licence left"; exit 1; fi\n'
                       f'exec "{sys.executable}" -m genlock "$@"\n')  # fmt: skip
    command.chmod(0o755)
    first = openjd("run", farm / "t.yaml", "-p", f"Genlock={command}")
    assert first.returncode != 0 and "no licence left" in first.stdout and not list(farm.glob("*.png"))
    again = openjd("run", farm / "t.yaml", "-p", f"Genlock={command}")
    assert again.returncode == 0 and "Session ended successfully" in again.stdout, again.stdout[-2000:]
    assert "24 of 24 pictures of this share stand from a run before" in (Path(folder) / "log.txt").read_text() + again.stdout
    for n in range(50):
        assert (farm / f"out.{n:04d}.png").read_bytes() == (tmp_path / f"alone.{n:04d}.png").read_bytes()
    assert sorted(os.listdir(folder)) == ["events.jsonl", "log.txt", "request.json", "result.json"]


def test_later_lays_the_folder_down_and_does_nothing(genlock, folder):
    told = genlock("convert", "in.otio", "-o", "out.edl", "--job", "job", "--later")
    assert told.returncode == 0 and "genlock run" in told.stdout and sorted(os.listdir(folder / "job")) == ["request.json"]
    told = genlock("convert", "in.otio", "-o", "out.edl", "--later")
    assert told.returncode == 2 and "--job" in told.stderr
