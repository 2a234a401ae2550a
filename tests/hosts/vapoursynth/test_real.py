"""spatial() and temporal() in the real VapourSynth. Its wheels are for Python 3.12 and later; elsewhere this is left out."""

from __future__ import annotations

import json
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

from genlock.core.align import align
from genlock.core.media.footage import Given, given_footage
from genlock.core.space.flow import Flow
from genlock.hosts.demo.scene import reel
from genlock.hosts.vapoursynth import spatial, temporal

vs = pytest.importorskip("vapoursynth", reason="VapourSynth's wheels are for Python 3.12 and later; make the .venv with one of those to run this")

SIZE_WH = (241, 135)
SCENE = reel(5, (24, 30, 20), size_wh=SIZE_WH)
RGB = [np.ascontiguousarray(SCENE.frame(n)[..., ::-1]) for n in range(74)]
OTHER = [np.ascontiguousarray(reel(99, (40,), size_wh=SIZE_WH).frame(n)[..., ::-1]) for n in range(40)]


def clip_of(pictures: list[np.ndarray], fps: Fraction = Fraction(24)) -> Any:
    """Pictures as an RGB24 clip."""
    h, w = pictures[0].shape[:2]
    blank = vs.core.std.BlankClip(format=vs.RGB24, width=w, height=h, length=len(pictures), fpsnum=fps.numerator, fpsden=fps.denominator)

    def drawn(n: int, f: Any) -> Any:
        out = f.copy()
        for k in range(3):
            np.asarray(out[k])[:] = pictures[n][..., k]
        return out

    return blank.std.ModifyFrame(clips=blank, selector=drawn)


def picture(frame: Any) -> np.ndarray:
    return np.dstack([np.asarray(frame[k]) for k in range(frame.format.num_planes)])


def pictures(clip: Any) -> list[np.ndarray]:
    return [picture(frame) for frame in clip.frames(close=False)]


REF = clip_of(RGB)


@pytest.fixture(scope="module")
def cropped() -> Any:
    """Frames 11 to 58, cut out of the picture."""
    return clip_of([p[20:116, 30:200] for p in RGB[11:59]])


