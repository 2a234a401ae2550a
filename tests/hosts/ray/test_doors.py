"""Who is let in, and which nodes may work: tokens, addresses, versions, storage."""

from __future__ import annotations

import socket
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from genlock.core.errors import GenlockError, UsageError
from genlock.hosts.jobs import Request
from genlock.hosts.ray import door
from genlock.hosts.ray.address import parse
from genlock.hosts.ray.compare import Here
from genlock.hosts.ray.door import Pulse, knock
from genlock.hosts.ray.errors import RayError
from genlock.hosts.ray.placing import Needs, needs_of, slots_of
from genlock.hosts.ray.token import token_of
from genlock.tests.hosts.ray.clusters import TOKEN, Node, short_folder, standing
from genlock.tests.hosts.ray.made import begun, ended, footage, job, outputs


def _said(raised: pytest.ExceptionInfo[GenlockError]) -> str:
    text = str(raised.value)
    assert "\n" not in text
    return text


@pytest.mark.parametrize(
    ("text", "place", "client"),
    [
        ("127.0.0.1:6379", "127.0.0.1:6379", False), ("ray://farm:10001", "farm:10001", True), ("[::1]:6379", "[::1]:6379", False),
        ("ray://[2001:db8::7]:10001", "[2001:db8::7]:10001", True),
    ],
)  # fmt: skip
def test_addresses(text: str, place: str, client: bool) -> None:
    found = parse(text)
    assert (found.place, found.client, found.own, str(found)) == (place, client, False, text)


_NONE = ["", "farm", "ray://", "ray://farm", "farm:0", "farm:65536", "farm:x", "a b:1", "http://farm:1", "farm:1/x", ":1", "farm:\u0663"]


@pytest.mark.parametrize("text", _NONE)
def test_no_addresses(text: str) -> None:
    with pytest.raises(UsageError, match="no address of a Ray cluster"):
        parse(text)


