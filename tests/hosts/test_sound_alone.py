"""genlock render -o NAME.wav: the sound alone, as long as the pictures, and retimed with them."""

from __future__ import annotations

from pathlib import Path

import av
import numpy as np
import pytest

from genlock.hosts.demo import cutting
from genlock.hosts.demo.twin import Side
from genlock.tests.footage import write_pair


def samples(path: Path) -> tuple[int, np.ndarray]:
    """(rate, first channel -1 to 1)."""
    with av.open(str(path)) as container:
        assert container.format.name == "wav"
        (track,) = container.streams
        to_float = av.AudioResampler(format="fltp")
        blocks = [block.to_ndarray()[0] for frame in container.decode(track) for block in to_float.resample(frame)]
        return int(track.codec_context.sample_rate), np.concatenate(blocks)


@pytest.fixture
def aligned(genlock, folder):
    write_pair(folder, Side(time=(cutting.trim(12, 70),)), seed=11)
    done = genlock("align", "clip.mp4", "ref.mp4", "-o", "a.json", "--quality", "draft")
    assert done.returncode == 0, done.stderr
    return folder


def test_the_clips_sound_stands_where_the_ref_has_it(genlock, aligned):
    for whose in ("clip", "ref"):
        done = genlock("render", "a.json", "-o", f"{whose}.wav", "--sound", whose)
        assert done.returncode == 0, done.stderr
    rate, clip = samples(aligned / "clip.wav")
    other, ref = samples(aligned / "ref.wav")
    assert rate == other and abs(len(clip) - len(ref)) < rate / 10
    begin, end = int(0.8 * rate), int(2.4 * rate)
    assert np.corrcoef(clip[begin:end], ref[begin:end])[0, 1] > 0.8
    assert np.abs(clip[: int(0.4 * rate)]).max() < 0.001 < np.abs(ref[: int(0.4 * rate)]).max()


def test_pictures_and_sound_together_and_nothing_to_write(genlock, aligned):
    done = genlock("render", "a.json", "-o", "both.wav", "-o", "p.%03d.png", "--sound", "clip", "--range", "20-23")
    assert done.returncode == 0, done.stderr
    assert sorted(path.name for path in aligned.glob("p.*")) == [f"p.{n:03d}.png" for n in range(20, 24)]
    rate, sound = samples(aligned / "both.wav")
    assert len(sound) == pytest.approx(4 / 24 * rate, abs=2)
    done = genlock("render", "a.json", "-o", "none.wav", "--sound", "none")
    assert done.returncode == 2 and "no sound to write" in done.stderr and not (aligned / "none.wav").exists()
