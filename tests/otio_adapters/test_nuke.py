"""Nuke scripts play the map and lay the picture where the matrix says, by an evaluator of their own."""

from __future__ import annotations

import math
from dataclasses import replace
from fractions import Fraction

import nkparser
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from genlock.core.alignment import Alignment, Key, Media, Piece, Run, Verdict
from genlock.core.errors import FormatError
from genlock.core.space.geometry import apply, as_array
from genlock.otio_adapters.formats import render
from genlock.otio_adapters.nuke import to_nk

from ..footage import Chart, dot_on, number_on
from ..nuke_eval import parse, picture, seen
from .maps import alignments

CLIP = Media("/m/clip.mov", 100, Fraction(24), 640, 480)
REF = Media("/m/ref.%04d.exr", 60, Fraction(24), 1920, 1080, start_frame=1001)


def made(pieces: tuple[Piece, ...], keys: tuple[Key, ...] = (), clip: Media = CLIP, ref: Media = REF) -> Alignment:
    end = sum(piece.ref_count for piece in pieces)
    rest = (Run(end, ref.frames - end, Verdict.UNMATCHED),) if end < ref.frames else ()
    return Alignment(clip, ref, (Run(0, end, Verdict.EXACT, pieces, keys), *rest))


def shift(x: float, y: float) -> tuple[float, ...]:
    return (1.0, 0.0, x, 0.0, 1.0, y, 0.0, 0.0, 1.0)


def shown(text: str, alignment: Alignment) -> list[int | None]:
    nodes = parse(text)
    clip_first = int(nodes["genlock_clip"].knobs["first"])
    first = int(nodes["genlock_ref"].knobs["first"])
    out: list[int | None] = []
    for frame in range(alignment.ref.frames):
        read, number, _ = seen(nodes["genlock_check"].inputs[1], first + frame)
        out.append(number - clip_first if read.kind == "Read" else None)
    return out


@given(alignments())
@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
def test_the_script_plays_the_map(drawn: tuple[Alignment, list[int | None]]) -> None:
    alignment, wanted = drawn
    if alignment.ref.pts is not None:
        with pytest.raises(FormatError, match="variable"):
            to_nk(alignment)
        return
    text, _ = to_nk(alignment)
    if any(frame is not None for frame in wanted):
        assert shown(text, alignment) == wanted


def test_pins_by_hand() -> None:
    """A clip of 640 x 480, doubled from its upper left corner and moved 100 right and 20 down, in 1920 x 1080.

    Its outer upper left corner is pixel (-0.5, -0.5), which goes to (100 - 0.5, 20 - 0.5): Nuke's (100, 1080 - 20). The keystone
    moves only the last row; it is checked where it keeps the corner.
    """
    doubled = (2.0, 0.0, 100.5, 0.0, 2.0, 20.5, 0.0, 0.0, 1.0)
    nodes = parse(to_nk(made((Piece(0, 60, Fraction(0), Fraction(1)),), (Key(0, doubled),)))[0])
    space = nodes["genlock_space"]
    assert space.kind == "Transform"
    assert space.knobs["scale"] == [2.0, 2.0] and space.knobs["rotate"] == "0" and space.knobs["center"] == [320.0, 240.0]
    # the middle of the clip goes to pixel 100 + 640, 20 + 480 from the upper left edge: Nuke's (740, 1080 - 500)
    assert space.knobs["translate"] == [740 - 320, 580 - 240]

    keystone = (2.0, 0.1, 100.0, 0.0, 2.0, 20.0, 0.0, 0.001, 1.0)
    pin = parse(to_nk(made((Piece(0, 60, Fraction(0), Fraction(1)),), (Key(0, keystone),)))[0])["genlock_space"]
    assert pin.kind == "CornerPin2D"
    assert [pin.knobs[f"from{n}"] for n in (1, 2, 3, 4)] == [[0, 0], [640, 0], [640, 480], [0, 480]]
    # upper left edge: x = (2 * -0.5 + 0.1 * -0.5 + 100) / (1 - 0.0005) = 99.0 - ..., y down = (2 * -0.5 + 20) / 0.9995
    assert pin.knobs["to4"] == pytest.approx([98.95 / 0.9995 + 0.5, 1080 - 0.5 - 19 / 0.9995], abs=1e-8)
    # lower left edge is pixel (-0.5, 479.5): w = 1.4795
    assert pin.knobs["to1"] == pytest.approx([(-1 + 47.95 + 100) / 1.4795 + 0.5, 1079.5 - (959 + 20) / 1.4795], abs=1e-8)
    assert pin.knobs["to2"] == pytest.approx([(1279 + 47.95 + 100) / 1.4795 + 0.5, 1079.5 - (959 + 20) / 1.4795], abs=1e-8)


