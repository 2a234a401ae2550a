"""The buttons Check and Publish of the Genlock node: pyblish beside Nuke's own work, its answers in the node, its result inside it.

Everything here runs in Nuke's main thread.
"""

from __future__ import annotations

import os
import re
from functools import partial
from typing import Any

import nuke

from ..jobs import JobError
from ..publishing import aside
from ..publishing.aside import Aside, Order
from ..publishing.problems import Problem
from . import HOST, answering, asking, telling, words
from .group import of_job
from .knobs import MAPS
from .reads import NoSource

_at_work: dict[str, Aside] = {}
"""By what the node's knob genlock_job holds meanwhile."""


def begin(node: nuke.Node, only_check: bool) -> None:
    """Run the plug-ins on what is connected; what cannot be done is told in the node."""
    try:
        order = _order(node, only_check)
    except (NoSource, JobError) as error:
        telling.say_failed(node, str(error))
        return
    token = f"publish-{os.urandom(8).hex()}"
    telling.turn(node, telling.PUBLISHING, token)
    telling.say(node, words.progress_line(0.0, "checking" if only_check else "publishing"))
    _show(node, [])
    going = _at_work[token] = Aside(order, partial(_integrate, token), lambda: nuke.executeInMainThread(_heard, args=(token,)))
    going.start()


def at_work(node: nuke.Node) -> bool:
    """Whether a publish of this node goes on."""
    return node["genlock_job"].value() in _at_work


def stop(node: nuke.Node) -> None:
    """End it at the next step."""
    _at_work[str(node["genlock_job"].value())].stop()


def leave() -> None:
    """Another script is opened: what goes on for the one before ends."""
    for going in _at_work.values():
        going.stop()
    _at_work.clear()


def left(node: nuke.Node) -> None:
    """The node was saved while a publish went on, which is not heard of any more."""
    telling.say_failed(node, "the script was left before the publish had ended; press Publish again")


def _order(node: nuke.Node, only_check: bool) -> Order:
    files, settings = asking.wanted(node)
    folder = str(node["publish_to"].value() or "").strip()
    if not only_check and not os.path.isabs(folder):
        raise NoSource("no folder is named to publish to; write its whole path into publish to")
    if not only_check and node["lay"].value() == MAPS:
        raise NoSource("a publish lays nodes, and no ST maps; set place by to nodes, and press Align for maps")
    suffixes = [f".{word.lstrip('.')}" for word in re.split(r"[\s,]+", str(node["publish_as"].value())) if word.strip(".")]
    suffixes = suffixes if ".nk" in suffixes else [*suffixes, ".nk"]
    rendered = str(node["publish_render"].value()).strip()
    pair: dict[str, Any] = {**files, "settings": settings, "suffixes": suffixes, "folder": folder, "render": rendered}
    return Order(HOST, pair, asking.worker, bool(node["publish_repair"].value()), only_check)


def _heard(token: str) -> None:
    """Something is new of a publish. A node that was deleted meanwhile ends it."""
    going, node = _at_work.get(token), of_job(token)
    if going is None:
        return
    over = going.poll()
    if over:
        del _at_work[token]
    if node is None:
        going.stop()
        return
    _show(node, going.rows)
    if not over:
        telling.say(node, words.progress_line(going.done, going.what))
    elif going.failed:
        telling.say_failed(node, going.failed.splitlines()[0])
    else:
        telling.turn(node, telling.DONE)
        telling.say(node, f"published: {', '.join(going.folders)}" if going.folders else "nothing stands against aligning and publishing them")


def _integrate(token: str, data: dict[str, Any]) -> None:
    """Fill the node with what was published. Raises Problem, and whatever stands against it."""
    node = of_job(token)
    if node is None:
        raise Problem("the Genlock node", "was deleted meanwhile", "the files are published all the same")
    inside = answering.nodes(node, data["files"][".nk"], data["clip"], data["ref"])
    answering.put_in(node, data["published"], inside, data)


def _show(node: nuke.Node, rows: list[Any]) -> None:
    with telling.unrecorded():
        node["checked"].setValue(telling.plain("\n".join(text for _, text in aside.lines(rows))) or " ")
