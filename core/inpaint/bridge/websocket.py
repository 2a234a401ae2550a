"""The listening half of a WebSocket (RFC 6455): enough to hear what a server tells, and to answer its pings.

It only ever saves waiting: whoever uses it can do without, so any fault closes it and is told once.
"""

from __future__ import annotations

import base64
import hashlib
import os
import socket
import ssl
import time
from collections.abc import Mapping
from contextlib import suppress

from .http import Address

_KEY_SUFFIX = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
_TEXT, _CLOSE, _PING, _PONG = 0x1, 0x8, 0x9, 0xA
MOST_BYTES = 16 << 20
"""Of one message; previews are pictures."""
_MOST_HEAD = 16 << 10


class Closed(Exception):
    """The connection is not there, or not any more."""


def accept_of(key: str) -> str:
    """What a server answers to a key, so that it is seen to speak the protocol."""
    return base64.b64encode(hashlib.sha1(key.encode() + _KEY_SUFFIX).digest()).decode()


def frame(opcode: int, payload: bytes, mask: bytes) -> bytes:
    """One whole frame as a client sends it: masked with four bytes. The payload is shorter than 126 bytes."""
    return bytes([0x80 | opcode, 0x80 | len(payload)]) + mask + bytes(byte ^ mask[at % 4] for at, byte in enumerate(payload))


class WebSocket:
    """One connection. Opening it raises Closed."""

    def __init__(self, address: Address, path: str, headers: Mapping[str, str], timeout_s: float) -> None:
        self._data = b""
        self._message = b""
        self._opcode = 0
        try:
            line = socket.create_connection((address.host, address.port), timeout_s)
            self._line = ssl.create_default_context().wrap_socket(line, server_hostname=address.host) if address.secure else line
        except (OSError, ValueError) as error:
            raise Closed(str(error)) from error
        try:
            self._shake(address, path, headers, time.monotonic() + timeout_s)
        except (OSError, ValueError, Closed) as error:
            self.close()
            raise Closed(str(error)) from error

    def _shake(self, address: Address, path: str, headers: Mapping[str, str], until: float) -> None:
        key = base64.b64encode(os.urandom(16)).decode()
        host = address.shown.split("://", 1)[1].split("/", 1)[0]
        own = {"Host": host, "Upgrade": "websocket", "Connection": "Upgrade", "Sec-WebSocket-Key": key, "Sec-WebSocket-Version": "13"}
        lines = [f"GET {path} HTTP/1.1", *(f"{name}: {value}" for name, value in {**headers, **own}.items())]
        if any("\r" in line or "\n" in line for line in lines):
            raise Closed("a header holds a line break")
        self._line.sendall("\r\n".join(lines).encode() + b"\r\n\r\n")
        while b"\r\n\r\n" not in self._data:
            if len(self._data) > _MOST_HEAD:
                raise Closed("its greeting has no end")
            self._more(until)
        head, _, self._data = self._data.partition(b"\r\n\r\n")
        first, *rest = head.decode("latin-1").split("\r\n")
        told = {name.strip().lower(): value.strip() for name, _, value in (line.partition(":") for line in rest)}
        if first.split(" ")[1:2] != ["101"] or told.get("sec-websocket-accept") != accept_of(key):
            raise Closed("it does not speak the protocol")

    def hear(self, wait_s: float) -> str | None:
        """The next text; None where none came within the time. Everything else is passed over. Raises Closed."""
        until = time.monotonic() + wait_s
        try:
            while True:
                text = self._taken()
                if text is not None:
                    return text
                self._more(until)
        except TimeoutError:
            return None
        except (OSError, ValueError) as error:
            raise Closed(str(error)) from error

    def close(self) -> None:
        """Hang up."""
        with suppress(OSError, AttributeError):
            self._line.close()

    def _more(self, until: float) -> None:
        """Wait for bytes. Raises TimeoutError, Closed."""
        left = until - time.monotonic()
        if left <= 0:
            raise TimeoutError
        self._line.settimeout(left)
        got = self._line.recv(1 << 16)
        if not got:
            raise Closed("the server hung up")
        self._data += got

    def _taken(self) -> str | None:
        """A text out of the bytes that are here; None where its end is still missing."""
        while True:
            whole = self._frame()
            if whole is None:
                return None
            last, opcode, payload = whole
            if opcode == _CLOSE:
                raise Closed("the server hung up")
            if opcode == _PING:
                self._line.settimeout(5.0)
                self._line.sendall(frame(_PONG, payload[:125], os.urandom(4)))
            if opcode >= _CLOSE:
                continue
            self._opcode = opcode or self._opcode
            self._message += payload
            if len(self._message) > MOST_BYTES:
                raise Closed("a message has no end")
            if last:
                message, self._message = self._message, b""
                if self._opcode == _TEXT:
                    return message.decode("utf-8", "replace")

    def _frame(self) -> tuple[bool, int, bytes] | None:
        """The first frame of the bytes that are here, taken off them."""
        data = self._data
        if len(data) < 2:
            return None
        size, at = data[1] & 0x7F, 2
        if size >= 126:
            at = 4 if size == 126 else 10
            if len(data) < at:
                return None
            size = int.from_bytes(data[2:at], "big")
        if data[1] & 0x80 or data[0] & 0x70 or size > MOST_BYTES:
            raise Closed("a frame is not as a server sends it")
        if len(data) < at + size:
            return None
        self._data = data[at + size :]
        return bool(data[0] & 0x80), data[0] & 0x0F, data[at : at + size]
