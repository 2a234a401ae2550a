"""Two hours, at a rate so low that they are few frames: every flash is shown where its click is heard, to the last one."""

from __future__ import annotations

import itertools
from bisect import bisect_right
from fractions import Fraction
from pathlib import Path

import av
import pytest

from genlock.bench.retime_sync import Film, clicks_s, flashes_s, steady, varying, write
from genlock.core.retime.beats import Beats
from genlock.core.retime.plan import plan
from genlock.hosts.jobs import Job, Request
from genlock.hosts.worker.run import run

SLOW, OUT = Fraction(60, 1001), Fraction(1, 8)


@pytest.mark.parametrize(
    ("film", "name"),
    [(steady(7200, SLOW, 25), "out.mov"), (varying(7200, SLOW, 25), "out.mkv")],
    ids=["steady, sound encoded", "varies, sound copied"],
)
def test_sound_and_picture_at_the_end_of_two_hours(film: Film, name: str, tmp_path: Path):
    source, out = tmp_path / "in.mkv", tmp_path / name
    write(film, source)
    settings = {"fps": str(OUT), "encoder": "software", "method": "plain"}
    outcome = run(Job.create(str(tmp_path / "job"), Request("retime", {"footage": str(source)}, (str(out),), settings)).folder)
    assert outcome.exit_status == 0, outcome.result["sentence"]
    with av.open(str(out)) as box:
        times = [packet.pts * packet.time_base for packet in box.demux(video=0) if packet.size]
    assert times == [n / OUT for n in range(len(times))] and len(times) > 7100 * OUT
    shown = [bisect_right(film.pts, n / OUT / film.time_base) - 1 for n in range(len(times))]
    first = [next(n for n, frame in enumerate(shown) if frame == mark) / OUT for mark in film.marks]
    assert flashes_s(out) == first and len(first) > 15
    heard = clicks_s(out)
    assert [round(t * 4000) for t in heard] == [round(film.time_s(mark) * 4000) for mark in film.marks], "to the sample"
    assert all(abs(seen - click) <= Fraction(1, 2) / SLOW for seen, click in zip(first, heard, strict=True))


def test_two_hours_of_film_at_sixty_frames_a_second_drift_by_nothing():
    frames, rate = 172_627, Fraction(24000, 1001)
    made = plan(Beats(frames, rate), Fraction(60))
    assert made.count == round(frames / rate * 60) == 431_999
    for number in itertools.chain(range(0, 50), range(made.count - 200, made.count)):
        moment = made.moment(number)
        assert made.pts(number) * made.time_base == Fraction(number, 60) == (moment.frame + moment.share) / rate
