"""FFmpeg's protocols and addresses as names: on the command line, in timelines, edit lists, tables, projects and requests."""

from __future__ import annotations

import json

import pytest

ADDRESSES = (
    "http://127.0.0.1:9/x.mp4", "HTTPS://127.0.0.1:9/x.mp4", "fTp://127.0.0.1/x.mp4", "file:{private}", "FILE://{private}", "fIlE:{private}",
    "subfile,,start,0,end,0,,:{private}", "subfile:{private}", "concat:{private}|{private}", "concatf:{private}", "crypto:{private}",
    "crypto+file:{private}", "data:video/mp4;base64,AAAA", "cache:{private}", "async:{private}", "pipe:0", "fd:0", "tee:{private}",
    "rtmp://127.0.0.1/x", "udp://127.0.0.1:9", "unix:/tmp/x", "srt://127.0.0.1:9", "ffrtmphttp://127.0.0.1/x", "bluray:{private}", "/dev/stdin",
    "/dev/zero",
)  # fmt: skip


@pytest.mark.parametrize("address", ADDRESSES)
def test_on_the_command_line_and_in_requests(stage, private, footage, address):
    path, opened = private
    name = address.replace("{private}", str(path))
    stage.refused("align", name, footage / "ref.mp4", "-o", stage.out / "a.otio")
    (stage.root / "job").mkdir()
    request = {"genlock": 1, "kind": "retime", "inputs": {"footage": name}, "outputs": [str(stage.out / "r.mov")], "settings": {"rate": "50"}}
    (stage.root / "job/request.json").write_text(json.dumps(request))
    stage.refused("run", stage.root / "job", made=("job",))
    assert not opened()


def test_in_an_alignment_and_its_timeline(stage, private, footage):
    """What is rendered from. A path of a file itself is what an alignment is made of, and is told; an address is refused."""
    path, opened = private
    told = json.loads((footage / "a.json").read_text())
    timeline = (footage / "a.otio").read_text()
    for address in ADDRESSES:
        name = address.replace("{private}", str(path))
        told["clip"].update(path=name, digest="")
        (stage.inside / "a.json").write_text(json.dumps(told))
        stage.refused("render", stage.inside / "a.json", "-o", stage.out / "r.mov")
        (stage.inside / "a.otio").write_text(timeline.replace(json.dumps(str(footage / "clip.mp4"))[1:-1], name))
        stage.refused("render", stage.inside / "a.otio", "-o", stage.out / "r.mov")
    assert not opened()


def test_in_edits_that_are_conformed(stage, private, footage):
    """Names in an edit are looked up among the footage that was named; none is opened."""
    path, opened = private
    for address in ADDRESSES[::3]:
        name = address.replace("{private}", str(path))
        event = "001  AX       V     C        00:00:00:00 00:00:00:05 00:00:00:00 00:00:00:05"
        edl = f"TITLE: x\n\n{event}\n* FROM CLIP NAME: {name}\n* SOURCE FILE: {name}\n"
        (stage.inside / "e.edl").write_text(edl)
        ended = stage.genlock("conform", stage.inside / "e.edl", "--rate", "25", "--aligned", footage / "a.json", "-o", stage.out / "e.edl")
        assert ended.kind in ("accepted", "refused"), ended
        for suffix in ("xml", "fcpxml"):
            text = (footage / f"a.{suffix}").read_text().replace((footage / "clip.mp4").as_uri(), name.replace("&", "&amp;"))
            (stage.inside / f"e.{suffix}").write_text(text)
            edit = [stage.inside / f"e.{suffix}", "--aligned", footage / "a.json", "-o", stage.out / f"e.{suffix}"]
            assert stage.genlock("conform", *edit).kind in ("accepted", "refused")
    assert not opened()


def test_in_a_project_and_in_a_table_of_pairs(stage, private, footage):
    path, opened = private
    for address in ADDRESSES[::2]:
        name = address.replace("{private}", str(path))
        root = stage.root / "project"
        root.mkdir(exist_ok=True)
        (root / "genlock.toml").write_text(f"schema_version = 1\n[input]\nvideo = {json.dumps(name)}\n")
        stage.refused("inpaint", "run", root, made=("project",))
        (root / "genlock.toml").write_text(
            f'schema_version = 1\n[input]\nvideo = "{footage}/ref.mp4"\n[mask]\nfile = {json.dumps(name)}\n'
        )
        stage.refused("inpaint", "run", root, made=("project",))
    assert not opened()
