"""The speaking half of a WebSocket: text to those who listen, with a preview and a ping in between, as they come from the real server."""

from __future__ import annotations

import base64
import hashlib
import json
import threading
from contextlib import suppress
from typing import Any

from .loopback import Request


class Listeners:
    """Everybody who listens, by client id."""

    def __init__(self) -> None:
        self._lines: dict[str, Any] = {}
        self._lock = threading.Lock()

    def serve(self, request: Request) -> None:
        """Shake hands, and hold the line until it is dropped or the other side hangs up."""
        key = hashlib.sha1((request.headers["sec-websocket-key"] + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11").encode()).digest()
        handler, client = request.handler, request.query["clientId"]
        handler.send_response(101)
        for name, value in (("Upgrade", "websocket"), ("Connection", "Upgrade"), ("Sec-WebSocket-Accept", base64.b64encode(key).decode())):
            handler.send_header(name, value)
        handler.end_headers()
        handler.close_connection = True
        with self._lock:
            self._lines[client] = handler.connection
        self.tell(client, {"type": "status", "data": {"status": {"exec_info": {"queue_remaining": 0}}, "sid": client}})
        with suppress(OSError):
            while handler.connection.recv(1024):
                pass

    def tell(self, client: str | None, message: dict[str, Any]) -> None:
        """A message, with a preview and a ping before it."""
        text = json.dumps(message).encode()
        whole = _frame(0x2, b"\0\0\0\1" + b"preview" * 30) + _frame(0x9, b"") + _frame(0x1, text[:5], False) + _frame(0x0, text[5:])
        with self._lock, suppress(OSError, KeyError):
            self._lines[str(client)].sendall(whole)

    def drop(self) -> None:
        """Hang up on everybody."""
        with self._lock:
            for line in self._lines.values():
                with suppress(OSError):
                    line.shutdown(2)
            self._lines.clear()


def _frame(opcode: int, payload: bytes, last: bool = True) -> bytes:
    size = bytes([len(payload)]) if len(payload) < 126 else b"\x7e" + len(payload).to_bytes(2, "big")
    return bytes([(0x80 if last else 0) | opcode]) + size + payload
