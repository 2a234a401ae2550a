"""Where weights are kept: whole or not at all, by name and by digest, and never by what a file says of itself."""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path

import pytest
import torch

from genlock.core.errors import OutputError, UsageError
from genlock.models import registry, store, weights
from genlock.models.errors import WeightsError
from genlock.models.safetensors import read_header, write_safetensors
from genlock.models.store import Store, default_root

from .rife.variants import VARIANTS, made_weights

LITE = VARIANTS["4.15 lite"]


@pytest.fixture
def kept(tmp_path: Path) -> Store:
    return Store(tmp_path / "models")


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """As published: a pickle with module. before the names, and what training left behind."""
    path = tmp_path / "flownet.pkl"
    torch.save({**{f"module.{name}": tensor for name, tensor in made_weights(LITE).items()}, "module.caltime.0.weight": torch.ones(3)}, path)
    return path


def _other(tmp_path: Path, name: str = "other.safetensors", seed: int = 1) -> Path:
    write_safetensors(tmp_path / name, {name: tensor.half() for name, tensor in made_weights(LITE, seed).items()})
    return tmp_path / name


def test_what_is_kept_is_what_the_network_needs_and_no_pickle(kept: Store, file: Path) -> None:
    entry, new = kept.add(file)
    assert new and entry.file.suffix == ".safetensors"
    assert {name: told.shape for name, told in read_header(entry.file).items()} == LITE.tensors()
    assert all(torch.equal(tensor, made_weights(LITE)[name]) for name, tensor in weights.read_weights(entry.file).items())
    assert sorted(path.name for path in kept.root.rglob("*")) == sorted([entry.sha256[:16], "about.json", "weights.safetensors"])
    assert entry.sha256 == weights.sha256(file) and entry.digest == weights.sha256(entry.file)
    assert kept.entries() == [entry]


def test_the_same_file_twice_is_kept_once(kept: Store, file: Path, tmp_path: Path) -> None:
    entry, _ = kept.add(file)
    shutil.copy(file, tmp_path / "copy.pkl")
    assert kept.add(tmp_path / "copy.pkl", "another-name") == (entry, False)
    assert len(kept.entries()) == 1


def test_names(kept: Store, file: Path, tmp_path: Path) -> None:
    """flownet.pkl is what all of them are called; a name that says something is kept."""
    assert kept.add(file)[0].name == f"rife-{weights.sha256(file)[:6]}"
    assert kept.add(_other(tmp_path, "RIFE 4.15 (lite).safetensors"))[0].name == "rife-4.15-lite"
    with pytest.raises(UsageError, match=r"there are other weights called rife-4\.15-lite"):
        kept.add(_other(tmp_path, "c.safetensors", 2), "rife-4.15-lite")
    for name in ("rife", "../up", "Ä", "a b", "-x", "a" * 65):
        with pytest.raises(UsageError, match="is no name for weights"):
            kept.add(_other(tmp_path, "c.safetensors", 2), name)
    third = kept.add(_other(tmp_path, "d.safetensors", 3), "mine")[0]
    assert kept.find("mine") == kept.find(third.sha256[:6]) == third
    assert kept.find("rife") == third, "the newest of the card"


def test_a_file_needs_not_be_kept(kept: Store, file: Path) -> None:
    entry = kept.find(str(file))
    assert (entry.card, entry.file, entry.digest) == ("rife", file.resolve(), "") and "lite" in entry.label
    assert not kept.root.exists()


def test_remove(kept: Store, file: Path, tmp_path: Path) -> None:
    kept.add(file, "first")
    kept.add(_other(tmp_path), "second")
    kept.remove("first")
    assert [entry.name for entry in kept.entries()] == ["second"] and len(os.listdir(kept.root)) == 1
    with pytest.raises(WeightsError, match="there are no weights called 'first'; there are second"):
        kept.remove("first")
    with pytest.raises(WeightsError, match="there are no weights called 'rife'"):
        kept.remove("rife")
    assert file.exists()


