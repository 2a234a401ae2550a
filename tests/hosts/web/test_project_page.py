"""An inpainting project over real HTTP: what is told, what is shown, what is kept, while pictures are still being painted."""

from __future__ import annotations

import hashlib
import json
import sys
import time
from dataclasses import replace

import cv2
import numpy as np
import pytest

from genlock.core.errors import UsageError
from genlock.core.inpaint.project import Selection, create_project, open_project
from genlock.core.inpaint.project.config import to_text
from genlock.hosts.web.project_desk import ProjectDesk
from genlock.tests.hosts.web.made_project import (
    COUNT,
    KEYFRAMES,
    SIZE_HW,
    TINTS,
    composite,
    disc,
    made_project,
    paint_on,
    picture,
    write_film,
)  # fmt: skip
from genlock.tests.hosts.web.visitor import served


def shown(data: bytes) -> np.ndarray:
    got = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_UNCHANGED)
    return cv2.cvtColor(got, cv2.COLOR_BGR2RGB) if got.ndim == 3 else got


def png(mask: np.ndarray) -> bytes:
    return cv2.imencode(".png", mask)[1].tobytes()


def group(state: dict, keyframe: int) -> dict:
    return next(one for one in state["groups"] if one["keyframe"] == keyframe)


def test_what_the_page_is_told(root):
    with served(ProjectDesk(str(root))) as client:
        state = client.get("/api/state")
    assert (state["ready"], state["held"], state["size"]) == (True, False, list(SIZE_HW))
    assert state["rate"] == pytest.approx(24000 / 1001)
    assert [one["keyframe"] for one in state["groups"]] == list(KEYFRAMES)
    assert [(one["first"], one["last"]) for one in state["groups"]] == [(0, 5), (6, 11), (12, 17)]
    assert [one["flagged"] for one in state["groups"]] == [False, True, False]
    assert "moves" in group(state, 6)["flag"] and group(state, 6)["figures"]["excess_warp"] == 4.2
    assert [job["seed"] for job in group(state, 12)["jobs"]] == [1, 2, 3, 4]
    assert {job["state"] for one in state["groups"] for job in one["jobs"]} == {"done"}
    assert all(one["comp"] and one["said"]["action"] == "" for one in state["groups"])


def test_pictures_are_the_projects_own(root):
    with served(ProjectDesk(str(root))) as client:
        job = group(client.get("/api/state"), 6)["jobs"][1]["job"]
        at = {path: shown(client.send("GET", f"/picture/{path}")[2]) for path in ("src/7", "mask/7", "comp/7", f"laid/6/{job}", f"painted/6/{job}")}
        assert (at["src/7"] == picture(7)).all()
        assert ((at["mask/7"] > 0) == disc()).all()
        assert (at["comp/7"][disc()] == TINTS[1]).all() and (at["comp/7"][~disc()] == picture(7)[~disc()]).all()
        assert (at[f"laid/6/{job}"][~disc()] == picture(6)[~disc()]).all(), "outside the mask is the original"
        green = at[f"laid/6/{job}"][66, 120].astype(int)
        assert green[1] > green[0] + 60 and green[1] > green[2] + 60, "inside, what seed 2 painted"
        assert at[f"painted/6/{job}"].shape == (128, 128, 3)
        assert shown(client.send("GET", "/picture/src/7?size=thumb")[2]).shape == (*SIZE_HW, 3)


def test_a_picture_is_sent_again_only_when_it_has_changed(root):
    with served(ProjectDesk(str(root))) as client:
        _, headers, _ = client.send("GET", "/picture/comp/3")
        assert client.send("GET", "/picture/comp/3", If_None_Match=headers["etag"])[0] == 304
        frame = np.full((*SIZE_HW, 3), 90, np.uint8)
        cv2.imwrite(str(root / "comp" / "000003.png"), frame)
        status, _, body = client.send("GET", "/picture/comp/3", If_None_Match=headers["etag"])
        assert status == 200 and (shown(body) == frame).all()


def test_every_pick_is_on_the_disk_at_once(root):
    with served(ProjectDesk(str(root))) as client:
        jobs = group(client.get("/api/state"), 0)["jobs"]
        told = client.post("/api/pick", {"keyframe": 0, "action": "pick", "job": jobs[2]["job"]})
        assert group(told, 0)["said"] == {"action": "pick", "job": jobs[2]["job"], "note": "", "again": ""}
        client.post("/api/pick", {"keyframe": 6, "action": "drop"})
        client.post("/api/pick", {"keyframe": 12, "action": "redo"})
        kept = json.loads((root / "picks" / "selections.json").read_text())
        file = root / "jobs" / jobs[2]["job"] / "result_000.png"
        assert kept["0"]["sha256"] == hashlib.sha256(file.read_bytes()).hexdigest()
        assert [kept[str(k)]["action"] for k in KEYFRAMES] == ["pick", "drop", "redo"]
        assert kept["12"]["seed"] == 5, "the next seed that was not tried"
        client.post("/api/pick", {"keyframe": 6, "action": "clear"})
    assert set(open_project(root).selections()) == {0, 12}


