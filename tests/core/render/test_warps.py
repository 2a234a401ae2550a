"""Ways of warping: a dense flow where a matrix is not enough, and spaces that warps happen in."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import av
import cv2
import numpy as np
import pytest

from genlock.core.alignment import IDENTITY, Alignment, Matrix
from genlock.core.media.plates import Plate, open_plates
from genlock.core.media.write import open_writer
from genlock.core.render.composite import composite_frames
from genlock.core.render.frames import Rendered, render_frames, rendered
from genlock.core.render.mapping import geometry
from genlock.core.render.session import Session
from genlock.core.settings_render import CompositeSettings, RenderSettings
from genlock.core.space.flow import Flow
from genlock.core.space.geometry import as_tuple, resize_matrix
from genlock.core.space.maps import map_of_matrix
from genlock.hosts.demo.world import paint

from .made import aligned, film, media

WH = (192, 108)


def rgb(shown: Rendered) -> np.ndarray:
    return (shown.picture.rgb() if isinstance(shown.picture, Plate) else shown.picture[..., :3]) * 255


def scene(seed: int = 4) -> np.ndarray:
    return np.asarray(paint(WH, seed), np.uint8)


def bend() -> np.ndarray:
    """(H, W, 2): a wave of two pixels that no matrix has."""
    y, x = np.mgrid[: WH[1], : WH[0]].astype(np.float32)
    return np.dstack([x + 2 * np.sin(y / 17), y + 1.5 * np.cos(x / 23)])


@pytest.fixture
def bent(tmp_path: Path) -> Alignment:
    """The ref shows the clip through the bend."""
    clip = scene()
    seen = cv2.remap(clip, bend()[..., 0], bend()[..., 1], cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE)
    c, r = film(tmp_path / "c.mkv", [clip] * 2, pix_fmt="yuv444p"), film(tmp_path / "r.mkv", [seen] * 2, pix_fmt="yuv444p")
    return aligned(media(c, 2, WH), media(r, 2, WH), [0, 1])


class Known:
    """An estimator that knows the answer, and remembers what it was asked."""

    def __init__(self, answer: np.ndarray) -> None:
        self.answer, self.asked = answer, []  # type: ignore[var-annotated]

    def estimate(self, clip, ref, start, *, mask=None, clip_mask=None, previous=None):  # type: ignore[no-untyped-def]
        self.asked.append((clip.shape, ref.shape, start, mask, clip_mask, previous))
        return Flow(self.answer, np.ones(self.answer.shape[:2], np.float32))


def residual(shown: Rendered, ref: Path | str, edge: int = 8) -> float:
    with open_plates(ref) as plates:
        wanted = next(plates.frames()).rgb() * 255
    inner = slice(edge, -edge)
    return float(np.sqrt(((rgb(shown) - wanted)[inner, inner] ** 2).mean()))


class TestFlow:
    def test_it_straightens_what_the_matrix_leaves_bent(self, bent: Alignment) -> None:
        plain = next(iter(render_frames(bent)))
        (flown,) = render_frames(bent, RenderSettings(warp="flow", device="cpu", range="1-1"))
        assert residual(flown, bent.ref.path) < 0.35 * residual(plain, bent.ref.path)

    def test_the_map_is_drawn_as_it_is(self, bent: Alignment) -> None:
        known = Known(bend())
        found = list(render_frames(bent, RenderSettings(warp="flow", kernel="bicubic"), known))
        assert residual(found[0], bent.ref.path) < 1.2
        first, second = known.asked
        assert first[:2] == ((*WH[::-1], 3), (*WH[::-1], 3)) and np.array_equal(first[2], map_of_matrix(np.eye(3), WH))
        assert first[5] is None and second[5] is not None, "each frame begins where the one before ended"

    def test_pictures_of_another_size_through_the_same_map(self, bent: Alignment, tmp_path: Path) -> None:
        """Matched small, taken and drawn at other sizes: the bend is scaled, no pixel is put elsewhere."""
        large = cv2.resize(scene(), (WH[0] * 2, WH[1] * 2), interpolation=cv2.INTER_CUBIC)
        other = film(tmp_path / "l.mkv", [large] * 2, pix_fmt="yuv444p")
        shown = next(iter(render_frames(bent, RenderSettings(warp="flow", out_of=str(other), size="288x162"), Known(bend()))))
        with open_plates(bent.ref.path) as plates:
            wanted = cv2.resize(next(plates.frames()).rgb() * 255, (288, 162), interpolation=cv2.INTER_CUBIC)
        assert np.sqrt(((rgb(shown) - wanted)[12:-12, 12:-12] ** 2).mean()) < 4

    @pytest.mark.parametrize("out_wh", [WH, (288, 162)])
    def test_a_map_that_is_the_matrix_stays_it(self, out_wh: tuple[int, int]) -> None:
        matrix = as_tuple(np.array([[0.9, 0.05, 7.5], [-0.05, 1.1, 3.25], [0, 0, 1.0]]))
        sizes = geometry((150, 90), WH, (300, 180), out_wh)
        found = sizes.map(map_of_matrix(np.array(matrix).reshape(3, 3), WH), matrix)
        assert np.abs(found - map_of_matrix(sizes.matrix(matrix), out_wh)).max() < 2e-3

    def test_a_mask_is_handed_on_frame_by_frame(self, bent: Alignment, tmp_path: Path) -> None:
        black, white = np.zeros((54, 96, 3), np.uint8), np.full((54, 96, 3), 255, np.uint8)
        black[:, 48:] = 255
        moving, known = film(tmp_path / "m.mkv", [black, white], pix_fmt="gray"), Known(bend())
        list(render_frames(bent, RenderSettings(warp="flow", mask=str(moving)), known))
        masks = [asked[3] for asked in known.asked]
        assert masks[0].shape == WH[::-1] and masks[0][:, 100:].all() and not masks[0][:, :92].any() and masks[1].all()
        cv2.imwrite(str(tmp_path / "m.png"), black)
        still = Known(bend())
        list(render_frames(bent, RenderSettings(warp="flow", mask=str(tmp_path / "m.png")), still))
        assert all(np.array_equal(asked[3], masks[0]) for asked in still.asked)

    def test_a_composite_by_flow(self, bent: Alignment) -> None:
        shown = list(composite_frames(bent, CompositeSettings(warp="flow", crop="union"), Known(bend())))
        assert residual(shown[0], bent.ref.path) < 2


def linear_mean(step: tuple[int, int]) -> float:
    """The grey that lies half way between two in light, through a display curve of 2.4."""
    low, high = (value / 255 for value in step)
    return 255 * ((low**2.4 + high**2.4) / 2) ** (1 / 2.4)


class TestSpace:
    def test_in_linear_light_the_middle_of_two_greys_is_brighter(self, tmp_path: Path) -> None:
        columns = np.zeros((32, 64, 3), np.uint8)
        columns[:, ::2] = 220
        clip, ref = film(tmp_path / "c.mkv", [columns], pix_fmt="bgra"), film(tmp_path / "r.mkv", [columns], pix_fmt="bgra")
        half: Matrix = (1.0, 0, 0.5, 0, 1.0, 0, 0, 0, 1.0)
        alignment = aligned(media(clip, 1, (64, 32)), media(ref, 1, (64, 32)), [0], half)
        for space, grey in (("", 110.0), ("linear", linear_mean((0, 220)))):
            shown = next(iter(render_frames(alignment, RenderSettings(kernel="linear", working_space=space))))
            assert rgb(shown)[10, 10:50].mean() == pytest.approx(grey, abs=1.5)

    def test_there_and_back_changes_nothing_that_can_be_seen(self, tmp_path: Path) -> None:
        clip = film(tmp_path / "c.mkv", [scene()], pix_fmt="yuv444p")
        alignment = aligned(media(clip, 1, WH), media(clip, 1, WH), [0])
        a, b = (next(iter(render_frames(alignment, RenderSettings(working_space=space)))) for space in ("", "linear"))
        assert np.abs(rgb(a) - rgb(b)).max() < 0.1

    def test_light_beyond_white_survives_a_warp(self, tmp_path: Path) -> None:
        """Float EXR: values below 0 and above 1 come out as they went in, shifted by half a pixel on a ramp."""
        ramp = np.repeat(np.linspace(-2, 30, 64, dtype=np.float32)[None, :, None], 32, axis=0).repeat(3, axis=2)
        ref = film(tmp_path / "r.mkv", [np.zeros((32, 64, 3), np.uint8)])
        with open_plates(ref) as plates:
            form = replace(plates.info.form, model="rgb", bits=32, is_float=True, sub_wh=(1, 1))
            info = replace(plates.info, form=form, pix_fmt="", kind="sequence")
        with open_writer(tmp_path / "c.0001.exr", info) as writer:
            writer.write(ramp)
        alignment = aligned(media(tmp_path / "c.0001.exr", 1, (64, 32)), media(ref, 1, (64, 32)), [0], (1.0, 0, 0.5, 0, 1.0, 0, 0, 0, 1.0))
        with Session(alignment, RenderSettings()) as session, open_writer(tmp_path / "o.0001.exr", session.info) as writer:
            for frame in rendered(session):
                writer.write(frame.picture, frame.time_s)
        with open_plates(tmp_path / "o.0001.exr") as plates:
            found = next(plates.frames()).rgb()
        assert found.dtype == np.float32 and found[16, 5:60, 0] == pytest.approx(ramp[16, 5:60, 0] - 16 / 63, abs=1e-3)


class TestHowItIsStored:
    def test_a_picture_turned_by_its_flag_lies_upright(self, tmp_path: Path) -> None:
        """Stored lying, shown upright: drawn upright into an upright ref."""
        picture = np.zeros((48, 64, 3), np.uint8)
        picture[4:12, 8:24] = 255
        stored = film(tmp_path / "s.mov", [picture], codec="mpeg4", qmin="2", qmax="2")
        turned = tmp_path / "t.mov"
        with av.open(str(stored)) as box, av.open(str(turned), "w") as out:
            stream = out.add_stream_from_template(box.streams.video[0])
            stream.set_display_rotation(-90)
            for packet in box.demux(video=0):
                if packet.dts is not None:
                    packet.stream = stream
                    out.mux(packet)
        with open_plates(turned) as plates:
            assert (plates.info.width, plates.info.height) == (48, 64)
            upright = next(plates.frames()).rgb() * 255
        ref = film(tmp_path / "r.mkv", [np.zeros((64, 48, 3), np.uint8)])
        shown = next(iter(render_frames(aligned(media(turned, 1, (48, 64)), media(ref, 1, (48, 64)), [0]))))
        assert np.abs(rgb(shown) - upright).max() < 1

    @pytest.mark.parametrize(("matrix", "woven"), [(IDENTITY, True), ((1.0, 0, 0, 0, 1.0, 0.5, 0, 0, 1.0), False)])
    def test_fields_stay_woven_unless_they_are_torn(self, tmp_path: Path, matrix: Matrix, woven: bool) -> None:
        """Interlaced, with something that moved between the fields: as it is, every bit; warped, one field without a comb."""
        comb = np.zeros((48, 64, 3), np.uint8)
        comb[::2, 20:30], comb[1::2, 30:40] = 255, 255
        clip = interlaced(tmp_path / "c.mkv", comb)
        ref = film(tmp_path / "r.mkv", [np.zeros((48, 64, 3), np.uint8)])
        alignment = aligned(media(clip, 1, (64, 48)), media(ref, 1, (64, 48)), [0], matrix)
        with Session(alignment, RenderSettings()) as session:
            shown = next(iter(rendered(session)))
            assert session.info.interlaced == woven
        image = rgb(shown)[..., 1]
        lines = np.abs(np.diff(image[10:40, 22:38], axis=0)).max()
        assert (lines > 200) if woven else (lines < 20)


def interlaced(path: Path, picture: np.ndarray) -> Path:
    with av.open(str(path), "w") as box:
        stream = box.add_stream("mpeg2video", rate=Fraction(25))
        stream.width, stream.height, stream.pix_fmt = picture.shape[1], picture.shape[0], "yuv420p"
        stream.options = {"flags": "+ildct+ilme", "top": "1", "qmin": "2", "qmax": "2"}
        frame = av.VideoFrame.from_ndarray(picture, format="bgr24").reformat(format="yuv420p")
        box.mux(stream.encode(frame))
        box.mux(stream.encode(None))
    return path


def test_sizes_scale_from_edge_to_edge() -> None:
    sizes = geometry((100, 50), (200, 100), (400, 200), (400, 200))
    assert np.allclose(sizes.matrix(as_tuple(resize_matrix((100, 50), (200, 100)))), np.eye(3))


