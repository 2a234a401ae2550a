"""ComfyUI as a painter, before a server with a queue, a history that comes late, and files that outlive it."""

from __future__ import annotations

import json
import threading
import time
import uuid
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

from genlock.core.errors import Cancelled
from genlock.core.inpaint.bridge.comfyui import ComfyUI, outcome, waiting
from genlock.core.inpaint.bridge.settings import ComfySettings
from genlock.core.inpaint.contract import Ask, Painted, PaintError, RetryLater, ServerError
from genlock.tests.core.inpaint.servers import paints
from genlock.tests.core.inpaint.servers.comfyui import FakeComfyUI

from .asks import ask, never


@pytest.fixture
def fake() -> Iterator[FakeComfyUI]:
    with FakeComfyUI() as server:
        yield server


def painter(fake: FakeComfyUI, **more: Any) -> ComfyUI:
    return ComfyUI(ComfySettings(url=fake.url, **{"probe": False, "model": "inpaint", **more}))


def in_hole(painted: Painted, asked: Ask) -> bool:
    colour = paints.colour(asked.seed, asked.prompt).astype(asked.picture.dtype) * (257 if asked.picture.dtype == np.uint16 else 1)
    same_kind = painted.picture.shape == asked.picture.shape and painted.picture.dtype == asked.picture.dtype
    return same_kind and bool((painted.picture[asked.mask > 0] == colour).all())


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
def test_paints_the_hole(fake: FakeComfyUI, dtype: type) -> None:
    asked = ask(dtype=dtype, sampler="Euler")
    painted = painter(fake).paint(asked, never)
    assert in_hole(painted, asked)
    assert (painted.facts["model"], painted.facts["sampler"], painted.facts["version"]) == ("inpaint.safetensors", "euler", "0.3.64")
    json.dumps(dict(painted.facts))


def test_what_lies_outside_comes_back_changed_and_is_no_reason_to_refuse(fake: FakeComfyUI) -> None:
    """The decoder touches every pixel; the composite is genlock's own."""
    asked = ask()
    painted = painter(fake, probe=True).paint(asked, never)
    assert (painted.picture != asked.picture)[asked.mask == 0].any() and in_hole(painted, asked)


def test_a_server_that_ignores_the_mask_is_found_out(fake: FakeComfyUI) -> None:
    fake.obeys_mask = False
    with pytest.raises(ServerError, match="does not obey the mask"):
        painter(fake, probe=True).identity()


@pytest.mark.parametrize("late", [0.0, 0.4])
def test_success_is_told_before_history_has_it(fake: FakeComfyUI, late: float) -> None:
    fake.history_late_s = late
    asked = ask()
    assert in_hole(painter(fake).paint(asked, never), asked)
    assert len(fake.runs) == 1


def test_without_a_websocket_it_asks_instead(fake: FakeComfyUI) -> None:
    fake.sockets = False
    fake.history_late_s = 0.2
    asked = ask()
    assert in_hole(painter(fake).paint(asked, never), asked)


def test_progress_is_told_while_it_paints(fake: FakeComfyUI) -> None:
    heard: list[tuple[float, str]] = []
    bridge, fake.step_s = painter(fake), 0.03
    bridge.tell = lambda done, what: heard.append((done, what))
    bridge.paint(ask(steps=8), never)
    assert (0.5, "step 4 of 8") in heard and heard == sorted(heard)


def test_a_failure_is_told_with_its_node(fake: FakeComfyUI) -> None:
    with pytest.raises(PaintError, match="failed in CheckpointLoaderSimple: Error while deserializing header: incomplete metadata"):
        painter(fake, model="corrupt").paint(ask(), never)


def test_an_interruption_is_told_apart_from_a_failure(fake: FakeComfyUI) -> None:
    fake.step_s = 0.05
    threading.Thread(target=lambda: fake.at_step.wait(5) and fake.interrupt.set(), daemon=True).start()
    with pytest.raises(PaintError, match="was interrupted at the server"):
        painter(fake).paint(ask(steps=100), never)


def test_a_failed_picture_can_be_painted_again_and_the_old_failure_is_not_taken_for_it(fake: FakeComfyUI) -> None:
    fake.step_s, asked = 0.02, ask(steps=50)
    threading.Thread(target=lambda: (_until(lambda: fake.running), fake.interrupt.set()), daemon=True).start()
    with pytest.raises(PaintError):
        painter(fake).paint(asked, never)
    fake.step_s = 0.0
    assert in_hole(painter(fake).paint(asked, never), asked)
    assert len(set(fake.runs)) == 2