def test_what_was_picked_elsewhere_stays(root):
    """A terminal picks while the page is open; neither loses what the other said."""
    with served(ProjectDesk(str(root))) as client:
        client.post("/api/pick", {"keyframe": 0, "action": "drop"})
        open_project(root).save_selection(6, Selection("drop", note="by hand"))
        told = client.post("/api/pick", {"keyframe": 12, "action": "drop"})
    assert [one["said"]["action"] for one in told["groups"]] == ["drop"] * 3


NONSENSE = [
    ({"keyframe": 1, "action": "drop"}, 404),
    ({"keyframe": 0, "action": "pick", "job": "../../picks"}, 404),
    ({"keyframe": 0, "action": "explode"}, 404),
    ({"keyframe": "0", "action": "drop"}, 400),
    ({"keyframe": True, "action": "drop"}, 400),
    ({"keyframe": 0, "action": "drop", "path": "/etc"}, 400),
    ([], 400),
]
NO_MASKS = [
    (6, b"", 400),
    (6, b"GIF89a", 400),
    (6, png(np.zeros((5, 5), np.uint8)), 400),
    (7, png(np.zeros(SIZE_HW, np.uint8)), 404),
]


def test_a_question_that_makes_no_sense_changes_nothing(root):
    with served(ProjectDesk(str(root))) as client:
        for said, status in NONSENSE:
            assert client.post("/api/pick", said, expect=status)["error"]
        for keyframe, body, status in NO_MASKS:
            assert client.send("POST", f"/api/mask/{keyframe}", body, Origin=client.origin)[0] == status
        client.post("/api/pick", {"keyframe": 0, "action": "drop"})
    assert set(open_project(root).selections()) == {0}
    assert not list((root / "picks").rglob("*.png"))


def test_pictures_that_are_still_being_painted(tmp_path):
    """The painter is at its sixth picture: five are there, the others are coming, and appear without a restart."""
    root = made_project(tmp_path, most_painted=5, checked=False, composited=False).root
    with served(ProjectDesk(str(root))) as client:
        state = client.get("/api/state")
        states = [job["state"] for one in state["groups"] for job in one["jobs"]]
        assert states == ["done"] * 5 + ["waiting"] * 7
        assert [one["comp"] for one in state["groups"]] == [0, 0, 0]
        waiting = group(state, 6)["jobs"][2]["job"]
        client.post("/api/pick", {"keyframe": 6, "action": "pick", "job": waiting}, expect=400)
        assert client.send("GET", f"/picture/painted/6/{waiting}")[0] == 404
        assert client.send("GET", "/picture/comp/6")[0] == 404
        with open_project(root).locked():
            assert client.get("/api/state")["held"]
        paint_on(root)
        assert {job["state"] for one in client.get("/api/state")["groups"] for job in one["jobs"]} == {"done"}
        assert client.send("GET", f"/picture/painted/6/{waiting}")[0] == 200


def test_a_project_that_has_not_run_says_what_is_missing(tmp_path):
    write_film(tmp_path / "plate.mkv", [picture(0)])
    cv2.imwrite(str(tmp_path / "matte.png"), disc().astype(np.uint8) * 255)
    root = tmp_path / "new.genlock"
    create_project(root, str(tmp_path / "plate.mkv"), str(tmp_path / "matte.png"))
    with served(ProjectDesk(str(root))) as client:
        state = client.get("/api/state")
    assert not state["ready"] and "not extracted yet" in state["why"]


def test_what_is_no_project_is_refused_before_anything_listens(tmp_path):
    with pytest.raises(UsageError):
        ProjectDesk(str(tmp_path))


def test_notes_are_kept_before_and_after_a_pick(root):
    with served(ProjectDesk(str(root))) as client:
        told = client.post("/api/note", {"keyframe": 6, "text": " edge too hard, Größe? "})
        assert group(told, 6)["said"]["note"] == "edge too hard, Größe?"
        client.post("/api/pick", {"keyframe": 6, "action": "redo"})
        assert open_project(root).selections()[6].note == "edge too hard, Größe?"
        client.post("/api/note", {"keyframe": 6, "text": "better"})
        kept = open_project(root).selections()[6]
        assert (kept.action, kept.note, kept.seed) == ("redo", "better", 5), "a note asks for no further picture"
        assert group(client.post("/api/note", {"keyframe": 6, "text": ""}), 6)["said"]["note"] == ""
        assert open_project(root).selections()[6].note == ""


