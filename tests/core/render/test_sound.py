"""Sound stays with its pictures: which moment of a track is heard when, by exact fractions, and by clicks in a written film."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest

from genlock.core.alignment import Alignment
from genlock.core.media.write import open_writer
from genlock.core.render.frames import rendered
from genlock.core.render.session import Session
from genlock.core.render.sound import Stretch, sound_of, stretches
from genlock.core.settings_render import RenderSettings

from .made import NTSC, aligned, charts, media

F = Fraction
RATE = 48000


def heard(clip_frames: int, shown: list[int | None], clip_rate: Fraction = F(24), ref_rate: Fraction = F(24)) -> Alignment:
    return aligned(media("c", clip_frames, rate=clip_rate, sound=True), media("r", len(shown), rate=ref_rate, sound=True), shown)


class TestStretches:
    def test_one_run_is_one_stretch(self) -> None:
        assert stretches(heard(100, [None] * 5 + list(range(20, 70)))) == [Stretch(F(5, 24), F(55, 24), F(20, 24), F(1))]

    def test_a_cut_begins_another_one(self) -> None:
        first, second = stretches(heard(100, [*range(0, 24), *range(60, 84)]))
        assert (first.stop_s, second.start_s, second.source_s) == (1, 1, F(60, 24))

    def test_pal_speed_up_is_one_stretch_a_little_faster(self) -> None:
        (only,) = stretches(heard(240, list(range(240)), F(24), F(25)))
        assert (only.start_s, only.stop_s, only.speed) == (0, F(240, 25), F(25, 24))

    def test_held_and_dropped_frames_do_not_cut_the_sound(self) -> None:
        """Pulldown: every fourth frame twice. The pictures jump, the sound runs on at speed 1."""
        shown = [n * 4 // 5 for n in range(150)]
        (only,) = stretches(heard(130, shown, NTSC, F(30000, 1001)))
        assert only.speed == 1 and abs(only.source_s) <= F(1, 20) and only.stop_s == F(150 * 1001, 30000)

    def test_a_frame_held_twice_while_the_next_is_dropped_is_not_heard(self) -> None:
        """Every 17th frame shows the one before it again: the map is in many pieces, the sound in one."""
        alignment = heard(200, [n - (n % 17 == 16) for n in range(180)])
        assert sum(len(run.pieces) for run in alignment.runs) > 10
        (only,) = stretches(alignment)
        assert only.speed == 1 and abs(only.source_s - only.start_s) <= F(1, 24) and only.stop_s == F(180, 24)

    def test_a_frame_that_sticks_now_and_then(self) -> None:
        shown = [min(n + (n // 40), 199) for n in range(180)]
        parts = stretches(heard(200, shown))
        for n, at in enumerate(shown):
            time_s = F(2 * n + 1, 48)
            part = next(p for p in parts if p.start_s <= time_s < p.stop_s)
            assert abs(part.source_s + (time_s - part.start_s) * part.speed - F(2 * at + 1, 48)) <= F(2, 24)

    def test_a_hold_is_silent_and_backwards_is_backwards(self) -> None:
        parts = stretches(heard(100, [*range(24), *[23] * 24, *range(60, 36, -1)]))
        assert [part.speed for part in parts] == [1, -1]
        assert parts[1].start_s == 2 and abs(parts[1].source_s - F(61, 24)) <= F(1, 24)

    def test_turned_round(self) -> None:
        part = Stretch(F(2), F(6), F(10), F(1, 2))
        assert part.turned() == Stretch(F(10), F(12), F(2), F(2))
        back = Stretch(F(2), F(6), F(10), F(-1))
        assert back.turned() == Stretch(F(6), F(10), F(6), F(-1))


class TestWhose:
    def test_its_own_track_is_left_alone(self) -> None:
        found = sound_of(heard(50, list(range(50))), "ref", "ref", 0, 50)
        assert found is not None and found.edit is None and found.path == "r"

    def test_a_range_cuts_it(self) -> None:
        found = sound_of(heard(50, list(range(50))), "ref", "ref", 12, 36)
        assert found is not None and found.edit is not None
        (piece,) = found.edit.pieces
        assert (piece.start_s, piece.length_s, piece.source_s, found.edit.length_s) == (0, 1, F(1, 2), 1)

    def test_the_ref_s_sound_under_the_clip_s_frames(self) -> None:
        """The clip's second half first: on its own timeline the ref's sound is put back in order."""
        found = sound_of(heard(96, [*range(48, 96), *range(0, 48)]), "ref", "clip", 0, 96)
        assert found is not None and found.edit is not None
        assert [(piece.start_s, piece.source_s, piece.speed) for piece in found.edit.pieces] == [(0, 2, 1), (2, 0, 1)]

    def test_what_is_shown_twice_is_heard_once(self) -> None:
        found = sound_of(heard(48, [*range(48), *range(24, 48)]), "ref", "clip", 0, 48)
        assert found is not None and found.edit is not None
        assert sum((piece.length_s for piece in found.edit.pieces), F(0)) == 2

    def test_none_where_there_is_none(self) -> None:
        silent = aligned(media("c", 5), media("r", 5), list(range(5)))
        assert sound_of(silent, "clip", "ref", 0, 5) is None


def with_clicks(path: Path, pictures: int, rate: Fraction, at_s: list[float]) -> Path:
    """A film of charts with a click (a millisecond of full level) at each of these times; PCM, so nothing is delayed."""
    wave = np.zeros((1, int(pictures / rate * RATE)), np.int16)
    for time_s in at_s:
        wave[0, round(time_s * RATE) : round(time_s * RATE) + 48] = 30000
    with av.open(str(path), "w") as box:
        video = box.add_stream("ffv1", rate=rate)
        video.width, video.height, video.pix_fmt = 160, 96, "yuv420p"
        sound = box.add_stream("pcm_s16le", rate=RATE, layout="mono")
        for n, picture in enumerate(charts(range(pictures))):
            frame = av.VideoFrame.from_ndarray(picture, format="bgr24").reformat(format="yuv420p")
            frame.pts, frame.time_base = n, 1 / rate
            box.mux(video.encode(frame))
        box.mux(video.encode(None))
        block = av.AudioFrame.from_ndarray(wave, format="s16", layout="mono")
        block.sample_rate, block.pts = RATE, 0
        box.mux(sound.encode(block))
        box.mux(sound.encode(None))
    return path


def clicks(path: Path) -> list[float]:
    """Where clicks begin, in seconds."""
    with av.open(str(path)) as box:
        parts = [frame.to_ndarray().astype(float).reshape(-1) for frame in box.decode(audio=0)]
        scale = np.abs(np.concatenate(parts)).max()
    loud = np.flatnonzero(np.abs(np.concatenate(parts)) > 0.3 * scale)
    return [float(loud[k]) / RATE for k in range(len(loud)) if k == 0 or loud[k] - loud[k - 1] > 480]


@pytest.mark.parametrize("whose", ["clip", "ref"])
def test_clicks_come_when_their_pictures_do(tmp_path: Path, whose: str) -> None:
    """The clip has a click in the middle of frames 30 and 60; the ref shows 12 to 50, something else, 55 to 70."""
    shown = [*range(12, 50), *[None] * 10, *range(55, 70)]
    clip = with_clicks(tmp_path / "c.mkv", 80, F(24), [30.5 / 24, 60.5 / 24, 5 / 24])
    ref = with_clicks(tmp_path / "r.mkv", len(shown), F(24), [0.5])
    alignment = aligned(media(clip, 80, sound=True), media(ref, len(shown), sound=True), shown)
    with Session(alignment, RenderSettings(sound=whose)) as session:
        sounds = [found for found in [sound_of(alignment, whose, "ref", session.first, session.end)] if found]
        with open_writer(tmp_path / "out.mkv", session.info, sounds=sounds) as writer:
            for frame in rendered(session):
                writer.write(frame.picture, frame.time_s)
    if whose == "ref":
        assert clicks(tmp_path / "out.mkv") == pytest.approx([0.5], abs=1e-3)
    else:
        assert clicks(tmp_path / "out.mkv") == pytest.approx([(30 - 12 + 0.5) / 24, (38 + 10 + 5 + 0.5) / 24], abs=2e-3)
