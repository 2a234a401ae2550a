"""The server: bound to this machine alone, on a port of its own, until it is told to end."""

from __future__ import annotations

import os
import socket
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from types import TracebackType
from typing import Protocol

import uvicorn
from starlette.applications import Starlette
from starlette.routing import BaseRoute, Route

from ...core.errors import GenlockError, UsageError
from ..jobs import JobError
from .guard import Door, Guard
from .page import page_routes
from .replies import explained, refused

_GRACE_S = 3
"""For answers that are under way when it is told to end: a host that ends waits for this."""


class Desk(Protocol):
    """What is reviewed: a project, or an alignment."""

    main: str
    """The page's file."""

    def routes(self) -> Sequence[BaseRoute]: ...
    def close(self) -> None: ...


class _Told(uvicorn.Server):
    """Tells when it has started; signals are heard from then on."""

    ready: Callable[[], None]

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self.ready()


class Server:
    """One page, being served. Use with "with"; it listens from the beginning and answers from run()."""

    def __init__(self, desk: Desk, port: int = 0, told: Callable[[str], None] = lambda link: None) -> None:
        """
        port  0 takes a free one
        told  hears of each further link, once one was used
        Raises UsageError where the port is taken.
        """
        self.socket = _bound(port)
        self.door = Door(self.socket.getsockname()[1], told)
        self._desk = desk
        routes = [Route("/login", self.door.login), *page_routes(desk.main), *desk.routes()]
        app = Starlette(routes=routes, exception_handlers={GenlockError: explained, JobError: refused})
        config = uvicorn.Config(
            Guard(app, self.door), log_level="error", access_log=False, lifespan="off", server_header=False, ws="none",
            timeout_graceful_shutdown=_GRACE_S,
        )  # fmt: skip
        self._server = _Told(config)

    def __enter__(self) -> Server:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.socket.close()
        self._desk.close()

    @property
    def link(self) -> str:
        """Opens the page, once."""
        return self.door.link

    def run(self, ready: Callable[[], None] = lambda: None) -> None:
        """Answer until end() is called, or a Ctrl-C is heard.

        ready  is called once the page can be opened
        """
        self._server.ready = ready
        self._server.run(sockets=[self.socket])

    def end(self) -> None:
        """Let run() return."""
        self._server.should_exit = True


@contextmanager
def in_thread(server: Server) -> Iterator[Server]:
    """Serve beside other work, such as a test."""
    ready = threading.Event()
    thread = threading.Thread(target=server.run, args=(ready.set,), name="review", daemon=True)
    with server:
        thread.start()
        ready.wait(20)
        try:
            yield server
        finally:
            server.end()
            thread.join(20)


def _bound(port: int) -> socket.socket:
    listening = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    try:
        if os.name != "nt":  # there, it would let another program take the port too
            listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind(("127.0.0.1", port))
    except OSError as error:
        listening.close()
        raise UsageError(f"port {port} cannot be used: {error.strerror}", "name another one with --port, or leave it out") from error
    listening.listen(64)
    return listening
