"""Made files, opened again: frames, times and sound are where they were put."""

from __future__ import annotations

import itertools
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest

from genlock.hosts.demo import cutting, looks, placing
from genlock.hosts.demo.sound import RATE, Sound
from genlock.hosts.demo.twin import Coding, Side, Twin
from genlock.tests.footage import Chart, number_on, write_pair


def _frames(path: Path) -> list[tuple[Fraction, np.ndarray]]:
    with av.open(str(path)) as box:
        return [(frame.pts * frame.time_base, frame.to_ndarray(format="bgr24")) for frame in box.decode(video=0)]


def _sound(path: Path) -> np.ndarray:
    with av.open(str(path)) as box:
        return np.concatenate([frame.to_ndarray()[0] for frame in box.decode(audio=0)])


@pytest.mark.parametrize(
    ("codec", "suffix"), [("h264", ".mp4"), ("mpeg4", ".mp4"), ("mpeg2video", ".mov"), ("mjpeg", ".mov"), ("ffv1", ".mkv"), ("prores_ks", ".mov")]
)
def test_every_codec_keeps_every_frame(tmp_path: Path, codec: str, suffix: str) -> None:
    side = Side((cutting.trim(5, 26),), coding=Coding(codec=codec, crf=12), suffix=suffix)
    Twin("codec", Chart(rate=Fraction(25)), side).write(tmp_path)
    seen = _frames(tmp_path / f"clip{suffix}")
    assert [number_on(image) for _, image in seen] == list(range(5, 26))


@pytest.mark.parametrize("rate", [Fraction(24000, 1001), Fraction(25), Fraction(60000, 1001)])
def test_time_stamps_are_exact(tmp_path: Path, rate: Fraction) -> None:
    Twin("rate", Chart(rate=rate), Side(sound=False)).write(tmp_path)
    assert [at for at, _ in _frames(tmp_path / "ref.mp4")] == [n / rate for n in range(60)]
    with av.open(str(tmp_path / "ref.mp4")) as box:
        assert box.streams.video[0].average_rate == rate


def test_variable_rate_is_in_the_file_as_in_the_truth(tmp_path: Path) -> None:
    truth = Twin("vfr", Chart(), Side((cutting.variable(4),))).write(tmp_path)
    starts = [Fraction(text) for text in truth["clip_starts_s"]]
    assert [at for at, _ in _frames(tmp_path / "clip.mp4")] == starts[:-1]
    assert len({b - a for a, b in itertools.pairwise(starts)}) > 1


def test_the_truth_of_files_holds_on_the_decoded_pictures(tmp_path: Path) -> None:
    edit = (cutting.cut(20, 28), cutting.move(0, 10, 25), cutting.rate(Fraction(30)))
    truth = Twin("files", Chart(), Side(edit, look=(looks.gamma(1.2),)), Side((cutting.trim(4, 55),))).write(tmp_path)
    ref = [number_on(image) for _, image in _frames(tmp_path / "ref.mp4")]
    clip = [number_on(image) for _, image in _frames(tmp_path / "clip.mp4")]
    assert (len(ref), len(clip)) == (truth["ref_frames"], truth["clip_frames"])
    assert all(clip[told] == ref[n] for n, told in enumerate(truth["map"]) if told is not None and truth["sure"][n])
    assert [ref[n] for n, told in enumerate(truth["map"]) if told is None] == list(range(21, 27))


def test_odd_sizes_become_even(tmp_path: Path) -> None:
    truth = Twin("odd", Chart(), Side(space=(placing.crop(1, 1, 151, 93),))).write(tmp_path)
    assert truth["clip_size"] == [150, 92] == [*_frames(tmp_path / "clip.mp4")[0][1].shape[1::-1]]


def test_sound_stays_with_the_picture(tmp_path: Path) -> None:
    """A clip that begins at source frame 12 of 24 sounds like the source from 0.5 s on, to a millisecond."""
    Twin("sound", Chart(), Side((cutting.trim(12, 60),))).write(tmp_path)
    heard, made = _sound(tmp_path / "clip.mp4")[: RATE], Sound(5).between(0.4, 1.6, round(1.2 * RATE))
    found = np.correlate(made, heard, "valid") if len(made) < 4 * RATE else None
    assert found is not None
    # The AAC encoder's priming (1024 samples) is skipped by the file's edit list, or stands before the sound.
    at = int(np.argmax(found)) - round(0.1 * RATE)
    assert abs(at) < 0.001 * RATE or abs(at + 1024) < 0.001 * RATE


def test_sound_runs_faster_with_pal_speed() -> None:
    strip = cutting.retag(Fraction(25))(cutting.whole(48, Fraction(24)))
    assert all(abs(x.speed - 25 / 24) < 1e-12 for x in strip.shown)
    assert [x.start_s for x in strip.shown[:3]] == [0.0, 1 / 24, 2 / 24]


def test_sound_is_the_same_whichever_part_is_asked() -> None:
    whole = Sound(7).between(0, 3, 3 * RATE)
    assert np.array_equal(whole[RATE // 2 : 2 * RATE], Sound(7).between(0.5, 2.0, RATE * 3 // 2))
    assert np.allclose(Sound(7).between(2.0, 0.5, RATE * 3 // 2)[1:], whole[RATE // 2 + 1 : 2 * RATE][::-1], atol=1e-3)
    assert not Sound(7).between(-1.0, -0.5, 100).any()


def test_a_small_pair_for_tests(tmp_path: Path) -> None:
    truth = write_pair(tmp_path, Side((cutting.trim(4, 80),), (placing.scale(0.75),)))
    assert (tmp_path / "clip.mp4").exists() and (tmp_path / "ref.mp4").exists()
    assert truth["map"][4:80] == list(range(76)) and truth["clip_size"] == [180, 102]
