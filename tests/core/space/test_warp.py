"""Resampling against closed forms: waves and paintings can be asked for at any point, so the truth is never resampled."""

from __future__ import annotations

import tracemalloc

import cv2
import numpy as np
import pytest

from genlock.core.errors import UsageError
from genlock.core.space.geometry import corners, resize_matrix
from genlock.core.space.maps import map_of_matrix
from genlock.core.space.warp import KERNELS, copied, warp, warp_by_matrix, warp_stored

from .painted import Painting, scaled, shift, turned

WH = (97, 75)
WAVES = ((0.21, 0.07, 0.4), (-0.05, 0.16, 1.9), (0.11, 0.13, 2.7))
"""Cycles a pixel across and down, and phase; about 0.5 + 0.45 times their sum."""
LENS = np.array([[0.97, 0.06, 4.3], [-0.05, 1.02, 3.2], [2e-4, -3e-4, 1.0]])
MOTIONS = {
    "shift": shift(3.37, -2.81),
    "turn": turned(7.3, (48, 37)),
    "zoom": shift(-20.2, -14.6) @ scaled(1.43, 1.27),
    "mirror": shift(96.4, 0.3) @ scaled(-1, 1),
    "quarter": np.array([[0, -1.0, 80.25], [1, 0, -5.5], [0, 0, 1]]),
    "homography": LENS,
}
ROOM = {"lanczos": 0.006, "bicubic": 0.03, "linear": 0.12}
"""Most root mean square error for waves of amplitude 0.45 up to 0.22 cycles a pixel."""


def waves(x: np.ndarray, y: np.ndarray) -> np.ndarray:
    return 0.5 + sum(0.15 * np.sin(2 * np.pi * (u * x + v * y) + p) for u, v, p in WAVES)


def waved(ref_to_clip: np.ndarray, wh: tuple[int, int] = WH) -> np.ndarray:
    """What a picture shows whose pixels see the waves by a 3x3."""
    x, y = np.meshgrid(np.arange(wh[0], dtype=float), np.arange(wh[1], dtype=float))
    p = ref_to_clip @ np.stack([x.ravel(), y.ravel(), np.ones(x.size)])
    return waves(*(p[:2] / p[2])).reshape(x.shape)


def deep_inside(ref_to_clip: np.ndarray, clip_wh: tuple[int, int], ref_wh: tuple[int, int], margin: float = 4) -> np.ndarray:
    """Where the kernel sees nothing but the clip."""
    at = map_of_matrix(np.linalg.inv(ref_to_clip), ref_wh)
    return ((at >= margin) & (at <= np.array(clip_wh) - 1 - margin)).all(-1)


def rms(a: np.ndarray, b: np.ndarray, where: np.ndarray) -> float:
    assert where.sum() > 300
    return float(np.sqrt(((a - b)[where] ** 2).mean()))


@pytest.mark.parametrize("kernel", KERNELS)
@pytest.mark.parametrize("motion", MOTIONS)
def test_waves_under_a_matrix(motion: str, kernel: str) -> None:
    clip_to_ref = MOTIONS[motion]
    warped, covered = warp_by_matrix(waved(np.eye(3)).astype(np.float32), clip_to_ref, WH, kernel)
    inside = deep_inside(np.linalg.inv(clip_to_ref), WH, WH)
    assert warped.dtype == covered.dtype == np.float32
    assert covered[inside].min() == 1
    assert rms(warped, waved(np.linalg.inv(clip_to_ref)), inside) < ROOM[kernel]


@pytest.mark.parametrize("motion", ["turn", "homography", "zoom"])
def test_a_map_says_what_its_matrix_says(motion: str) -> None:
    picture = waved(np.eye(3)).astype(np.float32)
    a, covered_a = warp_by_matrix(picture, MOTIONS[motion], WH)
    b, covered_b = warp(picture, map_of_matrix(MOTIONS[motion], WH))
    both = (covered_a > 0) & (covered_b > 0)
    assert both.sum() > 0.99 * (covered_a > 0).sum()
    assert np.abs(a - b)[both].max() < 1e-3
    assert np.abs(covered_a - covered_b).max() < 0.02


def test_a_bent_map() -> None:
    x, y = np.meshgrid(np.arange(WH[0], dtype=float), np.arange(WH[1], dtype=float))
    u, v = x + 1.7 * np.sin(y / 9), y + 1.3 * np.cos(x / 11)
    warped, _ = warp(waved(np.eye(3)).astype(np.float32), np.stack([u, v], -1).astype(np.float32))
    inside = (u > 4) & (u < WH[0] - 5) & (v > 4) & (v < WH[1] - 5)
    assert rms(warped, waves(u, v), inside) < ROOM["lanczos"]


