"""What the names and sizes of a RIFE 4.x file say about its network. No torch; every version there is fits one description.

Coarse to fine, M blocks. Each shrinks its input, halves it twice (`conv0`), thinks (`convblock`, eight 3x3), and enlarges what it
found (`lastconv`): four planes of flow, one of share, and from 4.21 on features for the next block. What else differs from version
to version is read off the file: see RifeShape.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from ..cards import Shapes, Variant, count

KEPT = re.compile(r"(block\d+|encode)\.")
"""What a network needs; teacher.*, caltime.*, block_tea.* and the like were there for training."""
_THOUGHTS = 8


class NotRife(ValueError):
    """The tensors are not those of a RIFE 4.x network; the text says which one is wrong."""


@dataclass(frozen=True)
class RifeShape:
    """One network."""

    widths: tuple[int, ...]
    """Channels of each block, coarse to fine."""
    outputs: int
    """Planes that a block gives: 5 (flow and share), 6 (one more, unused), 13 (eight features more)."""
    prelu: bool = False
    """Learned slopes, and the thoughts added to what they began with: 4.0 and 4.1."""
    residual: bool = True
    """Thoughts of the form act(beta * conv(x) + x), and a pixel shuffle at the end: from 4.5 on."""
    groups: int = 1
    """Of the thoughts' convolutions: 2 in 4.14 lite."""
    encoder: tuple[tuple[str, int, int], ...] = ()
    """Layers that make features of a picture: name, channels in, channels out. From 4.7 on."""

    @property
    def features(self) -> int:
        """Channels of the encoder's features; 0 without one."""
        return self.encoder[-1][2] if self.encoder else 0

    @property
    def handed_on(self) -> int:
        """Feature planes that a block hands to the next."""
        return self.outputs - 5 if self.outputs > 6 else 0

    @property
    def scales(self) -> tuple[int, ...]:
        """By how much each block shrinks its input. The file does not say; five blocks, the last one narrow, are 4.25 lite."""
        if len(self.widths) == 4:
            return (8, 4, 2, 1)
        return (32, 16, 8, 4, 1) if self.widths[-1] == 24 else (16, 8, 4, 2, 1)

    @property
    def accumulates_share(self) -> bool:
        """Whether each block adds to the share, as up to 4.6, or says it anew."""
        return not self.encoder

    @property
    def multiple_of(self) -> int:
        """Pictures are padded to a multiple of this, in pixels, at scale 1."""
        return 4 * self.scales[0]

    def inputs(self, block: int) -> int:
        """Planes that a block is given: two pictures and the time; later also share, flow and what the block before hands on."""
        return 7 + 2 * self.features + (5 + self.handed_on if block else 0)

    def tensors(self) -> dict[str, tuple[int, ...]]:
        """Every tensor of this network, by name, with its size."""
        found: dict[str, tuple[int, ...]] = {}
        for n, width in enumerate(self.widths):
            for name, size in self._block(self.inputs(n), width):
                found[f"block{n}.{name}"] = size
        for k, (name, before, after) in enumerate(self.encoder):
            last = k == len(self.encoder) - 1
            found[f"encode.{name}.weight"] = (before, after, 4, 4) if last else (after, before, 3, 3)
            found[f"encode.{name}.bias"] = (after,)
        return found

    def _block(self, planes: int, width: int) -> Iterator[tuple[str, tuple[int, ...]]]:
        for k, (before, after) in enumerate(((planes, width // 2), (width // 2, width))):
            yield f"conv0.{k}.0.weight", (after, before, 3, 3)
            yield f"conv0.{k}.0.bias", (after,)
            if self.prelu:
                yield f"conv0.{k}.1.weight", (after,)
        for k in range(_THOUGHTS):
            conv = f"convblock.{k}.{'conv' if self.residual else '0'}"
            yield f"{conv}.weight", (width, width // self.groups, 3, 3)
            yield f"{conv}.bias", (width,)
            if self.residual:
                yield f"convblock.{k}.beta", (1, width, 1, 1)
            if self.prelu:
                yield f"convblock.{k}.1.weight", (width,)
        name, planes = ("lastconv.0", 4 * self.outputs) if self.residual else ("lastconv", self.outputs)
        yield f"{name}.weight", (width, planes, 4, 4)
        yield f"{name}.bias", (planes,)


def read_shape(shapes: Shapes) -> RifeShape:
    """The network that these tensors (by their names without `module.`) belong to. Raises NotRife.

    Nothing is taken on trust: what is read off a few tensors must explain every other one to the last number.
    """
    kept = {name: tuple(size) for name, size in shapes.items() if KEPT.match(name)}
    shape = _guess(kept)
    wanted = shape.tensors()
    for name in sorted(wanted.keys() | kept.keys()):
        if wanted.get(name) != kept.get(name):
            raise NotRife(_difference(name, wanted.get(name), kept.get(name)))
    return shape


def _guess(kept: Shapes) -> RifeShape:
    blocks = sorted({int(found[1]) for name in kept if (found := re.match(r"block(\d+)\.", name))})
    if "block0.conv0.0.weight" in kept:
        raise NotRife("it is a RIFE 3 or older, another kind of network")
    if blocks not in ([0, 1, 2, 3], [0, 1, 2, 3, 4]):
        raise NotRife(f"it has {len(blocks)} blocks named block0, block1, ..., and RIFE 4.x has 4 or 5")
    widths = tuple(_size(kept, f"block{n}.conv0.1.0.weight", 4)[0] for n in blocks)
    residual = "block0.convblock.0.beta" in kept
    planes = _size(kept, "block0.lastconv.0.weight" if residual else "block0.lastconv.weight", 4)[1]
    inner = _size(kept, "block0.convblock.0.conv.weight", 4)[1] if residual else widths[0]
    if not inner or widths[0] % inner or (residual and planes % 4) or any(width % 2 for width in widths):
        raise NotRife(f"widths {widths} do not divide")
    return RifeShape(
        widths,
        planes // 4 if residual else planes,
        prelu="block0.conv0.0.1.weight" in kept,
        residual=residual,
        groups=widths[0] // inner,
        encoder=_encoder(kept),
    )


def _encoder(kept: Shapes) -> tuple[tuple[str, int, int], ...]:
    names = sorted(name.split(".")[1] for name in kept if name.startswith("encode.") and name.endswith(".weight") and name.count(".") == 2)
    layers = []
    for k, name in enumerate(names):
        first, second = _size(kept, f"encode.{name}.weight", 4)[:2]
        layers.append((name, first, second) if k == len(names) - 1 else (name, second, first))
    if layers and (len(layers) not in (2, 4) or [3, *(after for _, _, after in layers[:-1])] != [before for _, before, _ in layers]):
        raise NotRife(f"the layers of encode do not follow one another: {layers}")
    return tuple(layers)


def _size(kept: Shapes, name: str, axes: int) -> tuple[int, ...]:
    size = kept.get(name, ())
    if len(size) != axes:
        raise NotRife(f"{name} is {'missing' if name not in kept else f'of size {tuple(size)}'}")
    return size


def _difference(name: str, wanted: tuple[int, ...] | None, there: tuple[int, ...] | None) -> str:
    if there is None:
        return f"{name} is missing"
    return f"{name} is of size {there}, and " + (f"{wanted} fits the others" if wanted else "does not belong to the others")


def variant(shapes: Shapes) -> Variant:
    """What a file holds, for the card. Raises NotRife."""
    shape = read_shape(shapes)
    tensors = shape.tensors()
    figures = {"parameters": count(tensors), "widths": list(shape.widths), "features": shape.features}
    return Variant("rife", f"RIFE {versions(shape)}", tensors, shape.multiple_of, figures)


def likeness(shapes: Shapes) -> int:
    """How many tensors are named as in some RIFE; 0: it is something else."""
    return sum(1 for name in shapes if re.match(r"(block\d+|contextnet|unet)\.", name))


_PUBLISHED: set[tuple[int, ...]] = {(192, 128, 96, 64), (128, 96, 64, 48), (384, 192, 96, 48), (256, 192, 96, 48), (192, 128, 64, 32)}
_PUBLISHED |= {(192, 128, 96, 64, 32), (192, 128, 96, 64, 24), (384, 256, 192, 128, 64)}


def versions(shape: RifeShape) -> str:
    """Which published versions have this network, in words. Several share one; their weights differ."""
    if shape.widths not in _PUBLISHED:
        return "4.x, of widths that no published version has"
    if not shape.residual:
        return "4.0 or 4.1" if shape.prelu else "4.2 to 4.4"
    if not shape.encoder:
        return "4.5" if shape.outputs == 5 else "4.6"
    if len(shape.widths) == 5:
        return _of_five_blocks(shape)
    if shape.groups == 2:
        return "4.14 lite"
    known = {256: "4.21 to 4.23", 384: "4.20"}.get(shape.widths[0])
    if known:
        return known
    if shape.handed_on:
        return "4.22 lite"
    layers = len(shape.encoder)
    if layers == 2:
        return "4.7 to 4.9"
    lite = " lite" if shape.widths[0] < 192 or shape.features == 4 else ""
    if shape.encoder[0][0] == "cnn0":
        return "4.13 lite to 4.17 lite" if lite else "4.13 to 4.19, or 4.24"
    return "4.12 lite" if lite else "4.10 to 4.12"


def _of_five_blocks(shape: RifeShape) -> str:
    if shape.widths[-1] == 24:
        return "4.25 lite"
    if shape.widths[0] > 192:
        return "4.25 heavy"
    return "4.26 heavy" if shape.features == 16 else "4.25 or 4.26"
