"""Outputs made of pieces: broken off anywhere and gone on with, the files are those of a run without a break, bit for bit."""

from __future__ import annotations

import itertools
import os
import random
from fractions import Fraction
from pathlib import Path

import av
import pytest

from genlock.core.errors import OutputError, UsageError
from genlock.core.media.plates import open_plates
from genlock.core.media.write import WriteSettings
from genlock.core.media.write.pieces import film as pieced
from genlock.core.media.write.pieces import open_pieces, standing
from genlock.core.media.write.pieces.order import decoding_times
from genlock.core.media.write.pieces.store import pieces_in

from .pictures import described, equal, noise_film, plates_of, shaded

FRAMES = 29


@pytest.fixture(autouse=True)
def short(monkeypatch) -> None:
    """Pieces of a few pictures, so that short films have several, and a last one that is shorter."""
    monkeypatch.setattr(pieced, "LENGTH", 8)
    monkeypatch.setattr(pieced, "LENGTH_ALONE", 5)


def times_of(varies: bool) -> list[tuple[int, int]]:
    """(pts, duration) of each picture, in ticks of 1/1000 s."""
    lengths = [40, 20, 100, 33, 60] if varies else [40]
    out, at = [], 0
    for k in range(FRAMES):
        out.append((at, lengths[k % len(lengths)]))
        at += lengths[k % len(lengths)]
    return out


def write(place: Path, name: str, info, settings, folder: Path, stop: int = FRAMES, times=None) -> int:
    """Write up to picture `stop`, and then break off as a crash does; returns how many stood before."""
    writer = open_pieces(place / name, info, folder, settings)
    times = times or times_of(False)
    for k in range(writer.done, stop):
        writer.write(shaded(k, (info.width, info.height)), times[k][0], duration=times[k][1])
    if stop < FRAMES:
        writer.abandon()
    else:
        writer.close()
    return writer.done


CASES = [
    ("a.mp4", {"codec": "h264"}, 8),
    ("a.mp4", {"codec": "h265"}, 8),
    ("a.mkv", {"codec": "h264"}, 8),
    ("a.mkv", {}, 5),
    ("a.mov", {}, 5),
    ("a.webm", {"codec": "vp9", "quality": "draft"}, 8),
    ("a.mp4", {"codec": "av1", "quality": "draft"}, 8),
    ("a.%03d.png", {}, 1),
]


@pytest.mark.parametrize("varies", [False, True])
@pytest.mark.parametrize(("name", "told", "length"), CASES, ids=[f"{name}-{told.get('codec', '')}" for name, told, _ in CASES])
def test_a_break_changes_no_bit(name, told, length, varies, tmp_path):
    info = described(bits=8, sub_wh=(2, 2), time_base=Fraction(1, 1000), rate=Fraction(25), start_frame=7)
    settings, times = WriteSettings(encoder="software", **told), times_of(varies)
    straight, broken = tmp_path / "straight", tmp_path / "broken"
    for place in (straight, broken):
        place.mkdir()
    assert write(straight, name, info, settings, tmp_path / "p1", times=times) == 0
    stands = 0
    for stop in (1, 9, 10, 24, 24):
        assert write(broken, name, info, settings, tmp_path / "p2", stop, times=times) == stands
        stands = stop // length * length
        assert os.listdir(broken) == []
    assert write(broken, name, info, settings, tmp_path / "p2", times=times) == 24 // length * length
    made = sorted(os.listdir(straight))
    assert sorted(os.listdir(broken)) == made and made
    assert all((straight / one).read_bytes() == (broken / one).read_bytes() for one in made)
    if len(made) == 1:
        with av.open(str(straight / name)) as box:
            stream = box.streams.video[0]
            frames = [(frame.pts * frame.time_base, frame.key_frame) for frame in box.decode(stream)]
        assert [round(at * 1000) for at, _ in frames] == [at for at, _ in times]
        assert all(frames[k][1] for k in range(0, FRAMES, length)), "a piece begins with a key frame"


