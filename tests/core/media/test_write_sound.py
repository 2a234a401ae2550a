"""Sound beside pictures: copied bit for bit, or cut and retimed to the sample."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest

from genlock.core.errors import MediaError, UsageError
from genlock.core.media.plates import open_plates
from genlock.core.media.write import SoundEdit, SoundPiece, SoundSource, WriteSettings, open_writer
from genlock.core.media.write.edit import rendered, sampled

from .pictures import described, shaded
from .readback import film, heard

RATE = 48000
F = Fraction


def talk(length_s: float, channels: int = 2, seed: int = 0) -> np.ndarray:
    """(n, channels) float64: low noise, different at every moment."""
    rng = np.random.default_rng(seed)
    return np.clip(rng.normal(0, 0.2, (round(length_s * RATE), channels)), -0.9, 0.9)


def words(sound: np.ndarray, kind: str) -> np.ndarray:
    flat = np.ascontiguousarray(sound).reshape(1, -1)
    return {"s16": np.rint(flat * 32768).astype(np.int16), "s32": np.rint(flat * 2**23).astype(np.int32) << 8, "flt": flat.astype(np.float32)}[kind]


def film_with_sound(path: Path, tracks: list[np.ndarray], codec: str, kind: str, delay_s: Fraction = F(0), first: int = 0, seconds: int = 2) -> Path:
    """25 pictures a second from picture `first` on, and these tracks from delay_s on."""
    with av.open(str(path), "w") as container:
        video: Any = container.add_stream("ffv1" if path.suffix == ".mkv" else "mpeg4", rate=25)
        video.width, video.height, video.pix_fmt = 32, 32, "yuv420p"
        streams: list[Any] = []
        for sound in tracks:
            stream: Any = container.add_stream(codec, rate=RATE)
            stream.codec_context.layout = {1: "mono", 2: "stereo", 6: "5.1"}[sound.shape[1]]
            stream.metadata["title"] = f"track {len(streams)}"
            streams.append(stream)
        for number in range(first, first + 25 * seconds):
            frame = av.VideoFrame(32, 32, "yuv420p")
            frame.pts, frame.time_base = number, F(1, 25)
            container.mux(video.encode(frame))
        container.mux(video.encode(None))
        for stream, sound in zip(streams, tracks, strict=True):
            for at in range(0, len(sound), 1024):
                block = av.AudioFrame.from_ndarray(words(sound[at : at + 1024], kind), format=kind, layout=stream.codec_context.layout.name)
                block.sample_rate, block.pts, block.time_base = RATE, at + round(delay_s * RATE), F(1, RATE)
                container.mux(stream.encode(block))
            container.mux(stream.encode(None))
    return path


def copied(source: Path, out: Path, edit: SoundEdit | None = None, settings: WriteSettings = WriteSettings()) -> list[str]:
    with open_plates(source) as plates, open_writer(out, plates.info, settings, [SoundSource(str(source), edit)]) as writer:
        for plate in plates.frames():
            writer.write(plate)
    return writer.notes


def whole(seconds: int = 2) -> SoundEdit:
    return SoundEdit((SoundPiece(F(0), F(seconds), F(0)),), F(seconds))


@pytest.mark.parametrize(
    ("codec", "kind", "channels", "name", "edit", "expected"),
    [
        ("pcm_s16le", "s16", 2, "b.mov", None, "pcm_s16le"),
        ("pcm_s24le", "s32", 2, "b.mov", None, "pcm_s24le"),
        ("pcm_f32le", "flt", 6, "b.mkv", None, "pcm_f32le"),
        ("pcm_s16le", "s16", 1, "b.mkv", whole(), "flac"),
        ("pcm_s24le", "s32", 2, "b.mkv", whole(), "flac"),
        ("pcm_s24le", "s32", 2, "b.mov", whole(), "pcm_s24le"),
        ("pcm_s24le", "s32", 2, "b.mp4", whole(), "alac"),
        ("pcm_f32le", "flt", 6, "b.mov", whole(), "pcm_f32le"),
    ],
)
def test_every_track_comes_out_bit_for_bit(
    codec: str, kind: str, channels: int, name: str, edit: SoundEdit | None, expected: str, tmp_path: Path
) -> None:
    tracks = [talk(2, channels, seed) for seed in (1, 2)]
    source = film_with_sound(tmp_path / "a.mov", tracks, codec, kind)
    assert copied(source, tmp_path / name, edit) == []
    assert film(tmp_path / name).sounds == [expected, expected]
    for number, sound in enumerate(tracks):
        got, begins = heard(tmp_path / name, number)
        truth = words(sound, kind).reshape(-1, channels)
        scale = 1.0 if kind == "flt" else 2.0 ** (8 * truth.dtype.itemsize - 1)
        assert begins == 0 and np.array_equal(got, truth / scale)


@pytest.mark.parametrize(
    ("codec", "kind", "name", "expected"),
    [("flac", "s16", "b.mov", "pcm_s16le"), ("flac", "s16", "b.mp4", "flac"), ("ac3", "fltp", "b.mov", "ac3"), ("ac3", "fltp", "b.mp4", "ac3"),
     ("libopus", "flt", "b.mov", "pcm_s24le"), ("libopus", "flt", "b.webm", "opus"), ("pcm_s16be", "s16", "b.mkv", "pcm_s16be"),
     ("libmp3lame", "s16", "b.mp4", "mp3")],
)  # fmt: skip
def test_what_a_container_does_not_hold_is_encoded(codec: str, kind: str, name: str, expected: str, tmp_path: Path) -> None:
    source = film_with_sound(tmp_path / "a.mkv", [talk(1, 2)], codec, "flt" if kind == "fltp" else kind, seconds=1)
    copied(source, tmp_path / name)
    assert film(tmp_path / name).sounds[0].replace("libopus", "opus").replace("float", "") == expected
    assert abs(len(heard(tmp_path / name)[0]) - RATE) <= 4096


def lag(got: np.ndarray, truth: np.ndarray) -> int:
    """Samples by which one is late, by cross-correlation."""
    n = 1 << 17
    power = np.fft.irfft(np.fft.rfft(got[:, 0], n) * np.conj(np.fft.rfft(truth[:, 0], n)))
    best = int(np.argmax(power))
    return best - n if best > n // 2 else best


@pytest.mark.parametrize(("name", "edit"), [("b.mp4", None), ("b.mov", None), ("b.mkv", None), ("b.mp4", whole()), ("b.webm", None)])
def test_lossy_sound_stays_in_step(name: str, edit: SoundEdit | None, tmp_path: Path) -> None:
    sound = np.cumsum(talk(2, 1), axis=0) / 60
    sound -= sound.mean()
    source = film_with_sound(tmp_path / "a.mp4", [sound], "aac", "flt")
    notes = copied(source, tmp_path / name, edit)
    got, begins = heard(tmp_path / name)
    slack = {"b.mkv": 48, "b.webm": 2}.get(name, 0)  # Matroska counts milliseconds
    assert abs(lag(got, sound) + begins * RATE) <= slack and notes == []


def test_sound_that_begins_late_stays_late(tmp_path: Path) -> None:
    """Pictures begin at 0.4 s of the file's clock and sound at 0.5 s: it is heard 0.1 s after the first picture."""
    sound = talk(1, 1)
    source = film_with_sound(tmp_path / "a.mkv", [sound], "pcm_s16le", "s16", F(1, 2), first=10)
    copied(source, tmp_path / "b.mov")
    assert heard(tmp_path / "b.mov")[1] == F(1, 10)
    copied(source, tmp_path / "c.mkv", whole())
    got, _ = heard(tmp_path / "c.mkv")
    truth = np.pad(words(sound, "s16")[0] / 32768, (4800, RATE - 4800))
    assert len(got) == 2 * RATE and not got[:4800].any() and np.array_equal(got[4800:, 0], truth[4800:])


