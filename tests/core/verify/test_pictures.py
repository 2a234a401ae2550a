"""The pictures of made pairs: figures against closed forms, from files."""

from __future__ import annotations

import json
import math
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import av
import cv2
import numpy as np
import pytest

from genlock.core.alignment import Alignment, Key, Matrix, Media, Verdict
from genlock.core.errors import Cancelled, MediaError
from genlock.core.progress import Progress
from genlock.core.settings_verify import VerifySettings
from genlock.core.space.flow import Flow
from genlock.core.verify.pictures import SAMPLES, picture_quality, sampled
from genlock.core.verify.quality import PictureQuality
from genlock.core.verify.quality_words import lines
from genlock.core.verify.vmaf import find_ffmpeg
from genlock.core.verify.vmaf_runs import VmafMaker
from genlock.tests.core.report.made import aligned, crop, found, media, missing, scene

SIZE_WH = (321, 181)
FRAMES = 12
EACH = VerifySettings(pictures=True, every=1)
GREY = [np.clip(cv2.resize(scene(11)(n), SIZE_WH, interpolation=cv2.INTER_CUBIC), 0, 254) for n in range(FRAMES)]


def lossless(path: Path, pictures: list[np.ndarray], pix_fmt: str = "gray", full: bool = False) -> Media:
    """FFV1, so that what is read is what was written; (h, w) uint8, or uint16 for more than 8 bits."""
    h, w = pictures[0].shape
    with av.open(str(path), "w") as out:
        stream = out.add_stream("ffv1", rate=25)
        stream.width, stream.height, stream.pix_fmt = w, h, pix_fmt
        stream.codec_context.color_range = 2 if full else 1
        for picture in pictures:
            frame = av.VideoFrame(w, h, pix_fmt)
            for k, plane in enumerate(frame.planes):
                samples = picture if k == 0 else np.full((plane.height, plane.width), 128, picture.dtype)
                line = np.zeros((plane.height, plane.line_size // samples.itemsize), samples.dtype)
                line[:, : plane.width] = samples
                plane.update(line.tobytes())
            out.mux(stream.encode(frame))
        out.mux(stream.encode(None))
    return media(str(path), len(pictures), (w, h))


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("pictures")


@pytest.fixture(scope="module")
def ref(folder: Path) -> Media:
    return lossless(folder / "ref.mkv", GREY)


def whole(clip: Media, ref: Media, matrix: Matrix | None = None) -> Alignment:
    keys = (Key(0, matrix),) if matrix else (Key(0, (1.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 1.0)),)
    return aligned(clip, ref, found(0, ref.frames, 0, transform=keys))


class TestFigures:
    def test_the_same_file(self, ref: Media) -> None:
        seen = picture_quality(whole(ref, ref), settings=EACH)
        assert seen.matrix is not None and len(seen.frames) == FRAMES
        assert (seen.matrix.mean_square, seen.matrix.psnr_db, seen.matrix.ssim) == (0.0, math.inf, 1.0)
        assert seen.matrix.median_px == pytest.approx(0, abs=0.01) and seen.matrix.p95_px == pytest.approx(0, abs=0.02)
        assert seen.matrix.pixels == FRAMES * SIZE_WH[0] * SIZE_WH[1]
        assert "equal, bit for bit" in lines(seen)[1]
        assert seen.to_json()["matrix"]["equal"] is True and seen.to_json()["matrix"]["psnr_db"] is None

    def test_known_noise(self, folder: Path, ref: Media) -> None:
        """Noise of 3 levels, rounded to whole ones (1/12 more variance): 20 log10(255 / sqrt(9 + 1/12))."""
        random = np.random.default_rng(1)
        noisy = [np.clip(np.rint(p + random.normal(0, 3, p.shape)), 0, 255).astype(np.uint8) for p in GREY]
        seen = picture_quality(whole(lossless(folder / "noisy.mkv", noisy), ref), settings=EACH)
        assert seen.matrix is not None
        assert seen.matrix.psnr_db == pytest.approx(20 * math.log10(255 / math.sqrt(9 + 1 / 12)), abs=0.05)
        by_hand = np.mean([np.mean((a.astype(float) - b) ** 2) for a, b in zip(noisy, GREY, strict=True)])
        assert seen.matrix.mean_square == pytest.approx(by_hand, rel=1e-6)

    def test_a_grade_is_not_an_error(self, folder: Path, ref: Media) -> None:
        graded = [np.rint(p * 0.6 + 50).astype(np.uint8) for p in GREY]
        seen = picture_quality(whole(lossless(folder / "graded.mkv", graded), ref), settings=EACH).matrix
        assert seen is not None
        assert seen.psnr_db < 25 and seen.graded_psnr_db > 50
        assert (seen.gain, seen.offset) == (pytest.approx(1 / 0.6, rel=0.01), pytest.approx(-50 / 0.6, abs=1))
        assert seen.median_px == pytest.approx(0, abs=0.02)

    def test_a_crop_is_compared_where_it_covers(self, folder: Path, ref: Media) -> None:
        """Whole pixels on whole pixels: equal, 3 px inside of the crop's edge, but not where that is the ref's edge."""
        cropped = lossless(folder / "crop.mkv", [np.ascontiguousarray(p[20:, 31:231]) for p in GREY])
        seen = picture_quality(whole(cropped, ref, crop(31, 20)), settings=EACH).matrix
        assert seen is not None
        assert seen.mean_square == 0
        assert seen.pixels == FRAMES * (200 - 6) * (161 - 3)

    def test_a_wrong_place_shows(self, folder: Path, ref: Media) -> None:
        cropped = lossless(folder / "crop2.mkv", [np.ascontiguousarray(p[20:160, 31:271]) for p in GREY])
        seen = picture_quality(whole(cropped, ref, crop(32, 20)), settings=EACH).matrix
        half = picture_quality(whole(cropped, ref, crop(31.3, 20)), settings=EACH).matrix
        assert seen is not None and half is not None
        assert seen.median_px == pytest.approx(1.0, abs=0.03)
        assert half.median_px == pytest.approx(0.3, abs=0.03)
        assert seen.psnr_db < half.psnr_db < 60

    def test_an_enlarged_clip_is_measured_in_ref_pixels(self, folder: Path, ref: Media) -> None:
        """Half size, told 2 px too far right."""
        small = [cv2.resize(p[:180, :320], (160, 90), interpolation=cv2.INTER_AREA) for p in GREY]
        seen = picture_quality(whole(lossless(folder / "small.mkv", small), ref, crop(2, 0, 2.0)), settings=EACH).matrix
        assert seen is not None
        assert seen.median_px == pytest.approx(2.0, abs=0.1)

    @pytest.mark.parametrize("clip_full", [True, False])
    def test_full_against_limited_range(self, folder: Path, clip_full: bool) -> None:
        """The same picture by both codes differs by rounding alone."""
        limited = [np.rint(16 + p * (219 / 255)).astype(np.uint8) for p in GREY[:3]]
        full = lossless(folder / f"full{clip_full}.mkv", GREY[:3], "yuv444p", full=True)
        tight = lossless(folder / f"limited{clip_full}.mkv", limited, "yuv444p")
        seen = picture_quality(whole(*((full, tight) if clip_full else (tight, full))), settings=EACH).matrix
        assert seen is not None and seen.psnr_db > 55
        assert (seen.gain, seen.offset) == (pytest.approx(1, abs=0.01), pytest.approx(0, abs=0.6))

    def test_ten_bits_count(self, folder: Path) -> None:
        """One level of ten bits apart is 60.2 dB; eight bits would have seen nothing, or four times as much."""
        deep = [p.astype(np.uint16) * 3 + 100 for p in GREY[:3]]
        a = lossless(folder / "deep.mkv", deep, "gray10le")
        b = lossless(folder / "deeper.mkv", [p + 1 for p in deep], "gray10le")
        seen = picture_quality(whole(a, b), settings=EACH).matrix
        assert seen is not None
        assert seen.psnr_db == pytest.approx(20 * math.log10(255 * 4), abs=0.01)

    def test_black(self, folder: Path) -> None:
        black = [np.zeros((90, 160), np.uint8)] * 2
        seen = picture_quality(whole(lossless(folder / "black.mkv", black), lossless(folder / "dark.mkv", black)), settings=EACH).matrix
        assert seen is not None
        assert (seen.mean_square, seen.ssim, seen.median_px, seen.pool.patches) == (0.0, 1.0, None, 0)


class Back:
    """Flow that knows the truth: a shift, to the right and down."""

    def __init__(self, x: float, y: float) -> None:
        self.shift = np.array([x, y], np.float32)
        self.asked: list[tuple[str, tuple[int, ...]]] = []

    def estimate(self, clip, ref, start, *, mask=None, clip_mask=None, previous=None) -> Flow:  # type: ignore[no-untyped-def]
        self.asked.append((str(clip.dtype), start.shape))
        assert 0 <= clip.min() and clip.max() <= 1
        return Flow(start + self.shift, np.ones(ref.shape, np.float32))


def test_flow_beside_the_matrix(folder: Path, ref: Media) -> None:
    """The matrix is 2 px off to the right; the flow takes that back, and both are told of the same pixels."""
    cropped = lossless(folder / "crop3.mkv", [np.ascontiguousarray(p[20:160, 31:271]) for p in GREY])
    flow = Back(2, 0)
    seen = picture_quality(whole(cropped, ref, crop(33, 20)), settings=EACH, estimator=flow)
    assert seen.matrix is not None and seen.flow is not None
    assert flow.asked == [("float32", (181, 321, 2))] * FRAMES
    assert seen.matrix.median_px == pytest.approx(2, abs=0.03)
    assert seen.flow.median_px == pytest.approx(0, abs=0.01)
    assert seen.flow.mean_square < 1e-6 < seen.matrix.mean_square
    assert seen.flow.pixels == seen.matrix.pixels
    assert [line for line in lines(seen) if "by flow" in line]


@pytest.fixture(scope="module")
def pair(folder: Path, ref: Media) -> Alignment:
    """Two runs and a gap; the second one is a level brighter."""
    clip = lossless(folder / "runs.mkv", [*GREY[:5], *(p + 1 for p in GREY[7:])])
    return aligned(clip, ref, found(0, 5, 0), missing(5, 2), found(7, 5, 5))


class TestRuns:
    def test_each_by_itself_and_all_together(self, pair: Alignment) -> None:
        seen = picture_quality(pair, settings=EACH)
        a, b = seen.runs
        assert (a.number, a.ref_first, a.verdict, b.number) == (1, 0, Verdict.EXACT, 3)
        assert a.matrix is not None and b.matrix is not None and seen.matrix is not None
        assert (a.matrix.mean_square, b.matrix.mean_square, seen.matrix.mean_square) == (0.0, pytest.approx(1), pytest.approx(0.5))
        assert seen.matrix.psnr_db == pytest.approx(10 * math.log10(255**2 / 0.5))
        assert [one.ref_frame for one in seen.frames] == [0, 1, 2, 3, 4, 7, 8, 9, 10, 11]
        assert [one.clip_frame for one in seen.frames] == list(range(10))

    def test_its_answers(self, pair: Alignment) -> None:
        seen = picture_quality(pair, settings=EACH)
        body = json.loads(json.dumps(seen.to_json(), allow_nan=False))
        assert body["frames"] == 10 and body["sampling"] == "each of 10 that are matched"
        assert [run["number"] for run in body["runs"]] == [1, 3]
        assert body["runs"][1]["matrix"]["psnr_db"] == pytest.approx(48.1308, abs=1e-3)
        assert body["runs"][1]["frames"][0]["ref_frame"] == 7
        assert len(lines(seen)) == 5

    def test_it_can_be_stopped(self, pair: Alignment) -> None:
        with pytest.raises(Cancelled):
            picture_quality(pair, Progress(wanted=lambda: False))

    def test_progress_runs_up(self, pair: Alignment) -> None:
        heard: list[float] = []
        picture_quality(pair, Progress(lambda done, what: heard.append(done)))
        assert heard == sorted(heard) and heard[-1] == pytest.approx(1)

    def test_a_file_of_another_length_is_refused(self, pair: Alignment) -> None:
        with pytest.raises(MediaError, match="align again"):
            picture_quality(replace(pair, clip=replace(pair.clip, frames=11)))

    def test_what_lies_outside_shows_nothing(self, folder: Path, ref: Media) -> None:
        seen = picture_quality(whole(ref, ref, crop(400, 0)), settings=EACH)
        assert seen.matrix is None and seen.empty == FRAMES
        assert lines(seen) == ["No pictures were measured: no frame that was looked at shows anything of the clip."]

    def test_nothing_matched(self, ref: Media) -> None:
        seen = picture_quality(aligned(ref, ref, missing(0, FRAMES)))
        assert seen.frames == () and seen.to_json()["matrix"] is None

    @pytest.mark.skipif(find_ffmpeg() is None, reason="no FFmpeg with libvmaf; pip install 'genlock[vmaf]' brings one")
    def test_vmaf_a_run(self, folder: Path, ref: Media) -> None:
        """The good run near the model's top, the blurred one far below; frames that were sampled, and no others."""
        soft = [cv2.GaussianBlur(p, (0, 0), 2.5) for p in GREY[6:]]
        pair = aligned(lossless(folder / "vmaf.mkv", [*GREY[:6], *soft]), ref, found(0, 6, 0), found(6, 6, 6))
        seen = picture_quality(pair, settings=VerifySettings(pictures=True, every=2), vmaf=VmafMaker.found())
        good, bad = (run.matrix for run in seen.runs)
        assert good is not None and bad is not None and good.vmaf is not None and bad.vmaf is not None
        assert good.vmaf > 94 and bad.vmaf < 60
        assert all(one.matrix.vmaf is not None for one in seen.frames) and len(seen.frames) == 6
        assert seen.vmaf.startswith("vmaf_v0.6.1 by ")


class TestSampling:
    def test_evenly_over_what_is_matched(self) -> None:
        pair = aligned(media(), media(frames=1000), found(0, 300, 0), missing(300, 400), found(700, 300, 0))
        frames = sampled(pair, 0)
        assert set(frames) == {0, 2}
        assert [len(some) for some in frames.values()] == [SAMPLES // 2, SAMPLES // 2]
        steps = np.diff(frames[0])
        assert steps.min() >= 24 and steps.max() <= 26

    @pytest.mark.parametrize(("every", "wanted"), [(1, list(range(10, 20))), (3, [10, 13, 16, 19]), (100, [10])])
    def test_every_nth_of_each_run(self, every: int, wanted: list[int]) -> None:
        assert sampled(aligned(media(), media(), missing(0, 10), found(10, 10, 0), missing(20, 80)), every) == {1: wanted}

    @pytest.mark.parametrize("runs", [1, 5, 23, 24, 60, 500])
    def test_each_run_has_one_within_bounds(self, runs: int) -> None:
        pair = aligned(media(), media(frames=7 * runs), *(found(7 * n, 7, 0) for n in range(runs)))
        frames = sampled(pair, 0)
        assert len(frames) == min(runs, 4 * SAMPLES) or (runs > 4 * SAMPLES and len(frames) <= 5 * SAMPLES)
        assert all(pair.runs[n].ref_first <= frame < pair.runs[n].ref_end for n, some in frames.items() for frame in some)

    def test_one_frame(self) -> None:
        assert sampled(aligned(media(), media(frames=1), found(0, 1, 0)), 0) == {0: [0]}


def test_a_clip_of_another_rate(folder: Path, ref: Media) -> None:
    """Twice as fast as stored: every second frame is shown, and those are what is compared."""
    pair = aligned(ref, replace(ref, frames=6), found(0, 6, 0, Fraction(2)))
    short = lossless(folder / "short.mkv", GREY[1::2])
    seen: PictureQuality = picture_quality(replace(pair, ref=short), settings=EACH)
    assert [one.clip_frame for one in seen.frames] == [1, 3, 5, 7, 9, 11]
    assert seen.matrix is not None and seen.matrix.mean_square == 0
