"""What tensors a GMFSS is made of: five networks, each known by one of its tensors. No torch.

The files are one set: genlock keeps them as one, each tensor's name behind the name of its part (flow., metric., feat., fusion., rife.).
"""

from __future__ import annotations

from collections.abc import Iterator

from ..cards import Shapes, Variant, count
from ..rife.shape import NotRife, RifeShape, read_shape

TELL_TALE = {
    "flow": "backbone.trident_conv.weight",
    "metric": "metric_in.weight",
    "feat": "block1.1.weight",
    "fusion": "residual_model_head1.1.weight",
    "rife": "block0.conv0.0.0.weight",
}
"""A tensor that each part has, and no other one. Without "rife" it is GMFSS, with it the union."""
WIDTH = 128
"""Channels of the flow network's features."""
LAYERS, EXPANSION, UPSAMPLE = 6, 4, 4
PYRAMID = (64, 128, 192)
"""Channels of the features that are carried, at a half, a quarter and an eighth of the size."""
ROWS = {
    **{f"residual_model_{row}{column}": (PYRAMID[row], PYRAMID[row]) for row in range(3) for column in (1, 4, 5)},
    **{f"downsample_model_{row}{column}": (PYRAMID[row - 1], PYRAMID[row]) for row in (1, 2) for column in (0, 1)},
    **{f"upsample_model_{row}{column}": (PYRAMID[row + 1], PYRAMID[row]) for row in (0, 1) for column in (4, 5)},
}
"""Blocks of the fusing grid, by name: channels in and out."""
_BASE_PLANES, _UNION_PLANES = 12, 9


class NotGmfss(ValueError):
    """The tensors are not those of a GMFSS; the text says which one is wrong."""


def part_of(shapes: Shapes) -> str | None:
    """Which part these tensors of one file are; None where they are none."""
    if "residual_model_head0.1.weight" in shapes or "residual_model_head.1.weight" in shapes:
        return "fusion"
    return next((part for part, name in TELL_TALE.items() if name in shapes), None)


def head(union: bool) -> str:
    """The block that the pictures go into."""
    return "residual_model_head0" if union else "residual_model_head"


def heads(union: bool) -> dict[str, tuple[int, int]]:
    """Blocks that pictures and carried features go into: channels in and out."""
    first = {head(union): (_UNION_PLANES if union else _BASE_PLANES, PYRAMID[0])}
    return first | {f"residual_model_head{row + 1}": (2 * width, width) for row, width in enumerate(PYRAMID)}


def tensors(rife: RifeShape | None) -> dict[str, tuple[int, ...]]:
    """Every tensor, by its name in the set, with its size."""
    found = {f"flow.{name}": size for name, size in _flow()}
    found |= {f"metric.{name}": size for name, size in _metric()}
    found |= {f"feat.{name}": size for name, size in _features()}
    found |= {f"fusion.{name}": size for name, size in _fusion(rife is not None)}
    return found | ({f"rife.{name}": size for name, size in rife.tensors().items()} if rife else {})


def read_rife(shapes: Shapes) -> RifeShape | None:
    """The union's fifth network; None where there is none. Raises NotGmfss."""
    own = {name.removeprefix("rife."): size for name, size in shapes.items() if name.startswith("rife.")}
    try:
        return read_shape(own) if own else None
    except NotRife as error:
        raise NotGmfss(f"rife: {error}") from error


def variant(shapes: Shapes) -> Variant:
    """What a set of tensors is. Raises NotGmfss, which names the tensor that is wrong."""
    missing = [part for part in TELL_TALE if part != "rife" and f"{part}.{TELL_TALE[part]}" not in shapes]
    if missing:
        raise NotGmfss(f"of GMFSS, {' and '.join(missing)} {'is' if len(missing) == 1 else 'are'} missing")
    union = f"fusion.{head(True)}.1.weight" in shapes
    rife = read_rife(shapes) if union else None
    if union and rife is None:
        raise NotGmfss("of the GMFSS union, rife is missing")
    wanted = tensors(rife)
    for name, size in wanted.items():
        if tuple(shapes.get(name, ())) != size:
            raise NotGmfss(f"{name} is {f'of size {tuple(shapes[name])}' if name in shapes else 'missing'}, and {size} is due")
    half = 32 if rife is None else max(32, rife.multiple_of)
    return Variant("gmfss", "GMFSS union" if union else "GMFSS", wanted, 2 * half, {"parameters": count(wanted)})