@pytest.mark.parametrize("where", ["cut short", "one bit"])
def test_a_torn_piece_is_made_again(where, tmp_path):
    info, settings = described(bits=8, sub_wh=(2, 2), time_base=Fraction(1, 1000), rate=Fraction(25)), WriteSettings()
    write(tmp_path, "whole.mkv", info, settings, tmp_path / "p1")
    write(tmp_path, "a.mkv", info, settings, tmp_path / "p2", stop=24)
    torn = sorted((tmp_path / "p2").iterdir())[2]
    body = bytearray(torn.read_bytes())
    if where == "one bit":
        body[len(body) // 3] ^= 4
    torn.write_bytes(body[:-5] if where == "cut short" else body)
    assert [(piece.first, piece.end) for piece in pieces_in(str(tmp_path / "p2"))] == [(0, 5), (5, 10), (15, 20)]
    open_pieces(tmp_path / "a.mkv", info, tmp_path / "p2", settings, alone=False).abandon()
    assert len(os.listdir(tmp_path / "p2")) == 4, "others may be at work in it"
    open_pieces(tmp_path / "a.mkv", info, tmp_path / "p2", settings).abandon()
    assert len(os.listdir(tmp_path / "p2")) == 3, "what lies behind it stands for itself"
    assert write(tmp_path, "a.mkv", info, settings, tmp_path / "p2") == 10
    assert (tmp_path / "a.mkv").read_bytes() == (tmp_path / "whole.mkv").read_bytes()


@pytest.mark.parametrize(("name", "told", "length"), [CASES[1], CASES[4], CASES[7]], ids=["h265", "prores", "png"])
def test_pieces_are_made_in_any_order_by_anybody(name, told, length, tmp_path):
    info = described(bits=8, sub_wh=(2, 2), time_base=Fraction(1, 1000), rate=Fraction(25), start_frame=7)
    settings, times = WriteSettings(encoder="software", **told), times_of(True)
    (tmp_path / "straight").mkdir()
    write(tmp_path / "straight", name, info, settings, tmp_path / "p1", times=times)
    for first in random.Random(2).sample(range(0, FRAMES, length), -(-FRAMES // length)):
        if first == length:
            early = open_pieces(tmp_path / name, info, tmp_path / "p2", settings, key="k", alone=False)
            with pytest.raises(OutputError, match=r"missing"):
                early.close()
        writer = open_pieces(tmp_path / name, info, tmp_path / "p2", settings, key="k", alone=False)
        assert not writer.stands(first)
        writer.turn_to(first)
        for k in range(first, min(first + length, FRAMES)):
            writer.write(shaded(k, (info.width, info.height)), times[k][0], duration=times[k][1])
        writer.leave()
        assert writer.close() == () and [path.name for path in tmp_path.iterdir() if path.is_file()] == []
    assert sum(map(len, standing(tmp_path / "p2", "k"))) == FRAMES and standing(tmp_path / "p2", "other") == []
    with open_pieces(tmp_path / name, info, tmp_path / "p2", settings, key="k") as writer:
        assert writer.done == FRAMES
    for one in (tmp_path / "straight").iterdir():
        assert (tmp_path / one.name).read_bytes() == one.read_bytes()


def test_pieces_whose_times_do_not_rise_are_not_joined(tmp_path):
    info = described(bits=8, sub_wh=(2, 2), time_base=Fraction(1, 1000), rate=Fraction(25))
    for first, begin in ((5, 100), (0, 0)):
        writer = open_pieces(tmp_path / "a.mkv", info, tmp_path / "p", key="k")
        writer.turn_to(first)
        for k in range(5):
            writer.write(shaded(k, (info.width, info.height)), begin + 40 * k)
        writer.leave()
    with pytest.raises(OutputError, match="do not rise"):
        open_pieces(tmp_path / "a.mkv", info, tmp_path / "p", key="k").close()
    assert not (tmp_path / "a.mkv").exists() and len(os.listdir(tmp_path / "p")) == 2
    with pytest.raises(UsageError, match="begins with picture 3"):
        open_pieces(tmp_path / "a.mkv", info, tmp_path / "p", key="k").turn_to(3)


def test_plates_stay_as_they_are(tmp_path):
    source = noise_film(tmp_path / "in.mkv", "yuv422p10le", FRAMES)
    with open_plates(source) as plates, open_pieces(tmp_path / "a.mkv", plates.info, tmp_path / "p") as writer:
        for plate in plates.frames():
            writer.write(plate, plate.pts)
    assert all(equal(a, b) for a, b in zip(plates_of(source), plates_of(tmp_path / "a.mkv"), strict=True))


def test_decoding_times_rise_and_come_in_time():
    assert list(decoding_times([0, 1, 2], 1)) == [0, 1, 2]
    assert list(decoding_times([0, 2, 1, 3], 1)) == [-1, 0, 1, 2]
    dice = random.Random(4)
    for _ in range(50):
        shown = sorted(dice.sample(range(1000), 30))
        coded = [time for first in range(0, 30, 5) for time in dice.sample(shown[first : first + 5], 5)]
        decoded = decoding_times(coded, 3)
        assert all(a < b for a, b in itertools.pairwise(decoded))
        assert all(dts <= pts for dts, pts in zip(decoded, coded, strict=True))
    assert list(decoding_times([], 1)) == []


def test_a_full_disk_is_told_with_the_name_that_a_person_gave(tmp_path, monkeypatch) -> None:
    """Nobody knows of the folder of pieces."""

    def full(handle: int) -> None:
        raise OSError(28, "No space left on device")

    info = described("rgb", 8, rate=Fraction(24), time_base=Fraction(1, 24), start_frame=1001)
    with open_pieces(tmp_path / "p.%04d.png", info, tmp_path / "pieces") as writer:
        monkeypatch.setattr(os, "fsync", full)
        with pytest.raises(OutputError) as failed:
            writer.write(shaded(0))
    assert str(failed.value).startswith(f"{tmp_path}/p.1001.png cannot be written: No space left")
    assert not list(tmp_path.glob("p.*"))
