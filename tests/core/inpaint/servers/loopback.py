"""A real HTTP server on loopback, in a thread: what the fakes of other people's servers stand on."""

from __future__ import annotations

import json
import threading
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlsplit


@dataclass
class Request:
    """One call, as it came."""

    method: str
    path: str
    query: dict[str, str]
    headers: dict[str, str]
    """By lower-case name."""
    body: bytes
    handler: BaseHTTPRequestHandler

    def json(self) -> Any:
        return json.loads(self.body or b"null")


@dataclass
class Answer:
    """What goes back."""

    status: int = 200
    body: bytes = b""
    kind: str = "application/json"
    headers: dict[str, str] = field(default_factory=dict)


def as_json(value: Any, status: int = 200) -> Answer:
    return Answer(status, json.dumps(value).encode())


class Fake:
    """A server that runs while it is entered. calls: method and path of each call; strange: what no such server would expect."""

    def __init__(self) -> None:
        self.calls: list[tuple[str, str]] = []
        self.strange: list[str] = []
        self.lock = threading.RLock()

    def answer(self, request: Request) -> Answer | None:
        """The answer to a call; None where the call has answered by itself."""
        raise NotImplementedError

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    def count(self, path: str) -> int:
        """How often a path was called."""
        return sum(called == path for _, called in self.calls)

    def __enter__(self) -> Any:
        fake = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                fake._serve(self)

            do_POST = do_GET

            def log_message(self, *args: object) -> None:
                """Nothing is printed."""

        class Server(ThreadingHTTPServer):
            daemon_threads = True

            def handle_error(self, *args: object) -> None:
                """A client that hangs up is no fault of the test."""

        self._server = Server(("127.0.0.1", 0), Handler)
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *args: object) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()
        assert not self.strange, self.strange

    def _serve(self, handler: BaseHTTPRequestHandler) -> None:
        parts = urlsplit(handler.path)
        body = handler.rfile.read(int(handler.headers.get("Content-Length") or 0))
        headers = {name.lower(): value for name, value in handler.headers.items()}
        request = Request(handler.command or "", parts.path, dict(parse_qsl(parts.query, True)), headers, body, handler)
        with self.lock:
            self.calls.append((request.method, request.path))
        answer = self.answer(request)
        if answer is None:
            return
        handler.send_response(answer.status)
        for name, value in {"Content-Type": answer.kind, "Content-Length": str(len(answer.body)), **answer.headers}.items():
            handler.send_header(name, value)
        handler.end_headers()
        handler.wfile.write(answer.body)
