"""ComfyUI as a painter."""

from __future__ import annotations

import hashlib
import json
import time
import uuid
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from ....errors import UsageError
from ...contract import Ask, Painted, PaintError, ServerError
from .. import samplers
from ..http import Http, never
from ..pictures import decode, encode, in_depth, require
from ..probe import require_mask_obeyed
from ..secrets import secret
from ..settings import ComfySettings
from ..words import listed
from . import workflow
from .calls import SUBFOLDER, Calls
from .graph import OUT, Graph, built_in
from .outcome import Outcome, of_history
from .waiting import Ear, wait

_MOST_SEED = 2**64 - 1
_FAMILY = uuid.UUID("7d1f6e0c-8a52-5d0e-9a3b-2f6c1b8e4d57")
_TRIES = 64
"""Ids that one picture can use up: each failure that history keeps takes one."""
_SAMPLER = "euler"


class ComfyUI:
    """Paints with a ComfyUI server: the built-in graph, or the person's own. tell hears how far the picture at work is, 0 to 1."""

    name = "comfyui"

    def __init__(self, settings: ComfySettings) -> None:
        self._settings = settings
        self._calls = Calls(Http("ComfyUI", settings.url, _headers(settings.headers_env)))
        self.tell: Callable[[float, str], None] = lambda done, what: None
        self._ear: Ear | None = None
        self._is_ready = False
        self._model = self._version = self._scheduler = ""
        self._samplers: list[str] = []
        self._workflow: workflow.Workflow | None = None

    def identity(self) -> Mapping[str, Any]:
        """The model's name, or the workflow's digest; ComfyUI tells no hash of a model. The first call looks, and paints the probe.

        Raises ServerError, RetryLater.
        """
        self._ready()
        return {"backend": self.name, "model": self._model, "workflow": self._workflow.digest if self._workflow else ""}

    def paint(self, ask: Ask, stop: Callable[[], bool]) -> Painted:
        """Paint one picture. Its id on the server comes from its content, so one that waits, runs or is done already is not sent again.

        Raises as Inpainter tells.
        """
        require(ask)
        if not 0 <= ask.seed <= _MOST_SEED:
            raise UsageError(f"the seed is {ask.seed}", f"ComfyUI takes 0 to {_MOST_SEED}")
        self._ready()
        return self._painted(ask, stop)

    def close(self) -> None:
        """Hang up. Pictures that went up and came down stay in the server's folders, under genlock/."""
        if self._ear is not None:
            self._ear.close()
        self._ear = None

    def _ready(self) -> None:
        if self._is_ready:
            return
        self._version = self._calls.version()
        if self._settings.workflow:
            self._workflow = workflow.read(Path(self._settings.workflow))
        else:
            self._samplers = self._calls.choices("KSampler", "sampler_name")
            self._scheduler = _choice(self._calls.choices("KSampler", "scheduler"), self._settings.scheduler, "scheduler")
            self._model = _model(self._calls.choices("CheckpointLoaderSimple", "ckpt_name"), self._settings.model)
        if self._settings.probe:
            require_mask_obeyed(self._calls.http.server, lambda ask: self._painted(ask, never))
        self._is_ready = True

    def _painted(self, ask: Ask, stop: Callable[[], bool]) -> Painted:
        began, resent = time.monotonic(), False
        for prompt in self._ids(ask):
            outcome = of_history(self._calls.history(prompt), prompt, self._out)
            spent = outcome is not None
            if outcome is None:
                if not self._calls.queued(prompt):
                    kept = self._fetched(_file_of(prompt), ask, strict=False)
                    if kept is not None:
                        return self._told(kept, ask, prompt, began)
                    prompt = self._send(ask, prompt)
                outcome = wait(self._calls, self._listening(), prompt, self._out, self._version, self._settings.timeout_s, stop)
            picture = self._fetched(outcome.file, ask, strict=not spent)
            if picture is not None:
                return self._told(picture, ask, prompt, began)
            if not spent:
                _require_another_try(outcome, resent)
                resent = True
        raise PaintError(f"the server has failed at this picture {_TRIES} times", "restart it: its history goes then, and so do these ids")

    @property
    def _out(self) -> str:
        return self._workflow.out if self._workflow else OUT

    def _graph(self, ask: Ask, picture: str, mask: str, prefix: str) -> Graph:
        if self._workflow:
            return self._workflow.filled(ask, picture, mask, prefix)
        sampler = _choice(self._samplers, ask.sampler or _SAMPLER, "sampler")
        return built_in(ask, picture, mask, prefix, self._model, sampler, self._scheduler)

    def _ids(self, ask: Ask) -> Iterator[str]:
        """Ids of this picture: the same on every run, one after the other as they are used up."""
        content = ask.job + json.dumps(self._graph(ask, "", "", ""), sort_keys=True)
        digest = hashlib.sha256(content.encode()).hexdigest()
        return (str(uuid.uuid5(_FAMILY, f"{digest} {number}")) for number in range(_TRIES))

    def _fetched(self, where: Mapping[str, str] | None, ask: Ask, strict: bool) -> np.ndarray | None:
        """The picture in a file of the server's; None where there is none. An old one that is damaged counts as none unless strict."""
        data = self._calls.file(where) if where else None
        try:
            return None if data is None else decode(data, ask.mask.shape, "the server's picture")
        except PaintError:
            if strict:
                raise
            return None

    def _send(self, ask: Ask, prompt: str) -> str:
        self._listening()
        picture = self._up(in_depth(ask.picture, np.dtype(np.uint8)))
        mask = self._up(_mask_picture(ask.mask))
        return self._calls.submit(self._graph(ask, picture, mask, f"{SUBFOLDER}/{prompt}"), prompt)

    def _up(self, picture: np.ndarray) -> str:
        png = encode(picture)
        return self._calls.upload(f"{hashlib.sha256(png).hexdigest()[:32]}.png", png)

    def _listening(self) -> Ear:
        if self._ear is None or self._ear.lost:
            self._ear = Ear(self._calls, lambda done, what: self.tell(done, what))
        return self._ear

    def _told(self, picture: np.ndarray, ask: Ask, prompt: str, began: float) -> Painted:
        facts = {
            "backend": self.name,
            "model": self._model,
            "workflow": self._workflow.digest if self._workflow else "",
            "sampler": "" if self._workflow else _choice(self._samplers, ask.sampler or _SAMPLER, "sampler"),
            "scheduler": self._scheduler,
            "seed": ask.seed,
            "version": self._version,
            "prompt_id": prompt,
            "depth": 8,
            "seconds": round(time.monotonic() - began, 3),
        }
        layer = in_depth(picture, np.dtype(np.uint8)) if picture.shape[2] == 4 else None
        return Painted(in_depth(picture[..., :3], ask.picture.dtype), layer, facts)


