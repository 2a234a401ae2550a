"""What differs between Blender 4.2 and 5.2, asked of Blender itself and not of its version number."""

from __future__ import annotations

from typing import Any

import bpy


def scene_of(context: Any) -> Any:
    """The scene whose sequencer is in sight; 5.0 on keeps one a workspace, which may be unset."""
    return getattr(context, "sequencer_scene", None) or context.scene


def editor_of(scene: Any) -> Any:
    """The scene's sequence editor, made where there is none yet."""
    return scene.sequence_editor or scene.sequence_editor_create()


def strips_of(scene: Any) -> Any:
    """The collection of the timeline's strips: `strips` from 4.4 on, `sequences` before."""
    editor = editor_of(scene)
    return editor.strips if _has(editor, "strips") else editor.sequences


def strips_name(scene: Any) -> str:
    """What the collection of all strips, those in meta strips too, is called."""
    return "strips_all" if _has(editor_of(scene), "strips_all") else "sequences_all"


def start_of(strip: Any) -> int:
    """The first timeline frame that the strip shows."""
    return int(strip.left_handle if _has(strip, "left_handle") else strip.frame_final_start)


def end_of(strip: Any) -> int:
    """One past the last timeline frame that the strip shows."""
    return int(strip.right_handle if _has(strip, "right_handle") else strip.frame_final_end)


def content_at(strip: Any) -> float:
    """The timeline frame of the first frame of the strip's file, seen or not."""
    at = strip.content_start if _has(strip, "content_start") else strip.frame_start
    trimmed = "content_trim_start" if _has(strip, "content_trim_start") else "animation_offset_start"
    return float(at) - (getattr(strip, trimmed) if _has(strip, trimmed) else 0)


def length_of(strip: Any) -> int:
    """Frames of the strip's file, seen or not."""
    return int(strip.content_duration if _has(strip, "content_duration") else strip.frame_duration)


def trim(strip: Any, start: int, end: int) -> None:
    """Show the strip from one timeline frame to before another; both may lie outside its file."""
    names = ("left_handle", "right_handle") if _has(strip, "left_handle") else ("frame_final_start", "frame_final_end")
    for name, value in zip(names, (start, end)):
        if int(getattr(strip, name)) != value:
            setattr(strip, name, value)


def new_effect(scene: Any, name: str, kind: str, channel: int, source: Any) -> Any:
    """An effect on one strip, as long as that."""
    strips = strips_of(scene)
    known = {parameter.identifier for parameter in strips.bl_rna.functions["new_effect"].parameters}
    start, end = start_of(source), end_of(source)
    words: dict[str, Any] = {"length": end - start} if "length" in known else {"frame_end": end}
    words["input1" if "input1" in known else "seq1"] = source
    return strips.new_effect(name=name, type=kind, channel=channel, frame_start=start, **words)


def inputs_of(strip: Any) -> list[Any]:
    """The strips that an effect works on; none for any other strip."""
    names = ("input_1", "input_2")
    return [each for each in (getattr(strip, name, None) for name in names) if each is not None]


def curve(owner: Any, path: str, index: int = 0) -> Any:
    """The animation curve of a property that has a key already; 5.0 on keeps them in layers."""
    action = owner.animation_data.action
    found = action.fcurves if _has(action, "fcurves") else action.layers[0].strips[0].channelbag(owner.animation_data.action_slot).fcurves
    return found.find(path, index=index)


def forget_curves(owner: Any, path_start: str) -> None:
    """Take away the curves of properties whose path begins so."""
    for bag in _bags(owner):
        for each in [each for each in bag.fcurves if each.data_path.startswith(path_start)]:
            bag.fcurves.remove(each)


def animated(owner: Any, path_start: str) -> bool:
    """Whether a property whose path begins so has keys."""
    return any(each.data_path.startswith(path_start) for bag in _bags(owner) for each in bag.fcurves)


def _bags(owner: Any) -> list[Any]:
    """What holds curves: the action itself, from 5.0 on a bag for each of its slots."""
    data = owner.animation_data
    if data is None or data.action is None:
        return []
    action = data.action
    return [action] if _has(action, "fcurves") else [bag for layer in action.layers for strip in layer.strips for bag in strip.channelbags]


def can_pin() -> bool:
    """Whether strips take a compositor modifier: 5.0 on."""
    kinds = bpy.types.StripModifiers if hasattr(bpy.types, "StripModifiers") else bpy.types.SequenceModifiers
    return "COMPOSITOR" in kinds.bl_rna.functions["new"].parameters["type"].enum_items


def show_scene(scene: Any) -> None:
    """5.0 on: modifiers and operators of the sequencer look at the workspace's scene, and some crash where it is unset."""
    for window in bpy.context.window_manager.windows:
        if _has(window.workspace, "sequencer_scene") and window.workspace.sequencer_scene is None:
            window.workspace.sequencer_scene = scene


def _has(thing: Any, name: str) -> bool:
    return name in thing.bl_rna.properties
