"""What is read off a weights file: every published version, and what is not one."""

from __future__ import annotations

import re

import pytest

from genlock.models.cards import count
from genlock.models.rife.shape import NotRife, RifeShape, read_shape, variant, versions

from .variants import DIFFERENT, HEAD, OLD, OLDEST, VARIANTS, made_weights


def test_there_are_thirty_six() -> None:
    assert len(VARIANTS) == 36


@pytest.mark.parametrize("name", VARIANTS)
def test_every_version_is_known_from_its_tensors(name: str) -> None:
    wanted = VARIANTS[name]
    found = variant({**wanted.tensors(), "teacher.conv0.weight": (7, 7), "caltime.0.bias": (3,), "block_tea.conv0.0.0.weight": (2, 2)})
    assert read_shape(found.tensors) == wanted
    assert _covers(found.label, name), found.label


def _covers(label: str, name: str) -> bool:
    """Whether "RIFE 4.13 to 4.19, or 4.24" speaks of 4.17."""
    number, lite = int(re.match(r"4\.(\d+)", name)[1]), name.endswith("lite")  # type: ignore[index]
    spans = re.findall(r"4\.(\d+)(?: lite)?(?: to 4\.(\d+))?", label)
    return lite == ("lite" in label) and any(int(first) <= number <= int(last or first) for first, last in spans)


@pytest.mark.parametrize(
    ("names", "low", "high"),
    [
        (("4.0", "4.2", "4.5", "4.6", "4.7", "4.10", "4.13", "4.19", "4.24"), 5.155e6, 5.365e6),
        (("4.25", "4.26"), 5.6e6, 5.7e6),
        (("4.21", "4.22", "4.23"), 9.2e6, 9.4e6),
        (("4.20",), 15.3e6, 15.5e6),
        (("4.25 heavy",), 21.6e6, 21.8e6),
        (("4.12 lite", "4.15 lite"), 2.5e6, 2.7e6),
    ],
)
def test_the_published_counts_of_parameters(names: tuple[str, ...], low: float, high: float) -> None:
    for name in names:
        assert low <= count(VARIANTS[name].tensors()) <= high, name


def test_scales_and_what_pictures_are_padded_to() -> None:
    told = {name: (VARIANTS[name].scales, VARIANTS[name].multiple_of) for name in ("4.6", "4.25", "4.25 lite", "4.25 heavy")}
    assert told == {
        "4.6": ((8, 4, 2, 1), 32),
        "4.25": ((16, 8, 4, 2, 1), 64),
        "4.25 lite": ((32, 16, 8, 4, 1), 128),
        "4.25 heavy": ((16, 8, 4, 2, 1), 64),
    }


def test_share_is_added_up_only_before_there_was_an_encoder() -> None:
    assert [VARIANTS[name].accumulates_share for name in ("4.0", "4.6", "4.7", "4.25")] == [True, True, False, False]


@pytest.mark.parametrize("shape", DIFFERENT, ids=DIFFERENT.values())
def test_no_tensor_is_taken_on_trust(shape: RifeShape) -> None:
    """One missing, or of another size, is found out."""
    tensors = shape.tensors()
    for name in [*list(tensors)[::7], *list(tensors)[-9:]]:
        size = tensors[name]
        with pytest.raises(NotRife):
            read_shape({**tensors, name: (*size[:-1], size[-1] + 1)})
        with pytest.raises(NotRife):
            read_shape({other: size for other, size in tensors.items() if other != name})


@pytest.mark.parametrize(
    ("tensors", "says"),
    [
        ({"block0.conv0.0.weight": (1, 1), "contextnet.conv1.weight": (1,)}, "RIFE 3 or older"),
        ({}, "0 blocks"),
        ({"block0.conv0.1.0.weight": (2, 2, 3, 3), "block2.conv0.1.0.weight": (2, 2, 3, 3)}, "2 blocks"),
        ({**HEAD.tensors(), "block4.conv0.1.0.weight": (0, 0, 3, 3)}, "block0|block4"),
        ({**OLD.tensors(), "encode.0.weight": ()}, r"encode.0.weight is of size \(\)"),
        ({**OLDEST.tensors(), "block0.surprise": (3,)}, "block0.surprise is of size .*does not belong"),
        ({**HEAD.tensors(), "encode.cnn1.weight": (32, 31, 3, 3)}, "do not follow one another"),
    ],
)
def test_what_is_wrong_is_named(tensors: dict[str, tuple[int, ...]], says: str) -> None:
    with pytest.raises(NotRife, match=says):
        read_shape(tensors)


def test_a_network_that_nobody_has_published_is_not_called_by_a_version() -> None:
    assert versions(RifeShape((32, 24, 24, 16), 6)) == "4.x, of widths that no published version has"


def test_made_weights_have_the_true_sizes() -> None:
    assert {name: tuple(tensor.shape) for name, tensor in made_weights(HEAD).items()} == HEAD.tensors()
