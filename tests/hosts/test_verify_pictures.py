"""genlock verify --pictures: what a person gets, on the terminal, as JSON and as a report."""

from __future__ import annotations

import json
import math
from pathlib import Path

import numpy as np
import pytest

from genlock.core.report.page import to_html
from genlock.core.verify.displacement import Displacement
from genlock.core.verify.quality import Figures, FrameQuality, PictureQuality, Pool, RunQuality
from genlock.core.verify.quality_words import lines
from genlock.hosts import jobs
from genlock.hosts.worker.run import run
from genlock.tests.core.report.made import SIZE_WH, aligned, found, media, missing, scene, write

FRAMES = 14


@pytest.fixture(scope="module")
def pair(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The clip is the ref's frames 2 to 13, coded worse."""
    home = tmp_path_factory.mktemp("pair")
    frame = scene(11)
    ref = media(str(write(home / "ref.mp4", (frame(n) for n in range(FRAMES)), quality=12)), FRAMES, SIZE_WH)
    clip = media(str(write(home / "clip.mp4", (frame(n) for n in range(2, FRAMES)), quality=34)), FRAMES - 2, SIZE_WH)
    (home / "out.json").write_text(json.dumps(aligned(clip, ref, missing(0, 2), found(2, FRAMES - 2, 0)).to_json()))
    return home


def test_the_command(genlock, pair: Path, folder: Path) -> None:  # type: ignore[no-untyped-def]
    done = genlock("verify", pair / "out.json", "--pictures", "--every", 4, "--vmaf", "off", "-o", "report.html")
    assert done.returncode == 0, done.stderr
    said = done.stdout.splitlines()
    assert said[0].startswith("The alignment holds: ")
    at = next(n for n, line in enumerate(said) if line.startswith("Pictures, 3 frames (every 4th of 12 that are matched), luma at 320 × 180"))
    assert said[at + 1].startswith("  by its matrix: PSNR ") and "SSIM 0." in said[at + 1] and "VMAF" not in said[at + 1]
    page = (folder / "report.html").read_text(encoding="utf-8")
    assert "How alike the pictures are" in page and "Looked at again" in page and "All, by its matrix" in page


def test_as_json(genlock, pair: Path) -> None:  # type: ignore[no-untyped-def]
    done = genlock("verify", pair / "out.json", "--pictures", "--vmaf", "off", "--json", "--quiet")
    pictures = json.loads(done.stdout)["figures"]["pictures"]
    assert pictures["frames"] == 12 and pictures["flow"] is None and pictures["vmaf"] == ""
    assert 25 < pictures["matrix"]["psnr_db"] <= pictures["matrix"]["graded_psnr_db"] < 50
    assert 0.5 < pictures["matrix"]["ssim"] < 1 and pictures["matrix"]["residual_px"] < 0.3
    assert [frame["clip_frame"] for frame in pictures["runs"][0]["frames"]] == list(range(12))


def test_by_flow(genlock, pair: Path) -> None:  # type: ignore[no-untyped-def]
    done = genlock("verify", pair / "out.json", "--pictures", "--every", 11, "--warp", "flow", "--precision", 1, "--device", "cpu", "--vmaf", "off")
    assert done.returncode == 0, done.stderr
    assert [line.split(":")[0].strip() for line in done.stdout.splitlines() if "SSIM" in line][:2] == ["by its matrix", "by flow"]


@pytest.mark.parametrize(
    ("words", "status", "says"),
    [
        (["--every", "-1"], 2, "every is -1"),
        (["--every", "x"], 2, "--every"),
        (["--warp", "lens"], 2, "lens"),
        (["-o", "figures.csv"], 2, "verify cannot write"),
        (["--pictures", "-o", "nowhere/report.html"], 1, "there is no folder"),
    ],
)
def test_wrong_usage(genlock, pair: Path, words: list[str], status: int, says: str) -> None:  # type: ignore[no-untyped-def]
    done = genlock("verify", pair / "out.json", *words)
    assert (done.returncode, done.stdout) == (status, "")
    assert says in done.stderr and len(done.stderr.splitlines()) == 1


def test_the_timeline_is_not_overwritten(pair: Path) -> None:
    report = pair / "same.html"
    report.write_text((pair / "out.json").read_text())
    request = jobs.Request("verify", {"aligned": str(pair / "out.json")}, (str(pair / "ref.mp4"),), {"pictures": True})
    outcome = run(jobs.Job.create(pair / "job", request).folder)
    assert outcome.exit_status == 2 and outcome.result["outputs"] == []


def figures(mean_square: float, ssim: float | None = 0.9, vmaf: float | None = None, shift: float = 0.25, patches: int = 20) -> Figures:
    pool = Pool.of(Displacement(np.full((patches, 2), (shift, 0.0))))
    return Figures(1000, mean_square, mean_square / 2, 1.1, -3.0, ssim, pool, vmaf)


class TestWords:
    """What is said of figures that are made up."""

    def quality(self, runs: int = 1, flow: bool = False) -> PictureQuality:
        out = []
        for n in range(runs):
            by_flow = figures(1.0, 0.99, 95.0, 0.05) if flow else None
            frames = tuple(FrameQuality(10 * n + k, k, figures(4.0, 0.9 - 0.01 * k, 80.0), by_flow) for k in range(3))
            run = aligned(media(), media(), found(0, 100, 0)).runs[0]
            out.append(RunQuality(n + 1, 10 * n, 3, run.verdict, frames))
        return PictureQuality(tuple(out), "luma", "a sample of 100 that are matched", "vmaf_v0.6.1 by ffmpeg")

    def test_one_run(self) -> None:
        told = lines(self.quality())
        psnr, graded = (10 * math.log10(255**2 / m) for m in (4.0, 2.0))
        assert told[0] == "Pictures, 3 frames (a sample of 100 that are matched), luma:"
        assert told[1] == (
            f"  by its matrix: PSNR {psnr:.2f} dB ({graded:.2f} dB with gain and offset fitted), SSIM 0.8900, "
            "off by 0.250 px in the median, 0.250 px at 95 %, of 60 patches, VMAF 80.0"
        )
        assert told[2] == "  VMAF: vmaf_v0.6.1 by ffmpeg" and len(told) == 3

    def test_several_runs_with_flow(self) -> None:
        told = lines(self.quality(2, flow=True))
        assert [line.split(":")[0] for line in told[1:7]] == [
            "  by its matrix", "  by flow", "  run 1, by its matrix", "  run 1, by flow", "  run 2, by its matrix", "  run 2, by flow",
        ]  # fmt: skip

    def test_the_least_alike(self) -> None:
        told = lines(self.quality(2))
        assert told[-2] == "  least alike: ref frames 2 (SSIM 0.8800), 12 (SSIM 0.8800), 1 (SSIM 0.8900)"

    def test_the_pages_table(self) -> None:
        pair = aligned(media(), media(), found(0, 100, 0))
        page = to_html(pair, checked=("All holds.", *(f"line <{n}>" for n in range(30))), quality=self.quality(2, flow=True))
        for text in ("All, by flow", "Run 2, by its matrix", "0.250 px", "42.11 dB", "All holds.", "line &lt;19&gt;", "and 10 more", "vmaf_v0.6.1"):
            assert text in page, text
        assert "line &lt;20&gt;" not in page
        plain = to_html(pair)
        assert "How alike" not in plain and "Looked at again" not in plain


class TestPool:
    def test_percentiles_are_those_of_all_patches(self) -> None:
        lengths = np.random.default_rng(2).gamma(2, 0.3, 4001)
        pools = [Pool.of(Displacement(np.stack([part, np.zeros_like(part)], axis=1))) for part in np.array_split(lengths, 7)]
        whole = Pool.together(pools)
        assert whole.patches == 4001
        for share in (0.5, 0.95):
            assert whole.length_px(share) == pytest.approx(np.quantile(lengths, share), abs=0.003)

    def test_too_few_tell_nothing(self) -> None:
        assert Pool.of(Displacement(np.zeros((5, 2)))).length_px(0.5) is None
        assert Pool().length_px(0.5) is None
