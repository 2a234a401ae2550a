"""An alignment over real HTTP: both pictures, runs judged, frames anchored, solved again, written."""

from __future__ import annotations

import json
import shutil
import time
from pathlib import Path

import cv2
import numpy as np
import pytest

from genlock.core.alignment import Alignment, Verdict
from genlock.core.errors import OutputError, UsageError
from genlock.core.media.plates import open_plates
from genlock.hosts.web.aligned_desk import AlignedDesk
from genlock.otio_adapters.formats import read
from genlock.tests.hosts.web.made_pair import OFFSET, made_pair
from genlock.tests.hosts.web.visitor import Client, served


@pytest.fixture(scope="module")
def pair(tmp_path_factory) -> Path:
    """A folder with pair.json and pair.otio."""
    folder = tmp_path_factory.mktemp("pair")
    made_pair(folder)
    return folder


@pytest.fixture
def aligned(pair, tmp_path) -> Path:
    """pair.json, alone in a folder of its own; it names its media by whole paths."""
    return Path(shutil.copy(pair / "pair.json", tmp_path / "pair.json"))


def frame(path: Path, number: int) -> np.ndarray:
    with open_plates(path) as plates:
        return np.clip(next(iter(plates.at([number]))).rgb(), 0, 1)


def shown(client: Client, path: str) -> np.ndarray:
    status, _, body = client.send("GET", path)
    assert status == 200
    return cv2.cvtColor(cv2.imdecode(np.frombuffer(body, np.uint8), cv2.IMREAD_COLOR), cv2.COLOR_BGR2RGB).astype(np.float32) / 255


def test_what_the_page_is_told(aligned):
    with served(AlignedDesk(str(aligned))) as client:
        state = client.get("/api/state")
    assert state["frames"] == [[OFFSET, 1, state["ref"]["frames"]]]
    assert [run["verdict"] for run in state["runs"]] == ["exact"]
    assert (state["ref"]["size"], state["at"], state["anchors"]) == ([180, 320], 0, [])


def test_both_pictures_in_any_order_and_in_place(pair, aligned):
    with served(AlignedDesk(str(aligned))) as client:
        for n in (30, 4, 5, 57):
            assert np.abs(shown(client, f"/picture/ref/{n}") - frame(pair / "ref.mp4", n)).max() <= 0.51 / 255
            assert np.abs(shown(client, f"/picture/clip/{n}") - frame(pair / "clip.mp4", n)).max() <= 0.51 / 255
            apart = np.abs(shown(client, f"/picture/laid/{n}/{n + OFFSET}") - frame(pair / "ref.mp4", n)).mean()
            assert apart < 0.02, "laid where it belongs, it is the ref's picture"
        assert client.send("GET", "/picture/ref/58")[0] == 404
        assert client.send("GET", "/picture/laid/58/0")[0] == 404
        assert client.send("GET", "/picture/laid/0/9999")[0] == 404


def test_runs_are_judged_and_written_and_the_file_itself_stays(aligned):
    before = aligned.read_bytes()
    with served(AlignedDesk(str(aligned))) as client:
        told = client.post("/api/run", {"first": 0, "action": "reject"})
        assert told["runs"][0]["said"] == "reject"
        client.post("/api/note", {"first": 0, "text": "another take"})
        client.post("/api/seat", {"at": 12})
        sentence = client.post("/api/write", {})["sentence"]
    out = aligned.with_name("pair.reviewed.json")
    assert str(out) in sentence
    written = Alignment.load(out)
    assert {run.verdict for run in written.runs} == {Verdict.UNMATCHED} and written.evidence["reviewed"]["rejected"]
    assert aligned.read_bytes() == before
    with served(AlignedDesk(str(aligned))) as client:
        state = client.get("/api/state")
        assert (state["runs"][0]["said"], state["runs"][0]["note"], state["at"]) == ("reject", "another take", 12)


def test_an_anchor_by_hand_is_solved_again(aligned):
    """Ref frame 20 is said to show clip frame 31, two later than it does: the new answer obeys, and is written as a timeline."""
    out = aligned.with_name("fixed.otio")
    with served(AlignedDesk(str(aligned), str(out))) as client:
        told = client.post("/api/anchor", {"ref": 20, "clip": 31})
        assert (told["anchors"], told["unsolved"], told["run"]["state"]) == ([[31, 20]], 1, "idle")
        client.post("/api/solve", {})
        client.post("/api/solve", {}, expect=409)
        until = time.monotonic() + 60
        while (state := client.get("/api/state"))["run"]["state"] == "running" and time.monotonic() < until:
            time.sleep(0.1)
        assert state["run"]["state"] == "done", state["run"]
        assert (state["solved"], state["unsolved"]) == (1, 0)
        client.post("/api/write", {})
    found = read(str(out))
    assert found.clip_frames()[20] == 31
    assert found.clip_frames()[:18] == [n + OFFSET for n in range(18)]


def test_an_anchor_can_be_forgotten(aligned):
    with served(AlignedDesk(str(aligned))) as client:
        client.post("/api/anchor", {"ref": 20, "clip": 31})
        assert client.post("/api/anchor", {"ref": 20})["anchors"] == []
        client.post("/api/anchor", {"ref": 20, "clip": 9999}, expect=404)
        client.post("/api/run", {"first": 5, "action": "accept"}, expect=404)
        client.post("/api/run", {"first": 0, "action": "praise"}, expect=400)
    assert json.loads(aligned.with_name("pair.json.review.json").read_text())["anchors"] == []


def test_an_output_that_would_overwrite_what_is_read_is_refused(pair, aligned):
    with pytest.raises(OutputError):
        AlignedDesk(str(aligned), str(aligned))
    with pytest.raises(OutputError):
        AlignedDesk(str(aligned), str(pair / "clip.mp4").replace(".mp4", ".mp4/x.json"))
    with pytest.raises(UsageError):
        AlignedDesk(str(aligned), str(aligned.with_suffix(".docx")))


def test_media_elsewhere_is_told(aligned):
    notes: list[str] = []
    AlignedDesk(str(aligned), note=notes.append).close()
    assert len(notes) == 2 and "clip.mp4" in notes[0] and "ref.mp4" in notes[1]


def test_media_that_is_gone_is_named(aligned):
    body = json.loads(aligned.read_text())
    body["ref"]["path"] = str(aligned.with_name("gone.mp4"))
    aligned.write_text(json.dumps(body))
    with served(AlignedDesk(str(aligned))) as client:
        status, _, said = client.send("GET", "/picture/ref/0")
        assert status == 409 and "gone.mp4" in json.loads(said)["error"]
        assert client.send("GET", "/picture/clip/0")[0] == 200
