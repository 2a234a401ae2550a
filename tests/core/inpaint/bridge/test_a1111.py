"""A1111 as a painter, before a server that does what the real one does where a caller is careless."""

from __future__ import annotations

import json
import logging
import threading
import time
from collections.abc import Iterator

import numpy as np
import pytest

from genlock.core.errors import Cancelled, UsageError
from genlock.core.inpaint.bridge.a1111 import A1111, reply
from genlock.core.inpaint.bridge.settings import A1111Settings
from genlock.core.inpaint.contract import PaintError, RetryLater, ServerError
from genlock.tests.core.inpaint.servers import paints
from genlock.tests.core.inpaint.servers.a1111 import API, FakeA1111

from .asks import ask, never, shows


@pytest.fixture
def fake() -> Iterator[FakeA1111]:
    with FakeA1111() as server:
        yield server


def painter(fake: FakeA1111, **more: object) -> A1111:
    return A1111(A1111Settings(url=fake.url, **{"probe": False, **more}))  # type: ignore[arg-type]


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
def test_paints_the_hole_and_nothing_else(fake: FakeA1111, dtype: type) -> None:
    asked = ask(dtype=dtype, sampler="Euler")
    painted = painter(fake).paint(asked, never)
    assert shows(painted, asked)
    assert painted.layer is not None and painted.layer.shape == (64, 72, 4) and (painted.layer[..., 3] == asked.mask).all()
    facts = dict(painted.facts)
    assert (facts["model"], facts["model_hash"], facts["sampler"], facts["seed"], facts["depth"]) == ("first", "a" * 10, "Euler", 5, 8)
    json.dumps(facts)


def test_two_seeds_are_two_pictures_and_one_seed_is_one(fake: FakeA1111) -> None:
    bridge = painter(fake)
    first, second, again = (bridge.paint(ask(seed=seed), never).picture for seed in (1, 2, 1))
    assert (first == again).all() and (first != second).any()


def test_identity_names_the_model_and_its_hash_once_the_probe_has_loaded_it(fake: FakeA1111) -> None:
    assert painter(fake, model="other").identity()["hash"] == ""
    assert painter(fake, model="other", probe=True).identity() == {"backend": "a1111", "model": "other", "hash": "b" * 64}
    assert painter(fake, model="other").identity()["hash"] == "b" * 64


@pytest.mark.parametrize("name", ["first", "first.safetensors", "first.safetensors [aaaaaaaaaa]", "a" * 10, "deep", "sub_deep"])
def test_a_model_is_found_by_any_of_its_names(fake: FakeA1111, name: str) -> None:
    painted = painter(fake, model=name).paint(ask(), never)
    assert painted.facts["model"] == ("deep" if "deep" in name else "first")


def test_a_wrong_model_is_refused_before_anything_is_painted(fake: FakeA1111) -> None:
    with pytest.raises(ServerError, match=r"no model 'gone'; set model to one of first\.safetensors"):
        painter(fake, model="gone").identity()
    assert not fake.posted


def test_a_wrong_sampler_or_scheduler_is_refused_before_anything_is_painted(fake: FakeA1111) -> None:
    with pytest.raises(ServerError, match="no sampler 'nope'; it has Euler"):
        painter(fake).paint(ask(sampler="nope"), never)
    with pytest.raises(ServerError, match="no scheduler 'nope'; it has Automatic"):
        painter(fake, scheduler="nope").identity()
    assert not fake.posted


def test_samplers_and_schedulers_are_known_by_other_spellings(fake: FakeA1111) -> None:
    painter(fake, scheduler="karras").paint(ask(sampler="dpmpp_2m"), never)
    assert fake.posted[0]["sampler_name"] == "DPM++ 2M" and fake.posted[0]["scheduler"] == "Karras"


def test_a_sampler_that_was_replaced_in_silence_is_seen_in_the_answer(fake: FakeA1111) -> None:
    fake.replaces = "DPM++ 2M"
    with pytest.raises(PaintError, match=r"sampler DPM\+\+ 2M, and Euler was asked for"):
        painter(fake).paint(ask(sampler="Euler"), never)


def test_a_model_that_went_away_meanwhile_is_seen_in_the_answer(fake: FakeA1111) -> None:
    bridge = painter(fake, model="sub_deep")
    bridge.identity()
    del fake.models[2]
    with pytest.raises(PaintError, match="model first, and sub_deep was asked for"):
        bridge.paint(ask(), never)


def test_options_that_a_request_leaves_behind_are_put_back(fake: FakeA1111) -> None:
    before = fake.options
    bridge = painter(fake)
    bridge.paint(ask(), never)
    assert fake.options["return_mask"] is True, "the stand-in leaks, as the real one does"
    bridge.close()
    bridge.close()
    assert fake.options == before


