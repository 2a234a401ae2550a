"""The network itself: every version runs on random weights of its true sizes, and on weights whose answer is known in closed form."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest
import torch

from genlock.models.rife.network import look_up, network_of
from genlock.models.rife.open import open_runner
from genlock.models.rife.runner import MARGIN, Runner
from genlock.models.rife.shape import RifeShape
from genlock.models.settings import RunSettings

from .learned import learned, made_pairs
from .variants import DIFFERENT, VARIANTS, made_weights

CPU = torch.device("cpu")
LIGHT = {shape: name for shape, name in DIFFERENT.items() if "heavy" not in name and name != "4.20"}


@pytest.mark.parametrize("shape", LIGHT, ids=LIGHT.values())
def test_every_network_answers_for_any_size(shape: RifeShape) -> None:
    runner = Runner(network_of(shape, made_weights(shape), CPU, torch.float32))
    a, b = torch.rand(2, 1, 3, 37, 51, generator=torch.Generator().manual_seed(1))
    with torch.inference_mode():
        motion = runner.motion(a, b, torch.full_like(a[:, :1], 0.3))
    assert motion.flow.shape == (1, 4, 37, 51) and motion.share.shape == (1, 1, 37, 51)
    assert motion.flow.isfinite().all() and 0 < motion.share.min() and motion.share.max() < 1
    assert motion.flow.std() > 0


def _biased(shape: RifeShape, share: float) -> dict[str, torch.Tensor]:
    """Weights of nothing but a bias at the end of each block: its flow is (0.25, -0.5, 0.125, 1), its share logit is given."""
    weights = {name: torch.zeros(size) for name, size in shape.tensors().items()}
    planes = torch.tensor([0.25, -0.5, 0.125, 1.0, share] + [0.0] * (shape.outputs - 5))
    for n in range(len(shape.widths)):
        name = f"block{n}.lastconv.{'0.' if shape.residual else ''}bias"
        weights[name] = planes.repeat_interleave(4) if shape.residual else planes
    return weights


@pytest.mark.parametrize("name", ["4.0", "4.2", "4.5", "4.6", "4.7", "4.12", "4.14 lite", "4.22 lite", "4.25", "4.25 lite"])
def test_flow_and_share_in_closed_form(name: str) -> None:
    """Each block's flow counts by its scale (twice that where it ends at half size); the share is added up until 4.6, and replaced later."""
    shape = VARIANTS[name]
    side = 2 * shape.multiple_of
    network = network_of(shape, _biased(shape, 0.3), CPU, torch.float32)
    picture = torch.rand(1, 3, side, side)
    with torch.inference_mode():
        flow, share = network(picture, picture, torch.zeros(1, 1, side, side))[0]
    together = sum(shape.scales) * (1 if shape.residual else 2)
    wanted = together * torch.tensor([0.25, -0.5, 0.125, 1.0])
    assert torch.allclose(flow, wanted[None, :, None, None].expand_as(flow), rtol=1e-5)
    logit = 0.3 * (len(shape.widths) if name in ("4.0", "4.2", "4.5", "4.6") else 1)
    assert torch.allclose(share, torch.tensor(1 / (1 + math.exp(-logit))), rtol=1e-5)


@pytest.mark.parametrize("scale", [0.5, 2.0])
def test_scale_looks_further_or_closer(scale: float) -> None:
    shape = VARIANTS["4.6"]
    runner = Runner(network_of(shape, _biased(shape, 0.0), CPU, torch.float32), scale)
    assert runner.multiple_of == 32 / scale
    a = torch.rand(1, 3, 40, 70)
    with torch.inference_mode():
        flow = runner.motion(a, a, a[:, :1]).flow
    assert torch.allclose(flow[0, 3], torch.tensor(15 / scale))


