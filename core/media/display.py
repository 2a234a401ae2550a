"""From what is stored to what a screen shows, for analysis: 8 bits of display-referred light, by one curve a sample.

Stored SDR is display-referred already and passes. HDR and scene-linear pictures are brought to SDR by one curve on light:

- PQ: SMPTE ST 2084, inverse EOTF, to cd/m2.
- HLG: ITU-R BT.2100, inverse OETF and the OOTF of a 1000 cd/m2 screen (gamma 1.2), applied to the sample alone.
- linear: 1.0 is diffuse white, 203 cd/m2 (ITU-R BT.2408).
- then the EETF of ITU-R BT.2390 (a Hermite knee in PQ), from a 1000 cd/m2 picture to a 203 cd/m2 screen, and BT.1886 (gamma 2.4).

The curve is monotone and safe: below 0, above the top, NaN and infinity give black, white, black and white.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np

LINEAR, PQ, HLG = 8, 16, 18
"""Transfer characteristics, by their H.273 code points. Every other one counts as display-referred."""

WHITE_NITS = 203.0
PEAK_NITS = 1000.0
LUMA_709 = (0.2126, 0.7152, 0.0722)

_M1, _M2 = 2610 / 16384, 2523 / 4096 * 128
_C1, _C2, _C3 = 3424 / 4096, 2413 / 4096 * 32, 2392 / 4096 * 32
_HLG_A, _HLG_B, _HLG_C = 0.17883277, 0.28466892, 0.55991073


def needs_curve(transfer: int) -> bool:
    """Whether samples of this transfer are not display-referred SDR."""
    return transfer in (LINEAR, PQ, HLG)


def shown(value: np.ndarray, transfer: int) -> np.ndarray:
    """Samples (1.0 is the top of an integer format's range; any shape) as an SDR screen shows them: 0 to 1, float32."""
    x = np.nan_to_num(np.asarray(value, np.float64), nan=0.0, posinf=1e9, neginf=0.0)
    if transfer == PQ:
        nits = pq_to_nits(np.clip(x, 0.0, 1.0))
    elif transfer == HLG:
        nits = hlg_to_nits(np.clip(x, 0.0, 1.0))
    elif transfer == LINEAR:
        nits = WHITE_NITS * np.maximum(x, 0.0)
    else:
        return np.clip(x, 0.0, 1.0).astype(np.float32)
    return ((eetf(nits) / WHITE_NITS) ** (1 / 2.4)).clip(0.0, 1.0).astype(np.float32)


def pq_to_nits(signal: np.ndarray) -> np.ndarray:
    """SMPTE ST 2084 EOTF: signal 0 to 1, light in cd/m2, 0 to 10,000."""
    p = signal ** (1 / _M2)
    return 10_000.0 * (np.maximum(p - _C1, 0.0) / (_C2 - _C3 * p)) ** (1 / _M1)


def nits_to_pq(nits: np.ndarray) -> np.ndarray:
    """The inverse of pq_to_nits."""
    y = (np.clip(nits, 0.0, 10_000.0) / 10_000.0) ** _M1
    return ((_C1 + _C2 * y) / (1 + _C3 * y)) ** _M2


def hlg_to_nits(signal: np.ndarray) -> np.ndarray:
    """ITU-R BT.2100 HLG on a 1000 cd/m2 screen: signal 0 to 1, light in cd/m2."""
    low = signal**2 / 3
    high = (np.exp((np.maximum(signal, 0.5) - _HLG_C) / _HLG_A) + _HLG_B) / 12
    return PEAK_NITS * np.where(signal <= 0.5, low, high) ** 1.2


def eetf(nits: np.ndarray) -> np.ndarray:
    """ITU-R BT.2390 section 5.4, from PEAK_NITS to WHITE_NITS with black at 0: cd/m2 in, cd/m2 out."""
    top = float(nits_to_pq(np.array(PEAK_NITS)))
    e1 = np.minimum(nits_to_pq(nits) / top, 1.0)
    limit = float(nits_to_pq(np.array(WHITE_NITS))) / top
    knee = 1.5 * limit - 0.5
    t = np.clip((e1 - knee) / (1 - knee), 0.0, 1.0)
    curve = (2 * t**3 - 3 * t**2 + 1) * knee + (t**3 - 2 * t**2 + t) * (1 - knee) + (3 * t**2 - 2 * t**3) * limit
    return pq_to_nits(np.where(e1 < knee, e1, curve) * top)


@lru_cache(maxsize=16)
def luma_table(bits: int, transfer: int, full_range: bool) -> np.ndarray:
    """8-bit display luma of every stored luma code: (65536,) uint8. Codes above the range are white.

    Luma is taken as if it were a grey picture; that is exact for grey and monotone for all others.
    """
    codes = np.arange(65536, dtype=np.float64)
    if full_range:
        signal = codes / (2**bits - 1)
    else:
        unit = 2.0 ** (bits - 8)
        signal = (codes - 16 * unit) / (219 * unit)
    table = (shown(signal, transfer) * 255 + 0.5).astype(np.uint8)
    table.setflags(write=False)
    return table


def luma_of(rgb: np.ndarray) -> np.ndarray:
    """Rec. 709 luma of display-referred RGB: (h, w, 3) float32 0..1 or uint8, to (h, w) uint8."""
    weights = np.array(LUMA_709, np.float32)
    scale = 1.0 if rgb.dtype == np.uint8 else 255.0
    return np.clip(rgb.astype(np.float32) @ weights * scale + 0.5, 0, 255).astype(np.uint8)
