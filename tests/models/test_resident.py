"""Models that stay loaded: which question opens one, and which does not."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from genlock.models import resident


@pytest.fixture(autouse=True)
def _as_before() -> Iterator[None]:
    yield
    resident.keep(0)


class Opener:
    """Opens a new object each time, and counts."""

    def __init__(self, folder: Path) -> None:
        self.files = {name: folder / name for name in "abc"}
        for file in self.files.values():
            file.write_bytes(b"weights")
        self.count = 0

    def ask(self, name: str, settings: object = 1, what: str = "middle") -> object:
        def opened() -> object:
            self.count += 1
            return object()

        return resident.resident(what, self.files[name], "", settings, opened)


def test_off_every_question_opens(tmp_path: Path) -> None:
    opener = Opener(tmp_path)
    assert opener.ask("a") is not opener.ask("a")
    assert opener.count == 2


def test_the_same_weights_and_settings_are_opened_once(tmp_path: Path) -> None:
    opener = Opener(tmp_path)
    resident.keep(2)
    assert opener.ask("a") is opener.ask("a")
    assert opener.ask("a", settings=2) is not opener.ask("a")
    assert opener.ask("a", what="flow") is not opener.ask("a")
    assert opener.count == 3


def test_a_file_that_has_changed_is_opened_again(tmp_path: Path) -> None:
    opener = Opener(tmp_path)
    resident.keep(2)
    first = opener.ask("a")
    told = opener.files["a"].stat()
    os.utime(opener.files["a"], ns=(told.st_atime_ns, told.st_mtime_ns + 1_000_000))
    assert opener.ask("a") is not first


def test_the_one_that_was_used_longest_ago_goes(tmp_path: Path) -> None:
    opener = Opener(tmp_path)
    resident.keep(2)
    for name in "abac":
        opener.ask(name)
    assert opener.count == 3
    opener.ask("a")
    assert opener.count == 3
    opener.ask("b")
    assert opener.count == 4


def test_a_model_that_cannot_be_opened_is_tried_again(tmp_path: Path) -> None:
    opener = Opener(tmp_path)
    resident.keep(2)

    def fails() -> object:
        raise RuntimeError("no memory")

    with pytest.raises(RuntimeError):
        resident.resident("middle", opener.files["a"], "", 1, fails)
    assert opener.ask("a") is opener.ask("a")
