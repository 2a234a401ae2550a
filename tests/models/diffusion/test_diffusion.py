"""A real pipeline of diffusers, tiny and with random weights: what it paints means nothing, how it is asked does."""

from __future__ import annotations

import json
import shutil
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from genlock.core.errors import Cancelled, UsageError
from genlock.core.inpaint.contract import Painted, ServerError
from genlock.core.inpaint.project.tables import DiffusersTable
from genlock.models.diffusion import DiffusersPainter
from genlock.tests.core.inpaint.bridge.asks import ask, never

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")  # of diffusers' schedulers before this numpy


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    from .tiny import save

    return save(tmp_path_factory.mktemp("diffusion") / "tiny")


@pytest.fixture
def own(model: Path, tmp_path: Path) -> Path:
    """A copy to be spoilt."""
    return Path(shutil.copytree(model, tmp_path / "model"))


@pytest.fixture(autouse=True)
def _no_net(monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(*args: object, **more: object) -> None:
        raise AssertionError("something is looked up on the net")

    monkeypatch.setattr(socket, "getaddrinfo", refused)


@pytest.fixture(scope="module")
def painter(model: Path) -> Iterator[DiffusersPainter]:
    made = DiffusersPainter(DiffusersTable(model=str(model), device="cpu"))
    yield made
    made.close()
    made.close()


def paint(painter: DiffusersPainter, **more: Any) -> Painted:
    return painter.paint(ask(64, 72, **{"steps": 2, "prompt": "a lamp", **more}), never)


def test_a_seed_is_a_picture(painter: DiffusersPainter) -> None:
    first, other, again = (paint(painter, seed=seed).picture for seed in (5, 6, 5))
    assert first.shape == (64, 72, 3) and first.dtype == np.uint8
    assert (first == again).all() and (first != other).mean() > 0.1


def test_another_painter_paints_the_same(painter: DiffusersPainter, model: Path) -> None:
    fresh = DiffusersPainter(DiffusersTable(model=str(model), device="cpu"))
    assert (paint(fresh).picture == paint(painter).picture).all() and fresh.identity() == painter.identity()


def test_what_stands_in_the_ask_matters(painter: DiffusersPainter) -> None:
    plain = paint(painter).picture.astype(int)
    for change in ({"prompt": "zebra"}, {"negative": "fog"}, {"cfg": 2.0}, {"denoise": 0.6, "steps": 4}, {"sampler": "Euler a"}, {"steps": 3}):
        assert np.abs(paint(painter, **change).picture - plain).max() > 0, change


def test_sixteen_bits_stay_sixteen(painter: DiffusersPainter) -> None:
    fine = paint(painter, dtype=np.uint16)
    assert fine.picture.dtype == np.uint16 and len(np.unique(fine.picture)) > 500 and fine.facts["depth"] == 16


@pytest.mark.parametrize(("denoise", "steps", "run"), [(0.3, 4, 1), (0.1, 4, 1), (0.5, 4, 2), (1.0, 3, 3)])
def test_some_step_is_run_however_little_is_made_anew(painter: DiffusersPainter, denoise: float, steps: int, run: int) -> None:
    """The library rounds steps times denoise down, to none at all."""
    assert paint(painter, denoise=denoise, steps=steps).facts["steps_run"] == run


def test_every_sampler_that_is_named_runs(painter: DiffusersPainter) -> None:
    from genlock.models.diffusion.samplers import SAMPLERS

    kinds = {name: painter.paint(ask(48, 48, steps=2, sampler=name), never).facts["sampler"] for name in SAMPLERS}
    assert kinds == {name: kind for name, (kind, _) in SAMPLERS.items()}
    assert painter.paint(ask(48, 48, steps=2, sampler="dpmpp_2m"), never).facts["sampler"] == "DPMSolverMultistepScheduler"
    assert painter.paint(ask(48, 48, steps=2), never).facts["sampler"] == "DDIMScheduler", "the model's own, after all of them"
    with pytest.raises(ServerError, match="not told of a sampler 'nope'"):
        paint(painter, sampler="nope")


def test_it_stops_between_two_steps_and_tells_of_each(painter: DiffusersPainter) -> None:
    heard: list[tuple[float, str]] = []
    painter.tell = lambda done, what: heard.append((done, what))
    try:
        with pytest.raises(Cancelled):
            painter.paint(ask(steps=5), lambda: len(heard) == 2)
    finally:
        painter.tell = lambda done, what: None
    assert heard == [(0.2, "step 1 of 5"), (0.4, "step 2 of 5")]
    assert paint(painter).picture.shape == (64, 72, 3)


def test_half_precision_is_close_and_another_identity(painter: DiffusersPainter, model: Path) -> None:
    half = DiffusersPainter(DiffusersTable(model=str(model), device="cpu", half=True))
    one, other = paint(painter), paint(half)
    assert np.abs(one.picture.astype(int) - other.picture).mean() < 8 and half.identity() != painter.identity()
    assert next(half._pipeline.unet.parameters()).dtype == torch.bfloat16


def test_a_model_that_was_not_made_to_inpaint_is_held_to_the_mask(tmp_path: Path) -> None:
    from .tiny import save

    plain = DiffusersPainter(DiffusersTable(model=str(save(tmp_path / "plain", channels=4)), device="cpu"))
    assert paint(plain).facts["pipeline"] == "StableDiffusionInpaintPipeline"


def test_an_sdxl_paints_by_the_same_questions(tmp_path: Path) -> None:
    from .tiny import save_xl

    large = DiffusersPainter(DiffusersTable(model=str(save_xl(tmp_path / "xl")), device="cpu"))
    one, again, other = (paint(large, seed=seed) for seed in (5, 5, 6))
    assert one.facts["pipeline"] == "StableDiffusionXLInpaintPipeline"
    assert (one.picture == again.picture).all() and (one.picture != other.picture).any()


def test_the_libraries_that_are_missing_are_named(painter: DiffusersPainter, model: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from genlock.models.diffusion import load

    monkeypatch.setattr(load, "find_spec", lambda name: None)
    with pytest.raises(ServerError, match=r"needs diffusers and transformers and safetensors; install it with: pip install genlock\[diffusers\]"):
        DiffusersPainter(DiffusersTable(model=str(model))).identity()


def test_facts_go_into_a_manifest(painter: DiffusersPainter, model: Path) -> None:
    facts = dict(paint(painter).facts)
    assert (facts["model"], facts["seed"], facts["device"]) == ("model", 5, "cpu") and len(facts["model_hash"]) == 64
    json.dumps([facts, dict(painter.identity())])


def test_other_weights_are_another_identity(model: Path, own: Path) -> None:
    def hashed(path: Path) -> Any:
        return DiffusersPainter(DiffusersTable(model=str(path))).identity()["hash"]

    assert hashed(own) == hashed(model)
    weights = own / "unet" / "diffusion_pytorch_model.safetensors"
    data = bytearray(weights.read_bytes())
    data[-1] ^= 1
    weights.write_bytes(data)
    assert hashed(own) != hashed(model)


def test_pickles_are_refused_before_they_are_opened(own: Path) -> None:
    for weights in own.glob("*/*.safetensors"):
        weights.rename(weights.with_suffix(".bin"))
    with pytest.raises(ServerError, match="its weights are pickles"):
        DiffusersPainter(DiffusersTable(model=str(own))).identity()
    checkpoint = own.parent / "model.ckpt"
    torch.save({"state_dict": {}}, checkpoint)
    with pytest.raises(ServerError, match="can run code when opened; take the same model as"):
        DiffusersPainter(DiffusersTable(model=str(checkpoint), config=str(own))).identity()


def test_code_that_comes_with_a_model_is_refused(own: Path) -> None:
    index = json.loads((own / "model_index.json").read_text())
    (own / "model_index.json").write_text(json.dumps({**index, "unet": ["my_unet", "MyUNet"]}))
    (own / "unet" / "my_unet.py").write_text("raise SystemExit('it ran')")
    with pytest.raises(ServerError, match=r"its unet is code of its own \(my_unet\)"):
        DiffusersPainter(DiffusersTable(model=str(own))).identity()


@pytest.mark.parametrize("index", ["", "[]", "{}", '{"_class_name": 5}', "[" * 9000])
def test_a_folder_that_tells_no_pipeline_is_refused(own: Path, index: str) -> None:
    (own / "model_index.json").write_text(index)
    with pytest.raises(ServerError, match="tells no pipeline"):
        DiffusersPainter(DiffusersTable(model=str(own))).identity()


def test_what_is_not_there_is_told(tmp_path: Path, own: Path) -> None:
    for path, said in (("", "no model is named"), (str(tmp_path / "gone"), "no such file or folder"), (str(tmp_path), "no model_index.json")):
        with pytest.raises(ServerError, match=said):
            DiffusersPainter(DiffusersTable(model=path)).identity()
    shutil.rmtree(own / "unet")
    shutil.rmtree(own / "vae")
    with pytest.raises(ServerError, match="diffusers cannot open it"):
        paint(DiffusersPainter(DiffusersTable(model=str(own), device="cpu")))


def test_damaged_weights_are_told_in_one_line(own: Path) -> None:
    weights = own / "unet" / "diffusion_pytorch_model.safetensors"
    weights.write_bytes(weights.read_bytes()[:-100])
    with pytest.raises(ServerError, match="diffusers cannot open it") as caught:
        paint(DiffusersPainter(DiffusersTable(model=str(own), device="cpu")))
    assert "\n" not in str(caught.value)


def test_a_single_file_paints_as_its_folder_does(painter: DiffusersPainter, own: Path) -> None:
    from .tiny import save_single

    file = save_single(own, own.parent / "tiny.safetensors")
    for weights in own.glob("*/*.safetensors"):
        weights.unlink()
    single = DiffusersPainter(DiffusersTable(model=str(file), config=str(own), device="cpu"))
    assert (paint(single).picture == paint(painter).picture).all()
    assert single.identity()["model"] == "tiny"


def test_a_single_file_needs_the_folder_of_its_kind(own: Path) -> None:
    file = own / "unet" / "diffusion_pytorch_model.safetensors"
    with pytest.raises(ServerError, match="does not say what kind of model it is"):
        DiffusersPainter(DiffusersTable(model=str(file))).identity()


@pytest.mark.parametrize("device", ["cuda:99", "toaster"])
def test_a_device_that_is_not_there_is_told(model: Path, device: str) -> None:
    with pytest.raises(UsageError):
        paint(DiffusersPainter(DiffusersTable(model=str(model), device=device)))


def test_what_cannot_be_painted_is_refused(painter: DiffusersPainter) -> None:
    for more in ({"seed": -1}, {"denoise": 0.0}):
        with pytest.raises(UsageError):
            paint(painter, **more)
    with pytest.raises(UsageError, match="multiples of 8"):
        painter.paint(ask(60, 64), never)
