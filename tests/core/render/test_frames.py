"""The clip as the ref would see it: the right frame, at the right place, bit for bit where nothing has to be resampled."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from genlock.core.alignment import IDENTITY, Alignment, Matrix, Verdict
from genlock.core.errors import MediaError, UsageError
from genlock.core.media.cache import digest
from genlock.core.media.plates import Layer, Plate, open_plates
from genlock.core.media.write import open_writer
from genlock.core.render.frames import Rendered, render_frames
from genlock.core.render.frames import rendered as frames_of
from genlock.core.render.session import Session
from genlock.core.settings_render import RenderSettings
from genlock.core.space.geometry import as_tuple, resize_matrix
from genlock.tests.footage import Chart, dot_on, number_on

from .made import NTSC, aligned, charts, film, media, planes, rgb


def rendered(alignment: Alignment, **settings: object) -> list[Rendered]:
    return list(render_frames(alignment, RenderSettings(**settings)))  # type: ignore[arg-type]


def shift(x: float, y: float) -> Matrix:
    return (1.0, 0.0, x, 0.0, 1.0, y, 0.0, 0.0, 1.0)


def noise(size_wh: tuple[int, int], dtype: type = np.uint8, top: int = 255, seed: int = 1) -> np.ndarray:
    return np.random.default_rng(seed).integers(0, top + 1, (size_wh[1], size_wh[0], 3)).astype(dtype)


def pair(folder: Path, clip_wh: tuple[int, int], ref_wh: tuple[int, int], matrix: Matrix, frames: int = 3, **how: str) -> Alignment:
    """Noise, so that any resampling shows; the ref's pictures do not matter to a matrix."""
    clip = film(folder / "clip.mkv", (noise(clip_wh, seed=n) for n in range(frames)), **how)
    ref = film(folder / "ref.mkv", (noise(ref_wh, seed=90 + n) for n in range(frames)), **how)
    return aligned(media(clip, frames, clip_wh), media(ref, frames, ref_wh), list(range(frames)), matrix)


class TestTime:
    def test_every_kind_of_order(self, tmp_path: Path) -> None:
        shown = [None, 3, 4, 4, 4, 9, 8, 7, 6, 20, 21, 0, 2, 4, None, 29]
        clip, ref = film(tmp_path / "c.mkv", charts(range(30))), film(tmp_path / "r.mkv", charts(shown_or_zero(shown)))
        found = rendered(aligned(media(clip, 30), media(ref, len(shown)), shown))
        assert [number_on(rgb(each)) if each.step.clip is not None else None for each in found] == shown
        assert [each.number for each in found] == list(range(16))
        assert [each.time_s for each in found] == [Fraction(n, 24) for n in range(16)]
        for each in found:
            if each.step.clip is None:
                assert not rgb(each).any() and not each.covered.any() and each.step.verdict is Verdict.UNMATCHED

    def test_from_23_976_to_25(self, tmp_path: Path) -> None:
        clip = film(tmp_path / "c.mkv", charts(range(24)), NTSC)
        ref = film(tmp_path / "r.mkv", charts(range(25)), Fraction(25))
        shown = [int((Fraction(n) + Fraction(1, 2)) / 25 * NTSC) for n in range(24)]
        found = rendered(aligned(media(clip, 24, rate=NTSC), media(ref, 24, rate=Fraction(25)), shown))
        assert [number_on(rgb(each)) for each in found] == shown

    def test_a_range_keeps_the_ref_s_numbers(self, tmp_path: Path) -> None:
        clip = film(tmp_path / "c.mkv", charts(range(30)))
        found = rendered(aligned(media(clip, 30), media(film(tmp_path / "r.mkv", charts(range(20))), 20), list(range(7, 27))), range="5-7")
        assert [(each.step.ref, number_on(rgb(each))) for each in found] == [(5, 12), (6, 13), (7, 14)]
        assert [each.time_s for each in found] == [0, Fraction(1, 24), Fraction(2, 24)]

    def test_a_ref_of_variable_rate_keeps_its_times(self, tmp_path: Path) -> None:
        pts, base = (0, 40, 80, 200, 240), Fraction(1, 1000)
        ref = film(tmp_path / "r.mkv", charts(range(5)), Fraction(25), pts=pts, time_base=base)
        clip = film(tmp_path / "c.mkv", charts(range(9)), Fraction(25))
        found = rendered(aligned(media(clip, 9, rate=Fraction(25)), media(ref, 5, rate=Fraction(25), pts=pts, time_base=base), [0, 1, 3, 5, 6]))
        assert [each.time_s for each in found] == [Fraction(t, 1000) for t in pts]
        assert [number_on(rgb(each)) for each in found] == [0, 1, 3, 5, 6]


