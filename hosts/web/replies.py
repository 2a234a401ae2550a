"""What the server says: JSON, pictures that a browser may keep as long as they have not changed, and errors in words."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Hashable
from dataclasses import dataclass
from typing import Any

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from ...core.errors import GenlockError, UsageError
from .pictures import SIZES, Cache, Size, encoded

MOST_JSON = 1 << 20
"""Bytes of a question."""


@dataclass(frozen=True)
class Shot:
    """A picture that can be made, and what it depends on."""

    key: tuple[Hashable, ...]
    make: Callable[[], Any]
    """() -> (h, w) or (h, w, 3) uint8"""


class Unknown(GenlockError):
    """There is nothing of that name; 404."""


def explained(request: Request, error: Exception) -> Response:
    """An error that can be explained to a person."""
    assert isinstance(error, GenlockError)
    status = 404 if isinstance(error, Unknown) else 400 if isinstance(error, UsageError) else 409
    return JSONResponse({"error": error.what, "next": error.next_step}, status)


def refused(request: Request, error: Exception) -> Response:
    """A job that cannot be started."""
    return JSONResponse({"error": str(error), "next": ""}, 409)


def picture(request: Request, shot: Shot, cache: Cache) -> Response:
    """A picture at the size that the address asks for (?size=full|loop|thumb)."""
    size = size_of(request)
    key = (*shot.key, size.longest_px, size.suffix)
    tag = '"' + hashlib.sha256(repr(key).encode()).hexdigest()[:32] + '"'
    headers = {"etag": tag, "cache-control": "private, no-cache"}
    if request.headers.get("if-none-match") == tag:
        return Response(status_code=304, headers=headers)
    return Response(cache.get(key, lambda: encoded(shot.make(), size)), media_type=size.mime, headers=headers)


def size_of(request: Request) -> Size:
    """Raises Unknown for a size that is not one."""
    try:
        return SIZES[request.query_params.get("size", "full")]
    except KeyError:
        raise Unknown("no such size", f"sizes are {', '.join(SIZES)}") from None


def fresh(body: Any) -> JSONResponse:
    """JSON that is not kept."""
    return JSONResponse(body, headers={"cache-control": "no-store"})


async def body_of(request: Request, most: int) -> bytes:
    """A request's body. Raises HTTPException 413 for one that is longer than `most` bytes, before it is all read."""
    parts, length = [], 0
    async for part in request.stream():
        length += len(part)
        if length > most:
            raise HTTPException(413, "too long")
        parts.append(part)
    return b"".join(parts)


async def question_of(request: Request, **kinds: type | tuple[type, ...]) -> dict[str, Any]:
    """A question in JSON: only these keys, each of its kind; one that is left out is missing. Raises UsageError."""
    try:
        said = json.loads(await body_of(request, MOST_JSON))
    except (ValueError, RecursionError):
        raise UsageError("the question is not JSON", "reload the page") from None
    if not isinstance(said, dict) or any(name not in kinds or not _is(value, kinds[name]) for name, value in said.items()):
        raise UsageError("the question is not understood", "reload the page")
    return said


def _is(value: Any, kind: type | tuple[type, ...]) -> bool:
    """A switch is no number."""
    return isinstance(value, kind) and (kind is bool or not isinstance(value, bool))
