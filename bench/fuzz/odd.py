"""Values that a text format can hold and a program does not expect."""

from __future__ import annotations

from random import Random
from typing import Any

TEXTS = (
    "", " ", "\0", "a\0b", "\ud800", "\u202egpj.exe", "\x1b[2J\x1b]0;x\x07", "a\nb", "\r", "x" * 70000, "é" * 300, "../../escaped.txt", "/etc/passwd",
    "/proc/self/mem", "/dev/zero", "/dev/stdin", "http://127.0.0.1:9/x.mp4", "file:///etc/passwd", "FILE:/etc/passwd", "concat:a.mp4|b.mp4",
    "subfile,,start,0,end,9,,:clip.mp4", "data:video/mp4;base64,AAAA", "crypto:clip.mp4", "tee:x", "pipe:0", "clip.mp4#", "%s%n%d", "%09999d.exr",
    "####################", "../%04d.exr", "<script>alert(1)</script>", "=cmd|' /C calc'!A0", "[exec touch escaped]", "$(touch escaped)", "null",
    "nan", "inf", "1/0", "1e999999999", "9" * 5000, "-1", "0", "24000/1001", "0x10", "00:00:00:00", "99:99:99:99", "{", "]", '"', "'", "\\", "~",
)  # fmt: skip
NUMBERS = (
    0, -1, 1, 2, 0.5, -0.0, 1e-320, 1e308, -1e308, float("nan"), float("inf"), float("-inf"), 255, 65536, 2**31 - 1, 2**31, 2**32, 2**53, 2**63 - 1,
    2**63, 2**64, 10**30, 10**400, -(10**30), 49_999_999, 50_000_001,
)  # fmt: skip


def value(rng: Random) -> Any:
    """Any of them, or a thing of another sort."""
    how = rng.randrange(10)
    if how < 4:
        return rng.choice(NUMBERS)
    if how < 8:
        return rng.choice(TEXTS)
    return rng.choice((None, True, False, [], {}, [[]], [None] * 9, {"": ""}, [1e308] * 9, [0] * 20000, deep(rng.choice((20, 900, 50000)))))


class Nested:
    """A list in a list, so many deep; written by hand, since json.dumps would not."""

    def __init__(self, levels: int) -> None:
        self.levels = levels


def deep(levels: int) -> Nested:
    """See Nested."""
    return Nested(levels)