def shown_or_zero(shown: list[int | None]) -> list[int]:
    return [n or 0 for n in shown]


class TestNothingIsResampled:
    @pytest.mark.parametrize("pix_fmt", ["yuv420p", "yuv422p10le", "yuv444p", "gray", "gbrp10le", "bgra"])
    @pytest.mark.parametrize("size_wh", [(64, 48), (63, 37)])
    def test_identity_is_every_bit(self, tmp_path: Path, pix_fmt: str, size_wh: tuple[int, int]) -> None:
        alignment = pair(tmp_path, size_wh, size_wh, IDENTITY, pix_fmt=pix_fmt)
        with open_plates(alignment.clip.path) as plates:
            for mine, theirs in zip(rendered(alignment), plates.frames(), strict=True):
                assert (mine.covered == 1).all()
                for a, b in zip(planes(mine), theirs.planes(), strict=True):
                    assert a.dtype == b.dtype and np.array_equal(a, b)

    def test_a_transform_a_hair_off_whole_pixels_copies_too(self, tmp_path: Path) -> None:
        alignment = pair(tmp_path, (64, 48), (96, 70), (1.0001, 0, 12.004, 0, 0.9999, 8.003, 0, 0, 1))
        with open_plates(alignment.clip.path) as plates:
            source = next(plates.frames()).planes()
        y, u, v = planes(rendered(alignment)[0])
        assert np.array_equal(y[8:56, 12:76], source[0])
        assert np.array_equal(u[4:28, 6:38], source[1]) and np.array_equal(v[4:28, 6:38], source[2])
        y[8:56, 12:76], u[4:28, 6:38], v[4:28, 6:38] = 16, 128, 128
        assert (y == 16).all() and (u == 128).all() and (v == 128).all()

    def test_a_cut_out_keeps_its_bits(self, tmp_path: Path) -> None:
        alignment = pair(tmp_path, (96, 70), (64, 48), shift(-12, -8))
        with open_plates(alignment.clip.path) as plates:
            source = next(plates.frames()).planes()
        y, u, _ = planes(rendered(alignment)[0])
        assert np.array_equal(y, source[0][8:56, 12:76]) and np.array_equal(u, source[1][4:28, 6:38])

    def test_an_odd_shift_copies_luma_and_resamples_chroma_once(self, tmp_path: Path) -> None:
        alignment = pair(tmp_path, (64, 48), (64, 48), shift(1, 0))
        with open_plates(alignment.clip.path) as plates:
            source = next(plates.frames()).planes()
        y, u, _ = planes(rendered(alignment, kernel="linear")[0])
        assert np.array_equal(y[:, 1:], source[0][:, :-1])
        between = (source[1][:, 1:].astype(float) + source[1][:, :-1]) / 2
        assert np.abs(u[:, 1:].astype(float) - between).max() <= 0.5

    @pytest.mark.parametrize("matrix", [(-1.0, 0, 63, 0, 1, 0, 0, 0, 1), (1.0, 0, 0, 0, -1, 47, 0, 0, 1), (-1.0, 0, 63, 0, -1, 47, 0, 0, 1)])
    def test_a_mirror_turns_planes_over(self, tmp_path: Path, matrix: Matrix) -> None:
        alignment = pair(tmp_path, (64, 48), (64, 48), matrix)
        with open_plates(alignment.clip.path) as plates:
            source = next(plates.frames()).planes()
        for mine, theirs in zip(planes(rendered(alignment)[0]), source, strict=True):
            wanted = theirs[:, ::-1] if matrix[0] < 0 else theirs
            assert np.array_equal(mine, wanted[::-1] if matrix[4] < 0 else wanted)

    def test_16_bit_png_and_float_exr_with_light_beyond_0_and_1(self, tmp_path: Path) -> None:
        for suffix, picture in (("png", np.float32(noise((33, 21), np.uint16, 65535)) / 65535), ("exr", np.float32(noise((33, 21))) / 64 - 1)):
            ref = film(tmp_path / f"r-{suffix}.mkv", charts(range(2), (33, 21)))
            with open_plates(ref) as plates:
                shape = plates.info
            name = str(tmp_path / f"c.%04d.{suffix}")
            deep = _deep(shape, suffix)
            with open_writer(name, deep) as writer:
                for k in range(2):
                    writer.write(picture * (1 if suffix == "png" else k + 1))
            found = rendered(aligned(media(name, 2, (33, 21)), media(ref, 2, (33, 21)), [0, 1]))
            with open_plates(name) as plates:
                for mine, theirs in zip(found, plates.frames(), strict=True):
                    for a, b in zip(planes(mine), theirs.planes(), strict=True):
                        assert a.dtype == b.dtype and a.tobytes() == b.tobytes()
            assert found[0].picture.form.depth >= 16  # type: ignore[union-attr]


    def test_further_layers_stay_where_nothing_moves_and_are_told_of_where_it_does(self, tmp_path: Path) -> None:
        ref = film(tmp_path / "r.mkv", charts(range(2), (33, 21)))
        with open_plates(ref) as plates:
            deep = _deep(plates.info, "exr")
        depth = Layer(("Z",), np.random.default_rng(2).random((21, 33, 1), np.float32), "depth")
        name = str(tmp_path / "c.%04d.exr")
        with open_writer(name, deep) as writer:
            for _ in range(2):
                writer.write(np.float32(noise((33, 21))) / 255, extra=(depth,))
        clip = media(name, 2, (33, 21))
        for matrix, notes in ((IDENTITY, 0), (shift(0.5, 0), 1)):
            with Session(aligned(clip, media(ref, 2, (33, 21)), [0, 1], matrix), RenderSettings()) as session:
                found = [frame.picture for frame in frames_of(session)]
                assert len(session.notes) == notes
                kept = [layer for layer in found[0].layers if "Z" in "".join(layer.channels)] if isinstance(found[0], Plate) else []
                assert len(kept) == 1 - notes


