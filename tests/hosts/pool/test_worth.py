"""When a job has several processes: by what its request tells, before anything is read."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import pytest

from genlock.core.alignment import Media
from genlock.hosts.jobs import Request
from genlock.hosts.worker.pool.worth import need_bytes, workers_for
from genlock.otio_adapters.formats import to_json_bytes
from genlock.tests.core.render.made import aligned


def request(folder: Path, frames: int, kind: str = "render", size_wh: tuple[int, int] = (640, 360), **settings: object) -> Request:
    media = [Media(str(folder / name), frames, Fraction(24), *size_wh) for name in ("clip.mov", "ref.mov")]
    (folder / "a.json").write_bytes(to_json_bytes(aligned(*media, list(range(frames)))))
    return Request(kind, {"aligned": str(folder / "a.json")}, (str(folder / "out.mov"),), settings)


@pytest.fixture(autouse=True)
def four_cores(monkeypatch):
    monkeypatch.setenv("GENLOCK_THREADS", "4")
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "")


def test_long_outputs_have_one_a_core_and_short_ones_one(tmp_path):
    assert workers_for(request(tmp_path, 2000)) == 4 and workers_for(request(tmp_path, 400)) == 1
    assert workers_for(request(tmp_path, 100, size_wh=(1920, 1080))) == 4


def test_a_flow_makes_a_picture_worth_more(tmp_path):
    assert workers_for(request(tmp_path, 400, warp="flow")) == 4
    assert workers_for(request(tmp_path, 400, "retime")) == 4 and workers_for(request(tmp_path, 400, "retime", dedup="only")) == 1


def test_who_asks_has_them_and_one_core_has_one(tmp_path, monkeypatch):
    assert workers_for(request(tmp_path, 1), 3) == 3 and workers_for(request(tmp_path, 9000), 1) == 1
    monkeypatch.setenv("GENLOCK_THREADS", "1")
    assert workers_for(request(tmp_path, 9000)) == 1


def test_what_computes_on_gpus_has_one_a_gpu(tmp_path, monkeypatch):
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "0,3")
    assert workers_for(request(tmp_path, 9000, warp="flow")) == 2 and workers_for(request(tmp_path, 9000)) == 4
    assert workers_for(request(tmp_path, 9000, warp="flow", device="cpu")) == 4


def test_kinds_that_are_not_cut_and_requests_that_cannot_be_read_have_one(tmp_path):
    assert workers_for(request(tmp_path, 9000, "verify")) == 1
    assert workers_for(Request("render", {"aligned": str(tmp_path / "none.json")}, ("/o.mov",), {})) == 1
    assert workers_for(Request("render", {}, ("/o.mov",), {})) == 1 and need_bytes(None) > 0
