"""What the node holds, by numbers worked out by hand; which files its inputs lead to; and how strict the stand-in is."""

from __future__ import annotations

import json
import math
import threading
from fractions import Fraction
from pathlib import Path
from typing import Any

import nkparser
import numpy as np
import pytest

from genlock.core.alignment import Alignment, Key, Media, Piece, Run, Verdict
from genlock.core.space.geometry import apply
from genlock.hosts.nuke.script import NotOurs, by_map, moved, parts
from genlock.otio_adapters.nuke import to_nk

from ...footage import Chart, dot_on, number_on
from ...nuke_eval import Op, picture, seen
from . import fake_nuke
from .conftest import Host, graph

CLIP = Media("/m/clip.mov", 40, Fraction(24), 160, 96)
REF = Media("/m/ref.mov", 30, Fraction(24), 201, 131)


def script_of(keys: tuple[Key, ...], pieces: tuple[Piece, ...] = (Piece(0, 30, Fraction(0), Fraction(1)),), ref: Media = REF) -> str:
    end = sum(piece.ref_count for piece in pieces)
    rest = (Run(end, 30 - end, Verdict.UNMATCHED),) if end < 30 else ()
    return to_nk(Alignment(CLIP, ref, (Run(0, end, Verdict.EXACT, pieces, keys), *rest)))[0]


def filled(host: Host, text: str, clip_later: int = 0, ref_later: int = 0) -> fake_nuke.Node:
    from genlock.hosts.nuke.filling import fill

    node = host.node(None, None)
    fill(node, moved(parts(text), clip_later, ref_later))
    return node


def test_a_corner_pin_by_hand(host: Host) -> None:
    """The clip (160 x 96) is moved 10 right and 4 down in the ref (201 x 131), and squeezed towards its right edge: w = 1 + x / 320.

    Its upper left corner, pixel (-0.5, -0.5), has w = 1 - 1/640 = 639/640 and goes to ((-0.5 + 10) / w, (-0.5 + 4) / w) from the middle
    of the ref's upper left pixel, y down; Nuke's point is 0.5 further right, and 131 - 0.5 less that, y up.
    """
    keystone = (1.0, 0.0, 10.0, 0.0, 1.0, 4.0, 1 / 320, 0.0, 1.0)
    pin = host.group.made(filled(host, script_of((Key(0, keystone),))))["space"]
    assert pin.Class() == "CornerPin2D"
    froms = [pin[f"from{n}"].value() for n in (1, 2, 3, 4)]
    assert froms == ["0 0", "160 0", "160 96", "0 96"], "lower left, lower right, upper right, upper left"
    left, right = 639 / 640, 1 + 159.5 / 320
    wanted = [
        (9.5 / left + 0.5, 130.5 - (95.5 + 4) / left),
        (169.5 / right + 0.5, 130.5 - (95.5 + 4) / right),
        (169.5 / right + 0.5, 130.5 - 3.5 / right),
        (9.5 / left + 0.5, 130.5 - 3.5 / left),
    ]
    for n, at in enumerate(wanted, 1):
        assert [float(word) for word in pin[f"to{n}"].value().split()] == pytest.approx(at, abs=1e-8)


def test_a_transform_by_hand(host: Host) -> None:
    """Moved 10 right and 4 down: the middle of the clip (80, 48) in Nuke goes to (90, 131 - 52) = (90, 79), which is 10 and 31 further."""
    move = host.group.made(filled(host, script_of((Key(0, (1.0, 0.0, 10.0, 0.0, 1.0, 4.0, 0.0, 0.0, 1.0)),))))["space"]
    assert [move[name].value() for name in ("translate", "rotate", "scale", "center")] == ["10 31", 0.0, "1 1", "80 48"]


