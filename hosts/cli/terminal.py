"""The command `genlock`: finds the subcommand, and turns every end into an exit status and at most one line.

Only the subcommand that was asked for is imported, so that start-up stays short.
"""

from __future__ import annotations

import importlib
import os
import signal
import sys
import threading
from collections.abc import Sequence
from types import ModuleType
from typing import Any

from ... import __version__
from ..worker.process import threads
from .parsing import Parser, Wrong
from .say import Unsaid, complain, finish_answer, mend_streams, silence_stdout

COMMANDS = {
    "align": "find which frame of CLIP is which frame of REF, and write it as timelines and reports",
    "verify": "look again: what an aligned timeline claims against what is seen",
    "render": "render the clip as the ref would see it, frame for frame",
    "composite": "lay the clip over the ref, or the ref over the clip, in sync and in place",
    "stmap": "write where the clip lies in the ref as ST maps or motion vectors, for a compositor",
    "retime": "another frame rate, even motion, or repeats dropped",
    "inpaint": "take something out of a shot, or change it, step by step",
    "review": "pick, correct and judge in the browser: a project, or an alignment",
    "convert": "write an aligned timeline in other formats",
    "conform": "re-point an edit from one version of its footage to another",
    "index": "keep fingerprints of a folder's footage, to find clips in it",
    "find": "which files of an archive hold CLIP, and where",
    "publish": "check a pair, align it, and publish the result under a version",
    "run": "run a job folder",
    "farm": "let a render farm run a job folder",
    "models": "keep, list and try the weights of learned models that you have fetched",
    "hosts": "put genlock into Nuke, Blender or DaVinci Resolve, or take it out again",
    "doctor": "say what is installed and what is missing",
    "demo": "make a small pair of clips, align it, and show the answer",
}
_STOPPED = 130


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command line; returns the exit status (0, 1, 2, 3 or 130) and raises nothing."""
    words = list(sys.argv[1:] if argv is None else argv)
    try:
        _hear_terminate()
        mend_streams()
        threads.begin()
        status = _dispatch(words)
        finish_answer()
        return status
    except Wrong as wrong:
        complain(str(wrong))
        return 2
    except Unsaid as unsaid:
        silence_stdout()
        complain(str(unsaid))
        return 1
    except BrokenPipeError:
        silence_stdout()
        return 0
    except KeyboardInterrupt:
        complain("stopped")
        return _STOPPED
    except Exception as error:
        return _failed(error)


def _dispatch(words: list[str]) -> int:
    if not words or words[0] in ("-h", "--help", "help"):
        return _help(words)
    if words[0] in ("-V", "--version"):
        print(f"genlock {__version__}")
        return 0
    name = words[0]
    if name not in COMMANDS:
        raise Wrong(_unknown(name))
    module: ModuleType = importlib.import_module(f".{name}", __package__)
    parser = Parser(prog=f"genlock {name}", description=module.__doc__)
    module.add_arguments(parser)
    reworded = getattr(module, "reworded", list)
    args = parser.parse_args(reworded(words[1:]))
    return int(module.main(args))


def _help(words: list[str]) -> int:
    if words[1:] and words[1] in COMMANDS:
        return _dispatch([words[1], "--help"])
    wide = max(map(len, COMMANDS))
    print("genlock locks two versions of the same footage together, in space and time.\n")
    print("usage: genlock COMMAND ...\n")
    for name, says in COMMANDS.items():
        print(f"  {name:{wide}}  {says}")
    print("\n  genlock COMMAND --help tells what a command takes; genlock --version tells which genlock this is.")
    print("  Exit status: 0 done, 1 refused or failed, 2 wrong usage, 3 not the same footage, 130 stopped.")
    print("  GENLOCK_THREADS=n in the environment holds a command to n threads; what it makes is the same.")
    if words:
        return 0
    raise Wrong("no command is given; the first one is usually: genlock align CLIP REF -o out.otio")


def _unknown(name: str) -> str:
    if name.startswith("-"):
        return f"there is no flag {name} before the command; see genlock --help"
    import difflib

    near = difflib.get_close_matches(name, COMMANDS, 1)
    meant = f"did you mean {near[0]}?" if near else f"commands are {', '.join(COMMANDS)}"
    return f"there is no command {name!r}; {meant} See genlock --help" if near else f"there is no command {name!r}; {meant}"


def _failed(error: Exception) -> int:
    """Say in one line what went wrong outside of a job; returns the exit status."""
    from ..worker.faults import explain

    if os.environ.get("GENLOCK_DEBUG"):
        import traceback

        traceback.print_exception(error)
    reason = explain(error)
    complain(str(reason))
    return reason.exit_status


def _hear_terminate() -> None:
    """SIGTERM ends a command as Ctrl-C does."""
    if threading.current_thread() is threading.main_thread() and signal.getsignal(signal.SIGTERM) == signal.SIG_DFL:
        signal.signal(signal.SIGTERM, _interrupt)


def _interrupt(number: int, frame: Any) -> None:
    raise KeyboardInterrupt
