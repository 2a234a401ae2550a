"""Changes of texts that are read line by line: EDL, Nuke scripts, tables of pairs, events of a job."""

from __future__ import annotations

import re
from random import Random

from . import odd

_WORD = re.compile(rb"[^\s,]+")
_NUMBER = re.compile(rb"-?\d+(\.\d+)?")
_TIMECODE = re.compile(rb"\d\d:\d\d:\d\d[:;]\d\d")
_CODES = (b"99:99:99:99", b"00:00:00:00", b"23:59:59:23", b"00:00:00;00", b"00:01:00;00", b"-1:00:00:00", b"00:00:00:99", b"0:0:0:0", b"100:00:00:00")
_EVENTS = (
    b"M2 AX 1e308 00:00:00:00", b"M2 AX nan 00:00:00:00", b"M2 AX -" + b"9" * 400 + b" 00:00:00:00", b"FCM: DROP FRAME", b"FCM: " + b"x" * 9000,
    b"* FROM CLIP NAME: ../../escaped.txt", b"* SOURCE FILE: http://127.0.0.1:9/x.mp4", b"* ASC_SOP (9e999 9 9)(0 0 0)(nan 1 1)", b"\x1a",
    b"002 AX V D 9999999999 00:00:00:00 00:00:00:01 00:00:00:00", b"001 AX V W001 024 00:00:00:00 00:00:00:01 00:00:00:00 00:00:00:01",
    b"TITLE: " + b" " * 20000 + b"x",
)  # fmt: skip


def lines(rng: Random, data: bytes) -> bytes:
    """Some lines dropped, doubled, swapped or joined; words, numbers and timecodes changed."""
    for _ in range(rng.choice((1, 1, 2, 5))):
        rows = data.split(b"\n")
        at, how = rng.randrange(len(rows)), rng.randrange(10)
        if how == 0:
            del rows[at]
        elif how == 1:
            rows[at:at] = [rows[at]] * rng.choice((1, 30, 3000))
        elif how == 2:
            other = rng.randrange(len(rows))
            rows[at], rows[other] = rows[other], rows[at]
        elif how == 3:
            rows[at] = rows[at] + rng.choice((b"\r", b"\0", b"\x85", b" " * 50000 + b"x", b"\xff\xfe", b"a " * 20000, b'"', b"{", b"}", b"#" * 9000))
        elif how == 4:
            rows.insert(at, rng.choice(_EVENTS))
        elif how == 5:
            rows[at] = _one(rng, _TIMECODE, rows[at], rng.choice(_CODES))
        elif how in (6, 7):
            number = rng.choice(odd.NUMBERS)
            rows[at] = _one(rng, _NUMBER, rows[at], str(number if abs(number) < 1e300 or number != number else "1" + "0" * 400).encode())
        else:
            rows[at] = _one(rng, _WORD, rows[at], rng.choice(odd.TEXTS).encode("utf-8", "surrogatepass"))
        data = b"\n".join(rows)
    return data or b"\n"


def _one(rng: Random, pattern: re.Pattern[bytes], row: bytes, new: bytes) -> bytes:
    found = list(pattern.finditer(row))
    if not found:
        return row
    one = rng.choice(found)
    return row[: one.start()] + new + row[one.end() :]