@pytest.mark.parametrize(
    ("piece", "kind", "knob", "value"),
    [
        # the clip begins 5 frames in: ref file frame 1 shows clip file frame 6; the script shows them at 1001 and 6 - 20 = -14
        (Piece(0, 30, Fraction(5, 24), Fraction(1)), "TimeOffset", "time_offset", 1001 + 14),
        (Piece(0, 30, Fraction(7, 24), Fraction(0)), "FrameHold", "firstFrame", 8 - 20),
        (Piece(0, 30, Fraction(35, 24), Fraction(-1)), "TimeWarp", "lookup", "{curve L x1001 15 x1030 -14}"),
    ],
)
def test_time_counts_as_the_script_does(host: Host, piece: Piece, kind: str, knob: str, value: Any) -> None:
    node = host.group.made(filled(host, script_of((), (piece,)), clip_later=-20, ref_later=1000))["time"]
    assert (node.Class(), node[knob].value()) == (kind, value)


def test_time_alone_when_the_frames_are_the_same_numbers(host: Host) -> None:
    text = script_of((Key(0, (1.0, 0.0, 10.0, 0.0, 1.0, 4.0, 0.0, 0.0, 1.0)),))
    assert [part.name for part in parts(text)] == ["space", "format", "check"]
    made = host.group.made(filled(host, text, clip_later=3, ref_later=3))
    assert "time" not in made
    made = host.group.made(filled(host, text, clip_later=3, ref_later=10))
    assert made["time"]["time_offset"].value() == 7 and made["space"].input(0) is made["time"]


def test_other_nodes_take_the_place_of_those_before(host: Host) -> None:
    from genlock.hosts.nuke.filling import fill
    from genlock.hosts.nuke.script import Part

    node = filled(host, script_of((Key(0, (1.0, 0.0, 10.0, 0.0, 1.0, 4.0, 0.0, 0.0, 1.0)),), (Piece(0, 20, Fraction(30, 24), Fraction(-1)),)))
    made = host.group.made(node)
    with node:
        grade = host.nuke.nodes.Grade()
    grade.setInput(0, made["space"])
    made["format"].setInput(0, grade)
    pins = {f"{side}{n}": "{1 2}" for side in ("to", "from") for n in (1, 2, 3, 4)}
    check = Part("check", "Merge2", {"operation": "difference"}, ("ref", "format"))
    fill(node, [Part("space", "CornerPin2D", pins, ("clip",)), Part("format", "Reformat", {"resize": "none"}, ("space",)), check])
    now = host.group.made(node)
    assert set(now) == {"clip", "ref", "shown", "space", "format", "check"}
    assert now["space"].Class() == "CornerPin2D" and grade.input(0) is now["space"] and now["format"].input(0) is grade
    assert now["space"].input(0) is now["clip"] and now["shown"].input(0) is now["format"] and now["check"].input(1) is now["format"]


def test_pixels(host: Host) -> None:
    """A chart that carries its number, turned, moved and played backwards in a script that counts from elsewhere."""
    chart = Chart(frames=40)
    keys = tuple(Key(n, (math.cos(a), -math.sin(a), 20.0 + n, math.sin(a), math.cos(a), 15.25, 0, 0, 1)) for n, a in ((0, 0.0), (29, 0.02)))
    pieces = (Piece(0, 10, Fraction(3, 24), Fraction(1)), Piece(10, 15, Fraction(30, 24), Fraction(-1)))
    size = {"format": "160 96 0 0 160 96 1 "}
    shows = {"clip": Op("TimeOffset", {"time_offset": "500"}, [Op("Read", {"file": "c", **size})]), "ref": Op("Read", {"file": "r", **size})}
    still = graph(filled(host, script_of((), pieces), 500, -30), shows)["output"]
    turning = graph(filled(host, script_of(keys, pieces), 500, -30), shows)["output"]
    for frame, number in ((0, 3), (9, 12), (10, 29), (24, 15)):
        assert seen(still, frame - 29)[1] == number + 1
        image = picture(turning, frame - 29, lambda file, at: chart.frame(at - 1))
        matrix = (1 - frame / 29) * np.array(keys[0].matrix).reshape(3, 3) + frame / 29 * np.array(keys[1].matrix).reshape(3, 3)
        for dot in chart.dots_xy:
            there = apply(matrix, np.array([dot]))[0]
            assert np.abs(np.array(dot_on(image, tuple(there))) - there).max() < 0.1
        assert number_on(picture(still, frame - 29, lambda file, at: chart.frame(at - 1))[-96:]) == number
    assert not picture(turning, 29 - 29, lambda file, at: chart.frame(at - 1)).any(), "after the last match it is black"


