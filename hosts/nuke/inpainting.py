"""The Genlock Inpaint node: a Group with two inputs, plate and matte, which shows its plate until the film is there, and that from then on.

The change alone is in a layer of its own, `inpaint`: the film's picture under the project's mask, premultiplied, with the mask as alpha.
"""

from __future__ import annotations

import os
import threading
import time
from typing import Any, cast

import nuke

from .. import launch, reviewing, shelf
from ..jobs import Job, Request
from ..publishing.placing import stem
from . import HOST, telling
from .group import SHOWN, created, made, mark
from .knobs import add_inpaint_knobs, settings_given
from .reads import NoSource, Source, source
from .retiming import first_number
from .script import quoted

PLATE, MATTE, FILM, MASK, ALPHA, CHANGE, LAYER = "plate", "matte", "film", "mask", "alpha", "change", "layer"
CHANNELS = tuple(f"inpaint.{name}" for name in ("red", "green", "blue", "alpha"))
PICTURES = "final/final.%06d.png"
"""The film of a plate that is a film: Nuke reads no FFV1 in Matroska."""
_STILLS = (".png", ".exr", ".tif", ".tiff", ".dpx", ".jpg", ".jpeg", ".tga", ".bmp")
_WATCHED_S = 10.0


def create() -> nuke.Node:
    """A new node below what is selected: the first of two selected nodes is the plate, the second the matte. One step to undo."""
    return created("GenlockInpaint", (PLATE, MATTE), add_inpaint_knobs)


def inpaint_job(node: nuke.Node) -> Job:
    """A new job for what is connected: it makes the project where there is none, and runs it. Raises NoSource, JobError."""
    plate, settings = source(node, 0, PLATE), settings_given(node, "inpaint")
    inputs = {"project": project_of(node), "video": plate.file}
    if node.input(1) is not None:
        inputs["mask"] = _matte(node, plate).file
    elif not settings.get("box") and settings.get("mask_method") != "saliency":
        raise NoSource("matte is not connected to a Read; connect one to the input matte of this node, or write a box")
    if plate.is_movie:
        settings["film"] = PICTURES
    else:
        settings["rate"] = f"{nuke.root()['fps'].value():g}"
    return Job.create(shelf.new_folder(HOST, "inpaint"), Request("inpaint", inputs, (), settings))


def project_of(node: nuke.Node) -> str:
    """The project's folder: as the knob names it, else beside the plate. Raises NoSource."""
    named = str(node["project"].value() or "").strip()
    if named and not os.path.isabs(named):
        raise NoSource(f"{named} is no whole path; write one such as /shots/010/inpaint, or leave it empty")
    file = source(node, 0, PLATE).file
    return os.path.normpath(named) if named else os.path.join(os.path.dirname(file), f"{stem(file)}-inpaint")


def _matte(node: nuke.Node, plate: Source) -> Source:
    matte = source(node, 1, MATTE)
    still = matte.is_movie and matte.file.lower().endswith(_STILLS)
    begins, wanted = matte.first + matte.later, plate.first + plate.later
    if not still and begins != wanted:
        raise NoSource(f"matte begins at frame {begins} and plate at {wanted}; let both begin together, as their files do")
    return matte


def put_in(node: nuke.Node, job: Job, result: dict[str, Any]) -> None:
    """Show the film on the frames that were worked on, and the plate on others; one step to undo. Raises NoSource, ValueError."""
    figures, plate = result["figures"], source(node, 0, PLATE)
    if not figures["films"]:
        raise NoSource(f"{figures['project']} holds no film yet")
    at, first, frames = plate.first + plate.later, int(figures["first"]), int(figures["frames"])
    telling.turn(node, telling.DONE)
    undo = nuke.Undo()
    undo.begin("Genlock inpaint")
    try:
        group = cast(nuke.Group, node)
        with group:
            path, masks = figures["films"][0], figures["masks"]
            out = film = _read(group, FILM, path, (first_number(path), frames), at + first, raw=False)
            if figures["times"] == 1:
                out = _layered(group, film, _read(group, MASK, masks, (first, frames), at + first, raw=True))
            shown = made(group).get(SHOWN)
            if shown is not None:
                shown.setInput(1, out)
                shown["which"].setExpression(f"frame >= {at + first} && frame <= {at + first + frames - 1}")
        node["status"].setValue(telling.plain(str(result.get("sentence", "done"))))
    finally:
        undo.end()


def _read(group: nuke.Group, part: str, path: str, span: tuple[int, int], at: int, raw: bool) -> nuke.Node:
    """A Read of (first number, count) pictures, shown from a frame of the script on."""
    read = made(group).get(part) or mark(nuke.nodes.Read(), part)
    first, last = span[0], span[0] + span[1] - 1
    text = f"first {first}\nlast {last}\norigfirst {first}\noriglast {last}\norigset true"
    read.readKnobs(f'file {quoted(path)}\n{text}\nframe_mode "start at"\nframe {at}\nraw {str(raw).lower()}')
    return read


def _layered(group: nuke.Group, film: nuke.Node, mask: nuke.Node) -> nuke.Node:
    """The film with the layer `inpaint`."""
    nuke.Layer("inpaint", list(CHANNELS))
    parts = made(group)
    alpha, change, layer = (parts.get(part) or mark(getattr(nuke.nodes, kind)(), part)
                            for part, kind in ((ALPHA, "Copy"), (CHANGE, "Premult"), (LAYER, "Copy")))  # fmt: skip
    for node, inputs in ((alpha, (film, mask)), (change, (alpha,)), (layer, (film, change))):
        for index, above in enumerate(inputs):
            node.setInput(index, above)
    alpha.readKnobs("from0 rgba.red\nto0 rgba.alpha")
    pairs = zip(("rgba.red", "rgba.green", "rgba.blue", "rgba.alpha"), CHANNELS)
    layer.readKnobs("\n".join(f"from{number} {of}\nto{number} {to}" for number, (of, to) in enumerate(pairs)))
    return layer


def review(node: nuke.Node) -> None:
    """Open the review page of the node's project. Raises NoSource, JobError."""
    command = launch.find_genlock(os.path.dirname(os.path.abspath(__file__)))
    page = reviewing.open_page(project_of(node), command)
    telling.say(node, "the page is open in the browser; when you have picked there, press Inpaint again")
    threading.Thread(target=_watch, args=(page, node), name="genlock review", daemon=True).start()


def _watch(page: reviewing.Page, node: nuke.Node) -> None:
    """For a few seconds, hear whether it could be opened."""
    until = time.monotonic() + _WATCHED_S
    while time.monotonic() < until:
        time.sleep(0.1)
        failed = page.failed()
        if failed:
            nuke.executeInMainThread(telling.say_failed, args=(node, failed))
            return
