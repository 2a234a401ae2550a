"""Who may talk to the page: only this machine, only with the link from the terminal, only from the page itself.

Three things are refused that a loopback server meets in practice: another site's name that leads to this machine (DNS rebinding) by the
Host header, another site's form or script by the Origin header, and another user of the machine by the token. A cookie does not know
ports, so its name carries ours.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable

from starlette.requests import Request
from starlette.responses import PlainTextResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

POLICY = "default-src 'self'; object-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
_HEADERS = [
    (b"content-security-policy", POLICY.encode()),
    (b"x-content-type-options", b"nosniff"),
    (b"x-frame-options", b"DENY"),
    (b"referrer-policy", b"no-referrer"),
    (b"cross-origin-resource-policy", b"same-origin"),
    (b"cross-origin-opener-policy", b"same-origin"),
]
_READS = ("GET", "HEAD")


class Door:
    """The links that let somebody in, and who is in."""

    def __init__(self, port: int, told: Callable[[str], None] = lambda link: None) -> None:
        """
        told  hears of the next link once one was used: each works once
        """
        self.names = (f"127.0.0.1:{port}", f"localhost:{port}")
        self.cookie = f"genlock_{port}"
        self._told = told
        self._sessions: list[str] = []
        self._token = secrets.token_urlsafe(32)

    @property
    def link(self) -> str:
        """What opens the page, once."""
        return f"http://{self.names[0]}/login?token={self._token}"

    def login(self, request: Request) -> Response:
        """Trade a link's token for a cookie; the address that stays in the browser holds no secret."""
        if not secrets.compare_digest(request.query_params.get("token", "").encode(), self._token.encode()):
            if self.knows(request.headers.get("cookie", "")):
                return RedirectResponse("/", 303)
            return PlainTextResponse("This link was used already, or it is not one. Take the newest one from the terminal.\n", 401)
        self._token = secrets.token_urlsafe(32)
        self._sessions.append(secrets.token_urlsafe(32))
        answer = RedirectResponse("/", 303)
        answer.set_cookie(self.cookie, self._sessions[-1], httponly=True, samesite="strict", path="/")
        self._told(self.link)
        return answer

    def knows(self, cookies: str) -> bool:
        """Whether a Cookie header holds a session of ours, whatever other programs of this machine have put beside it."""
        pairs = (part.strip().partition("=") for part in cookies.split(";"))
        held = [value for name, _, value in pairs if name == self.cookie]
        return any(secrets.compare_digest(value.encode(), own.encode()) for value in held for own in self._sessions)


class Guard:
    """In front of every route."""

    def __init__(self, app: ASGIApp, door: Door) -> None:
        self.app, self.door = app, door

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self.app(scope, receive, send)
            return

        async def sealed(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [*message["headers"], *_HEADERS]
            await send(message)

        refusal = self._refusal(scope)
        await (refusal or self.app)(scope, receive, sealed)

    def _refusal(self, scope: Scope) -> Response | None:
        if scope["type"] != "http":
            return PlainTextResponse("only HTTP is spoken here\n", 400)
        held: dict[bytes, list[str]] = {}
        for name, value in scope["headers"]:
            held.setdefault(name.lower(), []).append(value.decode("latin-1"))
        if len(held.get(b"host", [])) != 1 or held[b"host"][0].lower() not in self.door.names:
            return PlainTextResponse("this server answers under its own name alone\n", 421)
        if scope["method"] not in _READS and held.get(b"origin") not in [[f"http://{name}"] for name in self.door.names]:
            return PlainTextResponse("asked from another page\n", 403)
        if scope["path"] == "/login" and scope["method"] == "GET":
            return None
        if not any(self.door.knows(cookies) for cookies in held.get(b"cookie", [])):
            return PlainTextResponse("Open the link that the terminal shows.\n", 401)
        return None