def test_what_is_done_already_is_not_sent_again(fake: FakeComfyUI) -> None:
    asked = ask()
    first = painter(fake).paint(asked, never)
    second = painter(fake).paint(asked, never)
    assert (first.picture == second.picture).all() and len(fake.runs) == 1 and fake.count("/prompt") == 1


def test_what_still_waits_in_the_queue_is_not_sent_again(fake: FakeComfyUI) -> None:
    """A run was killed after it had sent; the next run finds its prompt where it left it."""
    fake.held.clear()
    asked = ask()
    with pytest.raises(KeyboardInterrupt):
        painter(fake).paint(asked, _raising(lambda: bool(fake.pending)))
    painted = painter(fake).paint(asked, lambda: bool(fake.held.set()))
    assert in_hole(painted, asked) and len(fake.runs) == 1 and fake.count("/prompt") == 1


def test_files_are_found_after_the_server_was_started_anew(fake: FakeComfyUI) -> None:
    asked = ask()
    painter(fake).paint(asked, never)
    fake.restart()
    assert in_hole(painter(fake).paint(asked, never), asked)
    assert len(fake.runs) == 1


@pytest.mark.parametrize("forgotten", [True, False])
def test_a_file_that_was_cut_short_is_painted_again(fake: FakeComfyUI, forgotten: bool) -> None:
    asked = ask()
    painter(fake).paint(asked, never)
    if forgotten:
        fake.restart()
    fake.files = {where: data[:-20] for where, data in fake.files.items()}
    assert in_hole(painter(fake).paint(asked, never), asked)
    assert len(fake.runs) == 2


def test_a_file_that_was_deleted_is_painted_again(fake: FakeComfyUI) -> None:
    asked = ask()
    painter(fake).paint(asked, never)
    fake.files.clear()
    assert in_hole(painter(fake).paint(asked, never), asked)


@pytest.mark.parametrize("how", ["restart", "delete"])
def test_a_prompt_that_is_gone_may_be_sent_again(fake: FakeComfyUI, monkeypatch: pytest.MonkeyPatch, how: str) -> None:
    """Neither queue nor history knows a prompt that was deleted, or that a restart forgot."""
    monkeypatch.setattr(waiting, "GONE_S", 0.3)
    fake.held.clear()
    asked = ask()
    threading.Thread(target=lambda: (_until(lambda: fake.pending), fake.restart() if how == "restart" else fake.pending.clear()), daemon=True).start()
    with pytest.raises(RetryLater, match="does not know the picture any more"):
        painter(fake).paint(asked, never)
    fake.held.set()
    assert in_hole(painter(fake).paint(asked, never), asked)


def test_outputs_that_the_server_lost_are_made_once_more(fake: FakeComfyUI) -> None:
    fake.loses_outputs = 1
    asked = ask()
    assert in_hole(painter(fake).paint(asked, never), asked)
    assert len(set(fake.runs)) == 2
    fake.loses_outputs = 5
    with pytest.raises(PaintError, match="has painted the picture, and has none"):
        painter(fake).paint(ask(seed=9), never)


def test_every_prompt_says_who_sends_it(fake: FakeComfyUI) -> None:
    painter(fake).paint(ask(), never)
    (entry,) = fake.history.values()
    assert uuid.UUID(entry["prompt"][3]["client_id"])


@pytest.mark.parametrize("version", ["0.3.64", "0.26.1", "0.36.0"])
@pytest.mark.parametrize("at", ["pending", "running"])
def test_stopping_ends_our_prompt_and_nobody_elses(fake: FakeComfyUI, version: str, at: str) -> None:
    fake.version, fake.step_s = version, 0.05
    other = painter(fake)
    if at == "pending":
        theirs = threading.Thread(target=other.paint, args=(ask(seed=77, steps=12), never), daemon=True)
        theirs.start()
        _until(lambda: fake.running)
    with pytest.raises(Cancelled):
        painter(fake).paint(ask(steps=100), lambda: bool(getattr(fake, at)))
    _until(lambda: not fake.pending)
    if at == "pending":
        theirs.join(10)
        assert [entry["status"]["status_str"] for entry in fake.history.values()] == ["success"] and len(fake.runs) == 1
    else:
        _until(lambda: fake.history)
        assert [entry["status"]["messages"][-1][0] for entry in fake.history.values()] == ["execution_interrupted"]
    by_job = any(path.endswith("/cancel") for _, path in fake.calls)
    assert by_job == (version != "0.3.64") and (fake.count("/interrupt") == 1) == (not by_job and at == "running")


