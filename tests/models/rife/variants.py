"""The published RIFE 4.x networks, version by version, written down from their files' descriptions; not by the code that is tested."""

from __future__ import annotations

from collections.abc import Iterator

import torch

from genlock.models.rife.shape import RifeShape

STANDARD, LITE = (192, 128, 96, 64), (128, 96, 64, 48)
FIVE = (192, 128, 96, 64, 32)
SHORT = (("0", 3, 16), ("1", 16, 4))


def row(width: int, features: int) -> tuple[tuple[str, int, int], ...]:
    """An encoder of four layers in a row, named 0, 2, 4, 6."""
    return ("0", 3, width), ("2", width, width), ("4", width, width), ("6", width, features)


def head(width: int, features: int) -> tuple[tuple[str, int, int], ...]:
    """An encoder whose layers are named cnn0 to cnn3."""
    return ("cnn0", 3, width), ("cnn1", width, width), ("cnn2", width, width), ("cnn3", width, features)


OLDEST = RifeShape(STANDARD, 5, prelu=True, residual=False)
OLD = RifeShape(STANDARD, 5, residual=False)
FEATURES_4, FEATURES_8 = RifeShape(STANDARD, 6, encoder=SHORT), RifeShape(STANDARD, 6, encoder=row(32, 8))
HEAD = RifeShape(STANDARD, 6, encoder=head(32, 8))
HEAD_LITE, HEAD_SMALL_LITE = RifeShape(LITE, 6, encoder=head(32, 8)), RifeShape(LITE, 6, encoder=head(16, 4))
HANDED_ON = RifeShape((256, 192, 96, 48), 13, encoder=head(32, 8))

VARIANTS = {
    "4.0": OLDEST, "4.1": OLDEST, "4.2": OLD, "4.3": OLD, "4.4": OLD,
    "4.5": RifeShape(STANDARD, 5), "4.6": RifeShape(STANDARD, 6),
    "4.7": FEATURES_4, "4.8": FEATURES_4, "4.9": FEATURES_4,
    "4.10": FEATURES_8, "4.11": FEATURES_8, "4.12": FEATURES_8, "4.12 lite": RifeShape(LITE, 6, encoder=row(16, 4)),
    "4.13": HEAD, "4.13 lite": HEAD_LITE, "4.14": HEAD, "4.14 lite": RifeShape(STANDARD, 6, groups=2, encoder=head(32, 8)),
    "4.15": HEAD, "4.15 lite": HEAD_SMALL_LITE, "4.16 lite": HEAD_SMALL_LITE, "4.17": HEAD, "4.17 lite": HEAD_SMALL_LITE,
    "4.18": HEAD, "4.19": HEAD, "4.20": RifeShape((384, 192, 96, 48), 6, encoder=head(32, 8)),
    "4.21": HANDED_ON, "4.22": HANDED_ON, "4.22 lite": RifeShape((192, 128, 64, 32), 13, encoder=head(16, 4)), "4.23": HANDED_ON,
    "4.24": HEAD,
    "4.25": RifeShape(FIVE, 13, encoder=head(16, 4)), "4.25 lite": RifeShape((192, 128, 96, 64, 24), 13, encoder=head(16, 4)),
    "4.25 heavy": RifeShape((384, 256, 192, 128, 64), 13, encoder=head(16, 4)),
    "4.26": RifeShape(FIVE, 13, encoder=head(16, 4)), "4.26 heavy": RifeShape(FIVE, 13, encoder=head(16, 16)),
}  # fmt: skip

DIFFERENT = {shape: name for name, shape in reversed(VARIANTS.items())}
"""Each network once, with the first version that has it."""


def made_weights(shape: RifeShape, seed: int = 0) -> dict[str, torch.Tensor]:
    """Random weights of the true sizes, of a strength that keeps numbers in bounds."""
    return dict(_tensors(shape, seed))


def _tensors(shape: RifeShape, seed: int) -> Iterator[tuple[str, torch.Tensor]]:
    generator = torch.Generator().manual_seed(seed)
    for name, size in shape.tensors().items():
        if name.endswith("beta"):
            yield name, torch.ones(size)
        else:
            fan = 9 * size[1] if len(size) == 4 else 20
            yield name, torch.randn(size, generator=generator) * (0.5 / fan) ** 0.5
