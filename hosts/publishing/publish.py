"""The loop: runs the plug-ins stage by stage, mends what can be mended, and swallows nothing.

pyblish.util.publish() returns normally after a failure and prints tracebacks; here every result is kept and told, and what failed
ends the publish before the next order of plug-ins. Nothing is registered for the whole process but the host's name, and that is taken back.
"""

from __future__ import annotations

import logging
import shutil
import sys
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import pyblish.api
import pyblish.lib
import pyblish.logic
import pyblish.plugin

from ... import plugins as ours
from . import placing, questions, working  # noqa: F401  (the plug-ins ask for them)
from .problems import Problem
from .repair import Repair, failed_on

HOSTS = ("genlock", "blender", "nuke", "resolve")
_LOCK = threading.RLock()
"""pyblish keeps hosts, and Python modules, for the whole process: one publish at a time changes them."""
_quiet: list[bool] = []
"""How the log was before, for each publish that goes on."""
STAGES = (("collect", 0), ("validate", 1), ("extract", 2), ("integrate", 3))


@dataclass(frozen=True)
class Row:
    """One plug-in on one pair."""

    stage: str
    label: str
    pair: str
    state: str
    """ok, repaired or failed."""
    said: str = ""
    """Of a failure: which, why, what to do."""
    code: str = ""
    seconds: float = 0.0


@dataclass
class Published:
    """How it went."""

    rows: list[Row] = field(default_factory=list)
    instances: list[dict[str, Any]] = field(default_factory=list)
    """Of each pair what its instance.data holds at the end."""

    @property
    def failures(self) -> list[Row]:
        """What failed and was not mended."""
        return [row for row in self.rows if row.state == "failed"]


def discover(host: str) -> list[Any]:
    """The plug-ins of the folder that run in a host, in order. Raises Problem where a file of it cannot be loaded: pyblish would skip it."""
    with _LOCK, quiet(), _known(HOSTS), _named_genlock():
        found = [plugin for plugin in pyblish.plugin.discover(paths=[ours.path()]) if plugin.__module__.startswith(ours.path())]
    missing = sorted(set(files()) - {plugin.__module__ for plugin in found})
    if missing:
        raise Problem("plug-ins", f"{missing[0]} cannot be loaded", "reinstall genlock")
    return [plugin for plugin in found if "*" in plugin.hosts or host in plugin.hosts]


def files() -> list[str]:
    """Every file of the folder that is a plug-in."""
    from glob import glob

    return sorted(path for path in glob(f"{ours.path()}/*.py") if not path.endswith("__init__.py"))


def publish(
    context_data: Mapping[str, Any], host: str = "genlock", repair: bool = False, only_check: bool = False,
    tell: Callable[[Row], None] = lambda row: None,
) -> Published:
    """Run the plug-ins on what context_data names ("genlock.pairs" and others; see docs/pyblish.md).

    repair      mend what a validator can mend, and ask it again
    only_check  end after validation
    tell        hears of each plug-in as it ends
    """
    context = pyblish.api.Context()
    context.data.update(context_data)
    done = Published()
    plugins = discover(host)
    ended, failed_at = False, float("inf")
    try:
        for name, base in STAGES[: 2 if only_check else 4]:
            with quiet():
                for plugin, instance in _tasks(plugins, context, base):
                    if failed_at < plugin.order:
                        break
                    row = _run(name, plugin, context, instance, repair and name == "validate")
                    done.rows.append(row)
                    tell(row)
                    failed_at = plugin.order if row.state == "failed" else failed_at
            if done.failures:
                break
        ended = True
    finally:
        done.instances = [dict(instance.data, name=instance.name) for instance in context]
        _tidy(done, failed=bool(done.failures) or not ended)
    return done


def _tasks(plugins: Sequence[Any], context: Any, base: int) -> Iterator[tuple[Any, Any]]:
    """(plug-in, instance) of one stage in order; instance is None for a plug-in of the whole context."""
    stage = [plugin for plugin in plugins if plugin.active and pyblish.lib.inrange(number=plugin.order, base=base)]
    for plugin in sorted(stage, key=lambda plugin: (plugin.order, plugin.__name__)):
        if issubclass(plugin, pyblish.api.ContextPlugin):
            yield plugin, None
        else:
            yield from ((plugin, instance) for instance in pyblish.logic.instances_by_plugin(context, plugin))


def _run(stage: str, plugin: Any, context: Any, instance: Any, repair: bool) -> Row:
    result = pyblish.plugin.process(plugin, context, instance)
    seconds = (result["duration"] or 0.0) / 1000
    state = "ok"
    if result["error"] is not None and repair and Repair in plugin.actions and instance in failed_on(context, plugin):
        pyblish.plugin.process(plugin, context, instance, action=Repair.id)
        result = pyblish.plugin.process(plugin, context, instance)
        state = "repaired"
    error = result["error"]
    pair = instance.name if instance is not None else ""
    if error is None:
        return Row(stage, plugin.label, pair, state, seconds=seconds)
    code = error.code if isinstance(error, Problem) else "fault"
    said = str(error) if isinstance(error, Problem) else f"{plugin.__name__} has a fault: {type(error).__name__}: {error}; please report it"
    return Row(stage, plugin.label, pair, "failed", said, code, seconds)


def _tidy(done: Published, failed: bool) -> None:
    """A staging folder of a publish that failed has nothing that anybody waits for."""
    for data in done.instances:
        if data.get("stagingDir") and (failed or data.get("published")):
            shutil.rmtree(data["stagingDir"], ignore_errors=True)


@contextmanager
def _known(hosts: Sequence[str]) -> Iterator[None]:
    """pyblish passes over plug-ins of hosts that nobody has registered; registering is for the whole process, so it is taken back."""
    new = [host for host in hosts if host not in pyblish.api.registered_hosts()]
    for host in new:
        pyblish.api.register_host(host)
    try:
        yield
    finally:
        for host in new:
            pyblish.api.deregister_host(host)


@contextmanager
def _named_genlock() -> Iterator[None]:
    """The plug-ins say `from genlock.hosts…`, and Blender's extension has that package under another name: it answers to both meanwhile."""
    own = ours.__name__.rpartition(".")[0]
    aliases = {"genlock" + name[len(own) :]: module for name, module in list(sys.modules.items()) if name == own or name.startswith(own + ".")}
    before = {name: sys.modules.get(name) for name in aliases}
    sys.modules.update(aliases)
    try:
        yield
    finally:
        for name, module in before.items():
            if module is None:
                del sys.modules[name]
            else:
                sys.modules[name] = module


@contextmanager
def quiet() -> Iterator[None]:
    """pyblish logs a traceback for each failure; it is told in a Row instead. Publishes may go on side by side."""
    log = logging.getLogger("pyblish.plugin")
    with _LOCK:
        _quiet.append(log.disabled)
        log.disabled = True
    try:
        yield
    finally:
        with _LOCK:
            before = _quiet.pop()
            log.disabled = bool(_quiet) or before
