"""How these tests come to the page: by plain HTTP, or in a real browser. Playwright is loaded only for the second."""

from __future__ import annotations

import http.client
import json
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import Any

from genlock.hosts.web.serving import Desk, Server, in_thread


class Client:
    """A visitor with or without a cookie, who can send any header."""

    def __init__(self, server: Server) -> None:
        self.server = server
        self.port = server.socket.getsockname()[1]
        self.origin = f"http://127.0.0.1:{self.port}"
        self.cookie = ""

    def send(self, method: str, path: str, body: bytes | None = None, **headers: str) -> tuple[int, dict[str, str], bytes]:
        """status, headers (lower case), body. A header's name has _ for -; "" leaves it out."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        try:
            given = {name.replace("_", "-"): value for name, value in headers.items()}
            connection.putrequest(method, path, skip_host="Host" in given, skip_accept_encoding=True)
            for name, value in {"Cookie": self.cookie, **given}.items():
                if value:
                    connection.putheader(name, value)
            if body is not None:
                connection.putheader("Content-Length", str(len(body)))
            connection.endheaders(body)
            reply = connection.getresponse()
            return reply.status, {name.lower(): value for name, value in reply.getheaders()}, reply.read()
        finally:
            connection.close()

    def login(self) -> Client:
        status, headers, _ = self.send("GET", self.server.link.removeprefix(self.origin))
        assert status == 303
        self.cookie = headers["set-cookie"].partition(";")[0]
        return self

    def get(self, path: str) -> Any:
        """The JSON at a path."""
        status, _, body = self.send("GET", path)
        assert status == 200, body
        return json.loads(body)

    def post(self, path: str, said: Any, expect: int = 200) -> Any:
        """The JSON that answers some JSON."""
        status, _, body = self.send("POST", path, json.dumps(said).encode(), Origin=self.origin)
        assert status == expect, body
        return json.loads(body)


@contextmanager
def served(desk: Desk) -> Iterator[Client]:
    """Somebody who is let in."""
    with in_thread(Server(desk)) as server:
        yield Client(server).login()


class Visitor:
    """Somebody at an open browser; each page that they visit has a server and cookies of its own."""

    def __init__(self, browser: Any, stack: ExitStack) -> None:
        self._browser, self._stack = browser, stack
        self.complaints: list[str] = []
        """Everything that the console called an error."""

    def __call__(self, desk: Desk, width: int = 1280, height: int = 720) -> Any:
        server = self._stack.enter_context(in_thread(Server(desk)))
        context = self._browser.new_context(viewport={"width": width, "height": height})
        self._stack.callback(context.close)
        page = context.new_page()
        page.set_default_timeout(20_000)
        page.on("console", lambda said: self.complaints.append(said.text) if said.type in ("error", "warning") else None)
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.goto(server.link)
        return page
