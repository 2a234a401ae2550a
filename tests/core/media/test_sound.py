"""Sound on the pictures' clock, to the sample: clicks at known times are found there."""

from __future__ import annotations

from fractions import Fraction

import av
import numpy as np
import pytest

from genlock.core.media.footage import open_footage
from genlock.core.media.sound import _Clock


def clicks(length_s: float, at_s: list[float], rate: int = 48000) -> np.ndarray:
    """Soft clicks (a millisecond wide) in silence."""
    t = np.arange(round(length_s * rate)) / rate
    return sum((0.8 * np.exp(-0.5 * ((t - at) / 0.0005) ** 2) for at in at_s), np.zeros(len(t))).astype(np.float32)


def found(sound: np.ndarray, rate: int, count: int) -> list[float]:
    """Times of the highest places, in seconds: a parabola through each."""
    out, rest = [], sound.copy()
    for _ in range(count):
        k = int(rest.argmax())
        a, b, c = rest[k - 1], rest[k], rest[k + 1]
        out.append((k + 0.5 * (a - c) / (a - 2 * b + c)) / rate)
        rest[max(0, k - rate // 50) : k + rate // 50] = 0
    return sorted(out)


@pytest.mark.parametrize(
    ("name", "codec", "rate", "slack_s"),
    [
        ("pcm.mov", "pcm_s16le", 48000, 2e-5),
        ("pcm.mkv", "pcm_s16le", 44100, 6e-4),
        ("aac.mp4", "aac", 48000, 1e-4),
        ("flac.mkv", "flac", 48000, 6e-4),
        ("opus.mkv", "libopus", 48000, 6e-4),
        ("mp3.mp4", "libmp3lame", 44100, 1e-4),
        ("ac3.ts", "ac3", 48000, 1e-3),
    ],
)
@pytest.mark.parametrize("wanted", [8000, 48000, 11025])
def test_clicks_are_where_they_were_put(tmp_path, film, numbered, name, codec, rate, slack_s, wanted):
    times = [0.5, 1.0, 1.6]
    path = film(tmp_path / name, numbered(50), sound=clicks(2.0, times, rate), sound_rate=rate, sound_codec=codec)
    with open_footage(path) as footage:
        blocks = list(footage.sound(wanted))
    assert all(block.dtype == np.float32 and block.ndim == 1 for block in blocks)
    sound = np.concatenate(blocks)
    assert abs(len(sound) / wanted - 2.0) < 0.06
    assert np.abs(np.subtract(found(sound, wanted, 3), times)).max() < slack_s + 3e-5


@pytest.mark.parametrize("delay_s", [0.25, 1.3])
@pytest.mark.parametrize("name", ["late.mkv", "late.mov"])
def test_sound_that_starts_late_begins_with_silence(tmp_path, film, numbered, name, delay_s):
    path = film(tmp_path / name, numbered(75), sound=clicks(1.0, [0.4]), sound_delay_s=delay_s)
    with open_footage(path) as footage:
        sound = np.concatenate(list(footage.sound(8000)))
    assert np.abs(sound[: int((delay_s + 0.3) * 8000)]).max() < 0.01
    assert abs(found(sound, 8000, 1)[0] - (delay_s + 0.4)) < 7e-4


def test_sound_before_the_first_picture_is_cut(tmp_path, film, numbered):
    """Pictures begin 0.6 s after the sound does: their first frame is time 0."""
    path = film(tmp_path / "early.mkv", numbered(50), pts=[k + 15 for k in range(50)], sound=clicks(2.6, [0.3, 1.1]))
    with open_footage(path) as footage:
        sound = np.concatenate(list(footage.sound(8000)))
    assert abs(found(sound, 8000, 1)[0] - (1.1 - 0.6)) < 7e-4
    assert abs(len(sound) / 8000 - 2.0) < 0.05


def test_edit_list_moves_sound_and_picture_alike(tmp_path, film, numbered):
    """A picture track trimmed by ten frames: what was heard at 1.0 s is heard at 0.6 s, if the sound is trimmed alike."""
    path = film(tmp_path / "edit.mov", numbered(50), options={"bf": "2", "g": "12"}, sound=clicks(2.0, [1.0]))
    body = bytearray(path.read_bytes())
    at = body.index(b"elst") + 12
    body[at + 4 : at + 8] = (int.from_bytes(body[at + 4 : at + 8], "big") + 10 * 512).to_bytes(4, "big")
    path.write_bytes(body)
    with open_footage(path) as footage:
        assert len(list(footage.frames())) == 40
        sound = np.concatenate(list(footage.sound(8000)))
    assert abs(found(sound, 8000, 1)[0] - 1.0) < 1e-4, "only the pictures were trimmed; both tracks start at time 0"


def test_no_sound_is_nothing(tmp_path, film, numbered):
    with open_footage(film(tmp_path / "mute.mp4", numbered(5))) as footage:
        assert not footage.info.sound and list(footage.sound()) == []


def test_silence_is_zeros(tmp_path, film, numbered):
    with open_footage(film(tmp_path / "still.mov", numbered(25), sound=np.zeros(48000, np.float32))) as footage:
        sound = np.concatenate(list(footage.sound()))
    assert abs(len(sound) - 8000) <= 2 and not sound.any()


def test_left_half_way(tmp_path, film, numbered):
    with open_footage(film(tmp_path / "film.mov", numbered(25), sound=clicks(1.0, [0.5]))) as footage:
        passing = footage.sound()
        next(passing)
        passing.close()
        assert sum(len(block) for block in footage.sound()) > 7900


def test_stereo_is_mixed(tmp_path):
    path = tmp_path / "stereo.mov"
    with av.open(str(path), "w") as container:
        video = container.add_stream("mpeg4", rate=25)
        video.width, video.height, video.pix_fmt = 64, 48, "yuv420p"
        audio = container.add_stream("pcm_s16le", rate=48000, layout="stereo")
        for k in range(25):
            frame = av.VideoFrame(64, 48, "yuv420p")
            frame.pts, frame.time_base = k, Fraction(1, 25)
            container.mux(video.encode(frame))
        container.mux(video.encode(None))
        both = np.stack([clicks(1.0, [0.3]), clicks(1.0, [0.7])])
        block = av.AudioFrame.from_ndarray(both, format="fltp", layout="stereo")
        block.sample_rate, block.pts, block.time_base = 48000, 0, Fraction(1, 48000)
        container.mux(audio.encode(block))
        container.mux(audio.encode(None))
    with open_footage(path) as footage:
        sound = np.concatenate(list(footage.sound(8000)))
        assert footage.info.sound_channels == 2
    assert np.abs(np.subtract(found(sound, 8000, 2), [0.3, 0.7])).max() < 1e-4


def test_gaps_and_overlaps():
    """Blocks of 1000 samples at 1000 a second: a gap becomes zeros, an overlap is cut, rounding is left alone."""
    ones = np.ones(1000, np.float32)

    def play(*times_s: float | None, start_s: float = 0) -> np.ndarray:
        clock = _Clock(1000, Fraction(start_s).limit_denominator(1000))
        return np.concatenate([part for t in times_s for part in clock.place(ones, None if t is None else Fraction(t).limit_denominator(1000))])

    assert len(play(0, 1, 2)) == 3000 and play(0, 1, 2).all()
    assert len(play(0, 1.004, 1.997)) == 3000, "rounding"
    gap = play(0, 3.5)
    assert len(gap) == 4500 and not gap[1000:3500].any() and gap[3500:].all()
    assert len(play(0, 0.5)) == 1500
    assert len(play(0, None, None)) == 3000
    assert len(play(0, 1e9, None)) == 3000, "a broken stamp is no gap of thirty years"
    late = play(0.7)
    assert len(late) == 1700 and not late[:700].any()
    assert len(play(0, 1, start_s=0.25)) == 1750
    assert len(play(0, 1, start_s=1.5)) == 500
