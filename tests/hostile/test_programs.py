"""Files that would run code: pickles under any name, models, projects that name programs; and links that lead out of a project."""

from __future__ import annotations

import io
import os
import pickle
import shutil
import zipfile
from pathlib import Path

import pytest

from genlock.hosts.cli.terminal import main


class Harm:
    """Unpickled, it makes a file in the folder where it is."""

    def __reduce__(self):
        return (open, ("escaped.txt", "w"))


def archive(body: bytes) -> bytes:
    """As torch.save writes it."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as made:
        for name, content in (("a/data.pkl", body), ("a/version", b"3\n"), ("a/byteorder", b"little"), ("a/data/0", bytes(64))):
            made.writestr(name, content)
    return out.getvalue()


HARM = {
    "bare": pickle.dumps(Harm(), protocol=2),
    "old": pickle.dumps({"state_dict": Harm()}, protocol=0),
    "system": b"cos\nsystem\n(S'touch escaped.txt'\ntR.",
    "archive": archive(pickle.dumps(Harm(), protocol=2)),
    "archive with a state": archive(pickle.dumps({"state_dict": {"w": Harm()}}, protocol=4)),
}


@pytest.mark.parametrize("harm", HARM)
@pytest.mark.parametrize("name", ["m.pkl", "m.pt", "m.pth", "m.ckpt", "m.bin", "m.safetensors", "m.onnx", "m"])
def test_a_pickle_with_code_is_not_run_under_any_name(stage, harm, name):
    (stage.inside / name).write_bytes(HARM[harm])
    stage.refused("models", "add", stage.inside / name)
    assert not list(stage.root.rglob("escaped.txt")) and not list((stage.root / "models").rglob("*.*"))


def test_nor_where_a_project_names_it(stage, footage):
    """As a saliency network, a model that enlarges, SAM 2 and Stable Diffusion; with and without --trust, which is for programs of known kinds."""
    for harm in ("bare", "archive"):
        (stage.inside / "m.onnx").write_bytes(HARM[harm])
        (stage.inside / "m.ckpt").write_bytes(HARM[harm])
        (stage.inside / "sd").mkdir(exist_ok=True)
        for name in ("pytorch_model.bin", "diffusion_pytorch_model.bin", "model.pt"):
            (stage.inside / "sd" / name).write_bytes(HARM[harm])
        for table in (
            f'[mask]\nmethod = "saliency"\nmodel = "{stage.inside}/m.onnx"\n',
            f'[mask]\nmethod = "sam2"\nbox = "9,9,20,20"\nmodel = "{stage.inside}/sd"\n',
            f'[mask]\nbox = "9,9,20,20"\n[inpaint]\nbackend = "diffusers"\n[inpaint.diffusers]\nmodel = "{stage.inside}/sd"\n',
            f'[mask]\nbox = "9,9,20,20"\n[inpaint]\nbackend = "diffusers"\n[inpaint.diffusers]\nmodel = "{stage.inside}/m.ckpt"\n',
        ):
            root = stage.root / "project"
            shutil.rmtree(root, ignore_errors=True)
            root.mkdir()
            (root / "genlock.toml").write_text(f'schema_version = 1\n[input]\nvideo = "{footage}/ref.mp4"\nrange = "0-1"\n{table}')
            for trust in ([], ["--trust"]):
                stage.refused("inpaint", "run", root, *trust, made=("project",))
    assert not list(stage.root.rglob("escaped.txt"))


def test_a_program_or_a_network_in_somebody_elses_project_waits_for_your_word(stage, footage):
    (stage.inside / "net.onnx").write_bytes(b"\x08\x07")
    for table, word in (
        ('[inpaint]\nbackend = "command"\n[inpaint.command]\ncommand = ["touch", "escaped.txt"]\n', "has a program run"),
        (f'[mask]\nmethod = "saliency"\nmodel = "{stage.inside}/net.onnx"\n', "nobody has said that it may"),
        (f'[upscale]\ntimes = 2\nmodels = ["{stage.inside}/net.onnx:0.5"]\n', "nobody has said that it may"),
    ):
        root = stage.root / "project"
        shutil.rmtree(root, ignore_errors=True)
        root.mkdir()
        box = "" if "[mask]" in table else '[mask]\nbox = "9,9,20,20"\n'
        (root / "genlock.toml").write_text(f'schema_version = 1\n[input]\nvideo = "{footage}/ref.mp4"\n{box}{table}')
        line = stage.refused("inpaint", "run", root, made=("project",))
        assert word in line and "--trust" in line


@pytest.fixture(scope="module")
def project(footage, tmp_path_factory) -> Path:
    """A project that was made and not run."""
    made = tmp_path_factory.mktemp("project")
    shutil.copy(footage / "ref.mp4", made / "ref.mp4")
    assert main(["inpaint", "init", str(made / "p"), "--video", str(made / "ref.mp4"), "--box", "9,9,20,20", "--range", "0-1", "--quiet"]) == 0
    return made


@pytest.mark.parametrize("name", ["frames", "frames/src", "masks", "out", "state", "log", "log/run.jsonl", "jobs", "keys", "state/doing"])
def test_a_projects_link_that_leads_out_is_not_followed(stage, project, name):
    shutil.copytree(project, stage.root / "sent")
    root = stage.root / "sent/p"
    target = stage.root / "private"
    target.mkdir()
    (target / "kept.txt").write_text("kept")
    (root / name).parent.mkdir(parents=True, exist_ok=True)
    shutil.rmtree(root / name, ignore_errors=True)
    os.symlink(target / "kept.txt" if name.endswith(".jsonl") else target, root / name)
    line = stage.refused("inpaint", "run", root, made=("sent/p",))
    assert "leads out of the project" in line and "\n" not in line
    assert [path.name for path in target.iterdir()] == ["kept.txt"] and (target / "kept.txt").read_text() == "kept"


def test_a_link_within_a_project_and_to_a_project_is_one_of_its_own(stage, project):
    shutil.copytree(project, stage.root / "sent")
    os.symlink(stage.root / "sent/p", stage.root / "short")
    (stage.root / "sent/p/elsewhere").mkdir()
    os.symlink(stage.root / "sent/p/elsewhere", stage.root / "sent/p/out")
    assert stage.genlock("inpaint", "status", stage.root / "short", made=("sent",)).kind == "accepted"


@pytest.mark.parametrize("job", ["../../private", "/etc", "a/b", "..", "a\\..\\b", ""])
def test_a_record_that_names_a_job_elsewhere(stage, project, job):
    import json

    shutil.copytree(project, stage.root / "sent")
    keys = stage.root / "sent/p/keys"
    keys.mkdir(exist_ok=True)
    crop = {"top": 0, "left": 0, "height": 8, "width": 8, "size": [64, 64]}
    group = {"keyframe": 0, "first": 0, "last": 1, "why": "start", "score": 0.0, "crop": crop}
    (keys / "keyframes.json").write_text(json.dumps({"groups": [group]}))
    (keys / "jobs.json").write_text(json.dumps({"jobs": [job]}))
    assert "no name of a job" in stage.refused("inpaint", "status", stage.root / "sent/p", made=("sent",))


def test_an_output_that_is_a_link_is_written_where_the_link_leads(stage, footage):
    """As every program does; the link stays. And never over what is read."""
    (stage.out / "there").mkdir()
    os.symlink(stage.out / "there/real.otio", stage.out / "a.otio")
    assert stage.genlock("convert", footage / "a.json", "-o", stage.out / "a.otio").kind == "accepted"
    assert (stage.out / "a.otio").is_symlink() and (stage.out / "there/real.otio").stat().st_size > 1000
    shutil.copy(footage / "a.json", stage.inside / "a.json")
    os.symlink(stage.inside / "a.json", stage.out / "b.json")
    assert "also an input" in stage.genlock("convert", stage.inside / "a.json", "-o", stage.out / "b.json").stderr


def test_a_sequence_with_a_link_to_a_device(stage):
    for n in range(3):
        os.symlink("/dev/zero", stage.inside / f"s.{n:04d}.png")
    stage.refused("retime", stage.inside / "s.%04d.png", "--rate", "50", "-o", stage.out / "r.mov")
