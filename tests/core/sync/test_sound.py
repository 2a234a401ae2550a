"""Sound with a known place: made here, moved, coloured, cut; and sounds that have nothing in common."""

from __future__ import annotations

import time

import numpy as np
import pytest

from genlock.core.errors import FormatError
from genlock.core.sync.sound import SoundTrack, listen, match, offset_at

RATE = 8000


def speech(length_s: float, seed: int) -> np.ndarray:
    """Syllables and pauses at random times: tones with two formants, or bursts of noise."""
    rng = np.random.default_rng(seed)
    out = 1e-4 * rng.standard_normal(int(length_s * RATE))
    at_s = 0.1
    while at_s < length_s - 0.4:
        long_s = rng.uniform(0.06, 0.28)
        t = np.arange(int(long_s * RATE)) / RATE
        if rng.random() < 0.65:
            pitch, first, second = rng.uniform(90, 260), rng.uniform(300, 900), rng.uniform(900, 2600)
            hz = pitch * np.arange(1, int(3700 / pitch))
            level = np.exp(-(((hz - first) / 150) ** 2)) + 0.5 * np.exp(-(((hz - second) / 200) ** 2)) + 0.02
            sound = level @ np.sin(2 * np.pi * hz[:, None] * t + rng.uniform(0, 6.28, len(hz))[:, None])
        else:
            sound = np.convolve(rng.standard_normal(len(t)), [1, -0.9] if rng.random() < 0.5 else [0.5] * 4, "same")
        start = int(at_s * RATE)
        out[start : start + len(t)] += 0.1 * sound * np.sin(np.pi * t / long_s) * rng.uniform(0.3, 1)
        at_s += long_s * rng.uniform(0.7, 1.3) + (rng.uniform(0.3, 1.2) if rng.random() < 0.12 else 0)
    return out.astype(np.float32)


def music(length_s: float, seed: int, beat_s: float = 0.5) -> np.ndarray:
    """Chords on a beat with a drum: the same beat in every seed, other chords."""
    rng = np.random.default_rng(seed)
    out = 1e-4 * rng.standard_normal(int(length_s * RATE))
    for k in range(int((length_s - 0.5) / beat_s * 2)):
        start = int(k * beat_s / 2 * RATE)
        t = np.arange(int(0.45 * RATE)) / RATE
        if rng.random() < 0.75:
            for part in rng.choice([1, 1.25, 1.5, 2, 2.5, 3, 4, 6, 8], 3, replace=False):
                note = 110 * 2 ** (rng.integers(12) / 12) * part
                out[start : start + len(t)] += 0.05 * np.exp(-t * rng.uniform(3, 9)) * np.sin(2 * np.pi * note * t)
        if k % 2 == 0:
            out[start : start + len(t)] += 0.06 * np.exp(-t * 60) * rng.standard_normal(len(t))
    return out.astype(np.float32)


def played(sound: np.ndarray, at_s: np.ndarray) -> np.ndarray:
    """The sound read at other times, by a windowed sinc: what a player at another speed gives, pitch and all."""
    place = at_s * RATE
    low = np.floor(place).astype(int)
    out = np.zeros(len(place))
    for k in range(-11, 13):
        off = k - (place - low)
        inside = (low + k >= 0) & (low + k < len(sound))
        tap = np.sinc(off) * (0.5 + 0.5 * np.cos(np.pi * np.clip(off / 12.5, -1, 1)))
        out += np.where(inside, tap * sound[np.clip(low + k, 0, len(sound) - 1)], 0)
    return out.astype(np.float32)


def noisy(sound: np.ndarray, snr_db: float, seed: int = 99) -> np.ndarray:
    noise = np.random.default_rng(seed).standard_normal(len(sound))
    return (sound + sound.std() * 10 ** (-snr_db / 20) * noise).astype(np.float32)


def shaped(sound: np.ndarray, gain: np.ndarray) -> np.ndarray:
    """Filtered: gain in dB at 0, 500, ... 4000 Hz."""
    hz = np.fft.rfftfreq(len(sound), 1 / RATE)
    return np.fft.irfft(np.fft.rfft(sound) * 10 ** (np.interp(hz, np.arange(9) * 500, gain) / 20), len(sound)).astype(np.float32)


def telephone(sound: np.ndarray) -> np.ndarray:
    hz = np.fft.rfftfreq(len(sound), 1 / RATE)
    return np.fft.irfft(np.fft.rfft(sound) * ((hz > 300) & (hz < 3200)), len(sound)).astype(np.float32)


def compressed(sound: np.ndarray) -> np.ndarray:
    """Dynamics pressed by 0.7, attack and release of 50 ms."""
    level = np.sqrt(np.convolve(sound**2, np.ones(400) / 400, "same") + 1e-6)
    return (0.1 * sound / level**0.7).astype(np.float32)


