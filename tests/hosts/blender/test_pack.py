"""The zip: whole, the same every time, pure Python, held valid by Blender's own tool, and installed as a person does."""

from __future__ import annotations

import ast
import hashlib
import subprocess
import sys
import zipfile
from pathlib import Path

from genlock import __version__
from genlock.hosts.installing.blender_zip import contents, pack

from .child import each_blender, inside


def test_what_is_in_it(tmp_path):
    path = pack(tmp_path / "dist")
    assert path.name == f"genlock-blender-{__version__}.zip"
    with zipfile.ZipFile(path) as packed:
        assert packed.testzip() is None
        names = packed.namelist()
        manifest = packed.read("blender_manifest.toml").decode()
    assert f'version = "{__version__}"' in manifest
    assert {"__init__.py", *(f"genlock/{name}" for name in ("hosts/jobs.py", "hosts/settings.json", "hosts/blender/panel.py"))} <= set(names)
    assert {Path(name).suffix for name in names} == {".py", ".toml", ".json"}
    digest = hashlib.sha256(path.read_bytes()).digest()
    assert hashlib.sha256(pack(tmp_path / "again").read_bytes()).digest() == digest


def test_relative_imports_find_their_module_in_the_zip():
    files = contents()
    for name, body in files.items():
        if not name.endswith(".py"):
            continue
        folder = Path(name).parent.parts
        for node in ast.walk(ast.parse(body)):
            if isinstance(node, ast.ImportFrom) and node.level:
                base = folder[: len(folder) - node.level + 1]
                wanted = [(*base, *(node.module or "").split("."))] if node.module else [(*base, each.name) for each in node.names]
                for parts in wanted:
                    place = "/".join(part for part in parts if part)
                    above, _, last = place.rpartition("/")
                    said = f"{last} = ".encode() in files.get(f"{above}/__init__.py", b"")
                    assert f"{place}.py" in files or f"{place}/__init__.py" in files or said, f"{name}: {place}"


def test_python_m_says_where_it_is(tmp_path):
    words = [sys.executable, "-m", "genlock.hosts.installing.blender_zip", str(tmp_path / "d")]
    done = subprocess.run(words, capture_output=True, text=True, check=True)
    assert Path(done.stdout.strip()).is_file()


@each_blender
def test_blender_finds_it_valid_and_installs_it(python, tmp_path):
    path = pack(tmp_path / "dist")
    where = subprocess.run([python, "-c", "import importlib.util as u; print(u.find_spec('bpy').origin)"], capture_output=True, text=True, check=True)
    (tool,) = Path(where.stdout.strip()).parent.glob("*/scripts/addons_core/bl_pkg/cli/blender_ext.py")
    done = subprocess.run([python, str(tool), "validate", str(path)], capture_output=True, text=True, check=False)
    assert done.returncode == 0 and "Success" in done.stdout, done.stdout + done.stderr
    said = inside(python, "install", tmp_path, {"zip": str(path)})
    assert said["modules"] == ["bl_ext.user_default.genlock"]
    assert said["panels"] == [f"GENLOCK_PT_{name}" for name in ("align", "exchange", "inpaint", "publish", "result", "retime")]
    assert said["quality"] == "standard" and said["align"]