def likeness(shapes: Shapes) -> int:
    """How many of these tensors have names that a GMFSS has."""
    return sum(name.startswith(tuple(f"{part}." for part in TELL_TALE)) for name in shapes)


def _conv(name: str, before: int, after: int, side: int, bias: bool = True) -> Iterator[tuple[str, tuple[int, ...]]]:
    yield f"{name}.weight", (after, before, side, side)
    if bias:
        yield f"{name}.bias", (after,)


def _flow() -> Iterator[tuple[str, tuple[int, ...]]]:
    yield from _conv("backbone.conv1", 3, 64, 7, False)
    for layer, (before, after) in enumerate(((64, 64), (64, 96), (96, WIDTH)), 1):
        for k, given in enumerate((before, after)):
            yield from _conv(f"backbone.layer{layer}.{k}.conv1", given, after, 3, False)
            yield from _conv(f"backbone.layer{layer}.{k}.conv2", after, after, 3, False)
        if before != after:
            yield from _conv(f"backbone.layer{layer}.0.downsample.0", before, after, 1)
    yield from _conv("backbone.conv2", WIDTH, WIDTH, 1)
    yield from _conv("backbone.trident_conv", WIDTH, WIDTH, 3, False)
    for layer in range(LAYERS):
        for kind in ("self_attn", "cross_attn_ffn"):
            name = f"transformer.layers.{layer}.{kind}"
            for linear in ("q_proj", "k_proj", "v_proj", "merge"):
                yield f"{name}.{linear}.weight", (WIDTH, WIDTH)
            for norm in ("norm1", "norm2")[: 2 if kind == "cross_attn_ffn" else 1]:
                yield f"{name}.{norm}.weight", (WIDTH,)
                yield f"{name}.{norm}.bias", (WIDTH,)
        yield f"{name}.mlp.0.weight", (2 * WIDTH * EXPANSION, 2 * WIDTH)
        yield f"{name}.mlp.2.weight", (WIDTH, 2 * WIDTH * EXPANSION)
    for linear in ("q_proj", "k_proj"):
        yield f"feature_flow_attn.{linear}.weight", (WIDTH, WIDTH)
        yield f"feature_flow_attn.{linear}.bias", (WIDTH,)
    yield from _conv("upsampler.0", 2 + WIDTH, 256, 3)
    yield from _conv("upsampler.2", 256, 9 * UPSAMPLE**2, 1)


def _metric() -> Iterator[tuple[str, tuple[int, ...]]]:
    yield from _conv("metric_in", 14, 64, 3)
    for name, after in (("metric_net1", 64), ("metric_net2", 64), ("metric_net3", 64), ("metric_out", 2)):
        yield f"{name}.0.weight", (1,)
        yield from _conv(f"{name}.1", 64, after, 3)


def _features() -> Iterator[tuple[str, tuple[int, ...]]]:
    before = 3
    for level, after in enumerate(PYRAMID, 1):
        yield from _pair(f"block{level}", before, after)
        before = after


def _pair(name: str, before: int, after: int, first_side: int = 3, turned: bool = False) -> Iterator[tuple[str, tuple[int, ...]]]:
    """A learned slope and a convolution, twice."""
    yield f"{name}.0.weight", (1,)
    yield f"{name}.1.weight", (before, after, first_side, first_side) if turned else (after, before, first_side, first_side)
    yield f"{name}.1.bias", (after,)
    yield f"{name}.2.weight", (1,)
    yield from _conv(f"{name}.3", after, after, 3)


def _fusion(union: bool) -> Iterator[tuple[str, tuple[int, ...]]]:
    for name, (before, after) in (heads(union) | ROWS).items():
        up = name.startswith("up")
        yield from _pair(name, before, after, 4 if up else 3, up)
    yield from _conv("residual_model_tail.conv_before_upsample.0", 64, 64, 3)
    yield "residual_model_tail.conv_before_upsample.1.weight", (1,)
    yield from _conv("residual_model_tail.upsample.0", 64, 256, 3)
    yield from _conv("residual_model_tail.conv_last", 64, 3, 3)