def _deep(info, suffix: str):  # type: ignore[no-untyped-def]
    from dataclasses import replace

    from genlock.core.media.info import Colour
    from genlock.core.media.plates import Form

    form = Form("rgb", 16) if suffix == "png" else Form("rgb", 32, is_float=True)
    return replace(info, form=form, pix_fmt="", width=33, height=21, colour=Colour(), kind="sequence", rate=Fraction(24), metadata={})


    @pytest.mark.parametrize(
        ("pix_fmt", "suffix"), [("yuv420p", "mkv"), ("yuv420p10le", "mkv"), ("bgra", "mkv"), ("gray16le", "%03d.png"), ("yuv420p", "tall")]
    )
    def test_what_is_written_holds_every_bit(self, tmp_path: Path, pix_fmt: str, suffix: str) -> None:
        """Through the writer and back, also where a small untagged picture stands in a frame whose height would tell another matrix."""
        size_wh = (64, 726) if suffix == "tall" else (64, 48)
        alignment = pair(tmp_path, (64, 48), size_wh, shift(0, 2 * (suffix == "tall")), pix_fmt=pix_fmt)
        name = str(tmp_path / f"out.{suffix.replace('tall', 'mkv')}")
        with Session(alignment, RenderSettings()) as session, open_writer(name, session.info) as writer:
            for frame in frames_of(session):
                writer.write(frame.picture, frame.time_s)
        top = 2 * (suffix == "tall")
        with open_plates(alignment.clip.path) as plates, open_plates(name) as written:
            for one, other in zip(plates.frames(), written.frames(), strict=True):
                if suffix == "tall":
                    assert np.abs(one.rgb() - other.rgb()[top : top + 48]).max() < 1e-3
                for number, (a, b) in enumerate(zip(one.planes(), other.planes(), strict=True)):
                    first = top // 2 if number and pix_fmt.startswith("yuv") else top
                    assert np.array_equal(a, b[first : first + a.shape[0]])


