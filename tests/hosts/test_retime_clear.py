"""Figures on nothing, retimed: alpha and colours of frames in between, against where the figure is known to be."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import cv2
import numpy as np
import OpenImageIO as oiio
import pytest

from genlock.core.errors import UsageError
from genlock.core.media.plates import open_plates
from genlock.core.retime.between import FlowBetween
from genlock.core.retime.clear import Clear
from genlock.hosts.jobs import Job, Request
from genlock.hosts.worker.run import run

WH = (129, 97)
COLOUR = np.array([0.9, 0.35, 0.1])
STEP_PX = 5.0


def figure(at: float) -> tuple[np.ndarray, np.ndarray]:
    """Colours (h, w, 3) and alpha (h, w): a disc with a soft edge of two pixels, dark to the right, half clear in its lower part."""
    x, y = np.meshgrid(np.arange(WH[0]), np.arange(WH[1]))
    x, y = x - (40 + STEP_PX * at), y - 48
    alpha = np.clip((26 - np.hypot(x, y)) / 2 + 0.5, 0, 1) * np.where(y > 10, 0.5, 1)
    stripes = 0.5 + 0.5 * np.sin(x / 3.1) * np.cos(y / 4.3)
    colours = np.where((x > 12)[..., None], 0.0, COLOUR * stripes[..., None])
    return colours.astype(np.float32), alpha.astype(np.float32)


def written(path: Path, at: float) -> None:
    """As the suffix has it: straight in PNG, associated in EXR."""
    colours, alpha = figure(at)
    if path.suffix == ".png":
        rgba = np.dstack([np.where(alpha[..., None] > 0, colours, 0), alpha])
        cv2.imwrite(str(path), np.rint(rgba[..., [2, 1, 0, 3]] * 65535).astype(np.uint16))
        return
    rgba = np.dstack([colours * alpha[..., None], alpha])
    spec = oiio.ImageSpec(*WH, 4, "half")
    spec.channelnames, spec.alpha_channel = ("R", "G", "B", "A"), 3
    out = oiio.ImageOutput.create(str(path))
    assert out.open(str(path), spec) and out.write_image(rgba.astype(np.float16)) and out.close()


def do(folder: Path, suffix: str, out: str, **settings):
    request = Request("retime", {"footage": str(folder / f"in.%04d.{suffix}")}, (str(folder / out),), settings)
    outcome = run(Job.create(str(folder / "job"), request).folder)
    assert outcome.exit_status == 0, outcome.result["sentence"]
    with open_plates(folder / out) as plates:
        assert plates.info.alpha
        return plates.info.associated, [plate.rgb(alpha=True) for plate in plates.frames()]


def before(rgba: np.ndarray, associated: bool, behind: float) -> np.ndarray:
    """Laid over a flat background, as a compositor does."""
    alpha = rgba[..., 3:]
    return (rgba[..., :3] if associated else rgba[..., :3] * alpha) + (1 - alpha) * behind


@pytest.mark.parametrize(("suffix", "out"), [("png", "out.%04d.png"), ("exr", "out.%04d.exr"), ("png", "out.mov"), ("exr", "out.mkv")])
def test_the_figure_is_where_it_is_and_no_edge_shows_before_any_background(tmp_path, suffix, out):
    for k in range(4):
        written(tmp_path / f"in.{k:04d}.{suffix}", k)
    associated, made = do(tmp_path, suffix, out, times=2, method="plain", rate="24", codec="ffv1" if out.endswith("mkv") else "")
    assert len(made) == 8
    for n in (1, 3, 5):
        colours, alpha = figure(n / 2)
        assert np.abs(made[n][..., 3] - alpha).mean() < 0.002 and made[n][:8, :8, 3].max() == 0
        truth = np.dstack([colours, alpha])
        for behind in (0.0, 0.5, 1.0):
            off = np.abs(before(made[n], associated, behind) - before(truth, False, behind))
            assert off.mean() < 0.002 and np.quantile(off, 0.995) < 0.09, "a figure shown where it was has 0.01 to 0.02, and 0.3 to 0.8"


def test_a_figure_as_black_as_what_is_behind_it_is_seen_to_move():
    pictures = [np.dstack([np.zeros((*WH[::-1], 3), np.float32), figure(at)[1]]) for at in (0, 1, 0.5)]
    made = Clear(FlowBetween()).middle(pictures[0], pictures[1], Fraction(1, 2))
    assert made.shape == (*WH[::-1], 4) and made[..., :3].max() == 0
    assert np.abs(made[..., 3] - pictures[2][..., 3]).mean() < 0.004


class Silent(FlowBetween):
    """Tells pictures and no motion, as a user's model may."""

    def pair(self, a: np.ndarray, b: np.ndarray):
        class Pair:
            at = staticmethod(FlowBetween().pair(a, b).at)

            def between(self, t):
                raise UsageError("pictures and no motion", "choose another")

        return Pair()


