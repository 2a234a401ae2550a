"""An inpainting project under review: its routes."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from ...core.inpaint.project import Project, Selection, open_project
from .. import jobs
from ..worker.inpaint_picks import pick
from .corrections import mask_from, most_bytes
from .pictures import Cache
from .project_pictures import asked_shot, frame_shot, group_of, job_of, laid_shot, painted_shot
from .project_state import project_state, save_seat, seat_of
from .replies import Unknown, body_of, fresh, picture, question_of
from .running import Runner

_PAINTED = {"asked": asked_shot, "painted": painted_shot, "laid": laid_shot}
_WORDS = ("redo", "drop", "clear")


class ProjectDesk:
    """Everything is read anew when asked for: a run, a terminal or an editor may change the folder at any time."""

    main = "project.html"

    def __init__(self, path: str, trust: bool = False) -> None:
        """trust: runs may start the program that genlock.toml names. Raises UsageError: no project. FormatError: a damaged genlock.toml."""
        self.path, self._trust = path, trust
        self._cache = Cache()
        self._runner = Runner()
        self._saving = threading.Lock()
        open_project(path)

    def routes(self) -> Sequence[BaseRoute]:
        return [
            Route("/api/state", self.state),
            Route("/api/pick", self.pick, methods=["POST"]),
            Route("/api/note", self.note, methods=["POST"]),
            Route("/api/seat", self.seat, methods=["POST"]),
            Route("/api/mask/{keyframe:int}", self.mask, methods=["POST"]),
            Route("/api/run", self.run, methods=["POST"]),
            Route("/api/stop", self.stop, methods=["POST"]),
            Route("/picture/{kind}/{number:int}", self.frame),
            Route("/picture/{kind}/{keyframe:int}/{job}", self.painted),
        ]

    def close(self) -> None:
        self._runner.close()

    def _project(self) -> Project:
        return open_project(self.path)

    def state(self, request: Request) -> Response:
        return fresh(self._told())

    def _told(self) -> dict[str, Any]:
        return {**project_state(self._project()), "run": self._runner.told()}

    def frame(self, request: Request) -> Response:
        wanted = request.path_params
        return picture(request, frame_shot(self._project(), wanted["kind"], wanted["number"]), self._cache)

    def painted(self, request: Request) -> Response:
        wanted = request.path_params
        if wanted["kind"] not in _PAINTED:
            raise Unknown(f"there is no picture called {wanted['kind']}")
        return picture(request, _PAINTED[wanted["kind"]](self._project(), wanted["keyframe"], wanted["job"]), self._cache)

    async def pick(self, request: Request) -> Response:
        """{"keyframe", "action": pick|redo|drop|clear, "job"}: kept at once."""
        said = await question_of(request, keyframe=int, action=str, job=str)
        return await run_in_threadpool(self._pick, said.get("keyframe", -1), said.get("action", ""), said.get("job", ""))

    def _pick(self, keyframe: int, action: str, job: str) -> Response:
        project = self._project()
        group_of(project, keyframe)
        what = action if action in _WORDS else job_of(project, keyframe, job).job
        with self._saving:
            notes = seat_of(project)["notes"]
            sentence = pick(self.path, keyframe, what, notes.get(str(keyframe), ""))
        return fresh({**self._told(), "sentence": sentence})

    async def note(self, request: Request) -> Response:
        said = await question_of(request, keyframe=int, text=str)
        return await run_in_threadpool(self._note, said.get("keyframe", -1), said.get("text", "").strip())

    def _note(self, keyframe: int, text: str) -> Response:
        """A note stays with the page until there is a pick to write it to, and after."""
        project = self._project()
        group_of(project, keyframe)
        with self._saving:
            notes = {**seat_of(project)["notes"], str(keyframe): text}
            save_seat(project, notes={name: held for name, held in notes.items() if held})
            said = project.selections().get(keyframe)
            if said is not None and said.note != text:
                project.save_selection(keyframe, Selection(said.action, said.job, said.name, said.sha256, text, said.seed))
        return fresh({**self._told(), "sentence": f"Keyframe {keyframe}: the note is kept."})

    async def seat(self, request: Request) -> Response:
        said = await question_of(request, keyframe=(int, type(None)), advance=bool)
        await run_in_threadpool(self._seat, said)
        return fresh({})

    def _seat(self, said: dict[str, Any]) -> None:
        with self._saving:
            save_seat(self._project(), **said)

    async def mask(self, request: Request) -> Response:
        """A corrected mask of a keyframe, as PNG; the keyframe is to be painted again."""
        keyframe = request.path_params["keyframe"]
        size = tuple(self._project().facts["size"])
        data = await body_of(request, most_bytes(size))
        return await run_in_threadpool(self._mask, keyframe, data)

    def _mask(self, keyframe: int, data: bytes) -> Response:
        project = self._project()
        group_of(project, keyframe)
        project.save_mask_correction(keyframe, mask_from(data, tuple(project.facts["size"])))
        return self._pick(keyframe, "redo", "")

    async def run(self, request: Request) -> Response:
        """Run the project, as far as it is not done."""
        await question_of(request)
        asked = jobs.Request("inpaint", {"project": str(self._project().root)}, (), {"trust": True} if self._trust else {})
        await run_in_threadpool(self._runner.start, asked)
        return await run_in_threadpool(self.state, request)

    async def stop(self, request: Request) -> Response:
        await question_of(request)
        self._runner.stop()
        return await run_in_threadpool(self.state, request)