def test_an_unknown_name_says_where_weights_come_from(kept: Store) -> None:
    with pytest.raises(WeightsError, match=r"no weights called 'rife'; .*hzwer/Practical-RIFE.*genlock models add FILE"):
        kept.find("rife")


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (lambda found: {name: found[name] for name in list(found)[:-1]}, "is missing"),
        (lambda found: {**found, "block0.conv0.0.0.weight": torch.zeros(3)}, "block0.conv0.0.0.weight is of size"),
        (lambda found: {**found, "block1.conv0.0.0.bias": torch.full((48,), float("nan"))}, "not finite"),
        (lambda found: {"backbone.conv1.weight": torch.zeros(3, 3)}, r"its tensors \(backbone.conv1.weight, ...\) belong to no model"),
        (lambda found: {"backbone.trident_conv.weight": torch.zeros(128, 128, 3, 3)}, "it is GMFlow, .*into one folder"),
        (lambda found: {"block1.0.weight": torch.zeros(1), "block1.1.weight": torch.zeros(64, 3, 3, 3)}, "the feature network of GMFSS"),
        (lambda found: {"hyponet.params.linear_wb0": torch.zeros(3)}, "GIMM-VFI, whose licence forbids commercial use"),
        (lambda found: {"block0.conv0.0.weight": torch.zeros(3), "unet.up0.weight": torch.zeros(3)}, "RIFE 3 or older"),
    ],
    ids=["a tensor short", "a wrong size", "not a number", "another model", "GMFlow", "GMFSS features", "GIMM", "an older RIFE"],
)
def test_what_is_not_known_is_not_kept(kept: Store, tmp_path: Path, change, says: str) -> None:
    torch.save(change(made_weights(LITE)), tmp_path / "bad.pkl")
    with pytest.raises(WeightsError, match=says):
        kept.add(tmp_path / "bad.pkl")
    assert not kept.root.exists()


def test_a_failure_half_way_leaves_nothing(kept: Store, file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(path: Path, *more: object) -> None:
        path.write_bytes(b"half")
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(store, "write_safetensors", full)
    with pytest.raises(OutputError, match="No space left on device; free some space"):
        kept.add(file)
    assert os.listdir(kept.root) == []


def test_what_somebody_changed_by_hand_is_told_and_not_believed(kept: Store, file: Path, tmp_path: Path) -> None:
    entry, _ = kept.add(file, "mine")
    about = entry.file.parent / "about.json"
    told = json.loads(about.read_text())
    wrong = ({**told, "card": "unknown"}, {**told, "genlock": 2}, {**told, "sha256": "0" * 64})
    for hurt in ("", "[]", "{", *map(json.dumps, wrong)):
        about.write_text(hurt)
        assert kept.entries() == [] and kept.damaged() == [entry.file.parent]
    outside = _other(tmp_path)
    about.write_text(json.dumps({**told, "file": str(outside)}))
    assert kept.entries() == [], "a file outside of the folder is not followed"
    about.write_text("{")
    assert kept.add(file, "mine")[1] and kept.damaged() == [], "adding it anew mends it"


def test_other_things_in_the_folder_are_let_be(kept: Store, file: Path) -> None:
    kept.root.mkdir()
    (kept.root / "notes.txt").write_text("mine")
    (kept.root / "new-abc").mkdir()
    kept.add(file)
    assert len(kept.entries()) == 1 and kept.damaged() == [] and (kept.root / "notes.txt").exists()


def test_where_it_is(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("GENLOCK_MODELS", str(tmp_path))
    assert default_root() == Store().root == tmp_path
    monkeypatch.delenv("GENLOCK_MODELS")
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    monkeypatch.setattr("sys.platform", "linux")
    assert default_root() == tmp_path / "data" / "genlock" / "models"


def test_every_card_says_what_a_person_needs() -> None:
    cards = registry.cards()
    assert len({card.name for card in cards}) == len(cards) == len(registry.FAMILIES)
    for card in cards:
        assert card.name == card.name.lower() and card.licence and card.weights_from and card.trained_for and card.files and card.known_by
        assert card.gives and set(card.gives) <= {"flow", "middle"}


@pytest.mark.skipif(not os.environ.get("GENLOCK_WEIGHTS"), reason="set GENLOCK_WEIGHTS to a folder of real weights")
def test_real_weights(kept: Store) -> None:
    """Every file of a model that is known, in the folder that GENLOCK_WEIGHTS names, is recognised and gives pictures."""
    from genlock.models.trial import try_out

    tried = 0
    for path in sorted(Path(os.environ["GENLOCK_WEIGHTS"]).rglob("*")):
        if path.suffix in (".pkl", ".pth", ".safetensors"):
            try_out(kept.find(str(path)), kept)
            tried += 1
    assert tried, "there is no weights file in $GENLOCK_WEIGHTS"
