"""From chosen keyframes to the film: whole runs of small shots, with a painter whose answer is known, read back by other libraries."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import cv2
import numpy as np
import OpenImageIO as oiio
import pytest

from genlock.core.errors import Cancelled
from genlock.core.inpaint.contract import Ask, Painted
from genlock.core.inpaint.finish import output_rel, picture_of
from genlock.core.inpaint.project import Project, Selection, create_project, open_project
from genlock.core.inpaint.project.atomic import write_bytes
from genlock.core.inpaint.project.config import NAME, to_text
from genlock.core.inpaint.steps import STEPS, Given, run_project
from genlock.core.inpaint.steps.interpolate import second_rel
from genlock.core.media.plates import Form, Layer
from genlock.core.media.write.file import Header, write_file
from genlock.core.progress import Progress

from .made_shots import shot, write_film, write_shot

Paint = Callable[[np.ndarray], np.ndarray]


class Painter:
    """Answers every question with the picture under a function, mask or no mask: what lies outside is nobody's."""

    name = "command"

    def __init__(self, paint: Paint, depth: int = 16) -> None:
        self.made, self.depth = paint, depth

    def identity(self) -> Mapping[str, Any]:
        return {"model": "made", "model_hash": "abc123"}

    def paint(self, ask: Ask, stop: Callable[[], bool]) -> Painted:
        facts = {"model": "made <b>", "model_hash": "abc123", "depth": self.depth, "seed": ask.seed}
        return Painted(self.made(ask.picture).astype(ask.picture.dtype), None, facts)

    def close(self) -> None:
        """Nothing is held."""


def turned(picture: np.ndarray) -> np.ndarray:
    return np.iinfo(picture.dtype).max - picture


def same(picture: np.ndarray) -> np.ndarray:
    return picture


def project_of(tmp_path: Path, video: Path | str, mask: Path | str, tables: Mapping[str, Mapping[str, Any]] = {}, **more: Any) -> Project:
    """A project of the command painter, with keys of any table changed."""
    made = create_project(tmp_path / "p", str(video), str(mask), backend="command", **{"seeds": (7,), "size": 64, **more})
    return changed(made, {"command": {"command": ("nobody",)}, **tables})


def changed(project: Project, tables: Mapping[str, Mapping[str, Any]]) -> Project:
    config = project.config
    for table, keys in tables.items():
        config = replace(config, **{table: replace(getattr(config, table), **keys)})
    write_bytes(project.path(NAME), to_text(config).encode())
    return open_project(project.root)


def run(project: Project, paint: Paint = turned, progress: Progress = Progress(), depth: int = 16) -> Any:
    return run_project(project, STEPS, Given(paint=lambda: Painter(paint, depth)), progress=progress, version="1.2.3")


def decoded(path: Path) -> list[tuple[int, list[np.ndarray]]]:
    """(time stamp, planes) of every frame, by PyAV alone; 8 bits."""
    with av.open(str(path)) as file:
        return [
            (int(frame.pts), [plane_of(p, 4 if frame.format.name == "bgr0" else 1) for p in frame.planes])
            for frame in file.decode(video=0)
        ]


def plane_of(plane: Any, bytes_a_pixel: int) -> np.ndarray:
    return np.frombuffer(plane, np.uint8).reshape(plane.height, -1)[:, : plane.width * bytes_a_pixel].copy()


def rgb_of(plane: np.ndarray) -> np.ndarray:
    """(h, w, 3) of a packed plane, blue first."""
    return plane.reshape(plane.shape[0], -1, 4)[..., 2::-1].astype(float)


