"""Verification: a true alignment holds; one that is wrong in one way fails in that way; what looks alike cannot be told."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import cv2
import numpy as np
import pytest

from genlock.core.alignment import Alignment, Key, Matrix, Media, Piece, Run, Verdict
from genlock.core.errors import Cancelled, MediaError
from genlock.core.media.cache import digest
from genlock.core.progress import Progress
from genlock.core.verify import State, Verification, verify
from genlock.core.verify.detail import Cover, detail
from genlock.core.verify.plan import plan
from genlock.core.verify.residual import residuals
from genlock.tests.core.report.made import SIZE_WH, aligned, crop, found, media, missing, scene, write

CROP = crop(40, 20)
FRAMES = 40


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("verify")


@pytest.fixture(scope="module")
def ref(folder: Path) -> Media:
    frame = scene(11)
    return media(str(write(folder / "ref.mp4", (frame(n) for n in range(FRAMES)))), FRAMES, SIZE_WH)


@pytest.fixture(scope="module")
def clip(folder: Path) -> Media:
    """A crop of the ref's frames 5 to 34, darker and with less contrast."""
    frame = scene(11)
    pictures = ((frame(n)[20:156, 40:280] * 0.7 + 25).astype(np.uint8) for n in range(5, 35))
    return media(str(write(folder / "clip.mp4", pictures, quality=20)), 30, (240, 136))


@pytest.fixture(scope="module")
def foreign(folder: Path) -> Media:
    frame = scene(99)
    return media(str(write(folder / "foreign.mp4", (frame(n)[20:156, 40:280] for n in range(30)))), 30, (240, 136))


def told(run: Run, clip: Media, ref: Media) -> Alignment:
    """One run in the middle of what is missing."""
    around = [missing(0, run.ref_first)] if run.ref_first else []
    return aligned(clip, ref, *around, run, missing(run.ref_end, ref.frames - run.ref_end))


def true_run(matrix: Matrix = CROP, clip_first: int = 0) -> Run:
    return found(5, 30, clip_first, transform=(Key(5, matrix),))


def states(found: Verification, kind: str) -> list[State]:
    return [claim.state for run in found.runs for claim in run.claims if claim.kind == kind]


def share(found: Verification, kind: str, state: State) -> float:
    all_of_them = states(found, kind)
    return all_of_them.count(state) / len(all_of_them)


