"""How each painter is set up: one table of the project's genlock.toml, [inpaint.<name>], each."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from ...settings import Settings, option

_LONGEST_S = 86400.0


@dataclass(frozen=True)
class A1111Settings(Settings):
    """AUTOMATIC1111's web UI or Forge, started with --api."""

    kind: ClassVar[str] = "the table [inpaint.a1111]"

    url: str = option("http://127.0.0.1:7860", "where it listens")
    auth_env: str = option("", "environment variable GENLOCK_... that holds name:password, as --api-auth was given")
    model: str = option("", "checkpoint, as the server lists it; nothing takes the one that is loaded")
    scheduler: str = option("", "schedule of the noise, as the server lists it; nothing takes the server's own")
    fill: str = option("original", "what the mask holds at the start", choices=("fill", "original", "noise", "nothing"))
    timeout_s: float = option(900.0, "longest wait for one picture", low=1.0, high=_LONGEST_S)
    probe: bool = option(True, "paint one small picture first, to see that the mask is obeyed")


@dataclass(frozen=True)
class ComfySettings(Settings):
    """ComfyUI."""

    kind: ClassVar[str] = "the table [inpaint.comfyui]"

    url: str = option("http://127.0.0.1:8188", "where it listens")
    headers_env: str = option("", "environment variable GENLOCK_... that holds a JSON object of headers, for a proxy that asks for them")
    model: str = option("", "checkpoint, as the server lists it; nothing takes the only one")
    workflow: str = option("", "a graph of your own, exported in API format, with titled nodes; nothing takes the built-in one")
    scheduler: str = option("normal", "schedule of the noise, as the server lists it")
    timeout_s: float = option(900.0, "longest wait for one picture", low=1.0, high=_LONGEST_S)
    probe: bool = option(True, "paint one small picture first, to see that the mask is obeyed")


@dataclass(frozen=True)
class CommandSettings(Settings):
    """Any program that reads a picture and a mask, and writes a picture."""

    kind: ClassVar[str] = "the table [inpaint.command]"

    command: tuple[str, ...] = option((), "the program and its words, with {picture}, {mask} and {out} among them")
    version: str = option("", "of the program and its model, in your words; another one paints everything anew")
    depth: int = option(8, "bits of the PNG files that it is given", choices=(8, 16))
    timeout_s: float = option(900.0, "longest wait for one picture", low=0.1, high=_LONGEST_S)
