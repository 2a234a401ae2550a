"""The page's own files: listed once, handed out by name; nothing is ever joined to a path."""

from __future__ import annotations

from pathlib import Path

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from .replies import Unknown

STATIC = Path(__file__).parent / "static"
_MIMES = {".html": "text/html", ".js": "text/javascript", ".css": "text/css", ".svg": "image/svg+xml"}


def page_routes(main: str) -> list[Route]:
    """The page at /, its favicon, and the files that it loads.

    main  the file that is shown at /
    """
    files = {path.name: path for path in STATIC.iterdir() if path.suffix in _MIMES}

    def answer(name: str) -> Response:
        if name not in files:
            raise Unknown("there is no such file")
        return Response(files[name].read_bytes(), media_type=_MIMES[files[name].suffix], headers={"cache-control": "no-cache"})

    def shown(request: Request) -> Response:
        return answer(main)

    def favicon(request: Request) -> Response:
        return answer("favicon.svg")

    def named(request: Request) -> Response:
        return answer(request.path_params["name"])

    return [Route("/", shown), Route("/favicon.ico", favicon), Route("/static/{name}", named)]
