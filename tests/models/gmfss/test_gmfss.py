"""GMFSS with random weights of its true shapes: each step against the plain way of saying it, and the whole as its users have it."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import Tensor
from torch.nn import functional

from genlock.core.errors import UsageError
from genlock.models.errors import ModelError, WeightsError
from genlock.models.gmfss import attention, matching
from genlock.models.gmfss.projection import projected
from genlock.models.gmfss.shape import WIDTH, tensors
from genlock.models.load import interpolator
from genlock.models.rife.shape import RifeShape
from genlock.models.settings import RunSettings
from genlock.models.store import Store

RIFE_46 = RifeShape((192, 128, 96, 64), 6)
FILES = {"flow": "flownet.pkl", "metric": "metric.pkl", "feat": "feat.pkl", "fusion": "fusionnet.pkl", "rife": "rife.pkl"}


def random_weights(rife: RifeShape | None, seed: int = 0) -> dict[str, Tensor]:
    """Small enough that pictures stay pictures."""
    made = torch.Generator().manual_seed(seed)

    def one(name: str, size: tuple[int, ...]) -> Tensor:
        if len(size) == 1:
            return torch.full(size, 0.25) if size == (1,) else torch.zeros(size)
        return torch.randn(size, generator=made) / math.sqrt(max(math.prod(size[1:]), 1))

    return {name: one(name, size) + (1.0 if ".norm" in name and name.endswith("weight") else 0) for name, size in tensors(rife).items()}


def saved(folder: Path, weights: dict[str, Tensor]) -> Path:
    """As their authors hand them out: a file for each network."""
    folder.mkdir()
    for part, name in FILES.items():
        own = {key.removeprefix(f"{part}."): tensor for key, tensor in weights.items() if key.startswith(f"{part}.")}
        if own:
            torch.save({f"module.{key}" if part == "rife" else key: tensor for key, tensor in own.items()}, folder / name)
    return folder


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Store:
    root = tmp_path_factory.mktemp("gmfss")
    kept = Store(root / "kept")
    kept.add(saved(root / "base", random_weights(None)), "anime")
    kept.add(saved(root / "union", random_weights(RIFE_46)), "anime-union")
    return kept


A, B = np.random.default_rng(3).random((2, 40, 70, 3), np.float32)


class TestWhole:
    @pytest.mark.parametrize("name", ["anime", "anime-union"])
    def test_it_answers_with_pictures_of_any_size_and_the_ends_are_given_back(self, store: Store, name: str) -> None:
        pair = interpolator(name, RunSettings("cpu"), store).pair(A, B)
        assert pair.at(0) is A and pair.at(1) is B
        middle = pair.at(0.5)
        assert middle.shape == A.shape and middle.dtype == np.float32 and np.isfinite(middle).all()
        assert np.array_equal(middle, pair.at(0.5)) and not np.array_equal(middle, pair.at(0.25))

    def test_one_time_everywhere_is_the_same_as_a_map_of_it(self, store: Store) -> None:
        pair = interpolator("anime", RunSettings("cpu"), store).pair(A, B)
        assert np.abs(pair.at(np.full(A.shape[:2], 0.25, np.float32)) - pair.at(0.25)).max() < 1e-5

    def test_what_is_brighter_than_white_is_carried_beside_the_networks(self, store: Store) -> None:
        bright = A.copy()
        bright[10:30, 20:50] = 9.0
        pair = interpolator("anime", RunSettings("cpu"), store).pair(bright, bright)
        plain = interpolator("anime", RunSettings("cpu"), store).pair(np.minimum(bright, 1), np.minimum(bright, 1))
        more = pair.at(0.5) - plain.at(0.5)
        assert more.max() > 4 and more.min() > -1e-3 and more.mean() == pytest.approx(8 * 600 / 2800, rel=0.35)

    def test_halves_of_flow_and_precision_are_taken(self, store: Store) -> None:
        for settings in (RunSettings("cpu", scale=0.5), RunSettings("cpu", half=True)):
            assert np.isfinite(interpolator("anime", settings, store).middle(A, B)).all()
        with pytest.raises(UsageError, match="tiles"):
            interpolator("anime", RunSettings("cpu", tile=64), store)
        with pytest.raises(ModelError, match="no motion"):
            interpolator("anime", RunSettings("cpu"), store).pair(A, B).between(0.5)

    def test_what_is_kept_is_one_file_and_added_once(self, store: Store, tmp_path: Path) -> None:
        assert [entry.label for entry in store.entries()] == ["GMFSS", "GMFSS union"]
        again, new = store.add(saved(tmp_path / "again", random_weights(None)))
        assert again.name == "anime" and not new

    @pytest.mark.parametrize(
        ("spoil", "says"),
        [
            (lambda folder: (folder / "metric.pkl").unlink(), "metric is missing"),
            (lambda folder: (folder / "flownet.pkl").rename(folder / "other.txt"), "flow is missing"),
            (lambda folder: torch.save({"metric_in.weight": torch.zeros(64, 9, 3, 3)}, folder / "metric.pkl"), "and \\(64, 14, 3, 3\\) is due"),
            (lambda folder: torch.save(torch.load(folder / "feat.pkl"), folder / "more.pkl"), "the same part"),
            (lambda folder: torch.save({"a": torch.zeros(3)}, folder / "more.pkl"), "no part of a GMFSS"),
            (lambda folder: (folder / "feat.pkl").write_bytes(b"\x80\x02junk"), "cannot be read"),
        ],
    )
    def test_a_folder_that_is_no_set_is_refused_by_name(self, tmp_path: Path, spoil: object, says: str) -> None:
        folder = saved(tmp_path / "set", random_weights(None))
        spoil(folder)  # type: ignore[operator]
        with pytest.raises(WeightsError, match=says):
            Store(tmp_path / "kept").add(folder)
        assert not Store(tmp_path / "kept").entries()

    def test_one_file_of_a_set_says_what_it_is(self, tmp_path: Path) -> None:
        folder = saved(tmp_path / "set", random_weights(None))
        with pytest.raises(WeightsError, match="flow network of GMFSS"):
            Store(tmp_path / "kept").add(folder / "flownet.pkl")


class TestSteps:
    def test_a_moved_window_attends_to_what_is_near_and_nothing_across_the_border(self) -> None:
        """The same by hand, on the whole picture at once: who shares a window after moving, and was not brought together from both ends."""
        q, k, v = (torch.randn(2, 8, 12, WIDTH, generator=torch.Generator().manual_seed(n)) for n in range(3))
        got = attention.windowed(q, k, v, 2, True, attention.apartness(8, 12, 2, q))

        def group(side: int) -> np.ndarray:
            window = side // 2
            place = (np.arange(side) - window // 2) % side  # where each row stands after moving
            return np.where(place // window == 1, np.where(np.arange(side) < window // 2, 2, 1), 0)

        label = group(8)[:, None] * 3 + group(12)
        together = torch.from_numpy(label.ravel()[:, None] == label.ravel())
        likeness = q.flatten(1, 2) @ k.flatten(1, 2).transpose(1, 2) / math.sqrt(WIDTH)
        due = likeness.masked_fill(~together, -1e9).softmax(-1) @ v.flatten(1, 2)
        assert torch.allclose(got.flatten(1, 2), due, atol=1e-4)

    def test_windows_are_undone_by_whole(self) -> None:
        x = torch.randn(2, 6, 10, 3)
        assert torch.equal(attention.whole(attention.windows(x, 2), 2, 6, 10), x)
        assert torch.equal(attention.windows(x, 2)[1], x[0, :3, 5:].reshape(15, 3))

    def test_places_are_the_same_in_every_window_and_differ_within_one(self) -> None:
        place = attention.places(8, 12, 2, torch.zeros(1))
        assert torch.equal(place[..., :4, :6], place[..., 4:, 6:])
        assert place[0, 0, 0, 0] == pytest.approx(math.sin(2 * math.pi / 4), abs=1e-5)
        assert len({tuple(row.tolist()) for row in place[0, :, :4, :6].flatten(1).T}) == 24

    def test_matching_finds_a_shift_anywhere_and_close_by(self) -> None:
        """Features that are their own place's alone."""
        a = functional.normalize(torch.randn(1, WIDTH, 12, 16, generator=torch.Generator().manual_seed(1)), dim=1) * 40
        b = a.roll((2, 3), (2, 3))
        for found in (matching.anywhere(a, b), matching.close_by(a, b)):
            inner = found[0, :, :9, :12]
            assert (inner[0] - 3).abs().max() < 0.05 and (inner[1] - 2).abs().max() < 0.05

    def test_what_leads_out_of_the_picture_is_out_of_the_question(self) -> None:
        a = torch.zeros(1, WIDTH, 5, 6)
        found = matching.close_by(a, a)
        assert found[0, :, 0, 0].tolist() == pytest.approx([2.0, 2.0])
        assert found[0, :, 4, 5].tolist() == pytest.approx([-2.0, -2.0])

    def test_fetching_is_by_pixels_and_zero_outside(self) -> None:
        x = torch.arange(20.0).view(1, 1, 4, 5)
        flow = torch.zeros(1, 2, 4, 5)
        flow[:, 0] = 1.5
        got = matching.fetched(x, flow)[0, 0, 1]
        assert got.tolist() == pytest.approx([6.5, 7.5, 8.5, 4.5, 0])

    def test_what_meets_counts_by_its_exponent_and_what_leaves_is_gone(self) -> None:
        x = torch.tensor([[[[10.0, 20.0, 30.0, 40.0]]]])
        flow = torch.zeros(1, 2, 1, 4)
        flow[0, 0, 0] = torch.tensor([1.0, 0.0, 5.0, -0.25])
        exponent = torch.tensor([[[[math.log(3.0), 0.0, 0.0, 0.0]]]])
        got = projected(x, flow, exponent)[0, 0, 0]
        assert got.tolist() == pytest.approx([0, (30 + 20) / 4, 40, 40])
