"""Shares that do not fit: missing units, units of another request, torn ones, a full disk, two processes at once. Nothing wrong is ever used."""

from __future__ import annotations

import json
import os
import shutil
import threading
from collections.abc import Iterator
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import pytest

from genlock.core.alignment import IDENTITY
from genlock.core.media.write.pieces import store
from genlock.core.retime.kept import scan_from_json
from genlock.hosts.jobs import Job, Message, Progress, Request
from genlock.hosts.worker.locks import hold
from genlock.hosts.worker.run import run
from genlock.hosts.worker.shares import Share, missing, run_merge, run_share, share_folder, units
from genlock.tests.core.render.made import aligned, charts, film, media
from genlock.tests.hosts.sharing import LENGTH, short_units

FRAMES = 3 * LENGTH + 3
"""Four units, the last one short."""


@pytest.fixture(autouse=True)
def short(tmp_path, monkeypatch) -> Iterator[None]:
    monkeypatch.setenv("GENLOCK_CACHE", str(tmp_path / "cache"))
    with short_units():
        yield


def a_job(folder: Path, name: str = "job", outputs: tuple[str, ...] = ("o.mkv",), frames: int = FRAMES, **settings: object) -> str:
    """A rendering of the clip as it is."""
    clip = folder / "clip.mkv"
    if not clip.exists():
        film(clip, charts(range(frames)), pix_fmt="gray")
        ref = film(folder / "ref.mkv", charts(range(frames)), pix_fmt="gray")
        alignment = aligned(media(clip, frames), media(ref, frames), list(range(frames)), IDENTITY)
        (folder / "a.json").write_text(json.dumps(replace(alignment, settings={"cache": "off"}).to_json()))
    out = folder / f"out-{name}"
    out.mkdir()
    request = Request("render", {"aligned": str(folder / "a.json")}, tuple(str(out / one) for one in outputs), {"sound": "none", **settings})
    return Job.create(folder / name, request).folder


def make(job: str, *numbers: int, of: int = 4) -> None:
    for number in numbers:
        outcome = run_share(job, Share(number, of))
        assert outcome.exit_status == 0, outcome.result["sentence"]


def pieces(job: str) -> list[Path]:
    return sorted(Path(job, "work", "pieces", "0").iterdir())


def body_of_one_run(folder: Path) -> bytes:
    job = a_job(folder, "straight")
    assert run(job).exit_status == 0
    return (folder / "out-straight" / "o.mkv").read_bytes()


def test_a_missing_unit_is_named_and_nothing_is_written(tmp_path):
    job = a_job(tmp_path)
    assert (units(job), missing(job)) == (4, [0, 1, 2, 3])
    make(job, 1, 4)
    assert missing(job) == [1, 2]
    refused = run_merge(job)
    told = refused.result["sentence"]
    assert refused.exit_status == 1 and "\n" not in told
    assert told.startswith("units 2 to 3 of 4 do not stand whole") and "pictures 8 to 15 first" in told and "--piece 2/4" in told
    make(job, 2)
    assert "unit 3 of 4 does not stand whole for this request, pictures 16 to 23; " in run_merge(job).result["sentence"]
    assert os.listdir(tmp_path / "out-job") == [] and missing(job) == [2], "what stands stays"
    done = run(job)
    assert done.exit_status == 0 and any("19 of 27 pictures stand" in note for note in done.result["notes"])
    assert (tmp_path / "out-job" / "o.mkv").read_bytes() == body_of_one_run(tmp_path)


