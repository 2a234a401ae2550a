"""Installs the zip as a person does, and says what is there then."""

from __future__ import annotations

import json
import os
import sys

import bpy

ROOM = sys.argv[1]
with open(os.path.join(ROOM, "task.json"), encoding="utf-8") as file:
    path = json.load(file)["zip"]
bpy.ops.extensions.package_install_files(filepath=path, repo="user_default", enable_on_install=True)
said = {
    "modules": [each.module for each in bpy.context.preferences.addons if "genlock" in each.module],
    "panels": sorted(name for name in dir(bpy.types) if name.startswith("GENLOCK_PT")),
    "quality": bpy.context.scene.genlock.options.quality,
    "align": bpy.ops.genlock.align.poll(),
}
with open(os.path.join(ROOM, "answer.json"), "w", encoding="utf-8") as file:
    json.dump({"said": said}, file)
sys.stdout.flush()
os._exit(0)
