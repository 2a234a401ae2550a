"""The plug-ins as a folder: every file found, fit for a host's Python, and told to people."""

from __future__ import annotations

import ast
import logging
import sys
from pathlib import Path

import pyblish.api
import pyblish.plugin
import pytest

from genlock import plugins
from genlock.hosts.publishing import publish
from genlock.hosts.publishing.problems import Problem

FOLDER = Path(plugins.path())
FILES = sorted(path for path in FOLDER.glob("*.py") if path.name != "__init__.py")
PUBLISHING = sorted((FOLDER.parent / "hosts" / "publishing").glob("*.py"))
STAGE = {"collect": 0, "validate": 1, "extract": 2, "integrate": 3}


def everything() -> list:
    found = {plugin.__module__: plugin for host in publish.HOSTS for plugin in publish.discover(host)}
    return [found[path] for path in sorted(found)]


def test_every_file_is_found_and_holds_one_plug_in():
    """pyblish skips in silence what it cannot import."""
    assert sorted(plugin.__module__ for plugin in everything()) == [str(path) for path in FILES]


def test_a_file_that_cannot_be_loaded_is_no_silence(tmp_path, monkeypatch):
    for path in FILES[:2]:
        (tmp_path / path.name).write_text(path.read_text(encoding="utf-8"), encoding="utf-8")
    (tmp_path / "validate_broken.py").write_text("import no_such_module_anywhere\n", encoding="utf-8")
    monkeypatch.setattr(plugins, "path", lambda: str(tmp_path))
    with pytest.raises(Problem, match=r"validate_broken\.py cannot be loaded"):
        publish.discover("genlock")


def test_nothing_stays_registered_for_the_whole_process():
    before = (pyblish.api.registered_hosts(), pyblish.api.registered_paths(), pyblish.api.registered_plugins())
    publish.discover("genlock")
    assert (pyblish.api.registered_hosts(), pyblish.api.registered_paths(), pyblish.api.registered_plugins()) == before


def test_two_publishes_side_by_side_stay_quiet_to_the_end():
    """As of two nodes in Nuke, each in its thread."""
    log = logging.getLogger("pyblish.plugin")
    first, second = publish.quiet(), publish.quiet()
    first.__enter__()
    second.__enter__()
    first.__exit__(None, None, None)
    assert log.disabled
    second.__exit__(None, None, None)
    assert not log.disabled


def test_any_pipeline_finds_them_by_their_path():
    """As AYON and others do it."""
    pyblish.api.register_plugin_path(plugins.path())
    try:
        found = {plugin.__name__ for plugin in pyblish.api.discover()}
    finally:
        pyblish.api.deregister_plugin_path(plugins.path())
    assert {plugin.__name__ for plugin in publish.discover("genlock")} <= found


@pytest.mark.parametrize("plugin", everything(), ids=lambda plugin: plugin.__name__)
class TestEach:
    def test_is_named_and_placed_by_its_verb(self, plugin):
        verb = Path(plugin.__module__).stem.split("_")[0]
        assert plugin.__name__.lower().startswith(f"{verb}genlock"), "pyblish drops a second plug-in of the same name"
        assert STAGE[verb] - 0.5 <= plugin.order < STAGE[verb] + 0.5
        assert plugin.label and plugin.__doc__ and plugin.__doc__.strip().endswith(".")

    def test_what_repairs_says_how(self, plugin):
        assert (publish.Repair in plugin.actions) == ("repair" in vars(plugin))

    def test_takes_its_own_families_alone(self, plugin):
        assert issubclass(plugin, pyblish.api.ContextPlugin) or plugin.families in (["genlock.pair"], ["genlock.render"])


@pytest.mark.parametrize("path", [*FILES, *PUBLISHING], ids=lambda path: path.name)
def test_what_a_host_loads_is_light_and_old(path):
    """The plug-ins run inside Nuke, Blender and Resolve: standard library, pyblish and the light rooms, in Python 3.9 syntax."""
    tree = ast.parse(path.read_text(encoding="utf-8"), feature_version=(3, 9))
    for node in ast.walk(tree):
        names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
        if isinstance(node, ast.ImportFrom) and not node.level:
            names = [node.module or ""]
        for name in names:
            assert name.split(".")[0] in {*sys.stdlib_module_names, "pyblish", "bpy", "nuke", "genlock"}, name
            if name.startswith("genlock."):
                assert name.startswith(("genlock.hosts.publishing", "genlock.hosts.resolve")), name
        if isinstance(node, ast.ImportFrom) and node.level:
            assert "core" not in (node.module or "") and "worker" not in (node.module or "")
