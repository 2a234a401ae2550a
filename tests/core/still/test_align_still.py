"""Single pictures against a film whose frames are made: which frame, and where, to a part of a pixel."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
import pytest

from genlock.core.align import align
from genlock.core.alignment import Alignment, Verdict
from genlock.core.errors import NotSameFootage, UsageError
from genlock.core.settings import AlignSettings
from genlock.core.space.geometry import apply, corners, resize_matrix
from genlock.hosts.demo.scene import reel
from genlock.hosts.demo.world import paint
from genlock.hosts.demo.writing import Coding, write_file

SCENE = reel(5, (30, 24, 26), ("moving", "still", "locked"), size_wh=(320, 180))
TAKEN = 13
LOGO_XY, LOGO_SHARE = (222, 12), 0.25
LOGO_ON = range(54, 80)


def emblem() -> np.ndarray:
    """A ring and letters on nothing: (160, 320, 4) uint8."""
    out = np.zeros((160, 320, 4), np.uint8)
    cv2.circle(out, (80, 80), 74, (40, 60, 220, 255), -1, cv2.LINE_AA)
    cv2.circle(out, (80, 80), 48, (240, 240, 240, 255), 13, cv2.LINE_AA)
    cv2.putText(out, "Vox", (164, 110), cv2.FONT_HERSHEY_DUPLEX, 2.5, (250, 220, 60, 255), 9, cv2.LINE_AA)
    return out


def with_logo(frame: int) -> np.ndarray:
    """A frame with the emblem at a quarter of its size, in the last shot."""
    image = SCENE.frame(frame).astype(np.float32)
    if frame in LOGO_ON:
        small = cv2.resize(emblem(), None, fx=LOGO_SHARE, fy=LOGO_SHARE, interpolation=cv2.INTER_AREA).astype(np.float32)
        x, y = LOGO_XY
        part = image[y : y + small.shape[0], x : x + small.shape[1]]
        part += (small[..., :3] - part) * small[..., 3:] / 255
    return np.asarray(image + 0.5, np.uint8)


@pytest.fixture(scope="module")
def film(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """80 frames: a moving camera, a shot that stands still, a locked camera with a logo."""
    path = tmp_path_factory.mktemp("stills") / "film.mp4"
    write_file(path, (with_logo(n) for n in range(SCENE.frames)), SCENE.rate, Coding(crf=18))
    return path


@pytest.fixture
def find(film: Path, tmp_path: Path) -> Callable[..., Alignment]:
    """Align a picture, (h, w, 3 or 4) uint8 BGR(A), to the film; with jpeg, its quality."""

    def call(picture: np.ndarray, jpeg: int = 0, **settings: object) -> Alignment:
        path = tmp_path / f"picture.{'jpg' if jpeg else 'png'}"
        cv2.imwrite(str(path), picture, [cv2.IMWRITE_JPEG_QUALITY, jpeg] if jpeg else [])
        return align(path, film, AlignSettings(**settings))  # type: ignore[arg-type]

    return call


def seen_in(done: Alignment) -> list[int]:
    return [frame for frame, shown in enumerate(done.clip_frames()) if shown is not None]


def off_px(done: Alignment, picture: np.ndarray, truth: np.ndarray, frame: int) -> float:
    """How far the corners lie from where they should, at most, in film pixels."""
    matrix = np.array(done.matrix_at(frame)).reshape(3, 3)
    outline = corners((picture.shape[1], picture.shape[0]))
    return float(np.linalg.norm(apply(matrix, outline) - apply(truth, outline), axis=1).max())


@pytest.mark.parametrize("scale", [0.2, 1.0, 4.0])
def test_a_whole_frame_at_any_size(find: Callable[..., Alignment], scale: float) -> None:
    wh = (round(320 * scale), round(180 * scale))
    picture = cv2.resize(SCENE.frame(TAKEN), wh, interpolation=cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC)
    done = find(picture, jpeg=40)
    assert seen_in(done) == [TAKEN]
    assert off_px(done, picture, resize_matrix(wh, (320, 180)), TAKEN) < 0.05
    run = next(run for run in done.runs if run.pieces)
    assert run.verdict is Verdict.EXACT and [piece.speed for piece in run.pieces] == [0]


def test_a_regraded_crop_is_found_where_it_was_cut(find: Callable[..., Alignment]) -> None:
    picture = cv2.convertScaleAbs(SCENE.frame(TAKEN)[31:142, 97:270], alpha=0.6, beta=50)
    done = find(picture)
    assert seen_in(done) == [TAKEN]
    assert off_px(done, picture, np.array([[1, 0, 97], [0, 1, 31], [0, 0, 1.0]]), TAKEN) < 0.35


def test_a_mirrored_scan_with_borders(find: Callable[..., Alignment]) -> None:
    scan = np.full((440, 760, 3), 240, np.uint8)
    scan[40:400, 60:700] = cv2.resize(SCENE.frame(TAKEN)[:, ::-1], (640, 360), interpolation=cv2.INTER_CUBIC)
    done = find(scan, jpeg=85)
    assert seen_in(done) == [TAKEN]
    truth = np.array([[-0.5, 0, 319 - ((0.5 - 60) * 0.5 - 0.5)], [0, 0.5, (0.5 - 40) * 0.5 - 0.5], [0, 0, 1.0]])
    assert off_px(done, scan, truth, TAKEN) < 0.5


def test_a_transparent_logo_is_seen_as_long_as_it_stands(find: Callable[..., Alignment]) -> None:
    logo = emblem()
    done = find(logo)
    assert seen_in(done) == list(LOGO_ON)
    x, y = LOGO_XY
    truth = np.array([[LOGO_SHARE, 0, x + LOGO_SHARE / 2 - 0.5], [0, LOGO_SHARE, y + LOGO_SHARE / 2 - 0.5], [0, 0, 1.0]])
    assert off_px(done, logo, truth, 60) < 0.5


def test_a_shot_that_stands_still_is_named_whole(find: Callable[..., Alignment], film: Path, tmp_path: Path) -> None:
    picture = SCENE.frame(40)
    assert seen_in(find(picture, jpeg=50)) == list(range(30, 54))
    cv2.imwrite(str(tmp_path / "ref.jpg"), picture, [cv2.IMWRITE_JPEG_QUALITY, 50])
    (run,) = align(film, tmp_path / "ref.jpg").runs
    assert run.verdict is Verdict.AMBIGUOUS and run.also == ((30, 53),)


def test_which_frame_of_a_film_a_picture_is(film: Path, tmp_path: Path) -> None:
    cv2.imwrite(str(tmp_path / "ref.png"), SCENE.frame(TAKEN))
    done = align(film, tmp_path / "ref.png")
    assert done.clip_frames() == [TAKEN] and done.runs[0].verdict is Verdict.EXACT


def test_a_picture_in_a_picture_either_way_round(tmp_path: Path) -> None:
    whole = paint((900, 600), 3)
    cv2.imwrite(str(tmp_path / "whole.png"), whole)
    cv2.imwrite(str(tmp_path / "part.png"), cv2.resize(whole[100:400, 250:700], (300, 200), interpolation=cv2.INTER_AREA))
    inside = align(tmp_path / "part.png", tmp_path / "whole.png")
    truth = np.array([[1.5, 0, 250.25], [0, 1.5, 100.25], [0, 0, 1.0]])
    assert off_px(inside, np.zeros((200, 300)), truth, 0) < 0.2
    around = align(tmp_path / "whole.png", tmp_path / "part.png")
    assert off_px(around, np.zeros((600, 900)), np.linalg.inv(truth), 0) < 0.2


@pytest.mark.parametrize("what", ["another picture", "one colour", "another logo"])
def test_what_is_not_there_is_refused(find: Callable[..., Alignment], what: str) -> None:
    pictures = {
        "another picture": paint((200, 120), 77),
        "one colour": np.full((90, 160, 3), 120, np.uint8),
        "another logo": cv2.putText(np.zeros((80, 200, 4), np.uint8), "Qi", (20, 65), 0, 2, (9, 250, 9, 255), 7, cv2.LINE_AA),
    }
    with pytest.raises(NotSameFootage) as refused:
        find(pictures[what])
    assert refused.value.alignment is not None and refused.value.alignment.matched == 0


def test_a_range_keeps_to_its_frames(find: Callable[..., Alignment]) -> None:
    """The very frame lies outside; what is told lies inside, and does not claim to be the one."""
    done = find(SCENE.frame(TAKEN), range="0-9")
    assert seen_in(done) and max(seen_in(done)) <= 9
    assert done.runs[-1].verdict is Verdict.UNMATCHED
    assert not any(run.verdict is Verdict.EXACT for run in done.runs)


def test_a_picture_has_no_sound(find: Callable[..., Alignment]) -> None:
    with pytest.raises(UsageError, match="no time to go by"):
        find(SCENE.frame(TAKEN), time="audio")
