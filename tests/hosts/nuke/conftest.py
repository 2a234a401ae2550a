"""Nuke's part of the tests: a stand-in for its module, a made pair, Reads that show it, and the real worker behind it all."""

from __future__ import annotations

import importlib
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from genlock.hosts.demo import cutting, placing
from genlock.hosts.demo.twin import Side

from ...footage import write_pair
from ...nuke_eval import Op, _value
from . import fake_nuke

OURS = "genlock.hosts.nuke"
DRIVER = Path(__file__).parents[1] / "driver.py"


class Host:
    """Nuke with Genlock in it, and hands to use it."""

    def __init__(self, nuke: Any, folder: Path, set_variable: Callable[[str, str], None]) -> None:
        self.nuke, self.folder, self._set = nuke, folder, set_variable
        self.script = fake_nuke.script()
        self.flow = importlib.import_module(f"{OURS}.flow")
        self.group = importlib.import_module(f"{OURS}.group")
        self.worker("-m", "genlock")

    def worker(self, *words: object) -> None:
        """What `genlock` is from now on: Python with these words before its own."""
        program = self.folder / "genlock-worker"
        program.write_text(f'#!/bin/sh\nexec "{sys.executable}" {" ".join(map(str, words))} "$@"\n', encoding="utf-8")
        program.chmod(0o755)
        self._set("GENLOCK_COMMAND", str(program))

    def read(self, file: object, **knobs: str) -> fake_nuke.Node:
        node = self.nuke.nodes.Read()
        node.readKnobs("\n".join(f'{name} "{value}"' for name, value in {"file": str(file), **knobs}.items()))
        return node

    def node(self, clip: fake_nuke.Node | None, ref: fake_nuke.Node | None) -> fake_nuke.Node:
        """A new Genlock node below two nodes."""
        self.script.selected = [node for node in (clip, ref) if node is not None]
        return self.group.create()

    def press(self, node: fake_nuke.Node, button: str = "align") -> None:
        self.script.press(node, button)

    def wait(self, until: Callable[[], object], limit_s: float = 60.0) -> float:
        """Run Nuke's main loop until something is so; returns how long it took."""
        began = time.monotonic()
        while not until():
            assert time.monotonic() - began < limit_s, "waited too long"
            self.script.pump()
        return time.monotonic() - began

    def aligned(self, node: fake_nuke.Node) -> fake_nuke.Node:
        """Press Align and wait for the end."""
        self.press(node)
        self.wait(lambda: self.state(node) != "running")
        return node

    def state(self, node: fake_nuke.Node) -> str:
        return str(node["genlock_state"].value())

    def status(self, node: fake_nuke.Node) -> str:
        return str(node["status"].value())


@pytest.fixture
def host(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Host]:
    monkeypatch.setenv("GENLOCK_JOBS", str(tmp_path / "jobs"))
    nuke = fake_nuke.module()
    monkeypatch.setitem(sys.modules, "nuke", nuke)
    _forget()
    made = Host(nuke, tmp_path, monkeypatch.setenv)
    yield made
    listeners = list(made.flow._listeners.values())
    for going in made.flow.publishing._at_work.values():
        going.stop(wait_s=5)
    for listener in listeners:
        listener.stop_job()
    for listener in listeners:
        listener.join(10)
    _forget()


def _forget() -> None:
    for name in [name for name in sys.modules if name == OURS or name.startswith(OURS + ".")]:
        del sys.modules[name]


@pytest.fixture(scope="session")
def pair(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a clip that begins 7 frames into the ref, has 9 foreign ones in the middle of it, and shows a scaled part of the picture."""
    folder = tmp_path_factory.mktemp("pair")
    steps = (cutting.trim(7, 80), cutting.insert(40, 9))
    write_pair(folder, Side(steps, (placing.crop(12, 6, 200, 116), placing.scale(1.25))), seed=11)
    return folder


def graph(node: fake_nuke.Node, shows: dict[str, Op]) -> dict[str, Op]:
    """What stands inside a Genlock node, for the evaluator of scripts, by name.

    shows  what the two inputs show, by name
    """
    ops: dict[str, Op] = {}

    def of(inner: fake_nuke.Node) -> Op:
        if inner.Class() == "Input":
            return shows[inner.name()]
        if inner.name() not in ops:
            knobs = {name: _evaluated(knob) for name, knob in inner._knobs.items() if name != "format" or knob._value}
            if inner.Class() == "Switch" and inner["which"]._expression:
                assert inner["which"]._expression == "parent.show"
                knobs["which"] = str(node["show"].values().index(node["show"].value()))
            ops[inner.name()] = Op(inner.Class(), knobs, [of(above) for above in inner._inputs if above is not None])
        return ops[inner.name()]

    for inner in node.nodes():
        if inner.Class() == "Output":
            ops["output"] = of(inner._inputs[0])
        elif inner.Class() != "Input":
            of(inner)
    return ops


def _evaluated(knob: fake_nuke.Knob) -> Any:
    """As the evaluator reads it from a script: there, what has several words stands in braces."""
    text = str(knob._value)
    numbers = " " in text and not set(text) - set("0123456789.- ")
    return _value("{" + text + "}") if knob._name != "format" and ("curve" in text or numbers) else text