class TestOnePair:
    def test_the_truth_holds(self, clip: Media, ref: Media) -> None:
        seen = verify(told(true_run(), clip, ref))
        assert seen.holds, seen.lines()
        assert not states(seen, "match").count(State.FAILS)
        assert share(seen, "frame", State.HOLDS) > 0.9
        assert share(seen, "place", State.HOLDS) == 1.0
        run = seen.runs[1]
        assert run.correlation is not None and run.correlation > 0.8
        assert run.residual_px is not None and run.residual_px < 0.15

    def test_one_frame_off_fails(self, clip: Media, ref: Media) -> None:
        late = found(5, 29, 1, transform=(Key(5, CROP),))
        seen = verify(told(late, clip, ref))
        assert not seen.holds
        assert share(seen, "frame", State.FAILS) > 0.7
        assert State.HOLDS not in states(seen, "frame")

    def test_two_pixels_off_fails(self, clip: Media, ref: Media) -> None:
        seen = verify(told(true_run(crop(42, 20)), clip, ref))
        assert not seen.holds
        assert share(seen, "place", State.FAILS) > 0.9
        assert not states(seen, "match").count(State.FAILS)
        shift = seen.runs[1].shift_px
        assert shift is not None
        assert shift == (pytest.approx(2, abs=0.1), pytest.approx(0, abs=0.1))

    def test_a_tenth_of_the_picture_off_is_measured(self, clip: Media, ref: Media) -> None:
        seen = verify(told(true_run(crop(22, 13)), clip, ref))
        assert not seen.holds
        assert share(seen, "place", State.FAILS) > 0.9
        shift = seen.runs[1].shift_px
        assert shift is not None
        assert shift == (pytest.approx(-18, abs=0.5), pytest.approx(-7, abs=0.5))

    def test_a_wrong_scale_fails(self, clip: Media, ref: Media) -> None:
        seen = verify(told(true_run(crop(40, 20, 1.03)), clip, ref))
        assert not seen.holds
        assert share(seen, "place", State.FAILS) > 0.9

    def test_a_wrong_speed_fails(self, clip: Media, ref: Media) -> None:
        run = replace(true_run(), pieces=(Piece(5, 30, Fraction(0), Fraction(9, 10)),))
        seen = verify(told(run, clip, ref))
        assert not seen.holds
        failing = {c.ref_frame for c in seen.runs[1].claims if c.kind == "frame" and c.state is State.FAILS}
        assert len(failing) > 5 and max(failing) >= 33

    def test_foreign_footage_fails(self, foreign: Media, ref: Media) -> None:
        seen = verify(told(true_run(), foreign, ref))
        assert not seen.holds
        assert share(seen, "match", State.FAILS) > 0.9

    def test_a_run_that_goes_on_too_long_fails_at_its_end(self, folder: Path, ref: Media) -> None:
        frame, other = scene(11), scene(42)
        pictures = [frame(n)[20:156, 40:280] for n in range(5, 25)] + [other(n)[20:156, 40:280] for n in range(10)]
        clip = media(str(write(folder / "spliced.mp4", pictures)), 30, (240, 136))
        seen = verify(told(true_run(), clip, ref))
        failing = [c.ref_frame for run in seen.runs for c in run.claims if c.kind == "match" and c.state is State.FAILS]
        assert failing and min(failing) >= 25
        assert max(failing) == 34

    def test_what_is_there_is_not_missing(self, clip: Media, ref: Media) -> None:
        a = aligned(clip, ref, missing(0, 5), found(5, 10, 0, transform=(Key(5, CROP),)), missing(15, 25))
        seen = verify(a)
        assert not seen.holds
        assert any("clip frame" in c.words and c.state is State.FAILS for c in seen.runs[2].claims if c.kind == "missing")

    def test_what_is_not_there_is_missing(self, clip: Media, ref: Media) -> None:
        seen = verify(told(true_run(), clip, ref))
        assert State.FAILS not in states(seen, "missing")

    def test_a_refusal_of_foreign_footage_holds(self, foreign: Media, ref: Media) -> None:
        seen = verify(aligned(foreign, ref, missing(0, FRAMES)))
        assert seen.holds
        assert set(states(seen, "missing")) == {State.HOLDS}

    def test_it_can_be_stopped(self, clip: Media, ref: Media) -> None:
        with pytest.raises(Cancelled):
            verify(told(true_run(), clip, ref), Progress(wanted=lambda: False))

    def test_progress_runs_up(self, clip: Media, ref: Media) -> None:
        heard: list[float] = []
        verify(told(true_run(), clip, ref), Progress(lambda done, what: heard.append(done)), samples=4)
        assert heard == sorted(heard) and heard[-1] == pytest.approx(1)

    def test_a_changed_file_is_named(self, clip: Media, ref: Media) -> None:
        a = told(true_run(), replace(clip, digest=digest(clip.path)), replace(ref, digest="0" * 32))
        seen = verify(a, samples=3)
        assert seen.changed == (ref.path,)
        assert not seen.holds
        assert any("has changed since it was aligned" in line for line in seen.lines())

    def test_a_file_of_another_length_is_refused(self, clip: Media, ref: Media) -> None:
        with pytest.raises(MediaError, match="had 31 frames when it was aligned and has 30"):
            verify(told(true_run(), replace(clip, frames=31), ref))

    def test_a_missing_file_is_refused(self, clip: Media, ref: Media) -> None:
        with pytest.raises(MediaError):
            verify(told(true_run(), replace(clip, path=clip.path + ".gone"), ref))

    def test_its_answers(self, clip: Media, ref: Media) -> None:
        seen = verify(told(true_run(), clip, ref), samples=6)
        body = json.loads(json.dumps(seen.to_json()))
        assert body["holds"] is True
        assert sum(body["claims"].values()) == sum(len(one["claims"]) for run in body["runs"] for one in run["seen"])
        assert seen.lines()[0].startswith("The alignment holds: ")