def test_what_others_left_behind_changes_no_answer(fake: FakeA1111) -> None:
    fake.data.update(return_mask=True, return_grid=True, samples_format="jpg", return_mask_composite=False)
    asked = ask()
    assert shows(painter(fake).paint(asked, never), asked)


def test_one_picture_a_request_with_one_mask_and_every_field_that_matters(fake: FakeA1111) -> None:
    painter(fake, fill="noise").paint(ask(), never)
    (body,) = fake.posted
    assert len(body["init_images"]) == 1 and (body["batch_size"], body["n_iter"]) == (1, 1)
    assert (body["mask_blur"], body["inpaint_full_res"], body["inpainting_fill"], body["resize_mode"]) == (0, False, 2, 0)
    assert (body["width"], body["height"]) == (72, 64)
    options = {"return_mask": True, "return_mask_composite": True, "return_grid": False, "samples_format": "png"}
    assert body["override_settings"] == {"sd_model_checkpoint": "first.safetensors [aaaaaaaaaa]", **options}


def test_an_interrupted_picture_is_not_taken_for_a_good_one(fake: FakeA1111) -> None:
    """Somebody presses Interrupt in the page: status 200, one picture of one, half painted."""
    bridge, fake.step_s = painter(fake), 0.05
    bridge.identity()
    threading.Thread(target=lambda: fake.at_step.wait(5) and fake.state.update(interrupted=True), daemon=True).start()
    with pytest.raises(PaintError, match="interrupted"):
        bridge.paint(ask(steps=40), never)


def test_a_batch_that_was_cut_short_is_counted() -> None:
    info = {"all_seeds": [1, 2], "infotexts": ["one"], "index_of_first_image": 0}
    with pytest.raises(PaintError, match="interrupted"):
        reply.read({"images": ["", "", ""], "info": json.dumps(info)}, (8, 8))


def test_a_grid_before_the_picture_is_passed_over(fake: FakeA1111) -> None:
    """The fake's own reply to somebody who asked for two with a grid, cut down to the first seed."""
    import urllib.request

    body = {"init_images": [_b64(ask().picture)], "mask": _b64(np.dstack([ask().mask] * 3)), "width": 72, "height": 64, "batch_size": 2, "seed": 5}
    body |= {"save_images": True, "mask_blur": 0, "prompt": "a young man", "override_settings": {"return_grid": True}}
    with urllib.request.urlopen(urllib.request.Request(fake.url + API + "img2img", json.dumps(body).encode())) as answer:
        told = json.load(answer)
    assert len(told["images"]) == 3
    assert (reply.read(told, (64, 72)).picture[20, 30] == paints.colour(5, "a young man")).all()


def test_stopping_interrupts_the_picture_that_is_ours(fake: FakeA1111) -> None:
    bridge, fake.step_s = painter(fake), 0.05
    began = time.monotonic()
    with pytest.raises(Cancelled):
        bridge.paint(ask(steps=200), fake.at_step.is_set)
    assert time.monotonic() - began < 5 and fake.state["interrupted"] and fake.count(API + "interrupt") == 1


def test_stopping_leaves_alone_what_somebody_else_had_begun(fake: FakeA1111) -> None:
    bridge = painter(fake)
    bridge.identity()
    fake.state.update(job="txt2img", job_count=1, job_timestamp="20250101000009")
    with fake._queue, pytest.raises(Cancelled):
        bridge.paint(ask(), lambda: fake.count(API + "img2img") > 0)
    assert fake.count(API + "interrupt") == 0


def test_a_picture_that_takes_too_long_is_ended_so_that_the_next_does_not_wait_behind_it(fake: FakeA1111) -> None:
    bridge, fake.step_s = painter(fake, timeout_s=1.0), 0.05
    with pytest.raises(RetryLater, match="within 1 s"):
        bridge.paint(ask(steps=200), never)
    assert fake.state["interrupted"]


def test_without_a_name_and_a_loaded_model_one_has_to_be_named(fake: FakeA1111) -> None:
    fake.data["sd_model_checkpoint"] = None
    with pytest.raises(ServerError, match="has loaded no model; set model to one of first"):
        painter(fake).identity()


def test_progress_is_told_while_it_paints(fake: FakeA1111) -> None:
    bridge, fake.step_s, heard = painter(fake), 0.05, []
    bridge.tell = lambda done, what: heard.append((done, what))
    bridge.paint(ask(steps=30), never)
    assert heard and all(0 <= done <= 1 and "of 30" in what for done, what in heard)


