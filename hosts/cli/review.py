"""Look at a project or an alignment in the browser, and say what is right.

  genlock review shot010              an inpainting project: pick painted pictures, correct masks, watch the result
  genlock review out.otio             an alignment: both pictures under a slider, runs to accept, reject or anchor by hand

The page is served to this machine alone. The link in the terminal opens it once; each pick is kept at once, and the next time
the page opens where you were. Ctrl-C ends it.
"""

from __future__ import annotations

import argparse
import os
import sys
import threading
import webbrowser

from .parsing import Wrong
from .say import answer, answer_json, complain, finish_answer, tell
from .scratch import scratch


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What the command takes."""
    parser.add_argument("what", metavar="PROJECT|ALIGNED", help="a project's folder, or the .otio or .json that genlock align wrote")
    parser.add_argument(
        "-o", "--output", metavar="OUT", help="of an alignment: where the reviewed one is written (default: NAME.reviewed.otio or .json beside it)"
    )
    parser.add_argument("--port", metavar="N", type=int, default=0, help="a port of this machine (default: a free one)")
    parser.add_argument("--no-open", action="store_true", help="do not open a browser; the link is told all the same")
    parser.add_argument("--trust", action="store_true", help="runs from the page may start the program that [inpaint.command] names, as you")
    parser.add_argument("--json", action="store_true", help="the link as one JSON object on stdout")


def main(args: argparse.Namespace) -> int:
    """Serve until Ctrl-C; returns the exit status."""
    if not 0 <= args.port <= 65535:
        raise Wrong("a port is a number from 0 to 65535; see genlock review --help")
    try:
        from ..web.opening import open_desk
        from ..web.serving import Server
    except ModuleNotFoundError as error:
        complain(f"the review page needs {error.name}; install it with: pip install 'genlock[review]'")
        return 1
    desk = open_desk(args.what, args.output, lambda text: tell(f"genlock: note: {text}"), args.trust)
    with scratch(), Server(desk, args.port, lambda link: tell(f"genlock: for another browser: {link}")) as server:

        def ready() -> None:
            _tell_link(server.link, args.json)
            if not args.no_open and _has_screen():
                threading.Thread(target=webbrowser.open, args=(server.link,), daemon=True).start()

        server.run(ready)
    return 0


def _has_screen() -> bool:
    """Where there is none, Python would start a browser of the terminal in this very terminal."""
    return sys.platform in ("win32", "darwin") or bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))


def _tell_link(link: str, as_json: bool) -> None:
    """Said at once, also into a pipe: whoever waits for it may be a program."""
    if as_json:
        answer_json({"link": link})
    else:
        answer(f"review: {link}")
        tell("genlock: Ctrl-C ends it")
    finish_answer()