def test_auto_finds_this_machine_alone(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("RAY_TMPDIR", str(tmp_path))
    with pytest.raises(RayError, match="no Ray cluster runs on this machine"):
        parse("auto")
    (tmp_path / "ray").mkdir()
    (tmp_path / "ray" / "ray_current_cluster").write_text("127.0.0.1:6379\n")
    assert parse("auto").place == "127.0.0.1:6379"
    (tmp_path / "ray" / "ray_current_cluster").write_text("192.0.2.77:6379")  # TEST-NET-1: no machine has it
    with pytest.raises(RayError) as raised:
        parse("auto")
    assert "another machine" in _said(raised) and "--on 192.0.2.77:6379" in _said(raised)
    monkeypatch.setenv("RAY_ADDRESS", "ray://192.0.2.78:10001")
    with pytest.raises(RayError, match=r"--on ray://192\.0\.2\.78:10001"):
        parse("auto")


def test_where_a_token_is_found(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(Path, "home", lambda: tmp_path)
    farm = parse("farm:6379")
    with pytest.raises(RayError) as raised:
        token_of(farm)
    assert "no token is given for the Ray cluster at farm:6379" in _said(raised) and "RAY_AUTH_TOKEN" in _said(raised)
    (tmp_path / ".ray").mkdir()
    (tmp_path / ".ray" / "auth_token").write_text("of the file\n")
    assert token_of(farm) == "of the file"
    (tmp_path / "named").write_text("")
    monkeypatch.setenv("RAY_AUTH_TOKEN_PATH", str(tmp_path / "named"))
    with pytest.raises(RayError, match="which is empty"):
        token_of(farm)
    (tmp_path / "named").write_text("named")
    assert token_of(farm) == "named"
    monkeypatch.setenv("RAY_AUTH_TOKEN_PATH", str(tmp_path / "missing"))
    with pytest.raises(RayError, match="cannot be read"):
        token_of(farm)
    monkeypatch.setenv("RAY_AUTH_TOKEN", "told")
    assert token_of(farm) == "told"
    own = token_of(parse("local"))
    assert len(own) == 64 and own != token_of(parse("local")), "a cluster of our own has a secret of its own"
    monkeypatch.setenv("RAY_AUTH_MODE", "disabled")
    with pytest.raises(RayError, match="RAY_AUTH_MODE is 'disabled'"):
        token_of(farm)


@pytest.fixture()
def open_house() -> Iterator[tuple[str, list[str]]]:
    """A head that answers everybody, as Ray's does without RAY_AUTH_MODE; and the tokens that it was shown."""
    import grpc

    seen: list[str] = []

    class Anybody(grpc.GenericRpcHandler):  # type: ignore[misc]
        def service(self, call: Any) -> Any:
            seen.extend(value for name, value in call.invocation_metadata if name == "authorization")
            return grpc.unary_unary_rpc_method_handler(lambda request, context: b"")

    server = grpc.server(ThreadPoolExecutor(1), handlers=[Anybody()])
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    yield f"127.0.0.1:{port}", seen
    server.stop(0).wait()


@pytest.mark.parametrize("way", ["{}", "ray://{}"])
def test_a_cluster_that_lets_everybody_in_is_not_used_and_sees_no_token(open_house: tuple[str, list[str]], way: str) -> None:
    with pytest.raises(RayError) as raised:
        knock(parse(way.format(open_house[0])), TOKEN)
    assert "lets in whoever asks" in _said(raised) and "RAY_AUTH_MODE=token" in _said(raised)
    assert open_house[1] == []


def test_nobody_there() -> None:
    with socket.socket() as taken:  # bound, and nobody listens
        taken.bind(("127.0.0.1", 0))
        with pytest.raises(RayError, match="no Ray cluster answers"):
            knock(parse(f"127.0.0.1:{taken.getsockname()[1]}"), TOKEN)


def test_a_head_that_goes_is_told_after_a_while(monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        pulse = Pulse(parse(f"127.0.0.1:{taken.getsockname()[1]}"), TOKEN)
        pulse.check()  # not asked yet
        monkeypatch.setattr(door, "_APART_S", 0.0)
        pulse.check()  # asked, and too soon to tell
        monkeypatch.setattr(door, "_GONE_S", 0.0)
        with pytest.raises(RayError) as raised:
            pulse.check()
    assert "its head does not answer; run the job again: what is made is kept" in _said(raised)
    Pulse(parse("local"), TOKEN).check()


HERE = Here("/jobs/1", "/jobs/1/work/seen.1", "word", {"/film.mov": 7}, {"Python": "3.11.7", "Ray": "2.60.0", "genlock": "0.1.0", "av": "18.1.0"})
FACTS = {"node": "n2 (10.0.0.2)", "guarded": True, "versions": dict(HERE.versions), "nonce": "word", "unlike": []}


def test_a_node_that_is_as_here() -> None:
    HERE.check(FACTS)
    HERE.check({**FACTS, "versions": {**HERE.versions, "Python": "3.11.2"}})


@pytest.mark.parametrize(
    ("more", "told"),
    [
        ({"versions": {**HERE.versions, "genlock": "0.0.9"}}, "has genlock 0.0.9, and here it is 0.1.0"),
        ({"versions": {**HERE.versions, "genlock": ""}}, "has no genlock, and here it is 0.1.0"),
        ({"versions": {**HERE.versions, "Python": "3.12.1"}}, "has Python 3.12.1, and here it is 3.11.7"),
        ({"versions": {**HERE.versions, "Ray": "2.59.0"}}, "has Ray 2.59.0, and here it is 2.60.0"),
        ({"versions": {**HERE.versions, "av": "17.0.0"}}, "has av 17.0.0, and here it is 18.1.0"),
        ({"nonce": ""}, "does not see the job's folder /jobs/1"),
        ({"nonce": "of another folder of that name"}, "does not see the job's folder /jobs/1"),
        ({"unlike": ["/film.mov"]}, "does not see /film.mov as it is here"),
        ({"guarded": False}, "without RAY_AUTH_MODE=token"),
    ],
)
def test_a_node_that_is_not(more: dict[str, object], told: str) -> None:
    with pytest.raises(RayError) as raised:
        HERE.check({**FACTS, **more})
    assert "n2 (10.0.0.2)" in _said(raised) and told in _said(raised)


def test_a_library_that_is_missing_here_is_named_so() -> None:
    with pytest.raises(RayError, match="has onnxruntime 1, and here it is missing"):
        replace(HERE, versions={"onnxruntime": ""}).check({**FACTS, "versions": {"onnxruntime": "1"}})


def test_what_a_worker_needs() -> None:
    def asked(gpus: float, part: float = 1.0, **settings: object) -> Needs:
        return needs_of(Request("retime", {}, (), settings), gpus, part)

    assert asked(4) == Needs(1, 0.0), "no model, no GPU"
    assert asked(4, model="rife") == asked(4, 1.0, model="rife", device="auto") == Needs(1, 1.0)
    assert asked(1, warp="flow") == Needs(1, 1.0) and asked(1, warp="matrix") == Needs(1, 0.0)
    assert asked(0, model="rife") == asked(4, model="rife", device="cpu") == Needs(1, 0.0)
    assert asked(0, 0.25, model="rife", device="cuda") == Needs(1, 0.25), "a machine with one may still come"
    for part in (0.0, -1.0, 1.5, float("nan"), float("inf")):
        with pytest.raises(UsageError):
            asked(1, part)
    assert slots_of({"CPU": 4.0, "GPU": 1.0}, Needs(1, 0.25)) == 4
    assert slots_of({"CPU": 4.0, "GPU": 1.0}, Needs(1, 0.5)) == 2
    assert slots_of({"CPU": 4.0}, Needs(1, 1.0)) == slots_of({}, Needs()) == 0


@pytest.mark.skipif(sys.platform != "linux", reason="processes are found in /proc")
def test_a_wrong_token_none_and_a_node_of_another_version(tmp_path: Path) -> None:
    """On a real cluster, before anything of the job is done."""
    laid = footage(tmp_path, 49)
    made = job(tmp_path / "ray", "render", {"aligned": str(laid)}, "out.%04d.png")
    older = tmp_path / "older" / "genlock"
    older.mkdir(parents=True)
    (older / "__init__.py").write_text('__version__ = "0.0.9"\n')
    with short_folder() as folder:
        head = standing(lambda: Node(folder))
        try:
            wrong = begun(made, head.address, folder, RAY_AUTH_TOKEN="b" * 48)
            status, said = ended(wrong)
            assert (status, said.count("\n")) == (1, 1) and f"the Ray cluster at {head.address} does not know this token" in said, said
            status, said = ended(begun(made, head.address, folder, RAY_AUTH_TOKEN=""))
            assert (status, said.count("\n")) == (1, 1) and "no token is given" in said and "set RAY_AUTH_TOKEN" in said, said
            node = standing(lambda: Node(folder, head=head.address, PYTHONPATH=str(older.parent)))
            status, said = ended(begun(made, head.address, folder))
            assert (status, said.count("\n")) == (1, 1), said
            assert "the node " in said and "has genlock 0.0.9, and here it is " in said, said
            assert not outputs(tmp_path / "ray") and not (Path(made.folder) / "work" / "pieces").exists()
            node.end()
        finally:
            head.end()
