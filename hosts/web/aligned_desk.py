"""An alignment under review: its routes. The file itself is never written; what was said stands beside it."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from ...core.alignment import Alignment, Matrix, Run, Verdict
from ...core.errors import GenlockError, UsageError
from ...core.progress import Progress
from ...core.settings import AlignSettings
from .. import jobs
from ..worker.documents import check_suffixes, render
from ..worker.inputs import READABLE, read_aligned, say_media
from ..worker.outputs import check_places, write_together
from .aligned_state import aligned_state
from .decisions import Decisions, anchor_texts, reviewed
from .films import Films
from .pictures import Cache
from .replies import Unknown, fresh, picture, question_of
from .running import Runner


class AlignedDesk:
    """Holds the alignment as it was read, or as it was solved again here, and what the person said of it."""

    main = "aligned.html"

    def __init__(self, path: str, output: str | None = None, note: Callable[[str], None] = lambda text: None) -> None:
        """
        output  where the reviewed alignment is written; NAME.reviewed.otio or .json beside it where none is named
        note    hears which media outside the alignment's own folder are opened
        Raises UsageError, FormatError, OutputError, GenlockError.
        """
        place = Path(path).absolute()
        self.alignment: Alignment = read_aligned(str(place))
        say_media(str(place), self.alignment, note)
        self.output = str(Path(output).absolute() if output else place.with_name(f"{place.stem}.reviewed{_written_as(place)}"))
        check_suffixes([self.output])
        check_places([self.output], (self.alignment.clip.path, self.alignment.ref.path, str(place)))
        self.name = place.name
        self._beside = place.with_name(f"{place.name}.review.json")
        self.decisions = Decisions.load(self._beside)
        self.films = Films(self.alignment)
        self._cache = Cache()
        self._runner = Runner()
        self._lock = threading.RLock()
        self._solving: str = ""
        self.solved = 0
        """How often it was solved again here."""
        self._note = note

    def routes(self) -> Sequence[BaseRoute]:
        return [
            Route("/api/state", self.state),
            Route("/api/run", self.judge, methods=["POST"]),
            Route("/api/anchor", self.anchor, methods=["POST"]),
            Route("/api/note", self.note, methods=["POST"]),
            Route("/api/seat", self.seat, methods=["POST"]),
            Route("/api/solve", self.solve, methods=["POST"]),
            Route("/api/stop", self.stop, methods=["POST"]),
            Route("/api/write", self.write, methods=["POST"]),
            Route("/picture/ref/{number:int}", self.ref_picture),
            Route("/picture/clip/{number:int}", self.clip_picture),
            Route("/picture/laid/{at:int}/{number:int}", self.laid_picture),
        ]

    def close(self) -> None:
        self._runner.close()
        self.films.close()

    def state(self, request: Request) -> Response:
        return fresh(self._told())

    def _told(self, sentence: str = "") -> dict[str, Any]:
        with self._lock:
            run = self._runner.told()
            if self._solving and run["state"] in ("done", "failed"):
                run = self._taken(run)
            told = aligned_state(self.alignment, self.decisions, self.solved)
        return {**told, "name": self.name, "output": self.output, "run": run, **({"sentence": sentence} if sentence else {})}

    def _taken(self, run: dict[str, Any]) -> dict[str, Any]:
        """The answer of a solve that has just ended takes the place of the one before it."""
        place, self._solving = self._solving, ""
        if run["state"] == "done":
            self.alignment = read_aligned(place)
            self.solved += 1
        return run

    def ref_picture(self, request: Request) -> Response:
        return picture(request, self.films.ref_shot(request.path_params["number"]), self._cache)

    def clip_picture(self, request: Request) -> Response:
        return picture(request, self.films.clip_shot(request.path_params["number"]), self._cache)

    def laid_picture(self, request: Request) -> Response:
        """A clip frame as it lies at a ref frame; where nothing is matched, as it lies in the nearest run."""
        at = request.path_params["at"]
        if not 0 <= at < self.alignment.ref.frames:
            raise Unknown(f"the ref has no frame {at}")
        return picture(request, self.films.laid_shot(request.path_params["number"], nearest_matrix(self.alignment, at)), self._cache)

    async def judge(self, request: Request) -> Response:
        """{"first", "action": accept|reject|clear}: of the run that begins at a ref frame."""
        said = await question_of(request, first=int, action=str)
        return await run_in_threadpool(self._judge, said.get("first", -1), said.get("action", ""))

    def _judge(self, first: int, action: str) -> Response:
        if action not in ("accept", "reject", "clear"):
            raise UsageError(f"{action!r} cannot be said of a run", "say accept, reject or clear")
        with self._lock:
            run = self._run_at(first)
            if run.verdict is Verdict.UNMATCHED and action == "reject":
                raise UsageError("nothing is matched there, so there is nothing to reject", "anchor a frame by hand")
            self._keep(self.decisions.with_said(run, self.alignment.clip_frames(), action))
        words = {"accept": "accepted", "reject": "rejected", "clear": "open again"}[action]
        return fresh(self._told(f"Ref frames {run.ref_first}–{run.ref_end - 1} are {words}."))

    async def anchor(self, request: Request) -> Response:
        """{"ref", "clip"}: these two frames belong together; without "clip", that is forgotten."""
        said = await question_of(request, ref=int, clip=(int, type(None)))
        return await run_in_threadpool(self._anchor, said.get("ref", -1), said.get("clip"))

    def _anchor(self, ref: int, clip: int | None) -> Response:
        alignment = self.alignment
        if not 0 <= ref < alignment.ref.frames or (clip is not None and not 0 <= clip < alignment.clip.frames):
            raise Unknown("there is no such frame")
        with self._lock:
            self._keep(self.decisions.without_anchor(ref) if clip is None else self.decisions.with_anchor(clip, ref))
        if clip is None:
            return fresh(self._told(f"The anchor at ref frame {ref} is gone."))
        return fresh(self._told(f"Ref frame {ref} shows clip frame {clip}: solve again, and the frames around it follow."))

    async def note(self, request: Request) -> Response:
        said = await question_of(request, first=int, text=str)
        return await run_in_threadpool(self._note_kept, said.get("first", -1), said.get("text", "").strip())

    def _note_kept(self, first: int, text: str) -> Response:
        with self._lock:
            run = self._run_at(first)
            notes = {**self.decisions.notes, str(run.ref_first): text}
            self._keep(replace(self.decisions, notes={at: held for at, held in notes.items() if held}))
        return fresh(self._told("The note is kept."))

    async def seat(self, request: Request) -> Response:
        said = await question_of(request, at=int)
        return await run_in_threadpool(self._seat, said.get("at", 0))

    def _seat(self, at: int) -> Response:
        with self._lock:
            self._keep(replace(self.decisions, at=at))
        return fresh({})

    async def solve(self, request: Request) -> Response:
        """Align again, with what the person fixed."""
        await question_of(request)
        return await run_in_threadpool(self._solve)

    def _solve(self) -> Response:
        with self._lock:
            if self._runner.told()["state"] == "running":
                raise GenlockError("it is being solved already", "wait for its end, or stop it")
            clip, ref = self.alignment.clip, self.alignment.ref
            settings = settings_again(self.alignment, anchor_texts(self.decisions, clip, ref))
            place = str(self._runner.place(f"solved{self.solved + 1}.json"))
            self._runner.start(jobs.Request("align", {"clip": clip.path, "ref": ref.path}, (place,), settings))
            self._solving = place
        return fresh(self._told())

    async def stop(self, request: Request) -> Response:
        await question_of(request)
        self._runner.stop()
        return await run_in_threadpool(self.state, request)

    async def write(self, request: Request) -> Response:
        """Write the alignment with everything that was said of it."""
        await question_of(request)
        return await run_in_threadpool(self._write)

    def _write(self) -> Response:
        with self._lock:
            done = reviewed(self.alignment, self.decisions)
        files = render(done, [self.output], settings_of(done), Progress(), self._note)
        write_together(files)
        return fresh(self._told(f"Written: {self.output}"))

    def _run_at(self, first: int) -> Run:
        for run in self.alignment.runs:
            if run.ref_first == first:
                return run
        raise Unknown(f"no run begins at ref frame {first}")

    def _keep(self, decisions: Decisions) -> None:
        decisions.save(self._beside)
        self.decisions = decisions


def nearest_matrix(alignment: Alignment, at: int) -> Matrix | None:
    """Clip pixel to ref pixel at a ref frame, else of the nearest run that has one; None where none has."""
    own = alignment.matrix_at(at)
    if own is not None:
        return own
    near = [run for run in alignment.runs if run.transform]
    if not near:
        return None
    run = min(near, key=lambda run: max(run.ref_first - at, at - run.ref_end + 1))
    return alignment.matrix_at(min(max(at, run.ref_first), run.ref_end - 1))


def settings_again(alignment: Alignment, anchors: tuple[str, ...]) -> dict[str, Any]:
    """The settings that the alignment was made with, and the person's anchors instead of older ones at the same ref frame.

    A folder for the cache that the file names is not written to: nobody at this machine has named it.
    """
    older = settings_of(alignment)
    older = older if older.cache == "off" else replace(older, cache="")
    named = {text.partition("=")[2].strip() for text in anchors}
    kept = [text for text in older.anchor if text.partition("=")[2].strip() not in named]
    body = {**older.to_json(), "anchor": [*kept, *anchors]}
    default = AlignSettings().to_json()
    return {name: value for name, value in body.items() if value != default[name]}


def settings_of(alignment: Alignment) -> AlignSettings:
    """What an alignment's file says of its settings; a name that this genlock does not know is left out. Raises UsageError."""
    known = AlignSettings().to_json()
    return AlignSettings.from_json({name: value for name, value in alignment.settings.items() if name in known})


def _written_as(place: Path) -> str:
    return place.suffix.lower() if place.suffix.lower() in READABLE[:2] else ".otio"
