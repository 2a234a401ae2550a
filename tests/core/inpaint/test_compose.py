"""What lies outside the mask is the source's own, sample for sample: written to real files and read back by other libraries."""

from fractions import Fraction

import av
import cv2
import numpy as np
import OpenImageIO as oiio
import pytest

from genlock.core.inpaint.compose import composed, mixed, share_of, unturned, whole_blocks
from genlock.core.inpaint.package.proof import proof_of
from genlock.core.inpaint.steps.extract import picture_of
from genlock.core.media.plates import Form, Layer, PictureInfo, PlateOptions, Samples, open_plates
from genlock.core.media.upright import Turn
from genlock.core.media.write import WriteSettings, open_writer
from genlock.core.media.write.file import Header, write_file

FRAMES = 3
SUB = {(2, 2): "420", (2, 1): "422", (1, 1): "444"}


def moving_mask(hw, number):
    """An ellipse with odd edges, and a single pixel far from it."""
    y, x = np.mgrid[0 : hw[0], 0 : hw[1]]
    mask = (((x - hw[1] * 0.4 - 3 * number) / (hw[1] * 0.23)) ** 2 + ((y - hw[0] * 0.5) / (hw[0] * 0.3)) ** 2 < 1).astype(np.uint8) * 255
    mask[hw[0] - 2, hw[1] - 3] = 255
    return mask


def film_of(path, form, hw, matrix=1):
    """FFV1 of noise over ramps, codes beyond the legal range included."""
    rng = np.random.default_rng(8)
    info = PictureInfo(hw[1], hw[0], form, Fraction(24000, 1001), Fraction(1001, 24000))
    pictures = []
    with open_writer(path, info, WriteSettings(codec="ffv1")) as writer:
        for _ in range(FRAMES):
            sizes = [form.size_of(k, hw[::-1])[::-1] for k in range(3)]
            dtype = np.uint8 if form.bits == 8 else np.uint16
            planes = tuple(rng.integers(0, 2**form.bits, size).astype(dtype) for size in sizes)
            pictures.append(planes)
            writer.write(Samples(form, planes))
    return pictures


def edited(path, out, change=lambda rgb: rgb[..., ::-1], settings=WriteSettings(), upright=False):
    """Every frame of a file with its mask's inside changed, written in its own samples."""
    masks = []
    with open_plates(path, PlateOptions(upright=upright)) as plates, open_writer(out, plates.info, settings) as writer:
        for plate in plates.frames():
            before = picture_of(plate, plates.info.form)
            before = before.astype(np.float32) if before.dtype.kind == "f" else before
            mask = moving_mask(before.shape[:2], plate.number)
            masks.append(mask)
            after = change(before).astype(before.dtype)
            writer.write(composed(plate, before, after, mask), plate.pts)
    return masks


def decoded(path):
    """The planes of a YUV film by PyAV alone."""
    out = []
    with av.open(str(path)) as file:
        for frame in file.decode(video=0):
            deep = np.uint16 if "10" in frame.format.name else np.uint8
            out.append([
                np.frombuffer(plane, deep).reshape(plane.height, -1)[:, : plane.width].copy() for plane in frame.planes
            ])  # fmt: skip
    return out


