"""What Blender calls when the add-on is switched on or off."""

from __future__ import annotations

import bpy

from .. import shelf
from . import exchange, inpainting, operators, options, panel, publishing, retiming, session

CLASSES = (*options.CLASSES, *operators.CLASSES, *exchange.CLASSES, *panel.CLASSES, *publishing.CLASSES, *retiming.CLASSES, *inpainting.CLASSES)


def register() -> None:
    """Make the panel and its operators known, and look for jobs that were running when Blender was closed."""
    for each in CLASSES:
        bpy.utils.register_class(each)
    bpy.types.Scene.genlock = bpy.props.PointerProperty(type=options.GenlockScene)
    bpy.types.Scene.genlock_retime = bpy.props.PointerProperty(type=retiming.GenlockRetime)
    bpy.types.Scene.genlock_inpaint = bpy.props.PointerProperty(type=inpainting.GenlockInpaint)
    bpy.app.handlers.load_post.append(_loaded)
    bpy.app.timers.register(_look_round, first_interval=1.0, persistent=True)


def unregister() -> None:
    """Take all of it back. A job that runs goes on, and is found again."""
    session.close()
    if bpy.app.timers.is_registered(_look_round):
        bpy.app.timers.unregister(_look_round)
    if _loaded in bpy.app.handlers.load_post:
        bpy.app.handlers.load_post.remove(_loaded)
    del bpy.types.Scene.genlock, bpy.types.Scene.genlock_retime, bpy.types.Scene.genlock_inpaint
    for each in reversed(CLASSES):
        bpy.utils.unregister_class(each)


def _look_round() -> None:
    """Once, a second after the start: what has long ended is forgotten, what still runs is heard again."""
    shelf.forget_old(session.HOST)
    if session.adopt() and session.now.kind == "align":
        scene = bpy.data.scenes[0]
        if not any(each.genlock.job == session.now.folder for each in bpy.data.scenes) and not scene.genlock.job:
            scene.genlock.job = session.now.folder


@bpy.app.handlers.persistent
def _loaded(*_: object) -> None:
    """Another .blend was opened: what the last job of the one before said does not belong to it."""
    if session.now.running is None:
        session.now.failed = ""
        session.now.notes.clear()
