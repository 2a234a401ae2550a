"""The cadence drawn: what is on the page is what was found, text cannot become markup, and long films stay small."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from fractions import Fraction

import pytest

from genlock.core.alignment import Media
from genlock.core.report.cadence_page import MOST_SHOTS, cadence_page
from genlock.core.retime.beats import Beats
from genlock.core.retime.cadence import LONGEST, Cadence
from genlock.core.retime.plan import Stretch
from genlock.core.retime.scan import Scan


def cadence(first: int, count: int, hold: int = 2, holds=(2,)) -> Cadence:
    """A shot in which all is held for so many frames, in the left half of the picture."""
    drawn = bytearray(LONGEST * (count - 1))
    repeats = []
    for k in range(1, count):
        if k % hold:
            repeats.append(first + k)
        elif k > hold:
            drawn[(k - 1) * LONGEST + hold - 1] = 10
    parts = tuple(float(h + 1 == hold) for h in range(LONGEST))
    where = (bytes((hold, hold, 0, 0)),) * 2
    return Cadence(first, first + count, holds, parts, False, tuple(repeats), (), where, bytes(drawn))


def page(name: str, *cadences: Cadence) -> ET.Element:
    frames = cadences[-1].end
    seen = Scan(Beats(frames, Fraction(24)), ("flow",) * (frames - 1), tuple(c.first for c in cadences[1:]), (Stretch(0, frames),), cadences)
    text = cadence_page(Media(f"/films/{name}", frames, Fraction(24), 640, 360), seen, "1.2")
    assert text.startswith("<!DOCTYPE html>\n")
    return ET.fromstring(text.split("\n", 1)[1])


def boxes(of: ET.Element, kind: str) -> list[ET.Element]:
    return [e for e in of.iter("rect") if e.get("class") == kind]


def strips(of: ET.Element) -> list[ET.Element]:
    return [e for e in of.iter("svg") if e.find("title") is not None and (e.findtext("title") or "").startswith("Frames of the shot")]


def test_every_frame_has_a_box_and_repeats_are_hollow():
    one, two = strips(page("a.mkv", cadence(0, 9), cadence(9, 7, 3, (3,))))
    assert (len(boxes(one, "new")), len(boxes(one, "again"))) == (5, 4)
    assert (len(boxes(two, "new")), len(boxes(two, "again"))) == (3, 4)
    assert len(boxes(one, "h2")) == 3 and not boxes(one, "h3") and len(boxes(two, "h3")) == 1
    assert len({(b.get("x"), b.get("width")) for b in boxes(one, "new") + boxes(one, "again")}) == 9


def test_the_words_say_what_is_chosen_and_what_is_dropped():
    text = " ".join("".join(page("a.mkv", cadence(0, 9), cadence(9, 7, 3, (3,))).itertext()).split())
    assert "n-forward 1" in text and "n-forward 2" in text
    assert "averaged over 2 frames" in text and "averaged over 3 frames" in text
    assert "4 repeat: 1, 3, 5, 7" in text and "4 repeat: 10–11, 13–14" in text
    assert "8 of 16 frames repeat the one before" in text


def test_a_name_cannot_become_markup():
    found = page("<script>alert(1)</script>&\u202e.mkv", cadence(0, 5))
    assert not list(found.iter("script"))
    assert "script>&\ufffd.mkv: cadence" in (found.findtext("head/title") or "")
    policy = next(e.get("content", "") for e in found.iter("meta") if e.get("http-equiv"))
    assert "script-src 'none'" in policy and "default-src 'none'" in policy


@pytest.mark.parametrize("empty", [Cadence(0, 1, (), (0.0,) * LONGEST, False, ()), Cadence(0, 30, (), (0.0,) * LONGEST, True, tuple(range(1, 30)))])
def test_one_frame_and_stills(empty):
    (strip,) = strips(page("a.mkv", empty))
    assert len(boxes(strip, "new")) == 1 and len(boxes(strip, "again")) == len(empty.repeats)


def test_long_shots_and_many_shots_stay_small():
    long = page("a.mkv", cadence(0, 40_000))
    assert len(list(long.iter("rect"))) < 2000
    many = page("a.mkv", *(cadence(6 * k, 6) for k in range(MOST_SHOTS + 20)))
    assert len(strips(many)) == MOST_SHOTS
    assert "20 more stretches are left out" in "".join(many.itertext())