@pytest.mark.parametrize("kernel", KERNELS)
def test_places_have_no_steps(kernel: str) -> None:
    """A thousand places within a pixel give a thousand values, each at its place. OpenCV's Lanczos knows 32."""
    picture = np.random.default_rng(0).random((50, 140), np.float32)
    places = np.stack([np.linspace(100, 101, 1001)[:-1], np.full(1000, 20.25)], -1).astype(np.float32)[None]
    values = warp(picture, places, kernel)[0][0]
    assert len(np.unique(values)) > 990
    assert len(np.unique(cv2.remap(picture, places, None, cv2.INTER_LANCZOS4))) < 40
    by_product = [warp_by_matrix(picture, shift(-x, -20.25), (1, 1), kernel)[0][0, 0] for x in places[0, ::50, 0].astype(float)]
    assert np.abs(values[::50] - by_product).max() < 2e-4


@pytest.mark.parametrize("kernel", KERNELS)
def test_no_half_pixel_is_lost(kernel: str) -> None:
    """Twice as large and half as large: the picture's symmetry stays, to the last digits."""
    rng = np.random.default_rng(4)
    half = rng.random((20, 18, 3), np.float32)
    picture = np.concatenate([half, half[:, ::-1]], axis=1)
    picture = np.concatenate([picture, picture[::-1]], axis=0)
    for wh in ((72, 80), (18, 20), (9, 20), (36 * 3, 17)):
        warped, covered = warp_by_matrix(picture, resize_matrix((36, 40), wh), wh, kernel)
        assert warped.shape == (wh[1], wh[0], 3)
        assert np.abs(warped - warped[:, ::-1]).max() < 2e-6
        assert np.abs(warped - warped[::-1]).max() < 2e-6
        assert np.abs(covered - 1).max() < 1e-6


@pytest.mark.parametrize("kernel", KERNELS)
def test_a_ramp_stays_a_ramp_when_it_is_resized(kernel: str) -> None:
    """Enlarged, a straight line stays one to the last digits with all kernels but Lanczos, whose weights are no polynomial."""
    x = np.arange(160, dtype=np.float32)
    ramp = np.tile(x, (12, 1))
    for width in (61, 80, 240, 333):
        warped, _ = warp_by_matrix(ramp, resize_matrix((160, 12), (width, 12)), (width, 12), kernel)
        expected = (np.arange(width) + 0.5) * 160 / width - 0.5
        inner = (expected > 12) & (expected < 147)
        assert np.abs(warped[:, inner] - expected[inner]).max() < (0.06 if width < 160 else 0.02 if kernel == "lanczos" else 2e-5)


@pytest.mark.parametrize("kernel", KERNELS)
@pytest.mark.parametrize("small", [0.5, 0.23])
@pytest.mark.parametrize("degrees", [0.0, 11.0])
def test_what_a_small_picture_cannot_show_is_averaged(kernel: str, small: float, degrees: float) -> None:
    """A checkerboard of single pixels becomes plain grey, at any angle, and nothing aliases."""
    y, x = np.mgrid[:180, :200]
    checks = ((x + y) % 2).astype(np.float32)
    clip_to_ref = scaled(small, small) @ turned(degrees, (100, 90))
    wh = (round(200 * small), round(180 * small))
    warped, covered = warp_by_matrix(checks, clip_to_ref, wh, kernel)
    inside = deep_inside(np.linalg.inv(clip_to_ref), (200, 180), wh, margin=20)
    assert covered[inside].min() == 1
    assert np.abs(warped[inside] - 0.5).max() < 0.012


@pytest.mark.parametrize("degrees", [0.0, 17.0])
def test_the_mean_stays_when_the_picture_shrinks(degrees: float) -> None:
    """Light is neither made nor lost: black surroundings, and the sum goes with the area."""
    rng = np.random.default_rng(9)
    picture = np.zeros((160, 200), np.float32)
    picture[40:120, 50:150] = rng.random((80, 100))
    clip_to_ref = shift(2.3, 1.1) @ scaled(0.31, 0.31) @ turned(degrees, (100, 80))
    for kernel in KERNELS:
        warped, _ = warp_by_matrix(picture, clip_to_ref, (70, 56), kernel)
        assert warped.sum() == pytest.approx(picture.sum() * 0.31**2, rel=0.004)