def test_time_runs_from_when_it_is_at_work(fake: FakeComfyUI) -> None:
    fake.held.clear()
    threading.Thread(target=lambda: (_until(lambda: fake.pending), time.sleep(1.3), fake.held.set()), daemon=True).start()
    asked = ask()
    assert in_hole(painter(fake, timeout_s=1.0).paint(asked, never), asked)
    fake.step_s = 0.1
    with pytest.raises(RetryLater, match="within 1 s"):
        painter(fake, timeout_s=1.0).paint(ask(steps=100), never)
    _until(lambda: not fake.running)


def test_headers_come_from_the_environment_for_both_ways_in(fake: FakeComfyUI, monkeypatch: pytest.MonkeyPatch) -> None:
    fake.token = "Bearer swordfish"
    with pytest.raises(ServerError, match="answers 401"):
        painter(fake).identity()
    monkeypatch.setenv("GENLOCK_HEADERS", '{"Authorization": "Bearer swordfish"}')
    heard: list[float] = []
    bridge, fake.step_s = painter(fake, headers_env="GENLOCK_HEADERS"), 0.03
    bridge.tell = lambda done, what: heard.append(done)
    painted = bridge.paint(ask(), never)
    assert heard, "the WebSocket was let in too"
    assert "swordfish" not in json.dumps([dict(painted.facts), dict(bridge.identity())])
    for wrong in ("", "[1]", '{"a": 1}', '{"a": "b\\nc"}', "swordfish"):
        monkeypatch.setenv("GENLOCK_HEADERS", wrong)
        with pytest.raises(ServerError, match="GENLOCK_HEADERS holds no JSON object") as caught:
            painter(fake, headers_env="GENLOCK_HEADERS")
        assert "swordfish" not in str(caught.value)


def test_a_project_cannot_have_other_secrets_sent(fake: FakeComfyUI, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CLOUD_HEADERS", '{"Authorization": "swordfish"}')
    with pytest.raises(ServerError, match="CLOUD_HEADERS is not genlock's to send"):
        painter(fake, headers_env="CLOUD_HEADERS")


def test_no_origin_is_sent(fake: FakeComfyUI) -> None:
    """The server answers 403 to a page from elsewhere; genlock is no page."""
    assert painter(fake).identity()["model"] == "inpaint.safetensors"


def test_a_model_has_to_be_named_where_there_are_several(fake: FakeComfyUI) -> None:
    with pytest.raises(ServerError, match=r"several models; set model to one of corrupt\.safetensors, inpaint\.safetensors"):
        painter(fake, model="").identity()
    with pytest.raises(ServerError, match="no model 'gone'"):
        painter(fake, model="gone").identity()
    fake.checkpoints = ["sub/only.safetensors"]
    assert painter(fake, model="").identity()["model"] == "sub/only.safetensors"


def test_a_wrong_sampler_or_scheduler_is_refused_before_anything_is_sent(fake: FakeComfyUI) -> None:
    with pytest.raises(ServerError, match="no sampler 'nope'; it has euler"):
        painter(fake).paint(ask(sampler="nope"), never)
    with pytest.raises(ServerError, match="no scheduler 'nope'"):
        painter(fake, scheduler="nope").identity()
    assert not fake.runs


def test_a_refused_graph_names_node_and_input(fake: FakeComfyUI) -> None:
    with pytest.raises(PaintError, match=r"node 7 \(KSampler\): Value 7\.0 bigger than max of 1\.0: denoise"):
        painter(fake).paint(ask(denoise=7.0), never)


def test_something_that_is_no_comfyui_is_told_so(fake: FakeComfyUI) -> None:
    with pytest.raises(ServerError, match="is no ComfyUI server"):
        ComfyUI(ComfySettings(url=fake.url + "/elsewhere")).identity()


def test_what_was_uploaded_is_called_as_the_server_calls_it(fake: FakeComfyUI) -> None:
    calls = painter(fake)._calls
    picture, other = paints.png(np.zeros((8, 8, 3), np.uint8)), paints.png(np.ones((8, 8, 3), np.uint8))
    assert calls.upload("a.png", picture) == "genlock/a.png" and calls.upload("a.png", other) == "genlock/a.png"
    assert fake.inputs["genlock/a.png"] == other


def test_history_without_a_status_is_a_success_of_older_servers() -> None:
    entry = {"outputs": {"9": {"images": [{"filename": "x.png"}]}}}
    found = outcome.of_history({"id": entry}, "id", "9")
    assert found and found.file == {"filename": "x.png", "subfolder": "", "type": "output"}


def _until(holds: Any, seconds: float = 10.0) -> None:
    end = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < end
        time.sleep(0.01)


def _raising(when: Any) -> Any:
    def stop() -> bool:
        if when():
            raise KeyboardInterrupt
        return False

    return stop
