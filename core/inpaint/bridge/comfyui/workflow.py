"""A person's own graph: exported from ComfyUI in API format, with nodes whose titles say what genlock puts in and takes out.

    genlock_image, genlock_mask     nodes that load a picture: their "image"
    genlock_seed                    "seed", "noise_seed" or "value"
    genlock_prompt, _negative       "text", "prompt", "string" or "value"
    genlock_steps, _cfg, _denoise   "steps", "cfg", "denoise", or "value"; may stand in one title with genlock_seed
    genlock_out                     the node that saves or previews the answer

A title may hold several of them, with blanks between. What has no title keeps the graph's own value.
"""

from __future__ import annotations

import copy
import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ...contract import Ask, ServerError
from .graph import Graph

_MOST_BYTES = 4 << 20
_PREFIX = "genlock_"
_TEXTS = ("text", "prompt", "string", "value")
_SLOTS: Mapping[str, tuple[str, ...]] = {
    "image": ("image",),
    "mask": ("image",),
    "seed": ("seed", "noise_seed", "value"),
    "prompt": _TEXTS,
    "negative": _TEXTS,
    "steps": ("steps", "value"),
    "cfg": ("cfg", "value"),
    "denoise": ("denoise", "value"),
}
_NEEDED = ("image", "mask", "seed", "out")
_EXPORT = "in ComfyUI: Workflow, Export (API)"


@dataclass(frozen=True)
class Workflow:
    """A graph, and where its slots are."""

    graph: Graph
    slots: Mapping[str, tuple[str, str]]
    """Node and input, by the title without genlock_."""
    out: str
    digest: str
    """sha256 of the file."""

    def filled(self, ask: Ask, picture: str, mask: str, prefix: str) -> Graph:
        """The graph for one picture. Raises ServerError where there is a prompt and no node to take it."""
        values: dict[str, Any] = {"image": picture, "mask": mask, "seed": ask.seed, "prompt": ask.prompt, "negative": ask.negative}
        values |= {"steps": ask.steps, "cfg": ask.cfg, "denoise": ask.denoise}
        graph = copy.deepcopy(self.graph)
        for slot, value in values.items():
            if slot in self.slots:
                node, name = self.slots[slot]
                graph[node]["inputs"][name] = value
            elif slot in ("prompt", "negative") and value:
                raise ServerError(f"the workflow has no node titled {_PREFIX}{slot}, and there is a text for it", "title the node, or empty the text")
        if "filename_prefix" in graph[self.out]["inputs"]:
            graph[self.out]["inputs"]["filename_prefix"] = prefix
        return graph


def read(path: Path) -> Workflow:
    """A workflow from its file. Raises ServerError, which says what is missing."""
    try:
        with path.open("rb") as file:
            data = file.read(_MOST_BYTES + 1)
    except OSError as error:
        raise ServerError(f"{path} cannot be read: {error.strerror or error}", f"export it {_EXPORT}") from error
    try:
        graph = json.loads(data) if len(data) <= _MOST_BYTES else None
    except (ValueError, RecursionError):
        graph = None
    if isinstance(graph, dict) and isinstance(graph.get("nodes"), list):
        raise ServerError(f"{path} is a workflow as the page saves it, which servers do not run", f"export it {_EXPORT}")
    if not isinstance(graph, dict) or not graph or not all(_is_node(node) for node in graph.values()):
        raise ServerError(f"{path} is no workflow in API format", f"export it {_EXPORT}")
    titled = _titled(graph, path)
    lacking = [_PREFIX + slot for slot in _NEEDED if slot not in titled]
    if lacking:
        raise ServerError(f"{path}: no node is titled {', '.join(lacking)}", "set the titles in ComfyUI, and export it again")
    out = titled.pop("out")
    slots = {slot: (node, _input(graph[node]["inputs"], slot, path)) for slot, node in titled.items()}
    return Workflow(graph, slots, out, hashlib.sha256(data).hexdigest())


def _is_node(node: object) -> bool:
    return isinstance(node, dict) and isinstance(node.get("class_type"), str) and isinstance(node.get("inputs"), dict)


def _titled(graph: Graph, path: Path) -> dict[str, str]:
    """Slots to nodes, by title."""
    found: dict[str, str] = {}
    for number, node in graph.items():
        meta = node.get("_meta")
        title = meta.get("title") if isinstance(meta, dict) else None
        for word in title.split() if isinstance(title, str) else ():
            if not word.startswith(_PREFIX):
                continue
            slot = word.removeprefix(_PREFIX)
            if slot not in (*_SLOTS, "out"):
                raise ServerError(f"{path}: a node is titled {word}", f"titles are {', '.join(_PREFIX + name for name in (*_SLOTS, 'out'))}")
            if slot in found:
                raise ServerError(f"{path}: two nodes are titled {word}", "leave the title to one of them")
            found[slot] = number
    return found


def _input(inputs: Mapping[str, Any], slot: str, path: Path) -> str:
    name = next((name for name in _SLOTS[slot] if name in inputs), None)
    if name is None:
        raise ServerError(f"{path}: the node titled {_PREFIX}{slot} has no input {' or '.join(_SLOTS[slot])}", "title another node")
    return name