def coded(sound: np.ndarray) -> np.ndarray:
    """As a poor codec: of each 32 ms the strongest quarter of the spectrum."""
    window = np.sin(np.pi * (np.arange(256) + 0.5) / 256)
    wide = np.pad(sound, 256)
    out = np.zeros(len(wide))
    for start in range(0, len(wide) - 256, 128):
        spectrum = np.fft.rfft(wide[start : start + 256] * window)
        spectrum[np.abs(spectrum) < np.quantile(np.abs(spectrum), 0.75)] = 0
        out[start : start + 256] += np.fft.irfft(spectrum) * window
    return out[256:-256].astype(np.float32)


def with_music(sound: np.ndarray) -> np.ndarray:
    bed = music(len(sound) / RATE + 1, 4321)[: len(sound)]
    return sound + bed * (sound.std() / bed.std())


def heard(sound: np.ndarray, rate: int = RATE) -> SoundTrack:
    track = listen(np.array_split(sound, 7), rate)
    assert track is not None
    return track


def cut(sound: np.ndarray, start_s: float, end_s: float) -> np.ndarray:
    return sound[round(start_s * RATE) : round(end_s * RATE)]


@pytest.fixture(scope="module")
def talk() -> np.ndarray:
    return speech(90, 5)


DAMAGE = {
    "clean": lambda x: x,
    "noise 10 dB": lambda x: noisy(x, 10),
    "noise 0 dB": lambda x: noisy(x, 0),
    "gain and equaliser": lambda x: 0.03 * shaped(x, np.array([6, -9, 3, 10, -6, 8, -10, 4, 0])),
    "telephone": telephone,
    "compressed": compressed,
    "coded": coded,
    "music bed": with_music,
    "all of it": lambda x: noisy(compressed(telephone(shaped(x, np.array([6, -9, 3, 10, -6, 8, -10, 4, 0])))), 10),
}


@pytest.mark.parametrize("kind", [speech, music])
@pytest.mark.parametrize("damage", DAMAGE)
def test_offset_to_milliseconds(damage, kind):
    source = kind(40, 11)
    clip = DAMAGE[damage](cut(source, 3.3217, 36))
    found = match(heard(clip), heard(cut(source, 7, 40)))
    assert len(found) == 1
    bound_s = 0.002 if damage == "clean" else 0.010
    for time_s in (2.0, 14.0, 27.0):
        assert offset_at(found, time_s) == pytest.approx(7 - 3.3217, abs=bound_s)
    assert found[0].speed == 1 and found[0].score > 0.99
    assert found[0].ref_start_s < 1.2 and found[0].ref_end_s == pytest.approx(29, abs=0.7)


@pytest.mark.parametrize("speed", [24 / 25, 25 / 24, 1001 / 1000, 1.0335, 0.95])
def test_speed(talk, speed):
    clip = played(talk, 5 + np.arange(int(40 * RATE)) / RATE / speed)
    found = match(heard(noisy(clip, 15)), heard(talk))
    for time_s in (8.0, 20.0, 40.0):
        assert offset_at(found, time_s) + time_s == pytest.approx((time_s - 5) * speed, abs=0.004)