def test_a_model_that_tells_no_motion_is_asked_before_black_and_before_white():
    a, b, truth = (np.dstack([figure(at)[0] * figure(at)[1][..., None], figure(at)[1]]) for at in (0, 1, 0.5))
    made = Clear(Silent()).middle(a, b, Fraction(1, 2))
    assert np.abs(made - truth).mean() < 0.003
    assert np.array_equal(Clear(Silent()).pair(a, b).at(1), b)


def test_edges_that_overshoot_keep_their_colour():
    rng = np.random.default_rng(2)
    alpha = np.kron(rng.integers(0, 2, (12, 16)), np.ones((8, 8))).astype(np.float32)
    flat = np.dstack([alpha * 0.8, alpha * 0.4, alpha * 0.2, alpha])
    made = Clear(FlowBetween()).middle(flat, np.roll(flat, 3, 1), 0.5)
    assert made[..., 3].min() >= 0 and made[..., 3].max() <= 1
    assert np.allclose(made[..., :3], made[..., 3:] * np.float32([0.8, 0.4, 0.2]), atol=1e-5)


def test_ends_are_the_given_pictures_and_three_channels_pass():
    pair = [np.dstack([figure(at)[0] * figure(at)[1][..., None], figure(at)[1]]) for at in (0, 1)]
    prepared = Clear(FlowBetween()).pair(*pair)
    assert np.array_equal(prepared.at(0), pair[0]) and np.array_equal(prepared.at(1), pair[1])
    opaque = [np.ascontiguousarray(p[..., :3]) for p in pair]
    assert np.array_equal(Clear(FlowBetween()).middle(*opaque), FlowBetween().middle(*opaque))


def coded(rng: np.random.Generator, name: str) -> np.ndarray:
    """Noise over every code of a picture format; of floats also what lies beyond 0 and 1."""
    if name in ("uint8", "uint16"):
        return rng.integers(0, np.iinfo(name).max, (31, 45, 3), name, endpoint=True)
    return (rng.standard_normal((31, 45, 3)) * 3).astype(name)


@pytest.mark.parametrize(("suffix", "kind"), [("png", "uint8"), ("png", "uint16"), ("exr", "float16"), ("exr", "float32"), ("tif", "uint16")])
@pytest.mark.parametrize("times", [2, 3])
def test_frame_k_of_a_sequence_is_frame_k_times_n_bit_for_bit(tmp_path, suffix, kind, times):
    rng = np.random.default_rng(5)
    pictures = [coded(rng, kind) for _ in range(4)]
    for k, picture in enumerate(pictures):
        spec = oiio.ImageSpec(45, 31, 3, {"float16": "half", "float32": "float"}.get(kind, kind))
        out = oiio.ImageOutput.create(f"x.{suffix}")
        assert out.open(str(tmp_path / f"in.{k + 991:03d}.{suffix}"), spec) and out.write_image(picture) and out.close()
    request = Request(
        "retime", {"footage": str(tmp_path / f"in.%03d.{suffix}")}, (str(tmp_path / f"out.####.{suffix}"),), {"times": times, "method": "plain"}
    )
    outcome = run(Job.create(str(tmp_path / "job"), request).folder)
    assert outcome.exit_status == 0, outcome.result["sentence"]
    names = sorted(path.name for path in tmp_path.glob("out.*"))
    assert names == [f"out.{n:04d}.{suffix}" for n in range(991, 991 + 4 * times)]
    for k, picture in enumerate(pictures):
        again = oiio.ImageInput.open(str(tmp_path / names[k * times]))
        assert again.spec().format == {"float16": "half", "float32": "float"}.get(kind, kind)
        assert np.array_equal(again.read_image(again.spec().format), picture), f"frame {k}"
        again.close()