@pytest.mark.parametrize("how", ["a flipped byte", "cut short", "of another request", "of another place", "empty"])
def test_a_wrong_unit_is_never_used(how, tmp_path):
    job = a_job(tmp_path)
    make(job, 1, 2, 3, 4)
    second = pieces(job)[2]  # FFV1 has two pieces a unit
    assert second.name == "000002.piece"
    body = bytearray(second.read_bytes())
    if how == "a flipped byte":
        body[len(body) // 2] ^= 1
    if how == "of another request":
        other = a_job(tmp_path, "other", debug=True)
        make(other, 2)
        body = bytearray(pieces(other)[0].read_bytes())
    if how == "of another place":
        body = bytearray(pieces(job)[3].read_bytes())
    second.write_bytes({"cut short": body[:-7], "empty": b""}.get(how, body))
    refused = run_merge(job)
    assert refused.exit_status == 1 and "unit 2 of 4 does not stand whole" in refused.result["sentence"]
    make(job, 2)
    assert missing(job) == [] and run_merge(job).exit_status == 0
    assert (tmp_path / "out-job" / "o.mkv").read_bytes() == body_of_one_run(tmp_path)


def test_a_flipped_bit_in_a_picture_file_is_seen_too(tmp_path):
    job = a_job(tmp_path, outputs=("o.%03d.png",), frames=9)
    make(job, 1, 2, 3, of=3)
    torn = pieces(job)[5]
    body = bytearray(torn.read_bytes())
    body[len(body) // 2] ^= 1
    torn.write_bytes(body)
    assert missing(job) == [1]
    assert "unit 2 of 3 does not stand whole" in run_merge(job).result["sentence"]
    make(job, 2, of=3)
    assert run_merge(job).exit_status == 0 and len(os.listdir(tmp_path / "out-job")) == 9


def test_a_changed_input_makes_all_units_foreign(tmp_path):
    job = a_job(tmp_path)
    make(job, 1, 2, 3, 4)
    film(tmp_path / "clip.mkv", charts(range(FRAMES - 1, -1, -1)), pix_fmt="gray")
    assert missing(job) == [0, 1, 2, 3]
    assert run_merge(job).exit_status == 1
    assert run(job).exit_status == 0
    assert (tmp_path / "out-job" / "o.mkv").read_bytes() == body_of_one_run(tmp_path)


@pytest.mark.parametrize("outputs", [("o.mkv",), ("o.%03d.png",)])
def test_what_was_made_while_the_footage_changed_goes(outputs, tmp_path):
    job = a_job(tmp_path, outputs=outputs)
    make(job, 1, of=2)
    stood, body = len(pieces(job)), (tmp_path / "clip.mkv").read_bytes()

    def changing(message: Message) -> None:
        if isinstance(message, Progress) and message.what == "finishing":
            (tmp_path / "clip.mkv").write_bytes(body + b"more")

    changed = run_share(job, Share(2, 2), listen=changing)
    assert changed.exit_status == 1 and "clip.mkv" in changed.result["sentence"] and "\n" not in changed.result["sentence"]
    (tmp_path / "clip.mkv").write_bytes(body)
    assert len(pieces(job)) == stood, "they would be taken for pieces of the file as it is again"
    assert missing(job) == list(range(units(job) // 2, units(job)))


def test_a_full_disk_is_one_line_and_what_stands_is_gone_on_from(tmp_path, monkeypatch):
    job = a_job(tmp_path)
    fsync, left = os.fsync, [3]

    def full(handle: int) -> None:
        left[0] -= 1
        if left[0] < 0:
            raise OSError(28, "No space left on device")
        fsync(handle)

    monkeypatch.setattr(store.os, "fsync", full)
    failed = run_share(job, Share(1, 1))
    monkeypatch.setattr(store.os, "fsync", fsync)
    told = failed.result["sentence"]
    assert failed.exit_status == 1 and "No space left on device" in told and "\n" not in told
    assert failed.result["error"]["code"] == "output"
    assert [path.name for path in pieces(job)] == ["000000.piece", "000001.piece", "000002.piece"], "whole ones, and nothing torn"
    assert not Path(share_folder(job, Share(1, 1)), "making").exists()
    again = run_share(job, Share(1, 1))
    assert again.exit_status == 0 and "12 of 27 pictures of this share stand from a run before; this one goes on from there" in again.result["notes"]
    assert run_merge(job).exit_status == 0
    assert (tmp_path / "out-job" / "o.mkv").read_bytes() == body_of_one_run(tmp_path)


def test_shares_do_not_block_one_another_and_a_merge_waits_for_nobody(tmp_path):
    job = a_job(tmp_path)
    inside, go_on = threading.Event(), threading.Event()
    ended = []

    def hear(message: Message) -> None:
        if isinstance(message, Progress) and message.what == "making pictures":
            inside.set()
            go_on.wait(20)

    thread = threading.Thread(target=lambda: ended.append(run_share(job, Share(1, 2), listen=hear)))
    thread.start()
    try:
        assert inside.wait(20)
        make(job, 2, of=2)
        make(job, 1, of=2)  # the same share, by another
        refused = run_merge(job)
        assert refused.exit_status == 1 and "another process works at this job" in refused.result["sentence"]
        assert refused.result["error"]["code"] == "job"
    finally:
        go_on.set()
        thread.join()
    assert ended[0].exit_status == 0 and missing(job) == []
    assert sorted(os.listdir(Path(job, "work", "shares"))) == ["1-of-2", "2-of-2"], "what the second one told has gone with it"
    lock = hold(os.path.join(job, "work", "pieces", "lock"))
    assert "runs this job whole" in run_share(job, Share(1, 2)).result["sentence"]
    lock.close()
    assert run_merge(job).exit_status == 0


def test_a_share_hears_when_the_job_is_cancelled(tmp_path):
    job = a_job(tmp_path)
    Job(job).cancel()
    assert run_share(job, Share(1, 2)).exit_status == 130
    assert Job(job).cancelled(), "the other shares have to hear it too"
    os.unlink(Job(job).cancel_path)
    make(job, 1, 2, of=2)
    assert not Path(job, "events.jsonl").exists() and not Path(job, "result.json").exists()
    assert json.loads(Path(share_folder(job, Share(2, 2)), "result.json").read_text())["figures"] == {
        "share": "2/2", "units": 4, "first_unit": 2, "end_unit": 4, "pictures": 11,
    }  # fmt: skip


def test_what_is_one_unit_says_so_in_one_line(tmp_path, genlock):
    (tmp_path / "in.mkv").touch()
    asked = Request("inpaint", {"project": str(tmp_path / "p")}, (), {})
    job = Job.create(tmp_path / "whole", asked).folder
    assert (units(job), missing(job)) == (1, [])
    told = genlock("run", job, "--piece", "2/2")
    assert told.returncode == 0 and told.stdout.count("\n") == 1 and "this job is one unit" in told.stdout
    assert not (tmp_path / "p").exists()
    one = a_job(tmp_path, frames=1)
    empty = genlock("run", one, "--piece", "2/3")
    assert empty.returncode == 0 and "share 2/3 is empty, since the job has 1 unit: nothing is to do." in empty.stdout
    wrong = genlock("run", one, "--piece", "3/2")
    assert (wrong.returncode, wrong.stdout) == (2, "") and "there is no share 3/2" in wrong.stderr


def test_the_first_pass_of_a_retime_is_kept_and_looked_at_before_it_is_believed(tmp_path):
    source = film(tmp_path / "in.mkv", charts([n // 2 for n in range(18)]), Fraction(24), pix_fmt="gray")
    job = Job.create(tmp_path / "job", Request("retime", {"footage": str(source)}, (str(tmp_path / "o.mkv"),), {"dedup": "only"})).folder
    assert units(job) == 2
    (kept,) = Path(job, "work", "kept").iterdir()
    body = json.loads(kept.read_text())
    assert scan_from_json(body["scan"]) is not None
    written = kept.stat().st_mtime_ns
    make(job, 1, of=2)
    assert kept.stat().st_mtime_ns == written
    for part, wrong in (("frames", 19), ("rate", "0"), ("ways", "ff"), ("cuts", [99]), ("cadences", []), ("fields", 3), ("time_base", "x")):
        assert scan_from_json({**body["scan"], part: wrong}) is None
    for text in ("{", "[]", json.dumps({**body, "scan": {**body["scan"], "frames": 99}}), json.dumps({**body, "index": {"pts": "x", "keys": []}})):
        kept.write_text(text)
        assert units(job) == 2 and scan_from_json(json.loads(kept.read_text())["scan"]) is not None, "looked again"
    make(job, 2, of=2)
    assert run_merge(job).exit_status == 0
    assert not Path(job, "work").exists()
    shutil.rmtree(tmp_path / "job")
    again = Job.create(tmp_path / "job", Request("retime", {"footage": str(source)}, (str(tmp_path / "p.mkv"),), {"dedup": "only"})).folder
    assert run(again).exit_status == 0 and (tmp_path / "p.mkv").read_bytes() == (tmp_path / "o.mkv").read_bytes()
