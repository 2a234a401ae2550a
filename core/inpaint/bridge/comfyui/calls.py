"""The calls of ComfyUI's API, one method each."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from contextlib import suppress
from typing import Any
from urllib.parse import quote

from ....errors import GenlockError
from ...contract import PaintError, ServerError
from ..http import Http
from ..words import clipped
from .graph import Graph

SUBFOLDER = "genlock"
"""On the server, of what goes in and what comes out."""
_CANCELS_BY_JOB = (0, 26)
"""From this version on there is one call that ends a job whether it waits or runs."""


class Calls:
    """What one server is asked."""

    def __init__(self, http: Http) -> None:
        self.http = http
        self.client = str(uuid.uuid4())
        """Sent with every prompt: without it, some versions lose the outputs of cached nodes."""

    def version(self) -> str:
        """Of the server. Raises ServerError where it is no ComfyUI."""
        answer = self.http.get("/system_stats")
        told = None if answer.status == 404 else answer.json()
        system = told.get("system") if isinstance(told, dict) else None
        if not isinstance(system, dict):
            raise ServerError(f"{self.http.server} is no ComfyUI server", "write the address of ComfyUI as url")
        return str(system.get("comfyui_version") or "")

    def choices(self, node: str, name: str) -> list[str]:
        """What an input of a node can be. Raises ServerError where the server has no such node."""
        told: Any = self.http.get(f"/object_info/{node}").json()
        try:
            found = told[node]["input"]["required"][name]
        except (KeyError, TypeError) as error:
            raise ServerError(f"{self.http.server} has no node {node}", "use a newer ComfyUI") from error
        if found and found[0] == "COMBO" and len(found) > 1 and isinstance(found[1], dict):
            return [str(choice) for choice in found[1].get("options", ())]
        return [str(choice) for choice in found[0]] if found and isinstance(found[0], list) else []

    def upload(self, name: str, png: bytes) -> str:
        """Put a picture into the server's input folder; answers how LoadImage calls it, which need not be the name that was asked for."""
        mark = uuid.uuid4().hex
        fields = {"type": "input", "subfolder": SUBFOLDER, "overwrite": "true"}
        parts = [f'--{mark}\r\nContent-Disposition: form-data; name="{key}"\r\n\r\n{value}\r\n'.encode() for key, value in fields.items()]
        head = f'--{mark}\r\nContent-Disposition: form-data; name="image"; filename="{name}"\r\nContent-Type: image/png\r\n\r\n'.encode()
        body = b"".join([*parts, head, png, f"\r\n--{mark}--\r\n".encode()])
        told = self.http.send("POST", "/upload/image", body, f"multipart/form-data; boundary={mark}").json()
        if not isinstance(told, dict) or not isinstance(told.get("name"), str):
            raise PaintError(f"{self.http.server} does not say where it put a picture", "check that url names ComfyUI")
        folder = told.get("subfolder")
        return f"{folder}/{told['name']}" if folder else str(told["name"])

    def submit(self, graph: Graph, prompt: str) -> str:
        """Queue a graph under an id; answers the id that it got, which older servers choose. Raises PaintError with the node that is wrong."""
        answer = self.http.post("/prompt", {"prompt": graph, "client_id": self.client, "prompt_id": prompt})
        if answer.status == 400:
            raise PaintError(_refusal(answer.parsed()), "choose what the server has, or mend the workflow")
        told = answer.json()
        if not isinstance(told, dict) or not isinstance(told.get("prompt_id"), str):
            raise PaintError(f"{self.http.server} takes a prompt without an id", "check that url names ComfyUI")
        return str(told["prompt_id"])

    def queued(self, prompt: str) -> str:
        """ "running", "pending", or "" where the queue does not hold it."""
        told = self.http.get("/queue").json()
        for place in ("running", "pending"):
            entries = told.get(f"queue_{place}") if isinstance(told, dict) else None
            if any(isinstance(entry, list) and entry[1:2] == [prompt] for entry in entries or ()):
                return place
        return ""

    def history(self, prompt: str) -> object:
        """What history holds of a prompt: an empty object until it has ended."""
        return self.http.get(f"/history/{quote(prompt, safe='')}").json()

    def file(self, where: Mapping[str, str]) -> bytes | None:
        """A file of the server's; None where it is gone."""
        answer = self.http.get("/view", where)
        return None if answer.status == 404 else answer.good().body

    def cancel(self, prompt: str, version: str) -> None:
        """End a prompt that waits or runs, and never anybody else's. A server that does not answer is left alone."""
        with suppress(GenlockError):
            if _numbers(version) >= _CANCELS_BY_JOB and self.http.post(f"/api/jobs/{quote(prompt, safe='')}/cancel", {}).status < 300:
                return
            place = self.queued(prompt)
            if place == "pending":
                self.http.post("/queue", {"delete": [prompt]})
                place = self.queued(prompt)
            if place == "running":
                self.http.post("/interrupt", {"prompt_id": prompt})


def _refusal(told: object) -> str:
    """Why a prompt was refused, with the node and the input that is wrong."""
    nodes = told.get("node_errors") if isinstance(told, dict) else None
    for number, node in nodes.items() if isinstance(nodes, dict) else ():
        errors = node.get("errors") if isinstance(node, dict) else None
        if errors and isinstance(errors[0], dict):
            reason = ": ".join(clipped(str(errors[0][key])) for key in ("message", "details") if errors[0].get(key))
            return f"the server refuses the graph: node {clipped(str(number), 20)} ({clipped(str(node.get('class_type')), 60)}): {reason}"
    return "the server refuses the graph"


def _numbers(version: str) -> tuple[int, ...]:
    parts = version.lstrip("v").split(".")[:2]
    return tuple(int(part) for part in parts) if all(part.isdigit() for part in parts) else ()