def test_a_turn_that_shrinks_one_way_stays_sharp_the_other_way() -> None:
    """A wave along the direction that keeps its size survives; one along the direction that shrinks does not."""
    x, y = np.meshgrid(np.arange(200, dtype=float), np.arange(200, dtype=float))
    turn = turned(30, (100, 100))
    squeeze = scaled(0.25, 1) @ turn
    along = np.linalg.inv(turn)
    u = along[0, 1] * (x - 100) + along[1, 1] * (y - 100)
    u, v = (turn[0, 0] * x + turn[0, 1] * y), (turn[1, 0] * x + turn[1, 1] * y)
    kept, _ = warp_by_matrix(np.sin(2 * np.pi * 0.2 * v).astype(np.float32), squeeze, (50, 200))
    lost, _ = warp_by_matrix(np.sin(2 * np.pi * 0.4 * u).astype(np.float32), squeeze, (50, 200))
    middle = (slice(70, 130), slice(18, 32))
    assert kept[middle].std() > 0.68
    assert lost[middle].std() < 0.01


def test_whole_pixels_are_copied_bit_for_bit() -> None:
    rng = np.random.default_rng(1)
    moves = {
        "identity": (np.eye(3), lambda p: p),
        "crop": (shift(-5, -3), lambda p: p[3:, 5:]),
        "mirror": (shift(16, 0) @ scaled(-1, 1), lambda p: p[:, ::-1]),
        "upside down": (shift(16, 12) @ scaled(-1, -1), lambda p: p[::-1, ::-1]),
        "clockwise": (np.array([[0, -1.0, 12], [1, 0, 0], [0, 0, 1]]), lambda p: np.rot90(p, -1)),
        "counter-clockwise": (np.array([[0, 1.0, 0], [-1, 0, 16], [0, 0, 1]]), lambda p: np.rot90(p, 1)),
    }
    for dtype, tail in ((np.uint8, (3,)), (np.uint16, ()), (np.float16, (7,)), (np.float32, (4,)), (np.int32, (1,))):
        bits = rng.integers(0, 255, (13, 17, *tail, np.dtype(dtype).itemsize), dtype=np.uint8)
        picture = np.ascontiguousarray(bits).view(dtype)[..., 0]
        for name, (matrix, expected) in moves.items():
            want = expected(picture)
            for nearly in (matrix, matrix + 1e-6 * (matrix != 0)):
                out = copied(picture, nearly / nearly[2, 2], want.shape[1::-1])
                assert out is not None, name
                assert out[0].dtype == dtype
                assert out[0].tobytes() == np.ascontiguousarray(want).tobytes(), name
                assert out[1].min() == 1


def test_a_shift_out_of_the_picture_leaves_nothing() -> None:
    picture = np.full((9, 11), 7, np.uint8)
    for x, y in ((40, 0), (-40, 0), (0, 30.5), (300.25, -300)):
        for warped, covered in (warp_stored(picture, shift(x, y), (11, 9)), warp_by_matrix(picture, shift(x, y) @ turned(2, (5, 4)), (11, 9))):
            assert warped.max() == covered.max() == 0
    some, covered = warp_stored(picture, shift(4, -2), (11, 9))
    assert covered.sum() == 7 * 7 == (some > 0).sum()


@pytest.mark.parametrize("x", [3, 18, 29, 45, 60, -4, -20])
def test_a_mirror_inside_a_larger_ref_and_across_its_edges(x: int) -> None:
    """Clip column c lies at ref column x - c."""
    picture = np.arange(1, 9 * 17 + 1, dtype=np.uint16).reshape(9, 17)
    out, covered = warp_stored(picture, shift(x, 2) @ scaled(-1, 1), (41, 13))
    expected = np.zeros((13, 41), np.uint16)
    for c in range(17):
        if 0 <= x - c < 41:
            expected[2:11, x - c] = picture[:, c]
    assert (out == expected).all() and ((covered == 1) == (expected > 0)).all()


def test_a_map_of_whole_pixels_copies_too() -> None:
    picture = np.random.default_rng(0).integers(0, 1024, (31, 43)).astype(np.uint16)
    copy, covered = warp_stored(picture, map_of_matrix(shift(-3, 2), (40, 33)), (40, 33), peak=1023)
    assert copy.dtype == np.uint16
    assert (copy[2:, :] == picture[:, 3:]).all() and (covered[2:] == 1).all() and (covered[:2] == 0).all()


