"""What is not to be looked at takes its values from around it, and the clip's grade is taken to the ref's, place by place."""

from __future__ import annotations

from torch import Tensor
from torch.nn import functional

_NEAR_PX = 36
"""Side of the neighbourhood over which the grade is compared."""
_CLOSE_PX = 16
_STEEPEST = 3.0
_GRAIN = 0.004
"""Standard deviation, of 0..1, below which a neighbourhood tells nothing about contrast."""


def filled(x: Tensor, known: Tensor) -> Tensor:
    """x (1, C, H, W) where it is known (H, W; bool, or 0 to 1), and elsewhere what is around it: averages of ever larger parts, finest first."""
    weight = known.float()[None, None]
    return x if bool((weight >= 1).all()) else _around(x * weight, weight)


def _around(sums: Tensor, weight: Tensor) -> Tensor:
    """Averages of weighted sums; where there is no weight, those of the next coarser level."""
    own = sums / weight.clamp(min=1e-6)
    height, width = weight.shape[-2:]
    if bool((weight > 1e-3).all()) or max(height, width) == 1:
        return own
    pad = (0, width % 2, 0, height % 2)
    coarser = _around(functional.avg_pool2d(functional.pad(sums, pad), 2), functional.avg_pool2d(functional.pad(weight, pad), 2))
    wide = functional.interpolate(coarser, scale_factor=2.0, mode="bilinear", align_corners=False)[..., :height, :width]
    share = weight.clamp(max=1)
    return own * share + wide * (1 - share)


def shrunk(known: Tensor, by_px: int) -> Tensor:
    """known (H, W) without what lies within some pixels of what is not known; the border of the picture is no such thing."""
    if known.all():
        return known
    return functional.max_pool2d((~known).float()[None, None], 2 * by_px + 1, 1, by_px)[0, 0] == 0


def matched(x: Tensor, like: Tensor, known: Tensor) -> Tensor:
    """x with the mean and the contrast that `like` has in each neighbourhood, both (1, C, H, W); known (H, W) says what may be compared.

    Gain, gamma and lift change slowly over a picture, and a network that compares colours must not take them for motion.
    """
    weight = known.float()[None, None]
    share = _means(weight, _NEAR_PX).clamp(min=1e-6)

    def mean(values: Tensor) -> Tensor:
        return _means(values * weight, _NEAR_PX) / share

    of_x, of_like = mean(x), mean(like)
    spread_x = (mean(x * x) - of_x**2).clamp(min=0).sqrt()
    spread_like = (mean(like * like) - of_like**2).clamp(min=0).sqrt()
    gain = ((spread_like + _GRAIN) / (spread_x + _GRAIN)).clamp(1 / _STEEPEST, _STEEPEST)
    return ((x - of_x) * gain + of_like).clamp(0, 1)


def difference(x: Tensor, like: Tensor, known: Tensor) -> Tensor:
    """How much two pictures (1, C, H, W) differ in each neighbourhood, grade aside: (1, 1, H, W), where known (H, W) says what counts."""
    weight = known.float()[None, None]
    apart = (matched(x, like, known) - like).abs().mean(1, keepdim=True)
    return smooth(apart * weight) / smooth(weight).clamp(min=1e-6)


def smooth(values: Tensor) -> Tensor:
    """Means over smaller neighbourhoods, (1, C, H, W); near the border over what there is of them."""
    return _means(values, _CLOSE_PX)


def telling(x: Tensor, known: Tensor) -> Tensor:
    """0 where a picture (1, C, H, W) is flat, so that nothing can be found there, to 1: (H, W)."""
    weight = known.float()[None, None]
    grey, share = x.mean(1, keepdim=True), smooth(weight).clamp(min=1e-6)
    mean = smooth(grey * weight) / share
    spread = (smooth(grey * grey * weight) / share - mean**2).clamp(min=0)
    return (spread / (spread + _GRAIN**2))[0, 0]


def _means(values: Tensor, side_px: int) -> Tensor:
    """Over about side_px x side_px, near the border over what there is of them: of blocks of four by four, and smooth in between."""
    height, width = values.shape[-2:]
    blocks = functional.avg_pool2d(values, 4, ceil_mode=True, count_include_pad=False)
    side = max(1, side_px // 8 * 2 - 1)
    means = functional.avg_pool2d(blocks, side, 1, side // 2, count_include_pad=False)
    return functional.interpolate(means, scale_factor=4.0, mode="bilinear", align_corners=False)[..., :height, :width]