def test_another_parser_reads_the_same_parts() -> None:
    text = script_of((Key(0, (1.0, 0.0, 10.0, 0.0, 1.0, 4.0, 0.0, 0.0, 1.0)),), (Piece(0, 20, Fraction(30, 24), Fraction(-1)),))
    theirs = {node.name: node for node in nkparser.Script.from_string(text).nodes}
    for part in parts(text):
        node = theirs["genlock_" + part.name]
        assert node.class_name == part.kind
        assert {f"genlock_{name}" for name in part.inputs} == {above.name for above in node.inputs}
    with pytest.raises(NotOurs):
        parts("Blur {\n name Blur1\n}\n")


def test_an_st_map_in_place_of_the_move() -> None:
    text = script_of((Key(0, (1.0, 0.0, 10.0, 0.0, 1.0, 4.0, 0.0, 0.0, 1.0)),), (Piece(0, 20, Fraction(30, 24), Fraction(-1)),))
    nodes = {part.name: part for part in by_map(moved(parts(text), 0, 1000), "/m/map.%04d.exr", 0, 29, 1001, (201, 131))}
    assert nodes["space"].kind == "STMap" and nodes["space"].inputs == ("time", "map")
    assert nodes["cover"].inputs == ("space", "map") and nodes["cover"].knobs["operation"] == "mask", "B times the alpha of A"
    assert nodes["seen"].inputs == ("cover", "nothing") and nodes["check"].inputs == ("ref", "seen")
    assert nodes["map"].knobs["frame"] == "1001" and "format" not in nodes
    with pytest.raises(ValueError, match="program"):
        by_map(moved(parts(text), 0, 0), "/m/[exec x].%04d.exr", 0, 29, 1001, (201, 131))


class TestSources:
    """Foundry's manual: `offset` is added to the current frame, `start at` is where the first frame is read in."""

    @pytest.mark.parametrize(
        ("knobs", "later"),
        [
            ({}, 0),
            ({"frame_mode": "expression", "frame": "frame+499"}, -499),
            ({"frame_mode": "expression", "frame": "frame - 10"}, 10),
            ({"frame_mode": "start at", "frame": "1001", "first": "17"}, 984),
            ({"frame_mode": "offset", "frame": "-200"}, 200),
        ],
    )
    def test_frames(self, host: Host, knobs: dict[str, str], later: int) -> None:
        from genlock.hosts.nuke.reads import source

        node = host.node(host.read("/m/a.####.exr", **knobs), None)
        found = source(node, 0, "clip")
        assert (found.file, found.later, found.is_movie) == ("/m/a.####.exr", later, False)

    def test_a_name_that_tcl_would_run_is_told_as_text(self, host: Host) -> None:
        node = host.node(None, None)
        host.flow.say_failed(node, "/m/[exec rm].mov is no footage; look at [inpaint.command]")
        assert host.status(node) == "failed: /m/(exec rm).mov is no footage; look at (inpaint.command)"

    def test_through_other_nodes(self, host: Host) -> None:
        from genlock.hosts.nuke.reads import NoSource, source

        read = host.read("/m/a.mov")
        grade, offset, move = host.nuke.nodes.Grade(), host.nuke.nodes.TimeOffset(), host.nuke.nodes.Transform()
        grade.setInput(0, read)
        offset.setInput(0, grade)
        offset["time_offset"].setValue(12)
        move.setInput(0, offset)
        assert source(host.node(offset, None), 0, "clip").later == 12
        with pytest.raises(NoSource, match=r"Transform1 \(Transform\) stands between clip and its file"):
            source(host.node(move, None), 0, "clip")

    def test_out_of_a_group_and_through_a_switch(self, host: Host) -> None:
        from genlock.hosts.nuke.reads import NoSource, source

        first, second = host.read("/m/a.mov"), host.read("/m/b.mov", frame_mode="offset", frame="-5")
        switch, outer, reverse = host.nuke.nodes.Switch(), host.nuke.nodes.Group(), host.nuke.nodes.TimeOffset()
        for index, read in enumerate((first, second)):
            switch.setInput(index, read)
        switch["which"].setValue("1")
        outer.setInput(1, switch)
        with outer:
            entry, move = host.nuke.nodes.Input(), host.nuke.nodes.Transform()
            entry["number"].setValue(1)
            move.setInput(0, entry)
            move["disable"].setValue(True)
            inner = host.node(move, None)
        assert (source(inner, 0, "clip").file, source(inner, 0, "clip").later) == ("/m/b.mov", 5)
        switch.readKnobs("which {{curve L x1 0 x50 1}}")
        with pytest.raises(NoSource, match="now this file and now that"):
            source(inner, 0, "clip")
        reverse.setInput(0, first)
        reverse["reverse_input"].setValue(True)
        with pytest.raises(NoSource, match="moves it"):
            source(host.node(reverse, None), 0, "clip")

    @pytest.mark.parametrize(
        ("knobs", "said"),
        [
            ({"frame_mode": "expression", "frame": "frame*2"}, "no whole offset"),
            ({"frame_mode": "offset", "frame": "x"}, "no whole offset"),
            ({"file": ""}, "names no file"),
            ({"file": "shots/a.mov"}, "relative path"),
        ],
    )
    def test_refused(self, host: Host, knobs: dict[str, str], said: str) -> None:
        node = host.node(host.read(**{"file": "/m/a.mov", **knobs}), None)
        host.press(node)
        assert host.state(node) == "failed" and said in host.status(node)

    def test_nothing_connected(self, host: Host) -> None:
        node = host.node(None, None)
        host.press(node)
        assert host.status(node) == "failed: clip is not connected to a Read; connect one to the input clip of this node"


