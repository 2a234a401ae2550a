"""One server, spoken to over HTTP: only the address that a person named, nothing beyond a size, nothing longer than a time.

The standard library does it: http.client follows no redirect and reads no proxy from the environment, which is what is wanted here.
"""

from __future__ import annotations

import http.client
import json
import socket
import ssl
import threading
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from urllib.parse import quote, urlencode, urlsplit

from ...errors import Cancelled, GenlockError, UsageError
from ..contract import PaintError, RetryLater, ServerError
from .words import clipped, said

MOST_BYTES = 256 << 20
"""Of one reply: far beyond what any picture of a crop takes."""
SHORT_S = 20.0
"""For everything but painting."""
_LOOK_EVERY_S = 0.2
_MARGIN_S = 5.0
"""The socket's own limit lies behind ours: it knows nothing of a server that drips."""
_LATER = (429, 502, 503, 504)


def never() -> bool:
    """Nobody stops it."""
    return False


@dataclass(frozen=True)
class Address:
    """Where a server listens."""

    secure: bool
    host: str
    port: int
    path: str
    """Before every path of the server's own; without a slash at its end."""

    @property
    def shown(self) -> str:
        """For people."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{'https' if self.secure else 'http'}://{host}:{self.port}{self.path}"


def address_of(url: str) -> Address:
    """The parts of an address. Raises UsageError, also where a password stands in it: it would end in logs and in the project's file."""
    if any(ord(letter) < 33 for letter in url) or not url.isascii():
        raise UsageError("the server's url holds blanks or letters that no address has", 'write it as "http://127.0.0.1:7860"')
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as error:
        raise UsageError(f"url is {url!r}", 'write it as "http://127.0.0.1:7860"') from error
    if parts.username is not None or parts.password is not None:
        raise UsageError("the server's url holds a name or a password", "put them into an environment variable; docs/stable-diffusion.md tells how")
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.query or parts.fragment:
        raise UsageError(f"url is {url!r}", 'write it as "http://127.0.0.1:7860"')
    secure = parts.scheme == "https"
    return Address(secure, parts.hostname, port or (443 if secure else 80), parts.path.rstrip("/"))


@dataclass(frozen=True)
class Reply:
    """What a server answered."""

    server: str
    status: int
    body: bytes

    def good(self) -> Reply:
        """Itself. Raises ServerError, RetryLater or PaintError unless the status says that all is well."""
        if 200 <= self.status < 300:
            return self
        told = said(self.body)
        what = f"{self.server} answers {self.status}" + (f": {told}" if told else "")
        if 300 <= self.status < 400:
            raise ServerError(f"{self.server} sends on to another address", "write the address where it really listens as url")
        if self.status in (401, 403, 407):
            raise ServerError(what, "it wants a name and a password, or a header; docs/stable-diffusion.md tells how to give them")
        if self.status in _LATER:
            raise RetryLater(what, "it is busy or about to start")
        raise PaintError(what, "its own log says more")

    def json(self) -> object:
        """The body of a good reply. Raises like good() and parsed()."""
        return self.good().parsed()

    def parsed(self) -> object:
        """The body, whatever the status. Raises PaintError where it is no JSON."""
        try:
            return json.loads(self.body)
        except (ValueError, RecursionError) as error:
            raise PaintError(f"{self.server} answers with something that is no JSON", "check that url names the right server") from error


