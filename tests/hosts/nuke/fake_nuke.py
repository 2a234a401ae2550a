"""A stand-in for Nuke's Python module, with state, and strict: what Nuke would not take, it refuses.

An unknown function, node class, knob or value raises; so does any call from another thread but executeInMainThread, and that one
from the main thread, where Nuke would hang. Changes can be undone, in steps, as nuke.Undo groups them. Written from Foundry's
reference; the names of knobs are those that a Nuke 17 lists.
"""

from __future__ import annotations

import functools
import queue
import re
import threading
import types
from collections.abc import Callable, Iterator
from typing import Any

from .fake_classes import CLASSES, COMMON
from .fake_knobs import (
    Boolean_Knob,
    Builtin,
    Double_Knob,
    Enumeration_Knob,
    File_Knob,
    Int_Knob,
    Knob,
    Main,
    PyScript_Knob,
    String_Knob,
    Tab_Knob,
    Text_Knob,
    in_main,
)  # fmt: skip
from .fake_tcl import lines_of


class _History:
    """What can be undone: one entry a step, each a list of functions that take a change back."""

    def __init__(self) -> None:
        self.steps: list[list[Callable[[], Any]]] = []
        self.depth = 0
        self.off = 0

    def note(self, back: Callable[[], Any]) -> None:
        if self.off:
            return
        if not self.depth:
            self.steps.append([])
        self.steps[-1].append(back)


class Node(Main):
    def __init__(self, script: Script, kind: str, parent: Node | None) -> None:
        if kind not in CLASSES:
            raise RuntimeError(f"{kind}: Unknown command")
        self._script, self._kind, self._parent = script, kind, parent
        self._most, builtin = CLASSES[kind]
        self._knobs: dict[str, Knob] = {name: Builtin(self, name, pattern) for name, pattern in {**COMMON, **builtin}.items()}
        self._inputs: list[Node | None] = []
        self._children: list[Node] = []
        self._gone = False

    def _alive(self) -> None:
        if self._gone:
            raise ValueError("A PythonObject is not attached to a node")

    def Class(self) -> str:
        self._alive()
        return self._kind

    def name(self) -> str:
        return str(self._knobs["name"]._value)

    def setName(self, name: str) -> None:
        self._alive()
        taken = {other.name() for other in self._siblings() if other is not self}
        stem, number, wanted = name, 0, name
        while wanted in taken:
            number += 1
            wanted = f"{stem}{number}"
        self._knobs["name"].setValue(wanted)

    def _siblings(self) -> list[Node]:
        return self._parent._children if self._parent is not None else self._script.nodes_

    def parent(self) -> Node:
        self._alive()
        assert self._parent is not None, "the root is no node here"
        return self._parent

    def knob(self, name: str) -> Knob | None:
        self._alive()
        return self._knobs.get(name)

    def __getitem__(self, name: str) -> Knob:
        self._alive()
        if name not in self._knobs:
            raise NameError(f"knob {name} does not exist")
        return self._knobs[name]

    def addKnob(self, knob: Knob) -> None:
        self._alive()
        assert isinstance(knob, Knob) and knob._name not in self._knobs, knob._name
        knob._node = self
        self._knobs[knob._name] = knob
        self._script.history.note(lambda: self._knobs.pop(knob._name))

    def inputs(self) -> int:
        self._alive()
        return len(self._inputs)

    def maxInputs(self) -> int:
        return self._most

    def input(self, index: int) -> Node | None:
        self._alive()
        return self._inputs[index] if index < len(self._inputs) else None

    def setInput(self, index: int, node: Node | None) -> bool:
        self._alive()
        if not 0 <= index < self._most:
            raise ValueError(f"{self._kind} has no input {index}")
        if node is not None:
            node._alive()
            assert node._parent is self._parent, "nodes of two groups are not joined"
            assert not node._leads_to(self), "a loop"
        before = list(self._inputs)
        self._script.history.note(lambda: setattr(self, "_inputs", before))
        self._inputs = [*before, *[None] * (index + 1 - len(before))]
        self._inputs[index] = node
        return True

    def _leads_to(self, other: Node) -> bool:
        return self is other or any(node is not None and node._leads_to(other) for node in self._inputs)

    def readKnobs(self, text: str) -> None:
        self._alive()
        for name, value in lines_of(text):
            if name not in self._knobs:
                raise RuntimeError(f"{self._kind} has no knob {name}")
            known = self._kind != "Copy" or "." not in value or any(value in channels for channels in self._script.layers.values())
            assert known, f"the script has no channel {value}"
            self._knobs[name].setValue(value)

    def xpos(self) -> int:
        return 0

    def ypos(self) -> int:
        return 0

    def setXYpos(self, x: int, y: int) -> None:
        self._alive()

    def showControlPanel(self) -> None:
        self._alive()

    def nodes(self) -> list[Node]:
        self._alive()
        assert self._kind == "Group"
        return list(self._children)

    def __enter__(self) -> Node:
        assert self._kind == "Group"
        self._script.stack.append(self)
        return self

    def __exit__(self, *why: Any) -> None:
        assert self._script.stack.pop() is self


class Undo(Main):
    def __init__(self) -> None:
        self._history = script().history

    def begin(self, name: str = "") -> None:
        if not self._history.depth and not self._history.off:
            self._history.steps.append([])
        self._history.depth += 1

    def end(self) -> None:
        assert self._history.depth > 0
        self._history.depth -= 1

    def disable(self) -> None:
        self._history.off += 1

    def enable(self) -> None:
        assert self._history.off > 0
        self._history.off -= 1

    def undo(self) -> None:
        assert not self._history.depth
        for back in reversed(self._history.steps.pop()):
            back()


