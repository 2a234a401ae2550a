"""The package as it is installed: every folder named, arrows between rooms kept, nothing heavy imported too early."""

from __future__ import annotations

import ast
import configparser
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
ROOMS = ("core", "hosts", "models", "otio_adapters", "plugins")
MODULES = sorted(path for room in ROOMS for path in (ROOT / room).rglob("*.py"))


def test_setup_cfg_names_every_package() -> None:
    cfg = configparser.ConfigParser()
    cfg.read(ROOT / "setup.cfg", encoding="utf-8")
    named = set(cfg["options"]["packages"].split())
    inits = [init for room in ROOMS for init in (ROOT / room).rglob("__init__.py")]
    assert {"genlock"} | {"genlock." + ".".join(init.parent.relative_to(ROOT).parts) for init in inits} == named


def test_every_data_file_that_is_shipped_exists() -> None:
    """setuptools leaves out in silence what is not there; OTIO then complains at every start."""
    cfg = configparser.ConfigParser()
    cfg.read(ROOT / "setup.cfg", encoding="utf-8")
    for package, patterns in cfg["options.package_data"].items():
        folder = ROOT.joinpath(*package.split(".")[1:])
        assert not [pattern for pattern in patterns.split() if not list(folder.glob(pattern))], package


def test_the_tests_import_nothing_that_make_does_not_install() -> None:
    """A library that happens to be in one person's .venv is missing in everybody else's."""
    cfg = configparser.ConfigParser()
    cfg.read(ROOT / "setup.cfg", encoding="utf-8")
    wanted = cfg["options"]["install_requires"] + cfg["options.extras_require"]["test"]
    named = {re.split(r"[<>=\[;]", line)[0] for line in wanted.split()}
    known = {
        "cv2": "opencv-python-headless",
        "grpc": "grpcio",
        "PyOpenColorIO": "opencolorio",
        "OpenImageIO": "openimageio",
        "imageio_ffmpeg": "imageio-ffmpeg",
        "openjd": "openjd-cli",
        "pyblish": "pyblish-base",
    }
    ours = {"genlock", *IN_HOSTS} | set(sys.stdlib_module_names)
    for path in [path for folder in (*ROOMS, "tests", "bench", "docs") for path in (ROOT / folder).rglob("*.py")]:
        tops = {name.split(".")[0] for name in _imported(path.read_text(encoding="utf-8"), path.relative_to(ROOT))}
        assert {known.get(top, top) for top in tops - ours} <= named, path


def test_every_folder_of_code_has_an_init() -> None:
    bare = {str(path.parent.relative_to(ROOT)) for path in MODULES if not (path.parent / "__init__.py").exists()}
    assert not bare


def test_the_root_holds_no_stray_module() -> None:
    """A .py file in the root would ship as genlock.<name>."""
    assert {path.name for path in ROOT.glob("*.py")} <= {"__init__.py", "__main__.py"}


def _imported(text: str, place: Path) -> set[str]:
    """Absolute names of what a module imports, wherever in it the import stands.

    place  of the module, under the root
    """
    package = ["genlock", *place.parent.parts]
    names: set[str] = set()
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            base = package[: len(package) - node.level + 1] if node.level else []
            module = ".".join([*base, *([node.module] if node.module else [])])
            names |= {module} | {f"{module}.{alias.name}" for alias in node.names}
    return names


def _wrong_arrows(text: str, place: Path) -> list[str]:
    """What a module imports and may not: core nothing but core, models and otio_adapters nothing but core and themselves."""
    allowed = {"core": ("core",), "models": ("core", "models"), "otio_adapters": ("core", "otio_adapters")}.get(place.parts[0], ROOMS)
    named = {name for name in _imported(text, place) if name.startswith("genlock.")}
    return sorted(name for name in named if name.split(".")[1] in ROOMS and name.split(".")[1] not in allowed)


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(ROOT)))
def test_arrows_between_rooms(path: Path) -> None:
    assert not _wrong_arrows(path.read_text(encoding="utf-8"), path.relative_to(ROOT))


@pytest.mark.parametrize(
    "text", ["from ...hosts import jobs", "from ...hosts.jobs import Job", "import genlock.hosts.jobs", "def f():\n    from ... import otio_adapters"]
)
def test_a_wrong_arrow_is_seen(text: str) -> None:
    assert _wrong_arrows(text, Path("core/sync/made_up.py"))


HEAVY = ("torch", "scipy", "opentimelineio", "PyOpenColorIO", "OpenImageIO", "rich")


@pytest.mark.parametrize("module", ["genlock.core.align", "genlock.hosts.cli", "genlock.hosts.worker.run"])
def test_nothing_heavy_is_imported_early(module: str) -> None:
    code = f"import sys, {module}; print(*[name for name in {HEAVY} if name in sys.modules])"
    run = subprocess.run([sys.executable, "-W", "error", "-c", code], capture_output=True, text=True, cwd=ROOT.parent, timeout=60)
    assert run.returncode == 0, run.stderr
    assert run.stdout.split() == []


HOST_ROOMS = ("blender", "nuke", "resolve")
IN_HOSTS = ("bpy", "mathutils", "nuke", "nukescripts", "PySide2", "PySide6", "DaVinciResolveScript", "fusionscript")
"""What the programs themselves bring."""
SHARED = ("jobs", "launch", "shelf", "aligned", "reviewing")
"""Files of hosts/ that every host gets."""
FOR_HOSTS = [ROOT / "hosts" / f"{name}.py" for name in SHARED]


@pytest.mark.parametrize("path", [*FOR_HOSTS, *(p for room in HOST_ROOMS for p in sorted((ROOT / "hosts" / room).rglob("*.py")))], ids=str)
def test_what_hosts_load_is_standard_library_in_old_syntax(path: Path) -> None:
    """Nuke, Resolve and Blender import it inside their own Python: no torch, numpy, cv2, otio or genlock.core."""
    ast.parse(path.read_text(encoding="utf-8"), feature_version=(3, 9))
    names = _imported(path.read_text(encoding="utf-8"), path.relative_to(ROOT))
    assert {name.split(".")[0] for name in names} <= {*sys.stdlib_module_names, *IN_HOSTS, "genlock"}
    ours = {f"genlock.hosts.{name}" for name in (*SHARED, "publishing", *HOST_ROOMS)}
    strange = {name for name in names if name.startswith("genlock.") and not any(name == own or name.startswith(own + ".") for own in ours)}
    assert strange <= {"genlock.hosts", "genlock.__version__"}


def test_no_module_is_a_drawer_for_anything() -> None:
    assert not [path for path in MODULES if path.stem in ("utils", "lib", "common", "helpers", "misc")]
