"""Knobs of the stand-in for Nuke, each as strict as its class; and the check that only the main thread calls."""

from __future__ import annotations

import functools
import re
import threading
import types
from collections.abc import Callable
from typing import Any

from .fake_classes import COMPONENT, DEFAULTS

_MAIN = threading.main_thread()


def in_main(function: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(function)
    def checked(*args: Any, **kwargs: Any) -> Any:
        if threading.current_thread() is not _MAIN:
            raise RuntimeError(f"{function.__name__} was called outside of Nuke's main thread")
        return function(*args, **kwargs)

    return checked


class Main:
    """Every public method is for the main thread alone."""

    def __init_subclass__(cls) -> None:
        for name, value in list(vars(cls).items()):
            if isinstance(value, types.FunctionType) and (not name.startswith("_") or name == "__getitem__"):
                setattr(cls, name, in_main(value))


class Knob(Main):
    kind = "Knob"

    def __init__(self, name: str, label: str = "", *more: Any) -> None:
        assert re.fullmatch(r"[A-Za-z_]\w*", name), name
        self._name, self._label, self._node = name, label, None
        self._tip, self._flags, self._expression = "", 0, ""
        self._value: Any = self._first(*more)

    def _first(self) -> Any:
        return ""

    def _accept(self, value: Any) -> Any:
        raise TypeError(f"{self.kind} {self._name} takes no {value!r}")

    def _change(self, **to: Any) -> None:
        before = {name: getattr(self, name) for name in to}
        if self._node is not None:
            self._node._script.history.note(lambda: self.__dict__.update(before))
        self.__dict__.update(to)

    def name(self) -> str:
        return self._name

    def value(self) -> Any:
        return self._value

    def setValue(self, value: Any) -> bool:
        self._change(_value=self._accept(value), _expression="")
        return True

    def setTooltip(self, text: str) -> None:
        assert isinstance(text, str)
        self._tip = text

    def setFlag(self, flag: int) -> None:
        assert isinstance(flag, int)
        self._flags |= flag


class String_Knob(Knob):
    def _first(self, text: str = "") -> str:
        return text

    def _accept(self, value: Any) -> str:
        if not isinstance(value, str):
            raise TypeError(f"{self._name} takes text, and not {value!r}")
        return value


class File_Knob(String_Knob):
    pass


class Text_Knob(String_Knob):
    """Shown on the panel; stricter than Nuke may be, for nobody should have to find out what it does there with a file's name."""

    def _accept(self, value: Any) -> str:
        if "[" in super()._accept(value):
            raise ValueError(f"{self._name} would be shown with a program in it: {value!r}")
        return str(value)


class Tab_Knob(Knob):
    pass


class Int_Knob(Knob):
    def _first(self) -> int:
        return 0

    def _accept(self, value: Any) -> int:
        if isinstance(value, bool) or not isinstance(value, int):
            raise TypeError(f"{self._name} takes a whole number, and not {value!r}")
        return value


class Double_Knob(Knob):
    def _first(self) -> float:
        return 0.0

    def _accept(self, value: Any) -> float:
        return float(value)


class Boolean_Knob(Knob):
    def _first(self) -> bool:
        return False

    def _accept(self, value: Any) -> bool:
        if not isinstance(value, bool):
            raise TypeError(f"{self._name} takes True or False, and not {value!r}")
        return value


class Enumeration_Knob(Knob):
    def _first(self, choices: list[str]) -> str:
        assert choices and all(isinstance(choice, str) and choice for choice in choices)
        self._choices = list(choices)
        return self._choices[0]

    def values(self) -> list[str]:
        return list(self._choices)

    def _accept(self, value: Any) -> str:
        if value not in self._choices:
            raise TypeError(f"{self._name} is one of {self._choices}, and not {value!r}")
        return str(value)


class PyScript_Knob(Knob):
    def _first(self, command: str = "") -> str:
        compile(command, self._name, "exec")
        return command


class Builtin(Knob):
    """A knob that the class of its node brings: its value is text, as a script has it, and has to fit."""

    def __init__(self, node: Any, name: str, pattern: str) -> None:
        super().__init__(name)
        self._node, self._pattern, self._value = node, pattern, DEFAULTS.get(name, "")

    def value(self) -> Any:
        """Whole numbers, switches and single numbers as such; anything else as its text."""
        if self._value in ("true", "false"):
            return self._value == "true"
        if self._pattern in (r"-?\d+", r"\d+") and self._value:
            return int(self._value)
        return float(self._value) if self._pattern == COMPONENT and "curve" not in self._value and self._value else self._value

    def isAnimated(self) -> bool:
        return "curve" in self._value

    def hasExpression(self) -> bool:
        return bool(self._expression)

    def setExpression(self, text: str) -> bool:
        assert isinstance(text, str) and text
        self._change(_expression=text)
        return True

    def _accept(self, value: Any) -> str:
        text = {True: "true", False: "false"}[value] if isinstance(value, bool) else str(value)
        if not re.fullmatch(self._pattern, text):
            raise TypeError(f"{self._node.Class()}.{self._name} does not take {text!r}")
        return text