class TestFilms:
    @pytest.mark.parametrize(("bits", "sub", "hw"), [(8, (2, 2), (47, 61)), (10, (2, 1), (36, 50)), (8, (1, 1), (33, 40))])
    def test_outside_the_mask_nothing_differs_in_any_plane_of_any_frame(self, tmp_path, bits, sub, hw):
        source = tmp_path / "source.mkv"
        film_of(source, Form("yuv", bits, sub_wh=sub), hw)
        masks = edited(source, tmp_path / "out.mkv", settings=WriteSettings(codec="ffv1"))
        before, after = decoded(source), decoded(tmp_path / "out.mkv")
        assert len(before) == len(after) == FRAMES
        for mask, one, other in zip(masks, before, after, strict=True):
            for number, (a, b) in enumerate(zip(one, other, strict=True)):
                assert a.dtype == b.dtype and a.shape == b.shape
                across, down = sub if number else (1, 1)
                rows, columns = np.nonzero(mask == 0)
                touched = np.zeros(a.shape, bool)
                touched[rows // down, columns // across] = True
                assert int(np.abs(a.astype(int) - b)[touched].max()) == 0
                assert (a != b)[~touched].mean() > 0.5
        assert after[0][0].shape == hw

    def test_a_change_of_nothing_leaves_every_sample(self, tmp_path):
        """Codes beyond the legal range, which RGB cannot say, stay even inside the mask."""
        source = tmp_path / "source.mkv"
        film_of(source, Form("yuv", 8, sub_wh=(2, 2)), (48, 64))
        edited(source, tmp_path / "out.mkv", change=lambda rgb: rgb, settings=WriteSettings(codec="ffv1"))
        for one, other in zip(decoded(source), decoded(tmp_path / "out.mkv"), strict=True):
            for a, b in zip(one, other, strict=True):
                np.testing.assert_array_equal(a, b)

    def test_the_change_is_the_one_that_was_asked_for(self, tmp_path):
        """Grey 0.25 in a film without a matrix tag, of 720 lines: luma 16 + 219 / 4, chroma 128, whatever part of it is worked on."""
        source = tmp_path / "source.mkv"
        film_of(source, Form("yuv", 8, sub_wh=(2, 2)), (720, 40))
        masks = edited(source, tmp_path / "out.mkv", change=lambda rgb: np.full_like(rgb, 64), settings=WriteSettings(codec="ffv1"))
        luma, blue, red = decoded(tmp_path / "out.mkv")[0]
        inside = cv2.erode(masks[0], np.ones((7, 7), np.uint8)) > 0
        legal = decoded(source)[0][0]
        # What was clipped in RGB keeps its distance: look where the source was within range.
        with open_plates(source) as plates:
            rgb = next(iter(plates.frames())).rgb()
        calm = inside & (rgb > 0.02).all(2) & (rgb < 0.98).all(2)
        assert calm.sum() > 50 and len(np.unique(legal[calm])) > 20
        assert np.abs(luma[calm] - (16 + 219 * 64 / 255)).max() <= 1.5
        assert blue.shape == red.shape == (360, 20)

    def test_a_plate_whose_mask_is_empty_is_the_decoders_own(self, tmp_path):
        film_of(tmp_path / "source.mkv", Form("yuv", 8, sub_wh=(2, 2)), (16, 20))
        with open_plates(tmp_path / "source.mkv") as plates:
            plate = next(iter(plates.frames()))
            before = picture_of(plate, plates.info.form)
            assert composed(plate, before, 255 - before, np.zeros((16, 20), np.uint8)) is plate


def test_png_of_16_bits(tmp_path):
    rng = np.random.default_rng(2)
    for n in range(FRAMES):
        cv2.imwrite(str(tmp_path / f"in.{n:03d}.png"), rng.integers(0, 65536, (31, 45, 3)).astype(np.uint16))
    masks = edited(tmp_path / "in.%03d.png", tmp_path / "out.%03d.png", change=lambda rgb: 65535 - rgb)
    for n, mask in enumerate(masks):
        a, b = (cv2.imread(str(tmp_path / f"{name}.{n:03d}.png"), cv2.IMREAD_UNCHANGED).astype(int) for name in ("in", "out"))
        assert b.dtype == a.dtype and int(np.abs(a - b)[mask == 0].max()) == 0
        assert np.abs(65535 - a - b)[mask > 0].max() <= 1


@pytest.mark.parametrize("bits", [16, 32])
def test_exr_keeps_light_other_channels_and_windows(tmp_path, bits):
    """Values over 1 and below 0, infinity and not-a-number, depth and a data window that is no picture's size."""
    rng = np.random.default_rng(3)
    dtype = np.float16 if bits == 16 else np.float32
    for n in range(FRAMES):
        pixels = (rng.normal(0.4, 3, (29, 41, 5)) * 4).astype(dtype)
        pixels[3, 4], pixels[5, 6] = np.nan, np.inf
        layer = Layer(("R", "G", "B", "A", "depth.Z"), pixels, origin_xy=(-2, 3), full_wh=(36, 34), window_xy=(5, 1))
        write_file(str(tmp_path / f"in.{n:03d}.exr"), [layer], Header(".exr", Form("rgb", bits, True, True)), "in")
    edited(tmp_path / "in.%03d.exr", tmp_path / "out.%03d.exr", change=lambda rgb: np.full_like(rgb, 7.25))
    for n in range(FRAMES):
        a, b = (oiio.ImageInput.open(str(tmp_path / f"{name}.{n:03d}.exr")) for name in ("in", "out"))
        assert str(b.spec().format) == ("half" if bits == 16 else "float")
        assert (b.spec().x, b.spec().y, b.spec().width, b.spec().full_width) == (3, 4, 41, 36)
        mask = np.zeros((29, 41), bool)
        shown = moving_mask((34, 36), n) > 0
        mask[:29, 2:38] = shown[3:32]
        kind = "half" if bits == 16 else "float"
        one, other = a.read_image(kind), b.read_image(kind)
        names = list(b.spec().channelnames)
        np.testing.assert_array_equal(one[~mask], other[~mask])
        colours = [names.index(name) for name in "RGB"]
        rest = [names.index(name) for name in ("A", "depth.Z")]
        np.testing.assert_array_equal(one[..., rest], other[..., rest])
        assert (other[mask][:, colours] == 7.25).all()


class TestMixed:
    @pytest.mark.parametrize("dtype", [np.uint8, np.uint16, np.float32])
    def test_outside_is_the_frame_and_inside_the_change(self, dtype):
        rng = np.random.default_rng(0)
        top = np.iinfo(dtype).max if dtype != np.float32 else 9.0
        frame, change = ((rng.random((40, 50, 3)) * top).astype(dtype) for _ in range(2))
        mask = moving_mask((40, 50), 1)
        share = share_of(mask, 5)
        out = mixed(frame, change, share)
        assert out.dtype == dtype
        np.testing.assert_array_equal(out[mask == 0], frame[mask == 0])
        np.testing.assert_array_equal(out[share == 1], change[share == 1])
        half = mixed(np.full((1, 1, 3), 100, np.uint8), np.full((1, 1, 3), 200, np.uint8), np.full((1, 1), 0.25, np.float32))
        assert half.tolist() == [[[125, 125, 125]]]

    def test_not_a_number_gives_way(self):
        frame = np.full((1, 2, 3), np.nan, np.float32)
        out = mixed(frame, np.ones((1, 2, 3), np.float32), np.array([[0.5, 0.0]], np.float32))
        assert out[0, 0].tolist() == [1, 1, 1] and np.isnan(out[0, 1]).all()


class TestShare:
    def test_a_ramp_inside_the_edge(self):
        mask = np.zeros((9, 30), np.uint8)
        mask[:, 10:] = 255
        share = share_of(mask, 4, 0.5)
        assert share[4, :10].max() == 0
        assert share[4, 10:16].tolist() == pytest.approx([0.0625, 0.1875, 0.3125, 0.4375, 0.5, 0.5])
        assert share[4, -1] == 0.5  # the frame's border is no edge

    def test_blocks_are_free_only_whole(self):
        free = np.ones((5, 5), bool)
        free[0, 1] = free[4, 4] = False
        assert whole_blocks(free, (2, 2)).tolist() == [[False, True, True], [True, True, True], [True, True, False]]


@pytest.mark.parametrize("turn", [Turn(a, b, c) for a in (False, True) for b in (False, True) for c in (False, True)])
def test_turned_pictures_come_back(turn):
    stored = np.arange(24, dtype=np.uint8).reshape(4, 6)
    np.testing.assert_array_equal(unturned(turn.apply(stored), turn), stored)


class TestProof:
    def film(self, path, planes):
        info = PictureInfo(20, 16, Form("yuv", 8, sub_wh=(2, 2)), Fraction(24), Fraction(1, 24))
        with open_writer(path, info, WriteSettings(codec="ffv1")) as writer:
            for some in planes:
                writer.write(Samples(info.form, some))
        return path

    def test_one_sample_that_differs_is_found_and_only_outside_the_mask(self, tmp_path):
        planes = [tuple(np.full(size, 90 + n, np.uint8) for size in ((16, 20), (8, 10), (8, 10))) for n in range(3)]
        other = [tuple(plane.copy() for plane in some) for some in planes]
        mask = np.zeros((16, 20), np.uint8)
        mask[4:8, 4:9] = 255
        other[1][0][5, 5] += 50  # inside
        shot, film = self.film(tmp_path / "shot.mkv", planes), self.film(tmp_path / "film.mkv", other)

        def proved(span=range(0, 3)):
            with open_plates(shot) as one, open_plates(film) as two:
                return proof_of(one, two, span, lambda number: mask)

        good = proved()
        assert (good.alike, good.worst, good.frames) == (True, 0.0, 3)
        assert good.samples == 3 * (16 * 20 - 20 + 2 * (8 * 10 - 4))  # chroma at the mask's odd edge stands for pixels on both sides
        other[2][1][2, 4] += 3  # such a sample
        self.film(tmp_path / "film.mkv", other)
        assert proved().worst == 3.0
        assert not proved(range(0, 2)).alike  # a frame too many

    def test_films_of_other_samples_are_not_compared(self, tmp_path):
        planes = [tuple(np.full(size, 90, np.uint8) for size in ((16, 20), (8, 10), (8, 10)))]
        shot = self.film(tmp_path / "shot.mkv", planes)
        with open_plates(shot) as one, open_writer(tmp_path / "pro.mov", one.info) as writer:
            for plate in one.frames():
                writer.write(plate)
        with open_plates(shot) as one, open_plates(tmp_path / "pro.mov") as two:
            assert not proof_of(one, two, range(0, 1), lambda number: np.zeros((16, 20), np.uint8)).alike
