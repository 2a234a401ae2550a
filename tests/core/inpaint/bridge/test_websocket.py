"""The listening half of a WebSocket, against the bytes that RFC 6455 itself gives as examples."""

from __future__ import annotations

import re
import socket
import threading
from collections.abc import Callable

import pytest

from genlock.core.inpaint.bridge import websocket
from genlock.core.inpaint.bridge.http import address_of
from genlock.core.inpaint.bridge.websocket import Closed, WebSocket, accept_of, frame


def opened(then: Callable[[socket.socket], None], answer: str = "101 Switching Protocols", accept: str = "") -> WebSocket:
    """A connection to a server that shakes hands and does what it is told."""
    listening = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        with listening, listening.accept()[0] as line:
            asked = line.recv(1 << 16).decode()
            key = re.search(r"Sec-WebSocket-Key: (\S+)", asked)
            assert key and "Upgrade: websocket" in asked and "GET /ws?clientId=me HTTP/1.1" in asked and "X-Pass: yes" in asked
            told = f"HTTP/1.1 {answer}\r\nupgrade: websocket\r\nSEC-WEBSOCKET-ACCEPT: {accept or accept_of(key[1])}\r\n\r\n"
            line.sendall(told.encode())
            then(line)

    threading.Thread(target=serve, daemon=True).start()
    address = address_of(f"http://127.0.0.1:{listening.getsockname()[1]}")
    return WebSocket(address, "/ws?clientId=me", {"X-Pass": "yes"}, 5.0)


def test_the_key_of_the_standard_gives_the_answer_of_the_standard() -> None:
    assert accept_of("dGhlIHNhbXBsZSBub25jZQ==") == "s3pPLMBiTxaQ9kYGzzhZRbK+xOo="


def test_a_masked_frame_of_the_standard() -> None:
    assert frame(0x1, b"Hello", bytes.fromhex("37fa213d")) == bytes.fromhex("818537fa213d7f9f4d5158")


def test_frames_of_the_standard_are_heard() -> None:
    whole, parts, ping = "810548656c6c6f", "010348656c80026c6f", "890548656c6c6f"
    long = "827e0100" + "ab" * 256 + "827f0000000000010000" + "cd" * 65536
    heard: list[bytes] = []

    def serve(line: socket.socket) -> None:
        data = bytes.fromhex(whole + long + parts[:10] + ping + parts[10:])
        for at in range(0, len(data), 7001):
            line.sendall(data[at : at + 7001])
        heard.append(line.recv(100))

    ear = opened(serve)
    assert [ear.hear(5), ear.hear(5)] == ["Hello", "Hello"]
    with pytest.raises(Closed):
        ear.hear(5)
    pong = heard[0]
    assert pong[0] == 0x8A and bytes(byte ^ pong[2 + at % 4] for at, byte in enumerate(pong[6:])) == b"Hello"


def test_silence_is_no_text() -> None:
    done = threading.Event()
    ear = opened(lambda line: done.wait(5))
    assert ear.hear(0.05) is None
    done.set()


@pytest.mark.parametrize(
    "data", ["8800", "", "8185000000004865", "f100", "817fffffffffffffffff"], ids=["close", "gone", "masked", "reserved", "endless"]
)
def test_what_ends_it_is_told_once(data: str) -> None:
    ear = opened(lambda line: line.sendall(bytes.fromhex(data)))
    with pytest.raises(Closed):
        ear.hear(5)


def test_a_message_without_end_is_not_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(websocket, "MOST_BYTES", 1000)
    ear = opened(lambda line: line.sendall(b"\x01\x64" + b"x" * 100 + (b"\x00\x64" + b"x" * 100) * 20))
    with pytest.raises(Closed, match="no end"):
        ear.hear(5)


@pytest.mark.parametrize("answer", [{"answer": "200 OK"}, {"accept": "s3pPLMBiTxaQ9kYGzzhZRbK+xOo="}])
def test_a_server_that_does_not_speak_it(answer: dict[str, str]) -> None:
    with pytest.raises(Closed, match="does not speak"):
        opened(lambda line: None, **answer)
