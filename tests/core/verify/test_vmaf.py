"""VMAF by a real FFmpeg, where one that has libvmaf is installed."""

from __future__ import annotations

import os
import stat
import sys
from pathlib import Path

import cv2
import numpy as np
import pytest

from genlock.core.errors import GenlockError
from genlock.core.verify import vmaf as module
from genlock.core.verify.vmaf import Vmaf, find_ffmpeg, has_vmaf
from genlock.core.verify.vmaf_runs import RunVmaf, VmafMaker
from genlock.hosts.demo.scene import reel

FFMPEG = find_ffmpeg()
needs_ffmpeg = pytest.mark.skipif(FFMPEG is None, reason="no FFmpeg with libvmaf; pip install 'genlock[vmaf]' brings one")


@pytest.fixture(scope="module")
def film() -> list[np.ndarray]:
    """Six frames of luma, 241 x 137: odd on purpose."""
    scene = reel(3, (6,), size_wh=(241, 137))
    return [cv2.cvtColor(scene.frame(n), cv2.COLOR_RGB2GRAY) for n in range(6)]


def measured(pictures: list[np.ndarray], refs: list[np.ndarray], deep: bool = False) -> list[float]:
    assert FFMPEG is not None
    with Vmaf(FFMPEG, (241, 137), deep) as vmaf:
        for picture, ref in zip(pictures, refs, strict=True):
            vmaf.show(picture, ref)
        return vmaf.scores()


@needs_ffmpeg
class TestVmaf:
    @pytest.mark.parametrize("deep", [False, True])
    def test_the_same_picture(self, film: list[np.ndarray], deep: bool) -> None:
        """The model gives 97 and more to what is identical and moves."""
        scores = measured(film, film, deep)
        assert len(scores) == 6
        assert min(scores) > 94 and max(scores) <= 100
        assert np.mean(scores[1:]) > 96.5

    def test_blur_costs(self, film: list[np.ndarray]) -> None:
        soft, softer = ([cv2.GaussianBlur(picture, (0, 0), s) for picture in film] for s in (0.8, 2.0))
        good, bad = np.mean(measured(soft, film)), np.mean(measured(softer, film))
        assert np.mean(measured(film, film)) > good + 3 > bad + 20

    def test_the_picture_is_judged_against_the_ref_and_not_the_other_way(self, film: list[np.ndarray]) -> None:
        """A picture sharper than its ref scores higher than one that is softer."""
        soft = [cv2.GaussianBlur(picture, (0, 0), 1.2) for picture in film]
        assert np.mean(measured(film, soft)) > np.mean(measured(soft, film)) + 5

    def test_sampled_frames_score_as_in_the_film(self, film: list[np.ndarray]) -> None:
        """Sparse samples between their neighbours give what the whole film gives there."""
        soft = [cv2.GaussianBlur(picture, (0, 0), 1.0) for picture in film]
        whole = measured(soft, film)
        assert FFMPEG is not None
        with RunVmaf(FFMPEG, lambda n: film[n], (0, 0, 241, 137), False, 6) as run:
            for n in (0, 2, 3, 5):
                run.show(n, soft[n], film[n])
            scores = run.scores()
        assert set(scores) == {0, 2, 3, 5}
        for n, score in scores.items():
            assert score == pytest.approx(whole[n], abs=0.01)

    def test_too_little_room_measures_nothing(self, film: list[np.ndarray]) -> None:
        with RunVmaf(FFMPEG, lambda n: film[n], (0, 0, 241, 40), False, 6) as run:
            run.show(0, film[0], film[0])
            assert run.scores() == {}

    def test_it_leaves_nothing_behind(self, film: list[np.ndarray], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(module.tempfile, "tempdir", str(tmp_path))
        measured(film[:2], film[:2])
        assert FFMPEG is not None
        with pytest.raises(ZeroDivisionError), Vmaf(FFMPEG, (241, 137)) as vmaf:
            vmaf.show(film[0], film[0])
            raise ZeroDivisionError
        assert list(tmp_path.iterdir()) == []


@pytest.fixture
def liar(tmp_path: Path) -> str:
    """A program that says it has libvmaf, and then reads all and does nothing."""
    path = tmp_path / "ffmpeg"
    listed = "if '-filters' in sys.argv: print(' .. libvmaf  VV->V')"
    path.write_text(f"#!{sys.executable}\nimport sys\n{listed}\nelse: sys.stdin.buffer.read(); sys.stderr.write('Out of luck\\n')\n")
    path.chmod(path.stat().st_mode | stat.S_IXUSR)
    return str(path)


@pytest.mark.skipif(os.name == "nt", reason="a script is no program there")
class TestFinding:
    def test_one_that_fails_is_told_with_its_last_word(self, liar: str) -> None:
        with pytest.raises(GenlockError, match="did not measure VMAF: Out of luck") as raised, Vmaf(liar, (64, 64)) as vmaf:
            vmaf.show(np.zeros((64, 64)), np.zeros((64, 64)))
            vmaf.scores()
        assert "--vmaf off" in raised.value.next_step

    def test_the_one_that_is_named_comes_first(self, liar: str, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("GENLOCK_FFMPEG", liar)
        assert find_ffmpeg() == liar

    def test_the_one_on_the_path(self, liar: str, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.delenv("GENLOCK_FFMPEG", raising=False)
        monkeypatch.setenv("PATH", os.path.dirname(liar) + os.pathsep + os.environ["PATH"])
        assert find_ffmpeg() == liar

    def test_never_the_one_in_the_working_folder(self, liar: str, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.delenv("GENLOCK_FFMPEG", raising=False)
        monkeypatch.chdir(os.path.dirname(liar))
        monkeypatch.setenv("PATH", "." + os.pathsep + os.environ["PATH"])
        assert find_ffmpeg() != liar

    def test_one_without_the_filter_is_none(self, tmp_path: Path) -> None:
        path = tmp_path / "plain"
        path.write_text("#!/bin/sh\necho ' .. ssim  VV->V'\n")
        path.chmod(0o755)
        assert not has_vmaf(str(path))
        assert not has_vmaf(str(tmp_path / "not there"))

    def test_frames_that_will_be_read(self) -> None:
        assert VmafMaker("ffmpeg", "").wanted([0, 5, 6, 9], 10) == [0, 1, 4, 5, 6, 7, 8, 9]
        assert VmafMaker(None, "").wanted([0, 5], 10) == [0, 5]
