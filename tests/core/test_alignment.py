"""The alignment's JSON: exact both ways, described by its schema, and refused where it is malformed."""

from __future__ import annotations

import json
from fractions import Fraction
from pathlib import Path

import jsonschema
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import genlock
from genlock.core.alignment import IDENTITY, Alignment, Key, Media, Piece, Run, Verdict, matrix_between
from genlock.core.errors import FormatError

SCHEMA = json.loads((Path(genlock.__file__).parent / "otio_adapters" / "alignment.schema.json").read_text(encoding="utf-8"))
FRACTIONS = st.fractions(max_denominator=10**6)
NUMBERS = st.floats(-1e6, 1e6)


@st.composite
def alignments(draw) -> Alignment:
    runs, at = [], 0
    for _ in range(draw(st.integers(1, 4))):
        counts = draw(st.lists(st.integers(1, 9), min_size=1, max_size=3))
        pieces, first = [], at
        for count in counts:
            pieces.append(Piece(at, count, draw(FRACTIONS), draw(FRACTIONS)))
            at += count
        keys = tuple(Key(first + k, tuple(draw(st.lists(NUMBERS, min_size=9, max_size=9)))) for k in range(draw(st.integers(0, 2))))
        blank = draw(st.booleans())
        verdict = Verdict.UNMATCHED if blank else draw(st.sampled_from((Verdict.EXACT, Verdict.AMBIGUOUS)))
        notes = tuple(draw(st.lists(st.text(max_size=9), max_size=2)))
        runs.append(Run(first, at - first, verdict, () if blank else tuple(pieces), keys, draw(NUMBERS), 0.5, ((1, 2),), "shift", notes))
    frames = draw(st.integers(1, 5))
    pts = draw(st.none() | st.lists(st.integers(-(2**40), 2**40), min_size=frames, max_size=frames, unique=True).map(lambda x: tuple(sorted(x))))
    clip = Media(draw(st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=9)), frames, Fraction(24000, 1001), 7, 5, pts,
                 Fraction(1, 90000), -3, "01:00:00;00", Fraction(64, 45), True, "ab", 2, Fraction(7, 3))  # fmt: skip
    return Alignment(clip, Media("r", at, Fraction(25), 1, 1), tuple(runs), {"a": [1, "x"]}, {"s": 0.25}, "0.1")


@given(alignments())
@settings(max_examples=60, deadline=None)
def test_json_is_exact_both_ways_and_as_the_schema_says(alignment: Alignment) -> None:
    body = json.loads(json.dumps(alignment.to_json()))
    assert Alignment.from_json(body) == alignment
    jsonschema.Draft202012Validator(SCHEMA).validate(body)


def plain() -> dict:
    media = Media("a", 10, Fraction(24), 8, 8)
    run = Run(0, 10, Verdict.EXACT, (Piece(0, 10, Fraction(0), Fraction(1)),), (Key(0, IDENTITY),), 0.9, 0.9)
    return Alignment(media, media, (run,)).to_json()


@pytest.mark.parametrize(
    ("place", "value"),
    [
        (("clip", "rate"), "0"), (("clip", "rate"), "1e999999999"), (("clip", "rate"), "24/0"), (("clip", "rate"), None), (("ref", "frames"), 11),
        (("ref", "frames"), 10**15), (("clip", "frames"), "10"), (("clip", "pts"), [3, 2, 1]), (("clip", "pts"), [1] * 10), (("clip", "path"), 5),
        (("runs",), []), (("runs",), None), (("runs", 0, "ref_first"), 1), (("runs", 0, "ref_count"), 0), (("runs", 0, "verdict"), "maybe"),
        (("runs", 0, "verdict"), "unmatched"), (("runs", 0, "pieces", 0, "ref_count"), 9), (("runs", 0, "pieces", 0, "speed"), "nan"),
        (("runs", 0, "transform", 0, "matrix"), [1] * 8), (("runs", 0, "transform", 0, "matrix"), [1] * 8 + [float("nan")]),
        (("runs", 0, "score"), float("inf")), (("genlock_alignment",), 2), (("clip",), 3), (("clip", "start_frame"), 1.5),
    ],
)  # fmt: skip
def test_what_contradicts_itself_is_refused(place: tuple, value) -> None:
    body = plain()
    at = body
    for step in place[:-1]:
        at = at[step]
    at[place[-1]] = value
    with pytest.raises(FormatError) as caught:
        Alignment.from_json(body)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("body", [b"", b"{", b"\xff", b"[" * 200_000, b"9" * 5000, b"[]", b"null", b'"x"', b"3"])
def test_files_that_are_no_alignment(tmp_path: Path, body: bytes) -> None:
    (tmp_path / "a.json").write_bytes(body)
    with pytest.raises(FormatError):
        Alignment.load(tmp_path / "a.json")


def test_matrices_are_linear_between_keys_and_held_outside() -> None:
    double = tuple(2 * x for x in IDENTITY)
    keys = (Key(10, IDENTITY), Key(20, double))
    assert matrix_between(keys, 0) == IDENTITY and matrix_between(keys, 99) == double and matrix_between((), 3) is None
    assert matrix_between(keys, 15) == tuple(1.5 * x for x in IDENTITY)