def test_the_page_opens_where_the_person_was(root):
    with served(ProjectDesk(str(root))) as client:
        assert client.get("/api/state")["seat"]["keyframe"] is None
        client.post("/api/seat", {"keyframe": 12})
        client.post("/api/seat", {"advance": False})
    with served(ProjectDesk(str(root))) as client:
        assert client.get("/api/state")["seat"] == {"keyframe": 12, "advance": False, "notes": {}}


def test_a_corrected_mask_is_kept_and_the_keyframe_is_painted_again(root):
    wider = np.where(np.roll(disc(), 9, axis=1) | disc(), 255, 0).astype(np.uint8)
    before = [job.job for job in open_project(root).jobs(6)]
    with served(ProjectDesk(str(root))) as client:
        status, _, body = client.send("POST", "/api/mask/6", png(wider), Origin=client.origin)
        assert status == 200
        told = group(json.loads(body), 6)
        assert told["corrected"] and told["said"]["action"] == "redo"
        assert (shown(client.send("GET", "/picture/mask/6")[2]) == wider).all()
        paint_on(root)
        project = open_project(root)
        assert (project.mask(6) == wider).all(), "the engine takes the corrected mask"
        after = project.jobs(6)
        assert [job.seed for job in after] == [1, 2, 3, 4, 5] and {job.state for job in after} == {"done"}
        assert not {job.job for job in after} & set(before), "another mask is another question"
        assert group(client.get("/api/state"), 6)["said"]["again"] == "painted again", "and it waits for a pick"
        assert (project.mask(0) > 0).sum() == disc().sum(), "other frames keep theirs"


def test_only_frames_that_are_worked_on_are_shown(root):
    with served(ProjectDesk(str(root))) as client:
        assert client.send("GET", f"/picture/src/{COUNT - 1}")[0] == 200
        assert client.send("GET", f"/picture/src/{COUNT}")[0] == 404


def test_a_pick_that_was_made_anew_since_waits_for_the_person_again(root):
    project = open_project(root)
    project.save_selection(0, Selection("pick", project.jobs(0)[1].job, "result_000.png", seed=2))
    project.save_selection(12, Selection("redo"))
    project.save_mask_correction(0, np.where(np.roll(disc(), 3, axis=0), 255, 0).astype(np.uint8))
    with served(ProjectDesk(str(root))) as client:
        assert [group(client.get("/api/state"), k)["said"]["action"] for k in (0, 12)] == ["pick", "redo"]
        paint_on(root)
        told = [group(client.get("/api/state"), k)["said"] for k in (0, 12)]
        assert [(said["action"], said["again"]) for said in told] == [("", "picked before, and made anew since"), ("", "painted again")]


def test_a_run_from_the_page_tells_why_it_failed(root):
    """Another picture is asked for, of a painter that is a program, and none is named: the run says so, and the page with it."""
    with served(ProjectDesk(str(root))) as client:
        client.post("/api/pick", {"keyframe": 0, "action": "redo"})
        assert client.post("/api/run", {})["run"]["state"] == "running"
        client.post("/api/run", {}, expect=409)
        until = time.monotonic() + 60
        while (told := client.get("/api/state")["run"])["state"] == "running" and time.monotonic() < until:
            time.sleep(0.1)
    assert told["state"] == "failed" and "command" in told["what"]


@pytest.mark.parametrize(("trust", "says"), [(False, "--trust"), (True, "the program ran")])
def test_a_run_from_the_page_starts_a_program_only_where_it_is_trusted(root, trust, says):
    project = open_project(root)
    words = (sys.executable, "-c", "raise SystemExit('the program ran')", "{picture}", "{mask}", "{out}")
    config = replace(project.config, command=replace(project.config.command, command=words))
    project.path("genlock.toml").write_text(to_text(config))
    project.save_selection(0, Selection("redo"))
    with served(ProjectDesk(str(root), trust)) as client:
        client.post("/api/run", {})
        until = time.monotonic() + 60
        while (told := client.get("/api/state")["run"])["state"] == "running" and time.monotonic() < until:
            time.sleep(0.1)
    assert told["state"] == "failed" and says in told["what"]


def test_new_composites_are_seen(root):
    with served(ProjectDesk(str(root))) as client:
        first = group(client.get("/api/state"), 6)["comp"]
        (root / "comp" / "000008.png").unlink()
        assert group(client.get("/api/state"), 6)["comp"] == 0
        composite(open_project(root))
        assert group(client.get("/api/state"), 6)["comp"] >= first
