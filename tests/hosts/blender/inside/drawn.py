"""Every panel is drawn into a layout that takes only what Blender's own takes: properties, operators, icons that exist."""

from __future__ import annotations

import bpy

from .chosen import stage
from .stand import part, pump, run, session, strips

ICONS = set(bpy.types.UILayout.bl_rna.functions["prop"].parameters["icon"].enum_items.keys())


class Operator:
    def __init__(self, name):
        group, _, action = name.partition(".")
        kind = getattr(getattr(bpy.ops, group), action).get_rna_type()
        self.__dict__.update(known=set(kind.properties.keys()), title=kind.name)

    def __setattr__(self, name, value):
        assert name in self.known, name


class Layout:
    def __init__(self, said):
        self.__dict__["said"] = said

    def __setattr__(self, name, value):
        assert name in bpy.types.UILayout.bl_rna.properties, name

    def row(self, **words):
        return self.part("row", words)

    def column(self, **words):
        return self.part("column", words)

    def split(self, **words):
        return self.part("split", words)

    def part(self, kind, words):
        assert set(words) <= set(bpy.types.UILayout.bl_rna.functions[kind].parameters.keys()), words
        return Layout(self.said)

    def takes(self, kind, words):
        assert set(words) <= set(bpy.types.UILayout.bl_rna.functions[kind].parameters.keys()), words
        assert words.get("icon", "NONE") in ICONS, words

    def prop(self, data, name, **words):
        self.takes("prop", words)
        found = data.bl_rna.properties[name]
        self.said.append(words.get("text") or found.name)

    def prop_search(self, data, name, among, field, **words):
        self.takes("prop_search", words)
        assert name in data.bl_rna.properties and hasattr(among, field)

    def operator(self, name, **words):
        self.takes("operator", words)
        made = Operator(name)
        self.said.append(words.get("text") or made.title)
        return made

    def label(self, **words):
        self.takes("label", words)
        self.said.append(words["text"])

    def progress(self, **words):
        self.takes("progress", words)
        self.said.append(words["text"])


class Context:
    """As the panel's, with a region, and a scale that is not 0: there is neither without a window."""

    def __init__(self, scene):
        self.scene = self.sequencer_scene = scene
        self.preferences = type("Preferences", (), {"system": type("System", (), {"ui_scale": 1.0})})
        self.region = type("Region", (), {"width": 300})


def drawn(scene):
    out = {}
    for name in sorted(name for name in dir(bpy.types) if name.startswith("GENLOCK_PT")):
        kind = part_of(name)
        context, said = Context(scene), []
        if not hasattr(kind, "poll") or kind.poll(context):
            kind.draw(type("Panel", (), {"layout": Layout(said), "opened": kind.opened})(), context)
        out[name] = said
    return out


def part_of(name):
    for module in ("panel", "publishing", "retiming", "inpainting"):
        found = getattr(part(f"blender.{module}"), name, None)
        if found is not None:
            return found
    raise AssertionError(name)


def work(task):
    scene, ref = stage(task)
    scene.sequence_editor.active_strip = ref
    scene.genlock.more = scene.genlock.retime_more = scene.genlock_inpaint.more = True
    out = {"at first": drawn(scene)}
    bpy.ops.genlock.align()
    out["at work"] = drawn(scene)
    pump(60)
    bpy.ops.genlock.apply()
    scene.genlock.publish_to = task["out"]
    bpy.ops.genlock.publish()
    out["publishing"] = drawn(scene)
    pump(60, lambda: not session.busy())
    out["published"] = drawn(scene)
    scene.genlock.clip_from, scene.genlock.clip_file = "FILE", "/etc/passwd"
    bpy.ops.genlock.publish(only_check=True)
    pump(60, lambda: not session.busy())
    out["refused"] = drawn(scene)
    assert strips(scene)
    return out


run(work)
