"""A step: a function of what goes in. Its key is made from the digests of all of that, so an equal key means an equal result."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ..project import Project

if TYPE_CHECKING:
    from .bench import Bench


def _nothing(project: Project) -> Any:
    return None


def _always(project: Project) -> bool:
    return True


@dataclass(frozen=True)
class Step:
    """One of the pipeline's steps."""

    name: str
    title: str
    """What it does, in a few words, as progress is told."""
    needs: tuple[str, ...]
    """Steps whose output it reads."""
    run: Callable[[Bench], None]
    version: int = 1
    """Of the code: another number where it makes something else of the same input."""
    given: Callable[[Project], Any] = _nothing
    """Everything else that goes in, as JSON: settings, digests of files that a person gave. What is not here must not matter."""
    wanted: Callable[[Project], bool] = _always
    """Whether this project has the step at all."""
    share: float = 1.0
    """Of the run's time, roughly."""


def key_of(step: Step, project: Project, outputs: Mapping[str, str]) -> str:
    """SHA-256 of all that goes in.

    outputs  digests of what the steps before made, by name; a step that is not wanted has none
    """
    body = {"step": step.name, "version": step.version, "given": step.given(project), "needs": {name: outputs.get(name, "") for name in step.needs}}
    return digest_of(body)


def digest_of(body: Any) -> str:
    """SHA-256 of JSON, the same on any machine."""
    return hashlib.sha256(json.dumps(body, sort_keys=True, separators=(",", ":")).encode()).hexdigest()