def test_mirrored_footage_holds(folder: Path, ref: Media) -> None:
    frame = scene(11)
    clip = media(str(write(folder / "mirrored.mp4", (frame(n)[:, ::-1] for n in range(FRAMES)))), FRAMES, SIZE_WH)
    mirror: Matrix = (-1.0, 0.0, SIZE_WH[0] - 1.0, 0.0, 1.0, 0.0, 0.0, 0.0, 1.0)
    assert verify(aligned(clip, ref, found(0, FRAMES, 0, transform=(Key(0, mirror),))), samples=12).holds
    unmirrored = verify(aligned(clip, ref, found(0, FRAMES, 0)), samples=12)
    assert not unmirrored.holds


def test_a_blurred_half_size_clip_holds(folder: Path, ref: Media) -> None:
    frame = scene(11)
    pictures = (cv2.resize(cv2.GaussianBlur(frame(n), (0, 0), 1.5), (160, 90), interpolation=cv2.INTER_AREA) for n in range(FRAMES))
    clip = media(str(write(folder / "small.mp4", pictures)), FRAMES, (160, 90))
    assert verify(aligned(clip, ref, found(0, FRAMES, 0, transform=(Key(0, crop(0, 0, 2.0)),))), samples=12).holds


def still(folder: Path, name: str, picture: Callable[[], np.ndarray]) -> Media:
    random = np.random.default_rng(len(name))
    shots = (np.clip(picture() + random.normal(0, 1.5, (180, 320)), 0, 255).astype(np.uint8) for _ in range(20))
    return media(str(write(folder / f"{name}.mp4", shots)), 20, SIZE_WH)


def test_a_still_cannot_be_told(folder: Path) -> None:
    """The same picture throughout, each file with a grain of its own."""
    picture = scene(5)(0).astype(np.float32)
    a = aligned(still(folder, "still a", lambda: picture), still(folder, "a still b", lambda: picture), found(0, 20, 0))
    seen = verify(a)
    assert seen.holds
    assert set(states(seen, "frame")) == {State.OPEN}
    assert set(states(seen, "place")) == {State.HOLDS}


def test_black_cannot_be_told(folder: Path) -> None:
    black = np.zeros((180, 320), np.uint8)
    files = [media(str(write(folder / f"{name}.mp4", [black] * 10)), 10, SIZE_WH) for name in ("black", "dark")]
    seen = verify(aligned(*files, found(0, 10, 0)))
    assert {state for run in seen.runs for state in [claim.state for claim in run.claims]} == {State.OPEN}
    assert seen.lines()[0].startswith("Nothing speaks against the alignment, and nothing for it")


def test_one_frame(folder: Path) -> None:
    picture = scene(5)(0)
    files = [media(str(write(folder / f"{name}.mp4", [picture])), 1, SIZE_WH) for name in ("one", "single")]
    seen = verify(aligned(*files, found(0, 1, 0)))
    assert seen.holds
    assert states(seen, "match") == [State.HOLDS]