class Menu(Main):
    def __init__(self) -> None:
        self.menus: dict[str, Menu] = {}
        self.commands: dict[str, str] = {}

    def addMenu(self, name: str) -> Menu:
        return self.menus.setdefault(name, Menu())

    def addCommand(self, name: str, command: str) -> None:
        compile(command, name, "exec")
        self.commands[name] = command


class Layer(Main):
    """Of channels; made, it belongs to the script."""

    def __init__(self, name: str, channels: list[str]) -> None:
        assert re.fullmatch(r"\w+", name) and isinstance(channels, list) and all(re.fullmatch(rf"{name}\.\w+", one) for one in channels)
        script().layers[name] = list(channels)


class _Nodes:
    def __getattr__(self, kind: str) -> Callable[[], Node]:
        if kind not in CLASSES:
            raise AttributeError(f"nuke.nodes has no {kind}")

        def create() -> Node:
            return script()._new(kind)

        return in_main(create)


class Script:
    """One open script, and what tests look at. The module's functions work on the newest one."""

    def __init__(self) -> None:
        self.nodes_: list[Node] = []
        self.history = _History()
        self.stack: list[Node] = []
        self.queue: queue.Queue[Callable[[], Any]] = queue.Queue()
        self.said: list[str] = []
        self.chosen_file: str | None = None
        self.selected: list[Node] = []
        self.this: Node | None = None
        self.loaded: list[Callable[[], Any]] = []
        self.menus = {"Nodes": Menu(), "Nuke": Menu()}
        self.path = ""
        self.layers = {"rgba": [f"rgba.{name}" for name in ("red", "green", "blue", "alpha")]}

    def _new(self, kind: str) -> Node:
        parent = self.stack[-1] if self.stack else None
        node = Node(self, kind, parent)
        siblings = parent._children if parent is not None else self.nodes_
        siblings.append(node)
        self.history.note(lambda: (siblings.remove(node), setattr(node, "_gone", True)))
        node.setName(f"{kind}1")
        return node

    def pump(self, wait_s: float = 0.05) -> None:
        """Nuke's main loop: run what other threads have handed over."""
        try:
            self.queue.get(timeout=wait_s)()
            while True:
                self.queue.get_nowait()()
        except queue.Empty:
            pass

    def press(self, node: Node, button: str) -> None:
        """A click on a PyScript_Knob."""
        knob = node[button]
        assert isinstance(knob, PyScript_Knob)
        self.this = node
        exec(knob._value, {"nuke": _module})


def script() -> Script:
    """The open script."""
    return _scripts[-1]


_scripts: list[Script] = []
_module = types.ModuleType("nuke")


def _offer(function: Callable[..., Any]) -> Callable[..., Any]:
    setattr(_module, function.__name__, in_main(function))
    return function


@_offer
def allNodes(filter: str = "", recurseGroups: bool = False) -> list[Node]:
    def walk(nodes: list[Node]) -> Iterator[Node]:
        for node in nodes:
            yield node
            if recurseGroups:
                yield from walk(node._children)

    assert not filter or filter in CLASSES
    return [node for node in walk(script().nodes_) if not filter or node._kind == filter]


@_offer
def selectedNodes() -> list[Node]:
    return list(reversed(script().selected))


@_offer
def thisNode() -> Node:
    node = script().this
    assert node is not None
    return node


@_offer
def message(prompt: str) -> None:
    script().said.append(prompt)


@_offer
def tprint(text: str) -> None:
    assert isinstance(text, str)


@_offer
def getFilename(message: str, pattern: str = "") -> str | None:
    return script().chosen_file


@_offer
def delete(node: Node) -> None:
    node._alive()
    siblings, place = node._siblings(), node._siblings().index(node)
    takers = [(other, list(other._inputs)) for other in siblings if node in other._inputs]

    def back() -> None:
        siblings.insert(place, node)
        node._gone = False
        for other, inputs in takers:
            other._inputs = inputs

    script().history.note(back)
    for other, inputs in takers:
        other._inputs = [None if above is node else above for above in inputs]
    siblings.remove(node)
    node._gone = True


@_offer
def menu(name: str) -> Menu:
    return script().menus[name]


@_offer
def addOnScriptLoad(call: Callable[[], Any]) -> None:
    script().loaded.append(call)


class _Root(Main):
    def name(self) -> str:
        return script().path or "Root"

    def __getitem__(self, knob: str) -> Knob:
        found = {"project_directory": String_Knob, "fps": Double_Knob}[knob](knob)
        if knob == "fps":
            found.setValue(24)
        return found


@_offer
def root() -> _Root:
    return _Root()


def executeInMainThread(call: Callable[..., Any], args: tuple[Any, ...] = (), kwargs: dict[str, Any] | None = None) -> None:
    """The only door for other threads; from the main thread Nuke hangs."""
    assert threading.current_thread() is not threading.main_thread(), "Nuke would hang"
    script().queue.put(functools.partial(call, *args, **(kwargs or {})))


def module() -> types.ModuleType:
    """A module `nuke` with a new, empty script."""
    _scripts[:] = [Script()]
    return _module


_module.executeInMainThread = executeInMainThread
_module.nodes = _Nodes()
_module.INVISIBLE = 0x400
for _class in (
    Knob, String_Knob, File_Knob, Text_Knob, Tab_Knob, Int_Knob, Double_Knob, Boolean_Knob, Enumeration_Knob, PyScript_Knob, Node, Undo,
):  # fmt: skip
    setattr(_module, _class.__name__, _class)
_module.Layer = Layer
_module.Group = Node