class TestTemporal:
    def test_a_crop_with_an_offset(self, cropped: Any) -> None:
        """What peers need a radius, a crop and equal sizes for."""
        out = temporal(cropped, REF)
        assert (out.num_frames, out.width, out.height, out.format.id, out.fps) == (74, 170, 96, vs.RGB24, 24)
        frames = [(f.props["genlock_frame"], picture(f)) for f in out.frames(close=False)]
        assert [number for number, _ in frames] == [-1] * 11 + list(range(48)) + [-1] * 15
        for n, (number, shown) in enumerate(frames):
            assert np.array_equal(shown, np.zeros_like(shown) if number < 0 else RGB[n][20:116, 30:200])

    def test_dropped_and_repeated_frames(self) -> None:
        kept = [n for n in range(60) if n % 9 != 4]
        out = temporal(clip_of([RGB[n] for n in kept]), clip_of(RGB[:60]))
        shown = [frame.props["genlock_frame"] for frame in out.frames()]
        assert [shown[n] for n in kept] == list(range(len(kept)))
        for n in range(4, 60, 9):
            assert shown[n] in (shown[n - 1], shown[n - 1] + 1)

    def test_any_order_at_once(self, cropped: Any) -> None:
        out = temporal(cropped, REF)
        order = np.random.default_rng(1).permutation(74).tolist()
        waiting = [(n, out.get_frame_async(n)) for n in order]
        for n, frame in waiting:
            assert np.array_equal(picture(frame.result()), picture(out.get_frame(n)))

    def test_pictures_of_another_clip(self, cropped: Any) -> None:
        """Match on a small grey one, take the frames from the large one."""
        small = cropped.resize.Bilinear(120, 68, format=vs.GRAY8, matrix_s="709")
        out = temporal(small, REF.resize.Bilinear(160, 90, format=vs.YUV420P8, matrix_s="709"), out=cropped)
        assert (out.width, out.height, out.format.id) == (170, 96, vs.RGB24)
        assert np.array_equal(picture(out.get_frame(30)), RGB[30][20:116, 30:200])

    def test_fallback(self, cropped: Any) -> None:
        back = clip_of([np.full((96, 170, 3), 77, np.uint8)] * 74)
        out = temporal(cropped, REF, fallback=back)
        assert (picture(out.get_frame(3)) == 77).all() and out.get_frame(3).props["genlock_fallback"] == 1
        assert np.array_equal(picture(out.get_frame(30)), RGB[30][20:116, 30:200]) and out.get_frame(30).props["genlock_fallback"] == 0
        strict = temporal(cropped, REF, fallback=back, thresh=-1)
        assert (picture(strict.get_frame(30)) == 77).all()

    def test_foreign_footage(self) -> None:
        with pytest.raises(vs.Error, match=r"do not show the same footage.*fallback"):
            temporal(clip_of(OTHER), clip_of(RGB[:40]))
        back = clip_of([np.full_like(RGB[0], 9)] * 40)
        assert all((shown == 9).all() for shown in pictures(temporal(clip_of(OTHER), clip_of(RGB[:40]), fallback=back)))

    def test_another_rate(self) -> None:
        """24 against 30 frames a second, told by the clips or by hand, or not at all."""
        at_30 = [RGB[n * 4 // 5] for n in range(75)]
        for fps, more in ((Fraction(30), {}), (Fraction(24), {"ref_num": 30, "ref_den": 1}), (Fraction(24), {})):
            out = temporal(clip_of(RGB[:60]), clip_of(at_30, fps), **more)
            assert [f.props["genlock_frame"] for f in out.frames()] == [n * 4 // 5 for n in range(75)]

    def test_debug_writes_into_the_picture(self, cropped: Any) -> None:
        plain, told = temporal(cropped, REF), temporal(cropped, REF, debug=True)
        assert not np.array_equal(picture(plain.get_frame(30)), picture(told.get_frame(30)))

    def test_an_alignment_made_before(self, cropped: Any, tmp_path: Path) -> None:
        def given(shots: list[np.ndarray]) -> Any:
            grey = [cv2.cvtColor(p, cv2.COLOR_RGB2GRAY) for p in shots]
            return given_footage(Given("made", grey[0].shape[::-1], len(grey), Fraction(24), lambda n: grey[n]))

        found = align(given(RGB[11:59]), given(RGB))
        path = tmp_path / "found.json"
        path.write_text(json.dumps(found.to_json()))
        for handed in (found, path, str(path)):
            out = temporal(cropped, REF, alignment=handed)
            assert np.array_equal(picture(out.get_frame(30)), RGB[30][20:116, 30:200])
        with pytest.raises(vs.Error, match="clip with 48 frames"):
            temporal(cropped[1:], REF, alignment=path)

    @pytest.mark.parametrize(
        ("more", "says"),
        [({"precision": 4}, "precision is 4"), ({"clip_num": 24}, "clip_num and clip_den"), ({"out": "x.mp4"}, "out is str")],
    )
    def test_wrong_arguments(self, cropped: Any, more: dict[str, Any], says: str) -> None:
        with pytest.raises(vs.Error, match=says):
            temporal(cropped, REF, **more)

    def test_a_fallback_of_another_size(self, cropped: Any) -> None:
        with pytest.raises(vs.Error, match="fallback is 241x135"):
            temporal(cropped, REF, fallback=REF)

    def test_arguments_by_place_as_of_old(self, cropped: Any) -> None:
        out = temporal(cropped, REF, None, 1, 20)
        assert out.get_frame(30).props["genlock_frame"] == 19


class Dis:
    """Dense flow by OpenCV's DIS: a stranger's estimator, to see that one can be handed in."""

    def __init__(self) -> None:
        self.masks: list[np.ndarray | None] = []

    def estimate(
        self, clip: np.ndarray, ref: np.ndarray, start: np.ndarray, *, mask: Any = None, clip_mask: Any = None, previous: Any = None
    ) -> Flow:
        self.masks.append(mask)
        here = cv2.remap((clip >> 8).astype(np.uint8), start, None, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
        dis = cv2.DISOpticalFlow.create(cv2.DISOPTICAL_FLOW_PRESET_MEDIUM)
        flow = dis.calc((ref >> 8).astype(np.uint8), here, None)
        return Flow((start + flow).astype(np.float32), np.ones(ref.shape, np.float32))


class TestSpatial:
    def test_where_it_fills_the_frame_nothing_changes(self) -> None:
        for shown, was in zip(pictures(spatial(REF[:5], REF[:5], warp="matrix")), RGB, strict=False):
            assert np.array_equal(shown, was)

    def test_a_crop_is_put_back(self) -> None:
        """A whole-pixel crop comes back bit for bit; the rest is black, and alpha says so."""
        clip, ref = clip_of([p[20:116, 30:200] for p in RGB[:24]]), REF[:24]
        out = spatial(clip, ref, wide_search=True, alpha=True, warp="matrix")
        assert (out.width, out.height, out.num_frames, out.format.id) == (241, 135, 24, vs.RGB24)
        frame = out.get_frame(12)
        shown, alpha = picture(frame), np.asarray(frame.props["_Alpha"][0])
        inside = np.zeros((135, 241), bool)
        inside[20:116, 30:200] = True
        off = np.abs(shown[25:110, 35:195].astype(int) - RGB[12][25:110, 35:195])
        assert np.median(off) <= 1 and off.mean() < 1.5
        assert (shown[~cv2.dilate(inside.astype(np.uint8), np.ones((3, 3))).astype(bool)] == 0).all()
        assert (alpha[cv2.erode(inside.astype(np.uint8), np.ones((3, 3))) > 0] == 255).all()
        assert (alpha[~cv2.dilate(inside.astype(np.uint8), np.ones((3, 3))).astype(bool)] == 0).all()

    @pytest.mark.parametrize("name", ["RGB24", "RGB30", "RGB48", "RGBH", "RGBS", "GRAY8", "GRAY16", "GRAYS", "YUV444P8", "YUV444P10", "YUV444PS"])
    def test_formats(self, name: str) -> None:
        """A quarter turn by a given matrix moves every sample as it is, at any depth; what is not covered is black."""
        kind = getattr(vs, name)
        more = {} if name.startswith("RGB") else {"matrix_s": "709"}
        clip = clip_of(RGB[:2]).resize.Point(format=kind, **more)
        found = turned_by_hand()
        out = spatial(clip, clip_of([np.zeros((300, 200, 3), np.uint8)] * 2), warp="matrix", alignment=found)
        shown, was = picture(out.get_frame(1)), picture(clip.get_frame(1))
        assert shown.dtype == was.dtype
        assert np.array_equal(shown[:241, :135], np.rot90(was, -1))
        outside = shown[260:, 150:]
        neutral = [0, 128, 128] if name == "YUV444P8" else [0, 512, 512] if name == "YUV444P10" else [0, 0, 0]
        assert all((outside[..., k] == neutral[k]).all() for k in range(outside.shape[2]))

    def test_flow_by_an_estimator_of_ones_own(self) -> None:
        """A slow bend is taken out of the picture, in any order, every time alike."""
        y, x = np.mgrid[:135, :241].astype(np.float32)
        bent = [cv2.remap(p, x, y + 1.5 * np.sin(x / 40), cv2.INTER_CUBIC, borderMode=cv2.BORDER_REFLECT) for p in RGB[:8]]
        clip = clip_of(bent)
        out = spatial(clip, REF[:8], estimator=Dis())
        before = [np.abs(a.astype(float) - b)[8:-8, 8:-8].mean() for a, b in zip(bent, RGB, strict=False)]
        first = pictures(out)
        after = [np.abs(a.astype(float) - b)[8:-8, 8:-8].mean() for a, b in zip(first, RGB, strict=False)]
        assert max(after) < 0.6 * min(before)
        again = spatial(clip, REF[:8], estimator=Dis())
        waiting = [(n, again.get_frame_async(n)) for n in (5, 2, 7, 0, 3, 6, 1, 4)]
        for n, frame in waiting:
            assert np.array_equal(picture(frame.result()), first[n])

    def test_genlocks_own_flow(self) -> None:
        pytest.importorskip("torch", reason="torch is not installed in this Python")
        y, x = np.mgrid[:135, :241].astype(np.float32)
        bent = [cv2.remap(p, x, y + 1.5 * np.sin(x / 40), cv2.INTER_CUBIC, borderMode=cv2.BORDER_REFLECT) for p in RGB[:3]]
        out = pictures(spatial(clip_of(bent), REF[:3], backend="cpu"))
        for shown, was, wanted in zip(out, bent, RGB, strict=False):
            edge = slice(8, -8)
            after = np.abs(shown.astype(float) - wanted)[edge, edge].mean()
            assert after < 0.6 * np.abs(was.astype(float) - wanted)[edge, edge].mean()

    @pytest.mark.parametrize("length", [1, 4])
    def test_masks(self, length: int) -> None:
        """White excludes; still or moving, of any size and format."""
        seen = Dis()
        mask = vs.core.std.BlankClip(format=vs.YUV420P8, width=480, height=270, length=length, color=[16, 128, 128])
        mask = vs.core.std.StackHorizontal([mask.std.CropAbs(240, 270, 0, 0), mask.std.BlankClip(width=240, color=[235, 128, 128])])
        spatial(REF[:4], REF[:4], mask=mask, estimator=seen).get_frame(3)
        (found,) = seen.masks
        assert found is not None and found.dtype == bool and found.shape == (135, 241)
        assert not found[:, :118].any() and found[:, 123:].all()

    def test_the_clips_properties_stay(self) -> None:
        clip = REF[:2].std.SetFrameProps(_Primaries=9, note="kept")
        frame = spatial(clip, REF[:2], warp="matrix").get_frame(1)
        assert (frame.props["_Primaries"], frame.props["note"], frame.props["genlock_matched"]) == (9, "kept", 1)

    def test_different_lengths(self) -> None:
        assert spatial(REF[:5], REF[:3], warp="matrix").num_frames == 3

    @pytest.mark.parametrize(
        ("of", "more", "says"),
        [
            (lambda c: c.std.CropAbs(240, 134).resize.Point(format=vs.YUV420P8, matrix_s="709"), {}, r"YUV420P8.*4:4:4"),
            (lambda c: c, {"precision": 5}, "precision is 5"),
            (lambda c: c, {"warp": "lens"}, "warp is 'lens'"),
            (lambda c: c, {"kernel": "nearest"}, "kernel is 'nearest'"),
            (lambda c: c, {"mask": REF[:2]}, "mask has 2 frames"),
            (lambda c: "clip.mp4", {}, "clip is str"),
        ],
    )
    def test_wrong_arguments(self, of: Callable[[Any], Any], more: dict[str, Any], says: str) -> None:
        with pytest.raises(vs.Error, match=says):
            spatial(of(REF[:4]), REF[:4], **{"warp": "matrix", **more})

    def test_foreign_footage(self) -> None:
        with pytest.raises(vs.Error, match="wide_search"):
            spatial(clip_of(OTHER), REF[:40], wide_search=True, warp="matrix")


def turned_by_hand() -> Any:
    """An alignment by hand: the clip turned right by a quarter, its first two frames on the ref's."""
    from genlock.core.alignment import Alignment, Key, Media, Piece, Run, Verdict

    turned = Key(0, (0.0, -1.0, 134.0, 1.0, 0.0, 0.0, 0.0, 0.0, 1.0))
    run = Run(0, 2, Verdict.EXACT, (Piece(0, 2, Fraction(0), Fraction(1)),), (turned,), score=1.0)
    return Alignment(Media("clip", 2, Fraction(24), 241, 135), Media("ref", 2, Fraction(24), 200, 300), (run,))