def outside(mask: np.ndarray, plane: np.ndarray) -> np.ndarray:
    """Samples of a plane that stand for a pixel outside the mask."""
    down, across = -(-mask.shape[0] // plane.shape[0]), -(-mask.shape[1] // plane.shape[1])
    out = np.zeros(plane.shape, bool)
    rows, columns = np.nonzero(mask == 0)
    out[rows // down, columns // across] = True
    return out


def with_sound(path: Path, pictures: list[np.ndarray], rate: Fraction) -> Path:
    """H.264 4:2:0 and two tones, in a .mov."""
    with av.open(str(path), "w") as file:
        video, audio = file.add_stream("libx264", rate=rate), file.add_stream("pcm_s16le", rate=48000, layout="mono")
        video.height, video.width, video.pix_fmt = *pictures[0].shape[:2], "yuv420p"
        video.options = {"crf": "12"}
        for picture in pictures:
            file.mux(video.encode(av.VideoFrame.from_ndarray(picture, "rgb24")))
        file.mux(video.encode())
        samples = int(len(pictures) / rate * 48000)
        tone = (np.sin(np.arange(samples) / 30) * 9000).astype(np.int16)
        sound = av.AudioFrame.from_ndarray(tone[None], "s16", "mono")
        sound.sample_rate = 48000
        file.mux(audio.encode(sound))
        file.mux(audio.encode())
    return path


def heard(path: Path) -> np.ndarray:
    with av.open(str(path)) as file:
        return np.concatenate([frame.to_ndarray().ravel() for frame in file.decode(audio=0)])


class TestTheFilm:
    def test_of_subsampled_video_with_sound_keeps_everything_outside_the_mask(self, tmp_path: Path) -> None:
        _, frames, masks = shot(9, (74, 46))
        source = with_sound(tmp_path / "plate.mov", frames, Fraction(24000, 1001))
        project = project_of(tmp_path, source, write_film(tmp_path / "matte.mkv", masks), {"keyframes": {"max_group": 4}})
        ran = run(project)
        film = project.path("out", "final.mkv")
        before, after = decoded(source), decoded(film)
        assert len(before) == len(after) == 9 and len({stamp for stamp, _ in after}) == 9
        for mask, (_, one), (_, other) in zip(masks, before, after, strict=True):
            for a, b in zip(one, other, strict=True):
                free = outside(mask, a)
                assert int(np.abs(a.astype(int) - b)[free].max()) == 0
            assert np.abs(one[0].astype(int) - other[0])[mask > 0].mean() > 20
        np.testing.assert_array_equal(heard(film), heard(source))
        manifest = json.loads(project.path("out", "manifest.json").read_text())
        assert manifest["untouched"]["worst"] == 0 and manifest["untouched"]["frames"] == 9 and manifest["genlock"] == "1.2.3"
        assert [row["seed"] for row in manifest["keyframes"]] == [7, 7, 7]
        assert manifest["keyframes"][0]["facts"]["model_hash"] == "abc123"
        assert {file["path"] for file in manifest["files"]} == {"out/final.mkv", "out/grid.mp4"}
        page = project.path("out", "report.html").read_text()
        assert "made &lt;b&gt;" in page and "<b>made" not in page and "made <b>" not in page and "bit for bit" in page
        assert "package" in ran.ran and run(project).ran == []

    def test_of_a_range_has_the_sound_of_that_range(self, tmp_path: Path) -> None:
        _, frames, masks = shot(9, (48, 32))
        source = with_sound(tmp_path / "plate.mov", frames, Fraction(24000, 1001))
        matte = write_film(tmp_path / "matte.mkv", masks)
        project = project_of(tmp_path, source, matte, {"output": {"grid": False, "rate": "47.952"}}, range="3-6")
        run(project)
        for rel, count in ((output_rel(project), 4), (second_rel(project), 8)):
            sound = heard(project.path(rel)).astype(int)
            assert len(decoded(project.path(rel))) == count and abs(len(sound) - 8008) <= 1
            assert np.abs(sound[500:7500] - heard(source)[6006:][500:7500]).max() <= 1

    def test_of_a_shot_with_frames_made_first_has_their_rate_and_the_sound_of_its_range(self, tmp_path: Path) -> None:
        """Every other frame is one of the shot's own, its samples outside the mask bit for bit."""
        _, frames, masks = shot(6, (48, 32))
        source = with_sound(tmp_path / "plate.mov", frames, Fraction(24000, 1001))
        matte = write_film(tmp_path / "matte.mkv", masks)
        project = project_of(tmp_path, source, matte, {"output": {"grid": False}}, range="1-3", times=2)
        run(project)
        film = project.path("out", "final.mkv")
        before, after = decoded(source), decoded(film)
        assert len(after) == 6 and project.info.rate == Fraction(48000, 1001)
        for n in range(3):
            for a, b in zip(before[1 + n][1], after[2 * n][1], strict=True):
                assert np.array_equal(a[outside(masks[1 + n], a)], b[outside(masks[1 + n], b)])
        sound = heard(film).astype(int)
        assert abs(len(sound) - 6006) <= 96, "two thousandths of a second: the times of Matroska, which the shot is in by now"
        off = [np.abs(sound[500:5500] - heard(source)[2002 + late :][500:5500]).max() for late in range(-48, 49)]
        assert min(off) <= 1, "in sync to a thousandth"

    def test_goes_on_where_it_was_stopped_and_is_the_same(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("genlock.core.media.write.pieces.film.LENGTH_ALONE", 4)
        plate, matte = write_shot(tmp_path, 8)
        whole = project_of(tmp_path / "one", plate, matte, {"output": {"grid": False}})
        run(whole)
        said: list[str] = []

        def tell(done: float, what: str) -> None:
            said.append(what)

        def wanted() -> bool:
            return said.count("writing the film") < 6

        broken = project_of(tmp_path / "two", plate, matte, {"output": {"grid": False}})
        with pytest.raises(Cancelled):
            run(broken, progress=Progress(tell, wanted))
        assert len(list(broken.path("state", "pieces", "video", "film").glob("*.piece"))) == 1
        assert not broken.path("out", "final.mkv").exists()
        run(broken)
        assert broken.path("out", "final.mkv").read_bytes() == whole.path("out", "final.mkv").read_bytes()
        assert not list(broken.path("state", "pieces").glob("video"))

    def test_of_variable_rate_keeps_its_times(self, tmp_path: Path) -> None:
        _, frames, masks = shot(5)
        pts = [0, 40, 45, 150, 151]
        source = write_film(tmp_path / "plate.mkv", frames, pts=pts)
        project = project_of(tmp_path, source, write_film(tmp_path / "matte.mkv", masks), {"output": {"grid": False}})
        run(project)
        assert [stamp for stamp, _ in decoded(project.path("out", "final.mkv"))] == pts

    def test_of_a_sequence_is_a_sequence_cut_to_its_range(self, tmp_path: Path) -> None:
        _, frames, masks = shot(7, (50, 37))
        for n, frame in enumerate(frames):
            deep = frame.astype(np.uint16) * 200 + n
            cv2.imwrite(str(tmp_path / f"in.{n + 1001}.png"), deep[..., ::-1])
        cv2.imwrite(str(tmp_path / "matte.png"), masks[3])
        project = project_of(tmp_path, tmp_path / "in.%04d.png", tmp_path / "matte.png", {"output": {"grid": False}}, range="2-4", handles=1)
        run(project)
        made = sorted(project.path("out", "final").iterdir())
        assert [path.name for path in made] == [f"final.{n:06d}.png" for n in range(1002, 1007)]
        for path in made:
            number = int(path.name.split(".")[1])
            one = cv2.imread(str(tmp_path / f"in.{number}.png"), cv2.IMREAD_UNCHANGED).astype(int)
            other = cv2.imread(str(path), cv2.IMREAD_UNCHANGED)
            assert other.dtype == np.uint16 and int(np.abs(one - other)[masks[3] == 0].max()) == 0
            assert np.abs(one - other)[masks[3] > 0].mean() > 2000

    def test_of_one_black_frame(self, tmp_path: Path) -> None:
        source = write_film(tmp_path / "plate.mkv", [np.zeros((40, 48, 3), np.uint8)])
        mask = np.zeros((40, 48), np.uint8)
        mask[10:30, 10:30] = 255
        project = project_of(tmp_path, source, write_film(tmp_path / "matte.mkv", [mask]), {"composite": {"feather": 0}})
        run(project)
        picture = picture_of(project, 0)
        assert (picture[mask > 0] == 255).all() and (picture[mask == 0] == 0).all()

    def test_of_a_shot_whose_mask_is_empty_is_the_shot(self, tmp_path: Path) -> None:
        source, _ = write_shot(tmp_path, 3)
        project = project_of(tmp_path, source, write_film(tmp_path / "empty.mkv", [np.zeros((64, 96), np.uint8)] * 3))
        run(project)
        for (_, one), (_, other) in zip(decoded(source), decoded(project.path("out", "final.mkv")), strict=True):
            np.testing.assert_array_equal(one[0], other[0])


class TestLight:
    def sequence(self, tmp_path: Path, count: int = 3) -> list[np.ndarray]:
        """Half float, scene-linear, with highlights of 40, negative light and holes that are not a number."""
        rng = np.random.default_rng(5)
        smooth = cv2.GaussianBlur(rng.random((44, 52, 3)).astype(np.float32), (0, 0), 2) * 1.5
        smooth[20:24, 24:28], smooth[2, 3], smooth[30, 30] = 40.0, -0.25, np.nan
        out = []
        for n in range(count):
            pixels = np.roll(smooth, n, axis=1).astype(np.float16)
            layer = Layer(("R", "G", "B"), pixels, full_wh=(52, 44))
            write_file(str(tmp_path / f"in.{n:04d}.exr"), [layer], Header(".exr", Form("rgb", 16, True)), "")
            out.append(pixels)
        mask = np.zeros((44, 52), np.uint8)
        mask[12:36, 12:40] = 255
        cv2.imwrite(str(tmp_path / "matte.png"), mask)
        return out

    def read(self, project: Project, number: int) -> np.ndarray:
        file = oiio.ImageInput.open(str(project.path("out", "final", f"final.{number:06d}.exr")))
        assert str(file.spec().format) == "half"
        return file.read_image("half")

    @pytest.mark.parametrize("space", ["", "ACEScg"])
    def test_what_a_painter_leaves_alone_is_bit_identical_inside_too(self, tmp_path: Path, space: str) -> None:
        before = self.sequence(tmp_path)
        tables = {"output": {"grid": False}, "composite": {"transport": "paste"}, "keyframes": {"max_group": 1, "min_group": 1}}
        project = project_of(tmp_path, tmp_path / "in.%04d.exr", tmp_path / "matte.png", tables, space=space)
        run(project, same)
        for number, pixels in enumerate(before):
            np.testing.assert_array_equal(self.read(project, number), pixels)

    def test_changed_light_may_be_above_one_and_what_is_lost_is_said(self, tmp_path: Path) -> None:
        before = self.sequence(tmp_path)
        tables = {"output": {"grid": False}, "composite": {"feather": 0}}
        project = project_of(tmp_path, tmp_path / "in.%04d.exr", tmp_path / "matte.png", tables)

        def brighter(picture: np.ndarray) -> np.ndarray:
            return np.minimum(picture.astype(int) + 9000, 65000)

        ran = run(project, brighter, depth=8)
        mask = cv2.imread(str(tmp_path / "matte.png"), 0)
        for number, pixels in enumerate(before):
            after = self.read(project, number)
            np.testing.assert_array_equal(after[mask == 0], pixels[mask == 0])
            assert np.isfinite(after[mask > 0]).all() and after[mask > 0].max() > 4
        report = json.loads(project.path("comp", "report.json").read_text())["beyond"]
        assert report["bits"] == 8 and report["pixels"] > 0
        assert any("8 bits cannot say" in note for note in ran.notes)
        assert "8 bits cannot say" in project.path("out", "report.html").read_text()


class TestGroups:
    def test_a_dropped_group_goes_on_with_the_keyframe_before(self, tmp_path: Path) -> None:
        plate, matte = write_shot(tmp_path, 9)
        project = project_of(tmp_path, plate, matte, {"keyframes": {"max_group": 3, "min_group": 3}, "output": {"grid": False}})
        run(project)
        assert [group.keyframe for group in project.groups()] == [0, 3, 6]
        project.save_selection(3, Selection("drop"))
        run(project)
        stretches = json.loads(project.path("comp", "report.json").read_text())["stretches"]
        assert [(one["numbers"], one["left"], one["right"]) for one in stretches] == [([0, 5], 0, 6), ([6, 8], 6, None)]
        hole = cv2.erode(project.mask(4), np.ones((13, 13), np.uint8)) > 0
        assert np.abs(project.comp(4).astype(int)[hole] - (255 - project.frames()[4].astype(int)[hole])).mean() < 25

    def test_a_bad_keyframe_is_flagged_and_only_dropped_on_request(self, tmp_path: Path) -> None:
        plate, matte = write_shot(tmp_path, 15, seed=4)
        tables = {"keyframes": {"max_group": 3, "min_group": 3}, "output": {"grid": False}, "composite": {"transport": "flow"}}
        project = project_of(tmp_path, plate, matte, tables)
        calls: list[int] = []

        def one_is_bad(picture: np.ndarray) -> np.ndarray:
            calls.append(1)
            return np.clip(turned(picture).astype(int) // 3 + (150 if len(calls) == 3 else 30), 0, 255)

        run(project, one_is_bad)
        groups = json.loads(project.path("checks", "groups.json").read_text())["groups"]
        assert [group["keyframe"] for group in groups if group["colour_z"] > 3.5] == [6]
        assert groups[2]["flagged"] and "colour" in groups[2]["why"] and not project.path("checks", "mended").exists()
        bad = picture_of(project, 7)
        project = changed(project, {"check": {"action": "drop", "max_excess_warp": 1000.0}})
        ran = run(project)
        assert "composite" in ran.skipped and "video" in ran.ran
        groups = json.loads(project.path("checks", "groups.json").read_text())["groups"]
        assert [group["keyframe"] for group in groups if group["mended"]] == [6]
        mended, mask = picture_of(project, 7), project.mask(7)
        np.testing.assert_array_equal(mended[mask == 0], project.frames()[7][mask == 0])
        hole = cv2.erode(mask, np.ones((11, 11), np.uint8)) > 0
        assert mended[hole].mean() < bad[hole].mean() - 60

    def test_the_opacity_is_found_and_the_blend(self, tmp_path: Path) -> None:
        plate, matte = write_shot(tmp_path, 6)
        tables = {"composite": {"opacity": -1.0, "blend": "auto", "transport": "paste"}, "output": {"grid": False}}
        project = project_of(tmp_path, plate, matte, {**tables, "keyframes": {"max_group": 2, "min_group": 2}})
        calls: list[int] = []

        def unsteady(picture: np.ndarray) -> np.ndarray:
            calls.append(1)
            return np.clip(picture.astype(int) + (20 if len(calls) % 2 else 38), 0, 255)

        run(project, unsteady)
        report = json.loads(project.path("comp", "report.json").read_text())
        assert report["blend"] == "lighten" and 0.5 <= report["opacity"] < 1


class TestLooks:
    def test_the_original_laid_over_whole_is_the_shot_again(self, tmp_path: Path) -> None:
        plate, matte = write_shot(tmp_path, 3)
        project = project_of(tmp_path, plate, matte, {"enhance": {"overlay_original": 1.0}, "output": {"grid": False}})
        run(project)
        for (_, one), (_, other) in zip(decoded(plate), decoded(project.path("out", "final.mkv")), strict=True):
            np.testing.assert_array_equal(one[0], other[0])

    def test_matched_colours_have_the_original_s_mean(self, tmp_path: Path) -> None:
        plate, matte = write_shot(tmp_path, 4)
        project = project_of(tmp_path, plate, matte, {"enhance": {"match": 1.0}, "composite": {"feather": 0}, "output": {"grid": False}})
        run(project, lambda picture: picture // 2 + 100)
        assert project.path("checks", "enhance.json").exists()
        after = rgb_of(decoded(project.path("out", "final.mkv"))[2][1][0])
        inside, frame = project.mask(2) > 0, project.frames()[2].astype(float)
        assert after[inside].mean(0) == pytest.approx(frame[inside].mean(0), abs=8)
        assert abs(project.comp(2)[inside].mean(0) - frame[inside].mean(0)).max() > 16

    def test_a_larger_film(self, tmp_path: Path) -> None:
        plate, matte = write_shot(tmp_path, 2)
        project = project_of(tmp_path, plate, matte, {"upscale": {"times": 2}, "output": {"grid": False}})
        run(project)
        after = decoded(project.path("out", "final.mkv"))
        large = rgb_of(after[0][1][0])
        assert large.shape == (128, 192, 3)
        small = cv2.resize(large, (96, 64), interpolation=cv2.INTER_AREA)
        assert np.abs(small - picture_of(project, 0)).mean() < 3
        assert "made anew" in project.path("out", "report.html").read_text()

    def test_a_second_film_at_twice_the_rate_keeps_the_frames_of_the_first(self, tmp_path: Path) -> None:
        plate, matte = write_shot(tmp_path, 4)
        project = project_of(tmp_path, plate, matte, {"output": {"rate": "48", "grid": False}})
        run(project)
        assert (output_rel(project), second_rel(project)) == ("out/final.mkv", "out/final_48fps.mkv")
        first, second = decoded(project.path("out", "final.mkv")), decoded(project.path("out", "final_48fps.mkv"))
        assert len(first) == 4 and len(second) == 8
        for n in range(4):
            np.testing.assert_array_equal(first[n][1][0], second[2 * n][1][0])
        assert not np.array_equal(second[1][1][0], second[0][1][0]) and not np.array_equal(second[1][1][0], second[2][1][0])

    def test_a_painter_that_takes_the_thing_away_follows_the_ground(self, tmp_path: Path) -> None:
        clean, frames, masks = shot(8, (96, 64), pan=3)
        tables = {"composite": {"follow": "ground"}, "keyframes": {"max_group": 7, "min_group": 7}, "output": {"grid": False}}
        project = project_of(tmp_path, write_film(tmp_path / "plate.mkv", frames), write_film(tmp_path / "matte.mkv", masks), tables)
        run(project, lambda picture: np.full_like(picture, 128))
        off = [np.abs(project.comp(n).astype(float) - clean[n])[masks[n] > 0].mean() for n in (0, 5)]
        assert off[1] < off[0] / 2  # of the ground, the keyframe shows what came to light since
        groups = json.loads(project.path("checks", "groups.json").read_text())["groups"]
        assert all(group["colour_z"] == 0 for group in groups)