@dataclass
class Given:
    """Sound in memory, as rendered() wants it."""

    sound: np.ndarray
    rate: int = RATE

    @property
    def channels(self) -> int:
        return int(self.sound.shape[1])

    def read(self, first: int, count: int) -> np.ndarray:
        out = np.zeros((count, self.channels))
        a, b = max(0, first), min(len(self.sound), first + count)
        if a < b:
            out[a - first : b - first] = self.sound[a:b]
        return out


def made(edit: SoundEdit, sound: np.ndarray) -> np.ndarray:
    return np.concatenate(list(rendered(edit, Given(sound))))


def test_pieces_lie_on_their_samples_and_fades_stay_at_joins() -> None:
    sound = talk(6)
    edit = SoundEdit((SoundPiece(F(0), F(1), F(2)), SoundPiece(F(1), F(1), F(4)), SoundPiece(F(5, 2), F(1), F(3))), F(4))
    out = made(edit, sound)
    assert len(out) == 4 * RATE
    half = RATE // 400
    assert np.array_equal(out[: RATE - half], sound[2 * RATE : 3 * RATE - half])
    assert np.array_equal(out[RATE + half : 2 * RATE - half], sound[4 * RATE + half : 5 * RATE - half])
    assert not out[2 * RATE : 5 * RATE // 2].any() and not out[7 * RATE // 2 :].any()
    mixed = out[RATE - half : RATE + half]
    weight = np.sin((np.arange(2 * half) + 0.5) / (2 * half) * np.pi / 2)[:, None] ** 2
    expected = sound[3 * RATE - half : 3 * RATE + half] * (1 - weight) + sound[4 * RATE - half : 4 * RATE + half] * weight
    assert np.abs(mixed - expected).max() < 1e-12


def test_a_cut_that_changes_nothing_changes_nothing() -> None:
    """At 23.976, pieces that go on where the one before ended are one piece: no fade, no sample moved."""
    sound, frame = talk(3), F(1001, 24000)
    pieces = tuple(SoundPiece(k * frame, frame, k * frame + F(1, 2)) for k in range(40))
    out = made(SoundEdit(pieces, 40 * frame), sound)
    n = round(40 * frame * RATE)
    assert len(out) == n and np.array_equal(out[:-240], sound[RATE // 2 : RATE // 2 + n - 240])


@pytest.mark.parametrize("speed", [F(25025, 24000), F(24, 25), F(2), F(1, 3), F(-1), F(-3, 2), F(1000003, 1000000)])
def test_another_speed_is_the_same_wave_at_other_times(speed: Fraction) -> None:
    """Sines have a closed form: the output is sin of the source's time, to 80 dB."""
    t = np.arange(8 * RATE) / RATE
    sound = (0.5 * np.sin(2 * np.pi * 997 * t) + 0.3 * np.sin(2 * np.pi * 5003 * t + 1))[:, None]
    begin = F(1) if speed > 0 else F(6)
    out = made(SoundEdit((SoundPiece(F(0), F(2), begin, speed),), F(2)), sound)
    at = float(begin) + np.arange(len(out)) / RATE * float(speed)
    truth = 0.5 * np.sin(2 * np.pi * 997 * at) + 0.3 * np.sin(2 * np.pi * 5003 * at + 1)
    assert np.abs(out[500:-500, 0] - truth[500:-500]).max() < 2e-4


def test_what_would_fold_over_is_filtered_out() -> None:
    """15 kHz at double speed would be 30 kHz, beyond half the rate: silence, not a tone of 18 kHz."""
    sound = np.sin(2 * np.pi * 15000 * np.arange(3 * RATE) / RATE)[:, None]
    assert np.abs(sampled(Given(sound), F(1000), F(2), 20000)).max() < 1e-3


def test_kept_pitch_keeps_the_tone_and_the_length() -> None:
    sound = np.sin(2 * np.pi * 1000 * np.arange(4 * RATE) / RATE)[:, None]
    out = made(SoundEdit((SoundPiece(F(0), F(2), F(1), F(25, 24)),), F(2), pitch="kept"), sound)
    power = np.abs(np.fft.rfft(out[:, 0] * np.hanning(len(out))))
    assert len(out) == 2 * RATE and abs(np.argmax(power) * RATE / len(out) - 1000) < 2
    follows = made(SoundEdit((SoundPiece(F(0), F(2), F(1), F(25, 24)),), F(2)), sound)
    assert abs(np.argmax(np.abs(np.fft.rfft(follows[:, 0]))) * RATE / len(follows) - 1000 * 25 / 24) < 2


def test_an_edit_reads_backwards_through_a_file(tmp_path: Path) -> None:
    """Steps back and far ahead in a file give the same samples as in memory."""
    sound = talk(30, 1)
    source = film_with_sound(tmp_path / "a.mkv", [sound], "flac", "s16", seconds=1)
    pieces = (SoundPiece(F(0), F(1, 4), F(29)), SoundPiece(F(1, 4), F(1, 4), F(1)), SoundPiece(F(1, 2), F(1, 2), F(12), F(-1)))
    edit = SoundEdit(pieces, F(1))
    copied(source, tmp_path / "b.mkv", edit)
    got, _ = heard(tmp_path / "b.mkv")
    truth = made(edit, words(sound, "s16").reshape(-1, 1) / 32768)
    assert np.abs(got - truth).max() <= 0.5 / 32768 + 1e-9


def test_loss_of_depth_is_said_and_a_missing_track_is_refused(tmp_path: Path) -> None:
    source = film_with_sound(tmp_path / "a.mov", [talk(1, 2)], "pcm_f32le", "flt", seconds=1)
    assert "24 bits" in copied(source, tmp_path / "b.mp4", whole(1))[0]
    assert "lossy" in copied(source, tmp_path / "c.mp4", settings=WriteSettings(sound_codec="aac"))[0]
    with pytest.raises(MediaError, match="no sound track 3"):
        open_writer(tmp_path / "d.mov", described(), sounds=[SoundSource(str(source), tracks=(3,))])
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.mov", "b.mp4", "c.mp4"]


def test_no_sound_is_no_trouble(film: Callable[..., Path], tmp_path: Path) -> None:
    silent = film(tmp_path / "a.mp4", [(shaded(0) * 255).astype(np.uint8)] * 3)
    assert copied(silent, tmp_path / "b.mov") == []
    with open_writer(tmp_path / "c.%02d.png", described("rgb", 16), sounds=[SoundSource(str(silent))]) as writer:
        writer.write(shaded(0))
    assert "no sound" in writer.notes[0]


@pytest.mark.parametrize(
    "pieces",
    [
        (SoundPiece(F(0), F(1), F(0)), SoundPiece(F(1, 2), F(1), F(0))),
        (SoundPiece(F(0), F(3), F(0)),),
    ],
)
def test_pieces_that_overlap_or_run_over_are_refused(pieces: tuple[SoundPiece, ...]) -> None:
    with pytest.raises(UsageError):
        SoundEdit(pieces, F(2))