def test_a_turn_is_counter_clockwise() -> None:
    turned = (0.0, 1.0, 10.0, -1.0, 0.0, 700.0, 0.0, 0.0, 1.0)  # x right goes to y up: a quarter turn counter-clockwise on screen
    space = parse(to_nk(made((Piece(0, 60, Fraction(0), Fraction(1)),), (Key(0, turned),)))[0])["genlock_space"]
    assert (space.kind, space.knobs["rotate"], space.knobs["scale"]) == ("Transform", "90", [1.0, 1.0])


MATRICES = st.builds(
    lambda a, s, k, p, q, x, y: (s * math.cos(a), -s * k * math.sin(a), x, s * math.sin(a), s * k * math.cos(a), y, p, q, 1.0),
    st.floats(-3, 3), st.floats(0.3, 3), st.sampled_from((1.0, 1.0, 1.2, -1.0)), st.sampled_from((0.0, 0.0, 1e-4)), st.sampled_from((0.0, 2e-4)),
    st.floats(-300, 300), st.floats(-300, 300),
)  # fmt: skip


@given(st.lists(MATRICES, min_size=1, max_size=4))
@settings(max_examples=60, deadline=None)
def test_the_picture_lies_where_the_matrix_says(matrices: list[tuple[float, ...]]) -> None:
    keys = tuple(Key(4 + 11 * n, matrix) for n, matrix in enumerate(matrices))
    alignment = made((Piece(0, 60, Fraction(0), Fraction(1)),), keys)
    nodes = parse(to_nk(alignment)[0])
    points = np.array([[0, 0], [639, 0], [320, 200], [639, 479], [3, 470.0]])
    for frame in (0, 4, 7, 15, 16, 31, 59):
        _, _, matrix = seen(nodes["genlock_check"].inputs[1], frame + 1001)
        nuke = apply(matrix, np.c_[points[:, 0] + 0.5, 480 - 0.5 - points[:, 1]])
        wanted = apply(as_array(alignment.matrix_at(frame)), points)
        assert np.abs(np.c_[nuke[:, 0] - 0.5, 1080 - 0.5 - nuke[:, 1]] - wanted).max() < 1e-3


def test_pictures() -> None:
    """Frames of a chart, turned, moved and retimed: numbers and dots are where they belong."""
    chart = Chart(frames=40)
    clip, ref = Media("/m/c.mov", 40, Fraction(24), 160, 96), Media("/m/r.mov", 30, Fraction(24), 201, 131)
    keys = tuple(Key(n, (math.cos(a), -math.sin(a), 20.0 + n, math.sin(a), math.cos(a), 15.25, 0, 0, 1)) for n, a in ((0, 0.0), (29, 0.02)))
    steady, backwards = Piece(0, 10, Fraction(3, 24), Fraction(1)), Piece(10, 10, Fraction(30, 24), Fraction(-1))
    pieces = (steady, backwards, Piece(20, 10, Fraction(2, 24), Fraction(5, 3)))
    alignment = made(pieces, keys, clip, ref)
    laid = parse(to_nk(alignment)[0])["genlock_check"].inputs[1]
    for frame in (0, 5, 12, 23, 29):
        matrix = as_array(alignment.matrix_at(frame))
        image = picture(laid, frame + 1, lambda file, number: chart.frame(number - 1))
        assert image.shape == (131, 201, 3)
        for dot in chart.dots_xy:
            there = apply(matrix, np.array([dot]))[0]
            assert np.abs(np.array(dot_on(image, tuple(there))) - there).max() < 0.1
        wanted = alignment.clip_frames()[frame]
        back = picture(parse(to_nk(replace(alignment, runs=(replace(alignment.runs[0], transform=()),)))[0])["genlock_check"].inputs[1], frame + 1,
                       lambda file, number: chart.frame(number - 1))  # fmt: skip
        assert number_on(back[-96:]) == wanted