def test_a_server_that_ignores_the_mask_is_found_out(fake: FakeA1111) -> None:
    fake.obeys_mask = False
    with pytest.raises(ServerError, match="does not obey the mask"):
        painter(fake, probe=True).identity()


def test_the_probe_is_painted_once(fake: FakeA1111) -> None:
    bridge = painter(fake, probe=True)
    bridge.identity()
    bridge.identity()
    bridge.paint(ask(), never)
    assert len(fake.posted) == 2


def test_a_server_that_does_not_say_what_it_used_is_refused(fake: FakeA1111) -> None:
    fake.tells = False
    with pytest.raises(ServerError, match="does not say which model"):
        painter(fake).paint(ask(), never)


def test_an_older_server_without_schedulers_paints(fake: FakeA1111) -> None:
    fake.has_schedulers = False
    asked = ask()
    assert shows(painter(fake).paint(asked, never), asked)
    with pytest.raises(ServerError, match="schedulers"):
        painter(fake, scheduler="karras").identity()


@pytest.mark.parametrize(
    ("body", "status", "said"), [({"prompt": "x"}, 404, "Init image not found"), ({"steps": "many"}, 422, "steps: Input should be")]
)
def test_the_servers_own_words_are_told(fake: FakeA1111, body: dict[str, object], status: int, said: str) -> None:
    answer = painter(fake)._http.post(API + "img2img", body)
    assert answer.status == status
    with pytest.raises(PaintError, match=f"answers {status}: {said}"):
        answer.good()


def test_a_damaged_picture_is_the_servers_to_refuse(fake: FakeA1111) -> None:
    with pytest.raises(PaintError, match="answers 500: Invalid encoded image"):
        painter(fake)._http.post(API + "img2img", {"init_images": ["zzz"]}).good()


@pytest.mark.parametrize("size", [(60, 64), (64, 68)])
def test_sizes_that_would_come_back_smaller_are_refused(fake: FakeA1111, size: tuple[int, int]) -> None:
    with pytest.raises(UsageError, match="multiples of 8"):
        painter(fake).paint(ask(*size), never)


def test_an_answer_of_another_size_is_refused(fake: FakeA1111) -> None:
    picture = paints.png(np.zeros((56, 56, 3), np.uint8))
    with pytest.raises(PaintError, match="56 x 56, and 60 x 60 was asked for"):
        reply.read({"images": [_b64(picture)], "info": ""}, (60, 60))


def test_masks_that_the_server_would_take_in_silence_are_refused(fake: FakeA1111) -> None:
    asked = ask()
    for mask, said in ((asked.mask[:-8], "the mask is"), (np.zeros_like(asked.mask), "mask is empty")):
        with pytest.raises(UsageError, match=said):
            painter(fake).paint(type(asked)(asked.job, asked.picture, mask), never)
    assert not fake.posted


def test_the_password_comes_from_the_environment_and_is_never_told(
    fake: FakeA1111, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    fake.auth = "anna:swordfish"
    with pytest.raises(ServerError, match="answers 401: Incorrect username or password") as refused:
        painter(fake).identity()
    monkeypatch.setenv("GENLOCK_LOGIN", "anna:perch")
    with pytest.raises(ServerError) as wrong:
        painter(fake, auth_env="GENLOCK_LOGIN").identity()
    assert "perch" not in f"{wrong.value!r} {refused.value!r} {caplog.text}"
    monkeypatch.setenv("GENLOCK_LOGIN", fake.auth)
    bridge, asked = painter(fake, auth_env="GENLOCK_LOGIN"), ask()
    assert shows(bridge.paint(asked, never), asked)
    assert "swordfish" not in json.dumps([bridge.identity(), dict(bridge.paint(asked, never).facts)])
    with pytest.raises(ServerError, match="GENLOCK_NONE does not hold"):
        painter(fake, auth_env="GENLOCK_NONE")


def test_a_project_cannot_have_other_secrets_sent(fake: FakeA1111, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CLOUD_LOGIN", "me:swordfish")
    with pytest.raises(ServerError, match="CLOUD_LOGIN is not genlock's to send") as caught:
        painter(fake, auth_env="CLOUD_LOGIN")
    assert "swordfish" not in str(caught.value)


def test_something_that_is_no_a1111_is_told_so(fake: FakeA1111) -> None:
    with pytest.raises(ServerError, match="start it with --api"):
        A1111(A1111Settings(url=fake.url + "/elsewhere")).identity()


def _b64(picture: np.ndarray | bytes) -> str:
    import base64

    return base64.b64encode(picture if isinstance(picture, bytes) else paints.png(picture)).decode()