def test_light_beyond_white_and_below_black_is_kept() -> None:
    picture = np.full((24, 30, 3), (-0.25, 4.0, 60000.0), np.float32)
    for matrix in (shift(0.4, 0.3), turned(5, (15, 12))):
        warped, covered = warp_by_matrix(picture, matrix, (30, 24))
        full = covered > 0.99
        assert np.abs(warped[full] / picture[0, 0] - 1).max() < 1e-5


def test_one_broken_pixel_stays_where_it_is() -> None:
    picture = np.full((40, 90), 0.5, np.float32)
    picture[20, 30], picture[21, 70] = np.nan, np.inf
    for matrix in (shift(0.5, 0.5), turned(3, (45, 20))):
        warped, covered = warp_by_matrix(picture, matrix, (90, 40))
        assert np.isfinite(warped).all()
        far = np.ones_like(picture, bool)
        far[13:29, 22:38] = far[13:29, 62:78] = False
        assert np.abs(warped[far & (covered == 1)] - 0.5).max() < 1e-5


@pytest.mark.parametrize("matrix", [shift(0.37, 0.61), turned(9, (20, 20)), scaled(0.4, 0.4) @ turned(9, (20, 20)), scaled(0.3, 0.45)])
def test_clamp_takes_the_ringing_away(matrix: np.ndarray) -> None:
    edge = np.zeros((41, 41), np.float32)
    edge[:, 20:], edge[25:] = 1, 0.3
    ringing, covered = warp_by_matrix(edge, matrix, (41, 41))
    calm, _ = warp_by_matrix(edge, matrix, (41, 41), clamp=True)
    assert ringing.max() > 1.02 and ringing[covered == 1].min() < -0.02
    assert calm.max() <= 1 and calm.min() >= 0
    assert np.abs(calm - ringing).mean() < 0.02


def test_whole_numbers_are_rounded_and_stay_in_their_range() -> None:
    edge = np.full((20, 24), 64, np.uint16)
    edge[:, 12:] = 1023
    warped, _ = warp_stored(edge, shift(0.5, 0), (24, 20), clamp=False, peak=1023)
    exact, _ = warp_by_matrix(edge, shift(0.5, 0), (24, 20))
    assert warped.dtype == np.uint16 and exact.max() > 1023.5 and warped.max() == 1023
    assert (warped[:, 1:] == np.clip(np.rint(exact[:, 1:]), 0, 1023)).all()


def test_straight_alpha_does_not_bleed() -> None:
    """What lies under a transparent pixel, here green, is not seen at the edge of what is opaque, here red."""
    picture = np.zeros((30, 40, 4), np.float32)
    picture[..., 1] = 1
    picture[8:22, 10:30] = (1, 0, 0, 1)
    for matrix in (shift(0.4, 0.3), turned(13, (20, 15))):
        warped, _ = warp_by_matrix(picture, matrix, (40, 30), straight_alpha=True)
        seen = warped[..., 3] > 0.02
        assert np.abs(warped[seen][:, 0] - 1).max() < 1e-4 and np.abs(warped[seen][:, 1]).max() < 1e-4
        associated = picture.copy()
        associated[..., :3] *= picture[..., 3:]
        same, _ = warp_by_matrix(associated, matrix, (40, 30))
        assert np.abs(same[..., 3] - warped[..., 3]).max() < 1e-6
        assert np.abs(same[..., 0] - same[..., 3]).max() < 1e-6


def test_many_channels_are_those_of_each_alone() -> None:
    picture = np.random.default_rng(3).random((21, 33, 6), np.float32)
    for matrix in (turned(4, (16, 10)), shift(0.3, 0.2), scaled(0.4, 0.6)):
        together, _ = warp_by_matrix(picture, matrix, (33, 21))
        for k in range(6):
            assert np.abs(together[..., k] - warp_by_matrix(picture[..., k], matrix, (33, 21))[0]).max() < 2e-6


