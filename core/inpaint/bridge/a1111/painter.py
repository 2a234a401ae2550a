"""A1111 or Forge as a painter."""

from __future__ import annotations

import base64
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Any

import numpy as np

from ....errors import Cancelled, GenlockError, UsageError
from ...contract import Ask, Painted, PaintError, RetryLater, ServerError
from ..http import Http, never
from ..pictures import in_depth, require
from ..probe import require_mask_obeyed
from ..secrets import secret
from ..settings import A1111Settings
from . import catalogue, reply, request
from .watch import Watch

_API = "/sdapi/v1/"
_MOST_SEED = 2**32 - 1


class A1111:
    """Paints with a server of AUTOMATIC1111 or Forge. tell hears how far the picture at work is, 0 to 1."""

    name = "a1111"

    def __init__(self, settings: A1111Settings) -> None:
        self._settings = settings
        self._http = Http("A1111", settings.url, _login(settings.auth_env))
        self.tell: Callable[[float, str], None] = lambda done, what: None
        self._model: catalogue.Model | None = None
        self._samplers: object = None
        self._scheduler = ""
        self._before: dict[str, Any] = {}

    def identity(self) -> Mapping[str, Any]:
        """The model's name and hash. The first call looks, and paints the probe. Raises ServerError, RetryLater."""
        model = self._ready()
        return {"backend": self.name, "model": model.name, "hash": model.sha256 or model.short_hash}

    def paint(self, ask: Ask, stop: Callable[[], bool]) -> Painted:
        """Paint one picture; nothing is kept on the server, so a picture that was lost is sent again. Raises as Inpainter tells."""
        require(ask)
        if not 0 <= ask.seed <= _MOST_SEED:
            raise UsageError(f"the seed is {ask.seed}", f"A1111 takes 0 to {_MOST_SEED}")
        self._ready()
        return self._painted(ask, stop)

    def close(self) -> None:
        """Put back the options that a request left changed."""
        before, self._before = self._before, {}
        with suppress(GenlockError):
            if before:
                now = self._get("options")
                left = {key: value for key, value in before.items() if isinstance(now, dict) and now.get(key) != value}
                if left:
                    self._http.post(_API + "options", left).good()

    def _ready(self) -> catalogue.Model:
        if self._model is None:
            self._model = self._looked_up()
            try:
                self._probe()
            except GenlockError:
                self._model = None
                raise
        return self._model

    def _looked_up(self) -> catalogue.Model:
        now = self._get("options")
        if not isinstance(now, dict) or "sd_model_checkpoint" not in now:
            raise ServerError(f"{self._http.server} is no A1111 server", "write the address of A1111 or Forge as url")
        self._samplers = self._get("samplers")
        if self._settings.scheduler:
            self._scheduler = catalogue.named(self._get("schedulers"), self._settings.scheduler, "scheduler")
        model = catalogue.model(catalogue.models(self._get("sd-models")), self._settings.model or str(now["sd_model_checkpoint"] or ""))
        self._before = self._before or {key: now[key] for key in request.options("") if key in now}
        return model

    def _probe(self) -> None:
        """Paint a small picture: the mask is obeyed, the model is loaded, and the server knows its hash from now on."""
        if not self._settings.probe or self._model is None:
            return
        require_mask_obeyed(self._http.server, lambda ask: self._painted(ask, never))
        title = self._model.title
        again = [entry for entry in catalogue.models(self._get("sd-models")) if entry.names == self._model.names]
        self._model = again[0] if len(again) == 1 else catalogue.model(again, title)

    def _get(self, name: str) -> object:
        answer = self._http.get(_API + name)
        if answer.status == 404:
            raise ServerError(f"{self._http.server} has no {_API}{name}", "start it with --api")
        return answer.json()

    def _painted(self, ask: Ask, stop: Callable[[], bool]) -> Painted:
        model = self._model
        assert model is not None
        sampler = catalogue.named(self._samplers, ask.sampler, "sampler") if ask.sampler else ""
        body = request.body(ask, model.title, self._settings.fill, sampler, self._scheduler)
        watch, began = Watch(self._http, _API + "progress", self.tell), time.monotonic()
        try:
            told = self._http.post(_API + "img2img", body, self._settings.timeout_s, watch.stopping(stop)).json()
        except (Cancelled, RetryLater):
            if watch.alone:  # else the next picture would wait behind it
                with suppress(GenlockError):
                    self._http.post(_API + "interrupt", {})
            raise
        answer = reply.read(told, ask.mask.shape)
        if watch.cut(answer.told("job_timestamp")):
            raise PaintError("the picture was interrupted at the server", "run again to paint it")
        _require_as_asked(answer, model, sampler, ask)
        facts = self._facts(answer, ask, time.monotonic() - began)
        layer = None if answer.layer is None else in_depth(answer.layer, np.dtype(np.uint8))
        return Painted(in_depth(answer.picture, ask.picture.dtype), layer, facts)

    def _facts(self, answer: reply.Answer, ask: Ask, seconds: float) -> dict[str, Any]:
        assert self._model is not None
        return {
            "backend": self.name,
            "model": answer.told("sd_model_name"),
            "model_hash": answer.told("sd_model_hash"),
            "sampler": answer.told("sampler_name"),
            "scheduler": self._scheduler,
            "seed": ask.seed,
            "version": answer.told("version"),
            "made": next(iter(answer.info.get("infotexts") or [""])),
            "depth": 8,
            "seconds": round(seconds, 3),
        }


def _require_as_asked(answer: reply.Answer, model: catalogue.Model, sampler: str, ask: Ask) -> None:
    """Raise PaintError where the server painted with something else than it was told to, which it does without a word."""
    name, used = answer.told("sd_model_name"), answer.told("sampler_name")
    if not name or not used:
        raise ServerError(
            "the server does not say which model and sampler it painted with", "use A1111 or Forge; others speak less of their language"
        )
    if not model.painted(name, answer.told("sd_model_hash")):
        raise PaintError(f"the server painted with the model {name}, and {model.name} was asked for", "see in its log why it did not load it")
    if sampler and used != sampler:
        raise PaintError(f"the server painted with the sampler {used}, and {sampler} was asked for", "choose one that its model can use")
    if answer.info.get("seed") not in (None, ask.seed):
        raise PaintError(
            f"the server painted with the seed {answer.info['seed']}, and {ask.seed} was asked for", "switch off scripts that change seeds"
        )


def _login(variable: str) -> dict[str, str]:
    """The header of HTTP Basic from an environment variable. Raises ServerError where it is named and not there."""
    if not variable:
        return {}
    value = secret(variable, "name:password")
    if ":" not in value:
        raise ServerError(
            f"the environment variable {variable} does not hold name:password", "set it before genlock starts, and keep it out of the project"
        )
    return {"Authorization": "Basic " + base64.b64encode(value.encode()).decode("ascii")}
