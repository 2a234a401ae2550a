"""What became of a prompt, read off the server's history."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ..words import clipped


@dataclass(frozen=True)
class Outcome:
    """The end of one prompt."""

    file: Mapping[str, str] | None
    """Of the answer: filename, subfolder, type. None where there is none."""
    fault: str
    """Why there is none; empty where the server says that all went well."""


def of_history(told: object, prompt: str, out: str) -> Outcome | None:
    """The end of a prompt; None where history has none yet, which looks the same as an unknown prompt.

    A failure and an interruption have one and the same status; the last message tells them apart.
    """
    entry = told.get(prompt) if isinstance(told, dict) else None
    if not isinstance(entry, dict):
        return None
    status = entry.get("status")
    status = status if isinstance(status, dict) else {}
    if status.get("status_str") == "error":
        return Outcome(None, _fault(status.get("messages")))
    return Outcome(_file(entry.get("outputs"), out), "")


def _file(outputs: object, out: str) -> Mapping[str, str] | None:
    node = outputs.get(out) if isinstance(outputs, dict) else None
    images = node.get("images") if isinstance(node, dict) else None
    first = images[0] if isinstance(images, list) and images else None
    if not isinstance(first, dict) or not isinstance(first.get("filename"), str):
        return None
    return {key: str(first.get(key) or ("output" if key == "type" else "")) for key in ("filename", "subfolder", "type")}


def _fault(messages: object) -> str:
    last: Any = messages[-1] if isinstance(messages, list) and messages else None
    if not isinstance(last, list) or len(last) != 2 or not isinstance(last[1], dict):
        return "the picture failed at the server"
    kind, told = last
    if kind == "execution_interrupted":
        return "the picture was interrupted at the server"
    return f"the server failed in {clipped(str(told.get('node_type')), 60)}: {clipped(str(told.get('exception_message')))}"