def test_the_three_ways_agree_where_they_meet() -> None:
    """A copy, a product and a gathering of maps that are next to each other differ as little as the maps do."""
    picture = Painting().seen(np.eye(3), (120, 90))
    copy, _ = warp_by_matrix(picture, shift(2, 1), (120, 90))
    product, _ = warp_by_matrix(picture, shift(2.0005, 1), (120, 90))
    gathered, _ = warp_by_matrix(picture, shift(2.0005, 1) @ turned(0.0005, (60, 45)), (120, 90))
    assert 0 < np.abs(product - copy)[2:, 3:].max() < 0.05
    assert 0 < np.abs(gathered - product)[2:, 3:].max() < 0.05
    half = scaled(0.45, 0.38)
    product, _ = warp_by_matrix(picture, half, (54, 34))
    gathered, _ = warp_by_matrix(picture, half @ turned(0.001, (60, 45)), (54, 34))
    assert np.abs(gathered - product).max() < 0.05


def test_what_lies_behind_the_horizon_is_not_seen() -> None:
    """Of a clip that runs through the eye's plane, the part in front alone: the rest would come back from the other side."""
    matrix = shift(300, 0) @ np.array([[1, 0, 0], [0, 1, 0], [-0.02, 0, 1.0]])
    warped, covered = warp_by_matrix(np.ones((60, 80), np.float32), matrix, (400, 60))
    assert covered[:, :299].max() == 0 and warped[:, :299].max() == 0
    assert covered[:, 301:].min() == 1
    assert np.abs(warped[covered > 0] - 1).max() < 1e-5


def test_small_pictures() -> None:
    dot = np.array([[0.75]], np.float32)
    for matrix in (np.eye(3), shift(0.3, 0.2), scaled(5, 4), turned(20, (0, 0))):
        warped, covered = warp_by_matrix(dot, matrix, (7, 5))
        assert np.abs(warped[covered > 0] - 0.75).max() < 1e-6
    assert warp(dot, np.full((1, 1, 2), 0.2, np.float32))[0] == pytest.approx(0.75)


def test_a_map_may_hold_what_is_no_place() -> None:
    picture = Painting().seen(np.eye(3), (64, 48))
    field = map_of_matrix(scaled(0.7, 0.7) @ turned(4, (32, 24)), (64, 48))
    whole, covered = warp(picture, field)
    field[10, 10], field[20, 20], field[30, 30] = np.nan, np.inf, (3e38, -1e12)
    warped, still = warp(picture, field)
    assert np.isfinite(warped).all() and np.isfinite(still).all()
    for k in (10, 20, 30):
        assert still[k, k] == warped[k, k] == 0
    away = np.ones_like(covered, bool)
    for k in (10, 20, 30):
        away[k - 4 : k + 5, k - 4 : k + 5] = False
    assert np.abs(warped - whole)[away].max() < 1e-3 and (still == covered)[away].all()


@pytest.mark.parametrize("matrix", [shift(0.5, 0.3), turned(3, (600, 400)), scaled(0.5, 0.5) @ turned(3, (600, 400))])
def test_memory_is_that_of_a_few_pictures(matrix: np.ndarray) -> None:
    """Bands, not whole pictures of taps and weights: 36 of each would be."""
    picture = np.ones((800, 1200, 3), np.float32)
    warp_by_matrix(picture[:40], matrix, (1200, 40))  # tables are made once
    tracemalloc.start()
    warp_by_matrix(picture, matrix, (1200, 800))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 5.5 * picture.nbytes


def test_wrong_arguments() -> None:
    with pytest.raises(UsageError, match="kernel"):
        warp(np.zeros((4, 4)), np.zeros((4, 4, 2)), "nearest")
    with pytest.raises(ValueError, match="no inverse"):
        warp_by_matrix(np.zeros((4, 4)), np.zeros((3, 3)), (4, 4))
    with pytest.raises(ValueError, match=r"\(h, w\)"):
        warp_by_matrix(np.zeros((0, 4)), np.eye(3), (4, 4))
    with pytest.raises(ValueError, match="map"):
        warp(np.zeros((4, 4)), np.zeros((4, 4)))


def test_the_outline_covers_what_its_polygon_does() -> None:
    _, covered = warp_by_matrix(np.ones((50, 60), np.float32), LENS, (200, 200))
    p = corners((60, 50)) @ LENS[:, :2].T + LENS[:, 2]
    x, y = (p[:, :2] / p[:, 2:]).T
    held = (x > -0.5) & (y > -0.5)
    if not held.all():
        _, covered = warp_by_matrix(np.ones((50, 60), np.float32), shift(20, 20) @ LENS, (200, 200))
    area = 0.5 * abs(np.dot(x, np.roll(y, 1)) - np.dot(y, np.roll(x, 1)))
    assert covered.sum() == pytest.approx(area, rel=1e-5)
