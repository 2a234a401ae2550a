"""state/steps.json: which steps are done, with which key, and what they made; state/files/STEP.json names each file with its digest."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass
from typing import Any

from ...errors import FormatError, GenlockError
from ..project import Project
from ..project.atomic import read_record, write_json
from .bench import KEPT, Bench, Made, digest_of_files


@dataclass(frozen=True)
class Done:
    """A step that ended well."""

    key: str
    output: str
    """Digest of all files."""
    files: int
    seconds: float
    version: str
    """Of genlock."""
    notes: tuple[str, ...] = ()


def _done(said: Mapping[str, Any]) -> Done:
    texts = (said["key"], said["output"], said["version"], *said.get("notes", ()))
    if not all(isinstance(text, str) for text in texts):
        raise TypeError("a text is none")
    return Done(said["key"], said["output"], int(said["files"]), float(said["seconds"]), said["version"], tuple(said.get("notes", ())))


class State:
    """What is done, as the disk has it. A step is taken out before it runs again, so a killed run leaves no claim."""

    def __init__(self, project: Project) -> None:
        self.project = project
        self._path = project.path("state", "steps.json")
        self.done = self._read()

    def _read(self) -> dict[str, Done]:
        """What cannot be read is not done."""
        try:
            return read_record(self._path, lambda body: {name: _done(said) for name, said in body.items()}, {})
        except GenlockError:
            return {}

    def outputs(self) -> dict[str, str]:
        """Digests of what each step made."""
        return {name: done.output for name, done in self.done.items()}

    def files(self, step: str) -> dict[str, Made]:
        """What a step made when it last ended well. What cannot be read was not made."""
        try:
            return read_record(self._files(step), lambda body: {rel: Made(**made) for rel, made in body.items()}, {})
        except FormatError:
            return {}

    def stands(self, step: str, key: str) -> bool:
        """Whether a step's result is there, whole, and made from the same."""
        done = self.done.get(step)
        return done is not None and done.key == key and all(made.stands(self.project.path(rel)) for rel, made in self.files(step).items())

    def begin(self, step: str) -> None:
        """The step's result is about to change."""
        if self.done.pop(step, None) is not None:
            self._write()

    def end(self, bench: Bench, seconds: float, version: str) -> None:
        """The step ended well; files of its earlier result that it did not make again go away."""
        for rel, made in self.files(bench.step).items():
            if rel in bench.made or made.facts == KEPT:
                continue
            with suppress(OSError):
                self.project.path(rel).unlink()
        write_json(self._files(bench.step), {rel: asdict(bench.made[rel]) for rel in sorted(bench.made)})
        output = digest_of_files(bench.made)
        self.done[bench.step] = Done(bench.key, output, len(bench.made), round(seconds, 2), version, tuple(bench.notes))
        self._write()
        bench.close()

    def forget(self, step: str) -> None:
        """Its result counts as never made, and an interrupted run of it too."""
        self.begin(step)
        self.settle(step)

    def settle(self, step: str) -> None:
        """Nothing of it is under way: its book goes, which a run leaves that is killed just before its end."""
        with suppress(OSError):
            self.project.path("state", "doing", f"{step}.jsonl").unlink()

    def _files(self, step: str) -> Any:
        return self.project.path("state", "files", f"{step}.json")

    def _write(self) -> None:
        write_json(self._path, {name: asdict(done) for name, done in self.done.items()})
