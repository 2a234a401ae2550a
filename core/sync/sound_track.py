"""What is kept of a file's sound: how eight bands rise and fall, a hundred times a second, in 400 bytes.

The rise and fall of a band's level survives gain, equalising, codecs, telephone lines and a change of pitch
of a semitone; the waveform does not. It is the signed and graded kin of the band-energy bits of Haitsma and
Kalker, "A highly robust audio fingerprinting system" (ISMIR 2002).
"""

from __future__ import annotations

import struct
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np

from ..errors import FormatError

BANDS = 8
STEP_S = 0.01
"""Seconds from one kept frame to the next."""
WINDOW_S = 0.032
COARSE = 4
"""Kept frames to one of the coarse view."""
COARSE_STEP_S = COARSE * STEP_S
_LOW_HZ, _HIGH_HZ = 250.0, 3600.0
_LEVELS, _STEP_SD = 7, 0.4
_SILENCE = 1e-9
"""Mean square under which a frame is silence: -90 dB of full scale."""
_CHUNK_S = 10.0
_HEAD = struct.Struct("<8sd")
_MAGIC = b"glsound1"


@dataclass(frozen=True)
class SoundTrack:
    """The features of one file's sound, 400 bytes a second.

    duration_s  seconds of sound heard
    packed      rise and fall per frame: four bytes a frame, two bands a byte, each band -7..7 plus 8

    Kept frame i is centred on (i * STEP_S + WINDOW_S / 2) seconds after the first sample.
    """

    duration_s: float
    packed: bytes

    def __len__(self) -> int:
        return len(self.packed) * 2 // BANDS

    def to_bytes(self) -> bytes:
        """For a cache; from_bytes() reads it."""
        return _HEAD.pack(_MAGIC, self.duration_s) + self.packed

    @classmethod
    def from_bytes(cls, body: bytes) -> SoundTrack:
        """The reverse of to_bytes(). Raises FormatError where the bytes are not a kept sound track."""
        packed = body[_HEAD.size :]
        if len(body) <= _HEAD.size or body[:8] != _MAGIC or len(packed) * 2 % BANDS:
            raise FormatError(f"{len(body)} bytes that are not a kept sound track", "remove them from the cache and listen again")
        duration_s = float(_HEAD.unpack_from(body)[1])
        if not 0 < duration_s < 1e9:
            raise FormatError(f"a kept sound track of {duration_s} s", "remove it from the cache and listen again")
        return cls(duration_s, packed)

    def fine(self) -> np.ndarray:
        """(frames, BANDS) float32: the rise and fall per STEP_S, about one standard deviation at 1."""
        pairs = np.frombuffer(self.packed, np.uint8).reshape(-1, BANDS // 2)
        out = np.empty((len(pairs), BANDS), np.float32)
        out[:, 0::2] = pairs >> 4
        out[:, 1::2] = pairs & 15
        return (out - (_LEVELS + 1)) * np.float32(_STEP_SD)

    def smooth(self) -> np.ndarray:
        """(frames, BANDS) float32: fine() without what a rate of 25 frames a second cannot hold; same centres."""
        fine = self.fine()
        taps = np.hanning(2 * COARSE + 3)[1:-1].astype(np.float32)
        taps /= np.sqrt(np.sum(taps**2))
        half = len(taps) // 2
        wide = np.pad(fine, ((half, half), (0, 0)))
        out = np.zeros_like(fine)
        for k, tap in enumerate(taps):
            out += tap * wide[k : k + len(fine)]
        return out


def frame_at(time_s: float | np.ndarray) -> float | np.ndarray:
    """Which kept frame, as a fraction, is centred on a time."""
    return (time_s - WINDOW_S / 2) / STEP_S


def sampled(features: np.ndarray, frames: np.ndarray) -> np.ndarray:
    """(len(frames), BANDS): features (n, BANDS) at fractional frames, linear between; outside they are 0."""
    low = np.floor(frames).astype(np.int64)
    share = (frames - low).astype(np.float32)[:, None]
    n = len(features)
    inside = ((low >= 0) & (low < n))[:, None]
    next_inside = ((low >= -1) & (low < n - 1))[:, None]
    left = features[np.clip(low, 0, n - 1)] * inside
    right = features[np.clip(low + 1, 0, n - 1)] * next_inside
    return left * (1 - share) + right * share


def listen(blocks: Iterable[np.ndarray], rate: int) -> SoundTrack | None:
    """Features of a stream of sound. None where there is no sound, or all of it is silence.

    blocks  float32 mono samples in -1..1, any lengths; the first sample belongs to the first picture's start
    rate    samples a second; 8000 is enough, under 8000 the upper bands stay empty

    Holds twenty seconds of samples at most, and 32 bytes a hundredth of a second until the end. Samples that are not numbers count as 0.
    """
    window = max(16, round(WINDOW_S * rate))
    hann = np.hanning(window + 1)[:-1].astype(np.float32)
    bands = _band_weights(window, rate) / np.float32(np.sum(hann**2) * window / 2)
    energies, samples = [], 0
    for chunk, starts, fresh in _framed(blocks, rate, window):
        samples += fresh
        if len(starts):
            frames = np.lib.stride_tricks.sliding_window_view(chunk, window)[starts] * hann
            spectrum = np.fft.rfft(frames, axis=1)
            energies.append(((spectrum.real**2 + spectrum.imag**2) @ bands).astype(np.float32))
    if not energies:
        return None
    energy = np.concatenate(energies)
    if float(energy.sum(axis=1).max()) < _SILENCE:
        return None
    return SoundTrack(samples / rate, _packed(_rise(energy)))


def _framed(blocks: Iterable[np.ndarray], rate: int, window: int) -> Iterator[tuple[np.ndarray, np.ndarray, int]]:
    """(samples, where frames start in them, how many samples are new), in pieces of _CHUNK_S."""
    held: list[np.ndarray] = []
    first, frame, fresh = 0, 0, 0  # position of held[0][0]; the next frame's number

    def cut() -> tuple[np.ndarray, np.ndarray]:
        chunk = np.nan_to_num(np.concatenate(held), nan=0.0, posinf=0.0, neginf=0.0)
        last = (first + len(chunk) - window) / (STEP_S * rate)
        starts = np.round(np.arange(frame, int(last) + 1) * STEP_S * rate).astype(np.int64) - first if last >= 0 else np.zeros(0, np.int64)
        return chunk, starts[starts + window <= len(chunk)]

    for part in _parts(blocks, max(window, int(_CHUNK_S * rate))):
        held.append(part)
        fresh += len(held[-1])
        if fresh >= _CHUNK_S * rate:
            chunk, starts = cut()
            yield chunk, starts, fresh
            frame += len(starts)
            keep = round(frame * STEP_S * rate) - first
            first, held, fresh = first + keep, [chunk[keep:]], 0
    if fresh:
        chunk, starts = cut()
        yield chunk, starts, fresh


def _parts(blocks: Iterable[np.ndarray], most: int) -> Iterator[np.ndarray]:
    """The same samples in blocks of at most so many."""
    for block in blocks:
        flat = np.asarray(block, np.float32).reshape(-1)
        for start in range(0, len(flat), most):
            yield flat[start : start + most]


def _band_weights(window: int, rate: int) -> np.ndarray:
    """(bins, BANDS): overlapping raised cosines, evenly apart on a logarithmic frequency axis."""
    hz = np.fft.rfftfreq(window, 1 / rate)
    place = np.log(np.maximum(hz, 1.0) / _LOW_HZ) / np.log(_HIGH_HZ / _LOW_HZ) * (BANDS + 1)
    apart = np.clip(np.abs(place[:, None] - np.arange(1, BANDS + 1)), 0, 1)
    return (0.5 + 0.5 * np.cos(np.pi * apart)).astype(np.float32)


def _rise(energy: np.ndarray) -> np.ndarray:
    """(frames, BANDS): slope of the log level over 20 ms, in standard deviations of its band.

    Levels 20 dB under their surroundings, and 55 dB under the loud parts of the file, count as equal: what lies
    there is noise, and not the same noise in two files.
    """
    loud = float(np.percentile(energy.sum(axis=1), 95))
    around = _moving_mean(energy, round(2.0 / STEP_S))
    level = np.log(energy + 0.01 * around + max(loud * 10**-5.5, _SILENCE) / BANDS)
    wide = np.pad(level, ((1, 1), (0, 0)), mode="edge")
    rise = wide[2:] - wide[:-2]
    sd = np.sqrt(np.mean(rise**2, axis=0))
    return rise / np.maximum(sd, 0.1)


def _moving_mean(x: np.ndarray, half: int) -> np.ndarray:
    total = np.concatenate([np.zeros((1, x.shape[1])), np.cumsum(x, axis=0, dtype=np.float64)])
    at = np.arange(len(x))
    low, high = np.maximum(at - half, 0), np.minimum(at + half + 1, len(x))
    return ((total[high] - total[low]) / (high - low)[:, None]).astype(np.float32)


def _packed(rise: np.ndarray) -> bytes:
    level = (np.clip(np.round(rise / _STEP_SD), -_LEVELS, _LEVELS) + _LEVELS + 1).astype(np.uint8)
    return (level[:, 0::2] << 4 | level[:, 1::2]).tobytes()