class Http:
    """Speaks to one server.

    server   how it is called in texts
    headers  sent with every call; they never appear in a text
    """

    def __init__(self, server: str, url: str, headers: Mapping[str, str] | None = None) -> None:
        self.address = address_of(url)
        self.server = f"{server} at {self.address.shown}"
        self.headers = dict(headers or {})

    def get(self, path: str, query: Mapping[str, str] | None = None, most: int = MOST_BYTES) -> Reply:
        """One GET. Raises RetryLater or ServerError where there is no answer."""
        return self.send("GET", path + (f"?{urlencode(query)}" if query else ""), most=most)

    def post(self, path: str, body: object, timeout_s: float = SHORT_S, stop: Callable[[], bool] = never) -> Reply:
        """One POST of JSON. Raises like get(); Cancelled once stop() says so."""
        return self.send("POST", path, json.dumps(body).encode(), "application/json", timeout_s, stop)

    def send(
        self,
        method: str,
        path: str,
        body: bytes | None = None,
        kind: str = "",
        timeout_s: float = SHORT_S,
        stop: Callable[[], bool] = never,
        most: int = MOST_BYTES,
    ) -> Reply:
        """One call, whole or not at all, within its time however slowly the server sends.

        stop is asked a few times a second while the answer is awaited. Raises RetryLater, ServerError, Cancelled.
        """
        call = _Call(self._line(timeout_s + _MARGIN_S), method, quote(self.address.path) + path, body, self._headers(kind), most)
        until = time.monotonic() + timeout_s
        try:
            while not call.ended(_LOOK_EVERY_S):
                if stop():
                    raise Cancelled("stopped by request")
                if time.monotonic() > until:
                    raise RetryLater(f"{self.server} has not answered within {timeout_s:g} s", "raise timeout_s where its work takes longer")
        except BaseException:
            call.drop()
            raise
        if call.fault is not None:
            raise self._told(call.fault) from call.fault
        if len(call.data) > most:
            raise PaintError(f"{self.server} answers with more than {most >> 20} MiB", "check that url names the right server")
        return Reply(self.server, call.status, call.data)

    def _headers(self, kind: str) -> dict[str, str]:
        return {**self.headers, **({"Content-Type": kind} if kind else {})}

    def _line(self, timeout_s: float) -> http.client.HTTPConnection:
        address = self.address
        if address.secure:
            return http.client.HTTPSConnection(address.host, address.port, timeout=timeout_s, context=ssl.create_default_context())
        return http.client.HTTPConnection(address.host, address.port, timeout=timeout_s)

    def _told(self, fault: Exception) -> GenlockError:
        if isinstance(fault, ConnectionRefusedError):
            return RetryLater(f"nothing answers at {self.address.shown}", "start the server, or write its address as url")
        if isinstance(fault, ssl.SSLCertVerificationError):
            return ServerError(f"{self.server}: its certificate is not trusted", "check the address, or add the certificate to the system's")
        if isinstance(fault, socket.gaierror):
            return RetryLater(f"no machine is called {self.address.host}", "check url")
        return RetryLater(f"{self.server}: the connection broke ({clipped(str(fault) or type(fault).__name__)})", "see whether it still runs")


class _Call:
    """A call on a thread of its own, so that it can be dropped at any moment."""

    def __init__(self, line: http.client.HTTPConnection, method: str, path: str, body: bytes | None, headers: dict[str, str], most: int) -> None:
        self._line, self._ask, self._most = line, (method, path, body, headers), most
        self.status, self.data = 0, b""
        self.fault: Exception | None = None
        self._thread = threading.Thread(target=self._talk, daemon=True)
        self._thread.start()

    def _talk(self) -> None:
        try:
            self._line.request(*self._ask)
            reply = self._line.getresponse()
            self.data, self.status = reply.read(self._most + 1), reply.status
            if reply.length and len(self.data) <= self._most:  # read() with a size says nothing of an early end
                self.fault = http.client.IncompleteRead(b"", reply.length)
        except (OSError, http.client.HTTPException, ValueError, AttributeError) as error:  # AttributeError: dropped in the middle of connecting
            self.fault = error
        finally:
            self._line.close()

    def ended(self, wait_s: float) -> bool:
        self._thread.join(wait_s)
        return not self._thread.is_alive()

    def drop(self) -> None:
        """Hang up; what the server does with it is its own affair."""
        with suppress(OSError, AttributeError):
            self._line.sock.shutdown(socket.SHUT_RDWR)
        self._thread.join(1.0)
