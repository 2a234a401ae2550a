"""The stock of inputs, made once, and rooms to run commands in."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from genlock.tests.faults import commands
from genlock.tests.faults.killing import Straight, straight
from genlock.tests.faults.sandbox import Room


@pytest.fixture(scope="session")
def stock(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """clip.mp4, ref.mp4, aligned.json, edit.otio."""
    return commands.documents(commands.pair(tmp_path_factory.mktemp("stock")))


@pytest.fixture
def room(stock: Path, tmp_path: Path) -> Callable[..., tuple[Room, Straight]]:
    """A room for a command of commands.ALL by its name, and how a run of it without a break went."""

    def made(name: str, count: bool = False) -> tuple[Room, Straight]:
        command = next(command for command in commands.ALL if command.name == name)
        room = Room(command, stock, tmp_path / "room")
        return room, straight(room, count)

    return made