def test_speed_with_pitch_kept_in_frame_slices(talk):
    """Each 25th picture's slice of sound dropped: speed 24/25, pitch as it was, a click a second."""
    slices = cut(talk, 0, 60).reshape(-1, 320)
    found = match(heard(slices[np.arange(len(slices)) % 25 != 24].ravel()), heard(cut(talk, 0, 60)))
    assert len(found) == 1 and found[0].speed == pytest.approx(24 / 25, abs=2e-4)
    for k in (100, 700, 1300):  # slice k of the ref is slice k - k // 25 of the clip
        assert offset_at(found, k / 25) + k / 25 == pytest.approx((k - k // 25) / 25, abs=0.045)


def test_drift_of_145_ppm_over_many_minutes():
    source = speech(320, 21)
    clip = noisy(played(source, 5 + np.arange(int(310 * RATE)) / RATE / 1.000145), 10)
    found = match(heard(clip), heard(source))
    assert len(found) == 1 and found[0].speed == pytest.approx(1.000145, abs=5e-6)
    for time_s in (6.0, 160.0, 310.0):
        assert offset_at(found, time_s) + time_s == pytest.approx((time_s - 5) * 1.000145, abs=0.002)


def test_reedit(talk):
    other = speech(10, 77)
    clip = np.concatenate([cut(talk, 50, 70), cut(talk, 10, 30), other, cut(talk, 70, 90)])
    found = match(heard(clip), heard(talk))
    truth = [(10, 30, 20), (50, 70, 0), (70, 90, 50)]
    assert len(found) == len(truth)
    for one, (start_s, end_s, clip_s) in zip(found, truth, strict=True):
        assert one.ref_start_s == pytest.approx(start_s, abs=1.2) and one.ref_end_s == pytest.approx(end_s, abs=1.2)
        assert offset_at(found, (start_s + end_s) / 2) == pytest.approx(clip_s - start_s, abs=0.002)
    assert offset_at(found, 5.0) is None and offset_at(found, 40.0) is None


def test_what_the_ref_repeats_is_found_twice(talk):
    ref = np.concatenate([cut(talk, 0, 20), cut(talk, 10, 20), cut(talk, 20, 50)])
    found = match(heard(cut(talk, 0, 50)), heard(ref))
    assert offset_at(found, 15.0) == pytest.approx(0, abs=0.002)
    assert offset_at(found, 25.0) == pytest.approx(-10, abs=0.002)
    assert offset_at(found, 50.0) == pytest.approx(-10, abs=0.002)


def test_a_clip_of_four_seconds(talk):
    found = match(heard(cut(talk, 33.3, 37.3)), heard(talk))
    assert offset_at(found, 35.0) == pytest.approx(-33.3, abs=0.002)


def test_silence_between_does_not_break_a_match(talk):
    ref = talk.copy()
    ref[20 * RATE : 50 * RATE] = 0
    found = match(heard(cut(ref, 5, 80)), heard(ref))
    assert len(found) == 1 and offset_at(found, 79.0) == pytest.approx(-5, abs=0.002)


def test_what_repeats_is_no_evidence():
    t = np.arange(40 * RATE) / RATE
    beat = (0.5 * np.sin(2 * np.pi * 1000 * t) * (t % 0.5 < 0.01)).astype(np.float32)
    hum = (0.1 * np.sin(2 * np.pi * 300 * t)).astype(np.float32)
    loop = np.tile(music(8, 3)[: 8 * RATE], 6)
    for sound in (beat, hum, loop):
        assert match(heard(sound[13_333:-20_000]), heard(sound)) == []
    assert match(heard(noisy(hum, 30)[13_333:-20_000]), heard(noisy(hum, 30, seed=98))) == []


def test_unrelated_sounds_give_nothing():
    """200 pairs of speech, music of one tempo, noise and speech over music: no match at all."""
    rng = np.random.default_rng(8)
    tracks = [heard(speech(14 + k, 300 + k)) for k in range(10)] + [heard(music(14 + k, 400 + k)) for k in range(10)]
    tracks += [heard(with_music(speech(20, 500 + k))) for k in range(3)]
    tracks += [heard(0.1 * rng.standard_normal(20 * RATE).astype(np.float32)) for _ in range(4)]
    pairs = [(a, b) for a in range(len(tracks)) for b in range(len(tracks)) if a != b and not (20 <= a < 23 and 20 <= b < 23)]
    chosen = rng.permutation(len(pairs))[:200]
    assert [pairs[k] for k in chosen if match(tracks[pairs[k][0]], tracks[pairs[k][1]])] == []


def test_no_sound_is_none():
    assert listen([], RATE) is None
    assert listen([np.zeros(RATE, np.float32)], RATE) is None
    assert listen([np.zeros(3, np.float32)], RATE) is None
    assert listen([np.full(RATE, np.nan, np.float32)], RATE) is None


def test_blocks_do_not_matter_and_little_is_kept(talk):
    odd = np.random.default_rng(1).integers(1, len(talk), 200)
    one, many = listen([talk], RATE), listen(np.split(talk, np.sort(odd)), RATE)
    assert one == many
    assert one is not None and one.duration_s == 90 and len(one.to_bytes()) < 410 * 90
    assert SoundTrack.from_bytes(one.to_bytes()) == one
    assert match(one, one) == match(one, one)


def test_other_sample_rates_agree(talk):
    part = cut(talk, 0, 20)
    faster = played(part, np.arange(20 * 11025) / 11025)
    found = match(heard(faster, 11025), heard(part))
    assert offset_at(found, 10.0) == pytest.approx(0, abs=0.002)


@pytest.mark.parametrize("body", [b"", b"glsound1", b"x" * 40, b"glsound1" + b"\xff" * 12, b"glsound1" + bytes(8) + b"1234"])
def test_broken_bytes_are_refused(body):
    with pytest.raises(FormatError):
        SoundTrack.from_bytes(body)


def test_too_short_to_say():
    tiny = heard(speech(2, 1)[: RATE // 2] + np.float32(0.01))
    assert match(tiny, tiny) == []


def test_listening_is_cheap():
    sound = (0.1 * np.random.default_rng(0).standard_normal(120 * RATE)).astype(np.float32)
    start_s = time.process_time()
    heard(sound)
    assert time.process_time() - start_s < 0.003 * 120 * 2  # twice the aim: other machines