@pytest.mark.parametrize(
    ("pieces", "kind", "knob"),
    [
        ((Piece(0, 60, Fraction(5, 24), Fraction(1)),), "TimeOffset", ("time_offset", "995")),
        ((Piece(0, 60, Fraction(7, 24), Fraction(0)),), "FrameHold", ("firstFrame", "8")),
        ((Piece(0, 60, Fraction(60, 24), Fraction(-1)),), "TimeWarp", ("lookup", [[(1001, 60.0), (1060, 1.0)]])),
        ((Piece(0, 48, Fraction(0), Fraction(2)), Piece(48, 12, Fraction(0), Fraction(1))), "TimeWarp",
         ("lookup", [[(1001, 2.0), (1048, 96.0), (1049, 1.0), (1060, 12.0)]])),
    ],
)  # fmt: skip
def test_the_simplest_node(pieces: tuple[Piece, ...], kind: str, knob: tuple[str, object]) -> None:
    alignment = made(pieces)
    text = to_nk(alignment)[0]
    node = parse(text)["genlock_time"]
    assert (node.kind, node.knobs[knob[0]]) == (kind, knob[1])
    assert shown(text, alignment) == alignment.clip_frames()


def test_what_nuke_would_run_is_refused() -> None:
    alignment = made((Piece(0, 60, Fraction(0), Fraction(1)),), clip=replace(CLIP, path="/m/[exec rm x].mov"))
    with pytest.raises(FormatError, match="program"):
        to_nk(alignment)


def test_a_corner_behind_the_picture_is_refused() -> None:
    with pytest.raises(FormatError, match="corner"):
        to_nk(made((Piece(0, 60, Fraction(0), Fraction(1)),), (Key(0, (1.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.004, -0.004, 1.0)),)))


def test_paste_and_st_map() -> None:
    alignment = made((Piece(0, 30, Fraction(0), Fraction(1)),))
    text, _ = to_nk(alignment, paste=True, stmap="/m/map.%04d.exr")
    assert "Root" not in text
    nodes = parse(text)
    assert [op.knobs["name"] for op in nodes["genlock_space"].inputs] == ["genlock_time", "genlock_map"]
    assert [op.knobs["name"] for op in nodes["genlock_seen"].inputs] == ["genlock_space", "genlock_nothing"]
    assert [op.knobs["name"] for op in nodes["genlock_check"].inputs] == ["genlock_ref", "genlock_seen"]


def test_another_parser_reads_it() -> None:
    text = render(made((Piece(0, 30, Fraction(0), Fraction(1)),), (Key(0, shift(3, 4)), Key(20, shift(9, 4)))), ".nk")[0][".nk"].decode()
    script = nkparser.Script.from_string(text)
    assert not [said for said in script.diagnostics if said.severity == nkparser.DiagnosticSeverity.ERROR]
    nodes = {node.name: node for node in script.nodes}
    assert nodes["genlock_check"].class_name == "Merge2"
    assert nodes["genlock_space"].get_string("translate") == "{{curve L x1001 3 x1021 9 x1030 9} 596}"
    assert {node.name for node in nodes["genlock_check"].inputs} == {"genlock_ref", "genlock_seen"}