def _file_of(prompt: str) -> Mapping[str, str]:
    """Where the answer to a prompt is written: still there when the server was started anew, and has forgotten the prompt."""
    return {"filename": f"{prompt}_00001_.png", "subfolder": SUBFOLDER, "type": "output"}


def _require_another_try(outcome: Outcome, resent: bool) -> None:
    """Raise PaintError unless all went well but for the picture, which some versions lose where every node was cached, and it is the first time."""
    if outcome.fault:
        raise PaintError(outcome.fault, "the server's own log says more; run again to paint it")
    if resent:
        raise PaintError("the server says that it has painted the picture, and has none", "title the node that saves it genlock_out")


def _mask_picture(mask: np.ndarray) -> np.ndarray:
    """RGBA that means the same to every node that loads a mask: white where to repaint, and transparent there."""
    white = np.where(mask > 127, 255, 0).astype(np.uint8)
    return np.dstack([white, white, white, 255 - white])


def _choice(known: list[str], name: str, what: str) -> str:
    found = samplers.chosen(name, known)
    if found is None:
        raise ServerError(f"the server has no {what} {name!r}", f"it has {listed(known)}")
    return found


def _model(known: list[str], name: str) -> str:
    """The checkpoint of this name, with or without its ending; the only one where no name is given. Raises ServerError."""
    found = [entry for entry in known if not name or name in (entry, entry.rpartition(".")[0])]
    if len(found) == 1:
        return found[0]
    if not known:
        raise ServerError("the server has no checkpoints", "put one into its folder models/checkpoints, or bring a workflow")
    raise ServerError(f"the server has no model {name!r}" if name else "the server has several models", f"set model to one of {listed(known)}")


def _headers(variable: str) -> dict[str, str]:
    """Headers from an environment variable. Raises ServerError where it is named and holds no JSON object of texts."""
    if not variable:
        return {}
    try:
        told = json.loads(secret(variable, "the headers"))
    except (ValueError, RecursionError):
        told = None
    if not isinstance(told, dict) or not all(_fits_in_a_header(text) for pair in told.items() for text in pair):
        raise ServerError(f"the environment variable {variable} holds no JSON object of headers", 'write {"Authorization": "Bearer ..."}')
    return told


def _fits_in_a_header(text: object) -> bool:
    return isinstance(text, str) and text.isascii() and text.isprintable()