def test_the_knobs_are_the_settings(host: Host) -> None:
    from genlock.hosts.nuke.knobs import FILE, settings_given

    node = host.node(None, None)
    fields = {field["name"]: field for field in json.loads(Path(FILE).read_text())["jobs"]["align"]}
    names = {name[3:] for name in node._knobs if name.startswith("gl_")}
    assert names == set(fields) - {"range", "edl", "otio"}
    assert node["gl_quality"].values() == fields["quality"]["choices"] and node["gl_quality"].value() == fields["quality"]["default"]
    assert settings_given(node) == {}
    node["gl_quality"].setValue("draft")
    node["gl_anchor"].setValue("100=1100, 00:00:10:05=00:00:07:12")
    node["gl_clip_rate"].setValue(" 23.976 ")
    assert settings_given(node) == {"quality": "draft", "anchor": ["100=1100", "00:00:10:05=00:00:07:12"], "clip_rate": "23.976"}


class TestTheStandInIsStrict:
    def test_it_refuses_what_nuke_would(self, host: Host) -> None:
        nuke = host.nuke
        for wrong in (
            lambda: nuke.nosuch(), lambda: nuke.nodes.Blurr(), lambda: nuke.nodes.Grade()["gaim"], lambda: nuke.nodes.Grade().readKnobs("gaim 1"),
            lambda: nuke.nodes.TimeWarp().readKnobs("filter cubic"), lambda: nuke.nodes.TimeWarp().readKnobs("lookup {{curve L 1 2}}"),
            lambda: nuke.nodes.Grade().setInput(5, None), lambda: nuke.String_Knob("a").setValue(3), lambda: nuke.Enumeration_Knob("a", "a", []),
            lambda: nuke.executeInMainThread(print),
        ):  # fmt: skip
            with pytest.raises((AttributeError, RuntimeError, NameError, TypeError, ValueError, AssertionError)):
                wrong()

    def test_it_refuses_other_threads(self, host: Host) -> None:
        node, raised = host.node(None, None), []

        def touch() -> None:
            for act in (node.name, lambda: node["status"].setValue("x"), host.nuke.allNodes, host.nuke.nodes.Grade):
                try:
                    act()
                except RuntimeError as error:
                    raised.append(str(error))

        thread = threading.Thread(target=touch)
        thread.start()
        thread.join()
        assert len(raised) == 4 and all("main thread" in text for text in raised)