def test_look_up_by_hand() -> None:
    x = torch.arange(12.0).reshape(1, 1, 3, 4)
    flow = torch.tensor([0.5, 1.0])[None, :, None, None].expand(1, 2, 3, 4)
    assert torch.allclose(look_up(x, flow)[0, 0], torch.tensor([[4.5, 5.5, 6.5, 7], [8.5, 9.5, 10.5, 11], [8.5, 9.5, 10.5, 11]]))


def test_a_checkpoint_from_training_opens(tmp_path: Path) -> None:
    """As the published files are: module. before each name, and parts that only training needed."""
    weights = made_weights(VARIANTS["4.15 lite"])
    saved = {f"module.{name}": tensor for name, tensor in weights.items()}
    torch.save({**saved, "module.teacher.conv.weight": torch.ones(3)}, tmp_path / "flownet.pkl")
    opened = open_runner(tmp_path / "flownet.pkl", RunSettings(device="cpu")).network
    assert opened.shape == VARIANTS["4.15 lite"]
    assert all(torch.equal(tensor, weights[name]) for name, tensor in opened.state_dict().items())


def test_opening_changes_no_global_switch(tmp_path: Path) -> None:
    torch.save(made_weights(VARIANTS["4.15 lite"]), tmp_path / "flownet.pkl")
    before = torch.get_default_dtype(), torch.is_grad_enabled(), torch.get_num_threads(), torch.random.get_rng_state()
    runner = open_runner(tmp_path / "flownet.pkl", RunSettings(device="cpu", half=True))
    assert runner.network.dtype == torch.bfloat16
    after = torch.get_default_dtype(), torch.is_grad_enabled(), torch.get_num_threads(), torch.random.get_rng_state()
    assert before[:3] == after[:3] and torch.equal(before[3], after[3])


@pytest.fixture(scope="module")
def pair() -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    a, b, truth = made_pairs(np.random.default_rng(31), torch.Generator().manual_seed(31), 3.0)
    return a[:1], b[:1], truth[:1]


def test_the_learned_network_has_learned() -> None:
    a, b, truth = made_pairs(np.random.default_rng(30), torch.Generator().manual_seed(30), 5.0)
    with torch.inference_mode():
        flow = learned()(a, b, torch.full_like(a[:, :1], 0.5))[0].flow
    assert (flow - truth).norm(dim=1).mean() < 0.3 * truth.norm(dim=1).mean()


def test_half_precision_is_as_good(pair: tuple[torch.Tensor, torch.Tensor, torch.Tensor]) -> None:
    a, b, _ = pair
    half = Runner(network_of(learned().shape, learned().state_dict(), CPU, torch.bfloat16))
    time = torch.full_like(a[:, :1], 0.5)
    with torch.inference_mode():
        apart = (half.motion(a, b, time).flow - Runner(learned()).motion(a, b, time).flow).norm(dim=1)
    assert 0 < apart.median() < 0.05


def test_tiles_fit_together(pair: tuple[torch.Tensor, torch.Tensor, torch.Tensor]) -> None:
    """Away from the borders of tiles each pixel has seen what it would have seen in the whole picture."""
    a, b, _ = (torch.cat([x, x.flip(-1)], -1)[..., :100, :] for x in pair)
    time = torch.full_like(a[:, :1], 0.5)
    with torch.inference_mode():
        whole, tiled = (Runner(learned(), tile=tile).motion(a, b, time).flow for tile in (0, 2 * MARGIN))
    apart = (whole - tiled).norm(dim=1)
    assert 0 < apart.mean() and apart.median() < 0.03 and apart.max() < 1


def test_a_tile_as_large_as_the_picture_changes_nothing(pair: tuple[torch.Tensor, torch.Tensor, torch.Tensor]) -> None:
    a, b, _ = pair
    time = torch.full_like(a[:, :1], 0.5)
    with torch.inference_mode():
        assert torch.equal(Runner(learned(), tile=128).motion(a, b, time).flow, Runner(learned()).motion(a, b, time).flow)