class TestPlan:
    def test_every_run_and_its_ends(self) -> None:
        a = aligned(media(), media(), missing(0, 10), found(10, 60, 10), found(70, 30, 0))
        frames = plan(a, 48)
        assert set(frames) == {0, 1, 2}
        assert {10, 40, 69} <= set(frames[1])
        assert {70, 85, 99} <= set(frames[2])
        assert sum(map(len, frames.values())) <= 48
        assert all(a.runs[n].ref_first <= frame < a.runs[n].ref_end for n, some in frames.items() for frame in some)

    def test_edges_of_pieces(self) -> None:
        pieces = (Piece(0, 37, Fraction(0), Fraction(1)), Piece(37, 63, Fraction(2), Fraction(1, 2)))
        run = Run(0, 100, Verdict.EXACT, pieces, (Key(0, CROP),))
        assert {0, 36, 37, 99} <= set(plan(aligned(media(), media(), run), 12)[0])

    @pytest.mark.parametrize(("runs", "samples"), [(300, 48), (1000, 48), (1, 1), (40, 10)])
    def test_it_stays_bounded(self, runs: int, samples: int) -> None:
        a = aligned(media(), media(frames=10 * runs), *(found(10 * n, 10, 0) for n in range(runs)))
        frames = plan(a, samples)
        assert len(frames) == min(runs, 4 * samples)
        assert sum(map(len, frames.values())) <= max(samples, len(frames))


class TestResiduals:
    """The measure's own error, on blobs whose place is known in closed form."""

    def blobs(self, dx: float, dy: float, noise: float = 0.0, size_hw: tuple[int, int] = (320, 480)) -> np.ndarray:
        random = np.random.default_rng(8)
        h, w = size_hw
        y, x = np.mgrid[0:h, 0:w].astype(np.float64)
        total = np.full((h, w), 110.0)
        for _ in range(700):
            cx, cy, s, a = random.uniform(-20, w + 20), random.uniform(-20, h + 20), random.uniform(1.5, 8), random.uniform(-45, 45)
            rows = slice(max(0, int(cy + dy - 6 * s)), max(0, int(cy + dy + 6 * s)))
            columns = slice(max(0, int(cx + dx - 6 * s)), max(0, int(cx + dx + 6 * s)))
            total[rows, columns] += a * np.exp(-((x[rows, columns] - cx - dx) ** 2 + (y[rows, columns] - cy - dy) ** 2) / (2 * s * s))
        return (total + np.random.default_rng(round(dx * 100) + 5000).normal(0, noise or 1e-9, total.shape)).astype(np.float32)

    @pytest.mark.parametrize(("size_hw", "typical_px", "worst_px"), [((320, 480), 0.02, 0.08), ((180, 320), 0.05, 0.25)])
    @pytest.mark.parametrize("shift", [(0.0, 0.0), (0.37, -0.61), (-0.5, 0.5), (2.0, -1.0), (3.3, 7.7), (-21.4, 12.2)])
    def test_a_shift_in_closed_form(self, shift: tuple[float, float], size_hw: tuple[int, int], typical_px: float, worst_px: float) -> None:
        """Within 0.02 px in the median with the large patches, 0.05 px with the small ones, whatever the gain and offset."""
        cover = Cover(np.ones(size_hw, np.float32))
        found = residuals(detail(self.blobs(0, 0, 0, size_hw), cover), detail(self.blobs(*shift, 0, size_hw) * 0.7 + 20, cover))
        off = np.hypot(*(found.shifts_px - np.array(shift)).T)
        assert len(off) > 30
        assert np.median(off) < typical_px
        assert np.percentile(off, 95) < worst_px

    def test_noise_costs_precision_not_truth(self) -> None:
        cover = Cover(np.ones((320, 480), np.float32))
        found = residuals(detail(self.blobs(0, 0, 1.5), cover), detail(self.blobs(0.37, -0.61, 1.5), cover))
        assert found.middle_px == (pytest.approx(0.37, abs=0.05), pytest.approx(-0.61, abs=0.05))

    def test_foreign_pictures_have_no_shift(self) -> None:
        cover = Cover(np.ones(SIZE_WH[::-1], np.float32))
        a, b = (detail(scene(seed)(0).astype(np.float32), cover) for seed in (1, 2))
        assert len(residuals(a, b).shifts_px) < 6