class TestPlace:
    @pytest.mark.parametrize("kernel", ["lanczos", "bicubic", "linear"])
    def test_dots_lie_where_the_matrix_takes_them(self, tmp_path: Path, kernel: str) -> None:
        """A third of a pixel, a twist, another scale: to a tenth of a pixel."""
        matrix = np.array([[1.2, 0.1, 5.3], [-0.1, 1.2, 20.7], [0, 0, 1.0]])
        clip = film(tmp_path / "c.mkv", charts([5]), pix_fmt="yuv444p")
        ref = film(tmp_path / "r.mkv", charts([5], (203, 150)), pix_fmt="yuv444p")
        alignment = aligned(media(clip, 1), media(ref, 1, (203, 150)), [0], as_tuple(matrix))
        image = rgb(rendered(alignment, kernel=kernel)[0])
        assert image.shape == (150, 203, 3)
        clean = Chart().clean(5)
        for dot in Chart().dots_xy:
            at = dot_on(clean, dot, 10)
            wanted = matrix @ (*at, 1)
            assert np.hypot(*(np.subtract(dot_on(image, (wanted[0], wanted[1]), 12), wanted[:2]))) < 0.1

    @pytest.mark.parametrize(("pix_fmt", "beside"), [("yuv420p", 0.0), ("yuvj420p", 0.5)])
    def test_colour_samples_sit_where_their_format_has_them(self, tmp_path: Path, pix_fmt: str, beside: float) -> None:
        """A ramp in Cb alone, made half as large again: at left of two luma pixels in video, between them in JPEG."""
        codec = "mjpeg" if "j" in pix_fmt else "ffv1"
        flat = np.full((48 * 3 // 2, 64), 128, np.uint8)
        flat[48:60] = np.tile(40 + 5 * np.arange(32), 2)[None]
        clip = film(tmp_path / "c.mkv", [flat], pix_fmt=pix_fmt, codec=codec, from_fmt=pix_fmt, **({"qmin": "1", "qmax": "1"} if beside else {}))
        ref = film(tmp_path / "r.mkv", charts([1], (96, 72)))
        alignment = aligned(media(clip, 1, (64, 48)), media(ref, 1, (96, 72)), [0], as_tuple(resize_matrix((64, 48), (96, 72))))
        cb = planes(rendered(alignment, kernel="linear")[0])[1][18].astype(float)
        with open_plates(clip) as plates:
            cb -= (next(plates.frames()).planes()[1][12] - (40.0 + 5 * np.arange(32))).mean()  # what JPEG did to the ramp
        luma_x = (2 * np.arange(48) + beside + 0.5) / 1.5 - 0.5
        off = (cb - (40 + 5 * (luma_x - beside) / 2))[2:-2]
        assert abs(off.mean()) < 0.15 and np.abs(off).max() < (0.51 if not beside else 2)  # the other place would be 0.42 off, everywhere

    def test_a_matrix_that_moves(self, tmp_path: Path) -> None:
        clip, ref = film(tmp_path / "c.mkv", charts(range(3))), film(tmp_path / "r.mkv", charts(range(3)))
        found = rendered(aligned(media(clip, 3), media(ref, 3), [0, 1, 2], lambda n: shift(1.5 * n, n)))
        first = dot_on(rgb(found[0]), (70, 55))
        assert dot_on(rgb(found[2]), (73, 57)) == pytest.approx((first[0] + 3, first[1] + 2), abs=0.05)

    def test_another_size_of_output(self, tmp_path: Path) -> None:
        clip, ref = film(tmp_path / "c.mkv", charts([1])), film(tmp_path / "r.mkv", charts([1]))
        alignment = aligned(media(clip, 1), media(ref, 1), [0])
        image = rgb(rendered(alignment, size="320x144")[0])
        at = dot_on(Chart().clean(1), (31, 20))
        wanted = resize_matrix((160, 96), (320, 144)) @ (*at, 1)
        assert image.shape == (144, 320, 3)
        assert dot_on(image, (wanted[0], wanted[1]), 18) == pytest.approx(tuple(wanted[:2]), abs=0.15)

    def test_pictures_out_of_another_version_of_twice_the_size(self, tmp_path: Path) -> None:
        """Matched small, taken large: the small one shows 0 to 4, the large one a dot elsewhere, so it is seen where pictures come from."""
        small = film(tmp_path / "s.mkv", charts(range(5)))
        large = film(tmp_path / "l.mkv", charts(range(5), (320, 192)))
        ref = film(tmp_path / "r.mkv", charts(range(4), (320, 192)))
        alignment = aligned(media(small, 5), media(ref, 4, (320, 192)), [1, 2, 3, 4], as_tuple(resize_matrix((160, 96), (320, 192))))
        with open_plates(large) as plates:
            wanted = [plate.planes() for plate in plates.frames()][1:]
        for shown, source in zip(rendered(alignment, out_of=str(large)), wanted, strict=True):
            assert all(np.array_equal(a, b) for a, b in zip(planes(shown), source, strict=True))

    @pytest.mark.parametrize(("frames", "rate"), [(9, Fraction(24)), (5, Fraction(25))])
    def test_another_version_has_to_have_the_same_frames(self, tmp_path: Path, frames: int, rate: Fraction) -> None:
        clip = film(tmp_path / "c.mkv", charts(range(5)))
        other = film(tmp_path / "o.mp4", charts(range(frames)), rate, codec="mpeg4")
        with pytest.raises(MediaError, match="no other version"):
            rendered(aligned(media(clip, 5), media(clip, 5), list(range(5))), out_of=str(other))

    def test_another_file_under_the_clip_s_name(self, tmp_path: Path) -> None:
        clip = film(tmp_path / "c.mkv", charts(range(2), (158, 96)))
        with pytest.raises(MediaError, match="158x96 now, and was 160x96"):
            rendered(aligned(media(clip, 2), media(clip, 2), [0, 1]))

    def test_a_clip_that_was_changed_is_told(self, tmp_path: Path) -> None:
        clip = film(tmp_path / "c.mkv", charts(range(2)))
        now, other = (aligned(media(clip, 2, digest=told), media(clip, 2), [0, 1]) for told in (digest(clip), "0" * 32))
        for alignment, notes in ((now, 0), (other, 1)):
            with Session(alignment, RenderSettings()) as session:
                assert len(session.notes) == notes

    def test_a_small_old_picture_keeps_its_colours_in_a_large_frame(self, tmp_path: Path) -> None:
        """Untagged YUV is BT.601 below 720 lines and BT.709 from there on; what is drawn into a larger frame stays what it was."""
        blue = np.full((96, 160, 3), (200, 60, 40), np.uint8)
        clip, ref = film(tmp_path / "c.mkv", [blue]), film(tmp_path / "r.mkv", [np.zeros((720, 1280, 3), np.uint8)])
        shown = rendered(aligned(media(clip, 1), media(ref, 1, (1280, 720)), [0], as_tuple(resize_matrix((160, 96), (1280, 720)))))[0]
        assert np.abs(rgb(shown)[300, 600].astype(int) - (40, 60, 200)).max() <= 2


class TestWhatIsNotCovered:
    def test_alpha_is_the_covered_area(self, tmp_path: Path) -> None:
        matrix = np.array([[0.5, 0.1, 30.25], [-0.1, 0.5, 40.5], [0, 0, 1.0]])
        clip, ref = film(tmp_path / "c.mkv", charts([3])), film(tmp_path / "r.mkv", charts([3]))
        shown = rendered(aligned(media(clip, 1), media(ref, 1), [0], as_tuple(matrix)), alpha=True)[0]
        assert isinstance(shown.picture, np.ndarray) and shown.picture.shape == (96, 160, 4)
        assert shown.picture[..., 3].sum() == pytest.approx(160 * 96 * np.linalg.det(matrix), rel=1e-3)
        inside = shown.picture[..., 3] > 0
        assert shown.picture[..., :3][inside].min() > 0.1  # straight: the ground of the chart goes on to the edge, undarkened
        assert not shown.picture[..., :3][~inside].any()

    def test_without_alpha_the_edge_is_mixed_with_black(self, tmp_path: Path) -> None:
        clip = film(tmp_path / "c.mkv", [np.full((96, 160, 3), 200, np.uint8)], pix_fmt="gray")
        ref = film(tmp_path / "r.mkv", [np.zeros((96, 160, 3), np.uint8)], pix_fmt="gray")
        y = planes(rendered(aligned(media(clip, 1), media(ref, 1), [0], shift(10.25, 0)))[0])[0].astype(float)
        assert (y[:, :10] == 16).all() and (y[:, 11:] == y[0, 100]).all()
        assert np.abs(y[:, 10] - (16 + 0.75 * (y[0, 100] - 16))).max() <= 0.5

    def test_the_clip_s_own_alpha_stays(self, tmp_path: Path) -> None:
        picture = np.dstack([noise((64, 48)), np.full((48, 64), 128, np.uint8)])
        clip = film(tmp_path / "c.mkv", [picture], pix_fmt="bgra", from_fmt="bgra")
        ref = film(tmp_path / "r.mkv", [noise((80, 60))])
        shown = rendered(aligned(media(clip, 1, (64, 48)), media(ref, 1, (80, 60)), [0], shift(4.5, 3.5)))[0]
        assert isinstance(shown.picture, np.ndarray)
        assert shown.picture[20, 30, 3] == pytest.approx(128 / 255, abs=2e-3) and shown.picture[0, 0, 3] == 0

    def test_a_fallback_fills_the_holes_frame_for_frame(self, tmp_path: Path) -> None:
        shown = [0, None, None, 3, 4]
        clip, ref = film(tmp_path / "c.mkv", charts(range(5))), film(tmp_path / "r.mkv", charts(range(5)))
        other = film(tmp_path / "f.mkv", charts(range(100, 105)))
        found = rendered(aligned(media(clip, 5), media(ref, 5), shown, scores=[0.9, None, None, 0.4, 0.9]), fallback=str(other), threshold=0.5)
        assert [number_on(rgb(each)) for each in found] == [0, 101, 102, 103, 4]
        assert isinstance(found[1].picture, Plate)  # of the same kind as the clip: passed on as it is

    def test_a_fallback_of_another_size_and_depth(self, tmp_path: Path) -> None:
        clip, ref = film(tmp_path / "c.mkv", charts(range(3))), film(tmp_path / "r.mkv", charts(range(3)))
        other = film(tmp_path / "f.mkv", charts(range(7, 10), (320, 192)), pix_fmt="yuv422p10le")
        found = rendered(aligned(media(clip, 3), media(ref, 3), [0, None, 2]), fallback=str(other))
        image = rgb(found[1])
        assert image.shape == (96, 160, 3) and np.median(image[30:, :100]) == pytest.approx(40, abs=3)

    def test_debug_burns_a_line_in_and_leaves_the_rest(self, tmp_path: Path) -> None:
        clip, ref = film(tmp_path / "c.mkv", charts(range(3))), film(tmp_path / "r.mkv", charts(range(3)))
        alignment = aligned(media(clip, 3), media(ref, 3), [2, None, 0])
        plain, burnt = rendered(alignment), rendered(alignment, debug=True)
        for a, b in zip(plain, burnt, strict=True):
            changed = np.flatnonzero((rgb(a) != rgb(b)).any(axis=(1, 2)))
            assert 0 < len(changed) < 30 and changed.max() < 30
        assert (rgb(plain[0]) != rgb(burnt[0])).any() and number_on(rgb(burnt[0])) == 2

    def test_settings_that_make_no_sense(self, tmp_path: Path) -> None:
        clip = film(tmp_path / "c.mkv", charts(range(2)))
        alignment = aligned(media(clip, 2), media(clip, 2), [0, 1])
        for wrong in ({"size": "12"}, {"size": "0x9"}, {"range": "1"}, {"size": "99999x9"}):
            with pytest.raises(UsageError):
                rendered(alignment, **wrong)
