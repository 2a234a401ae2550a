"""Speaking to one server and no other, within a size and a time."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator

import pytest

from genlock.core.errors import Cancelled, GenlockError, UsageError
from genlock.core.inpaint.bridge.http import Http, address_of
from genlock.core.inpaint.contract import PaintError, RetryLater, ServerError
from genlock.tests.core.inpaint.servers.loopback import Answer, Fake, Request


class Odd(Fake):
    """Answers by path."""

    def answer(self, request: Request) -> Answer | None:
        if request.path == "/redirect":
            return Answer(302, headers={"Location": "/there"})
        if request.path.startswith("/status/"):
            return Answer(int(request.path[8:]), b'{"detail": "because\\u001b[31m of\\nthis"}')
        if request.path == "/drip":
            self._drip(request)
            return None
        return Answer(body=b"x" * 5000 if request.path == "/big" else b'{"fine": true}', kind="text/html")

    def _drip(self, request: Request) -> None:
        """A byte every twentieth of a second: no single wait is long."""
        request.handler.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n")
        try:
            for _ in range(200):
                request.handler.wfile.write(b"x")
                time.sleep(0.05)
        except OSError:
            pass
        request.handler.close_connection = True


@pytest.fixture
def odd() -> Iterator[Odd]:
    with Odd() as server:
        yield server


def test_a_redirect_is_not_followed(odd: Odd) -> None:
    with pytest.raises(ServerError, match="sends on to another address"):
        Http("It", odd.url).get("/redirect").good()
    assert odd.count("/there") == 0


def test_no_proxy_of_the_environment_is_used(odd: Odd, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    assert Http("It", odd.url).get("/").json() == {"fine": True}


def test_a_reply_beyond_its_size_is_refused(odd: Odd) -> None:
    assert len(Http("It", odd.url).get("/big", most=5000).body) == 5000
    with pytest.raises(PaintError, match="more than"):
        Http("It", odd.url).get("/big", most=4999)


def test_a_server_that_drips_is_given_up_in_time(odd: Odd) -> None:
    began = time.monotonic()
    with pytest.raises(RetryLater, match=r"within 0\.5 s"):
        Http("It", odd.url).send("GET", "/drip", timeout_s=0.5)
    assert time.monotonic() - began < 3


def test_waiting_ends_when_it_is_told_to(odd: Odd) -> None:
    began = time.monotonic()
    with pytest.raises(Cancelled):
        Http("It", odd.url).post("/drip", {}, 60, lambda: time.monotonic() - began > 0.3)
    assert time.monotonic() - began < 3


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (400, PaintError),
        (401, ServerError),
        (403, ServerError),
        (404, PaintError),
        (429, RetryLater),
        (500, PaintError),
        (502, RetryLater),
        (503, RetryLater),
    ],
)
def test_each_status_is_one_kind_of_error(odd: Odd, status: int, kind: type[GenlockError]) -> None:
    with pytest.raises(GenlockError) as caught:
        Http("It", odd.url).get(f"/status/{status}").good()
    assert type(caught.value) is kind and "because [31m of this" in str(caught.value)


def test_what_is_no_json_is_told_so(odd: Odd) -> None:
    with pytest.raises(PaintError, match="no JSON"):
        Http("It", odd.url).get("/big").json()


def test_nobody_there_may_be_tried_again() -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with pytest.raises(RetryLater, match=f"nothing answers at http://127.0.0.1:{port}"):
        Http("It", f"http://127.0.0.1:{port}").get("/")


def test_a_connection_that_breaks_may_be_tried_again() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def hang_up() -> None:
            line, _ = listening.accept()
            line.recv(1000)
            line.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nabc")
            line.close()

        threading.Thread(target=hang_up, daemon=True).start()
        with pytest.raises(RetryLater, match="connection broke"):
            Http("It", f"http://127.0.0.1:{listening.getsockname()[1]}").get("/")


@pytest.mark.parametrize("url", ["", "127.0.0.1:7860", "ftp://host", "http://", "http://host:99999", "http://host/?a=1", "http://a b", "file:///etc"])
def test_what_is_no_address_is_refused(url: str) -> None:
    with pytest.raises(UsageError):
        address_of(url)


def test_a_password_in_the_address_is_refused_and_not_repeated() -> None:
    with pytest.raises(UsageError) as caught:
        address_of("http://anna:swordfish@host:7860")
    assert "environment variable" in str(caught.value) and "swordfish" not in str(caught.value)


def test_addresses_are_taken_apart() -> None:
    assert address_of("https://sd.example/ui/").shown == "https://sd.example:443/ui"
    assert address_of("http://[::1]:7860").shown == "http://[::1]:7860"
