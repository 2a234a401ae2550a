"""Resolve's UIManager, as far as the window asks for it: strict, and played by a test. RunLoop() turns until the test closes it."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from typing import Any

from .fake_bridge import UnknownCallError

_KINDS = {"HGroup", "VGroup", "Label", "ComboBox", "Button", "TextEdit", "LineEdit", "CheckBox", "Timer"}


class Widget:
    def __init__(self, kind: str, attributes: dict[str, Any], children: list[Any]) -> None:
        self.kind = kind
        self.ID = attributes.get("ID", "")
        self.Text = attributes.get("Text", "")
        self.PlainText = ""
        self.Enabled = True
        self.Checked = False
        self.CurrentIndex = 0
        self.entries: list[str] = []
        self.children = children
        self.started = False

    def AddItems(self, entries: list[str]) -> None:
        if self.kind != "ComboBox":
            raise UnknownCallError(f"{self.kind} has no AddItems")
        self.entries += entries

    def Start(self) -> None:
        self.started = True

    def Stop(self) -> None:
        self.started = False

    def all(self) -> Iterator[Widget]:
        yield self
        for child in self.children:
            yield from child.all()


class UIManager:
    def __getattr__(self, kind: str) -> Callable[..., Widget]:
        if kind not in _KINDS:
            raise UnknownCallError(f"UIManager makes no {kind}")
        return lambda attributes, children=(): Widget(kind, attributes, list(children))


class On:
    """Handlers by widget and event: On.align.Clicked = function."""

    def __init__(self) -> None:
        self.__dict__["found"] = {}

    def __getattr__(self, name: str) -> On:
        return self.found.setdefault(name, On())

    def __setattr__(self, name: str, value: Callable[[Any], Any]) -> None:
        self.found[name] = value


class Window:
    def __init__(self, attributes: dict[str, Any], rows: list[Widget]) -> None:
        self.On = On()
        self.shown = False
        self._items = {one.ID: one for row in rows for one in row.all() if one.ID}

    def GetItems(self) -> dict[str, Widget]:
        return self._items

    def Show(self) -> None:
        self.shown = True

    def Hide(self) -> None:
        self.shown = False


class Program:
    """`fusion` and `bmd` in one. play(program) is called at every turn; it clicks, and at last closes."""

    def __init__(self, play: Callable[[Program], None]) -> None:
        self.UIManager = UIManager()
        self.On = On()
        self.window: Window = None  # type: ignore[assignment]
        self._play = play
        self._open = False

    def UIDispatcher(self, ui: UIManager) -> Program:
        return self

    def AddWindow(self, attributes: dict[str, Any], rows: list[Widget]) -> Window:
        self.window = Window(attributes, rows)
        return self.window

    def RunLoop(self) -> None:
        self._open, end = True, time.monotonic() + 60
        while self._open:
            if time.monotonic() > end:
                raise AssertionError(f"the window stays open: {self.text('log')}")
            self.On.found["Timeout"]({})
            self._play(self)
            time.sleep(0.02)

    def ExitLoop(self) -> None:
        self._open = False

    def click(self, name: str) -> None:
        assert self.item(name).Enabled, name
        self.window.On.found[name].found["Clicked"]({})

    def close(self) -> None:
        self.window.On.found["genlock"].found["Close"]({})

    def item(self, name: str) -> Widget:
        return self.window.GetItems()[name]

    def text(self, name: str) -> str:
        return self.item(name).PlainText or self.item(name).Text
