"""Where weights are kept that a user has added: a folder for each, named by digest, written beside and renamed.

    MODELS/0123456789abcdef/about.json             name, card, where it came from, digests
    MODELS/0123456789abcdef/weights.safetensors    what the network needs of the file, and nothing else

What is kept is always safetensors, whatever came in: a pickle is opened once, when it is added, and never again. A model that is a program
(TorchScript, ONNX, a command) is kept as it is.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from ..core.errors import OutputError, UsageError
from ..core.leftovers import new_folder
from . import registry
from .door.command import read_command
from .errors import WeightsError
from .gmfss.folder import files_of, read_set
from .kinds import Kind, kind_of
from .safetensors import write_safetensors
from .weights import chosen, read_weights, sha256, shapes_of

if TYPE_CHECKING:
    from torch import Tensor

_NAME = re.compile(r"[a-z0-9][a-z0-9._-]{0,63}")
_FORMAT = 1
_SUFFIX = {Kind.TORCHSCRIPT: ".pt", Kind.ONNX: ".onnx", Kind.COMMAND: ".json"}
_TEXTS = ("name", "card", "label", "sha256", "source", "digest")


@dataclass(frozen=True)
class Entry:
    """Weights that can be named with --model."""

    name: str
    card: str
    label: str
    """What the file turned out to hold, for people."""
    sha256: str
    """Of the file that was added."""
    source: str
    """What that file was called."""
    file: Path
    """What is loaded."""
    digest: str = ""
    """SHA-256 of what is loaded; empty for a file that is not kept."""
    bytes: int = 0


def default_root() -> Path:
    """Where weights are kept: $GENLOCK_MODELS, or the platform's folder for a program's data."""
    named = os.environ.get("GENLOCK_MODELS")
    if named:
        return Path(named)
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Application Support" / "genlock" / "models"
    if os.name == "nt":
        return Path(os.environ.get("LOCALAPPDATA", Path.home() / "AppData" / "Local")) / "genlock" / "models"
    return Path(os.environ.get("XDG_DATA_HOME") or Path.home() / ".local" / "share") / "genlock" / "models"


class Store:
    """The kept weights. root: the folder; it is made when something is added."""

    def __init__(self, root: Path | None = None) -> None:
        self.root = root or default_root()

    def entries(self) -> list[Entry]:
        """All that are kept and whole, by name."""
        return sorted((entry for entry, _ in self._read()), key=lambda entry: entry.name)

    def damaged(self) -> list[Path]:
        """Folders that hold no entry: somebody has changed them by hand."""
        read = {folder for _, folder in self._read()}
        return sorted(folder for folder in self._folders() if folder not in read)

    def add(self, path: Path, name: str = "", trust: bool = False) -> tuple[Entry, bool]:
        """Keep the model in a file, or in a folder of files that belong together; returns the entry, and whether it is new.

        Raises WeightsError, UsageError, OutputError.
        name   what it is called from now on; by default what the file is called, or the card where that says nothing
        trust  whether a file that is a program may be kept, and run from then on
        """
        kind = Kind.SAFETENSORS if path.is_dir() else kind_of(path)
        digest = _digest(path)
        for entry in self.entries():
            if entry.sha256 == digest:
                return entry, False
        self._check_name(name)
        if kind.runs_code and not trust:
            raise WeightsError(
                f"{path}: it is a program ({kind.value}), and will run on your computer as you", "if you trust whoever made it, add it with --trust"
            )
        if kind is Kind.COMMAND:
            read_command(path)
        card, label, tensors = ("door", kind.value, None) if kind.runs_code else _read(path)
        file = Path("weights.safetensors" if tensors else f"model{_SUFFIX[kind]}")
        entry = Entry(self._free_name(name, path, card, digest), card, label, digest, path.name, file)
        with self._beside() as folder:
            if tensors:
                write_safetensors(folder / file, tensors)
            else:
                shutil.copyfile(path, folder / file)
            entry = replace(entry, digest=sha256(folder / file), bytes=(folder / file).stat().st_size)
            about = {"genlock": _FORMAT, **asdict(entry), "file": file.name}
            (folder / "about.json").write_text(json.dumps(about, indent=1) + "\n", encoding="utf-8")
            final = self.root / digest[:16]
            shutil.rmtree(final, ignore_errors=True)  # only what `damaged` tells of can stand there
            os.replace(folder, final)
        return replace(entry, file=final / file), True

    def remove(self, name: str) -> Entry:
        """Forget the entry of this name (or digest). Raises WeightsError where there is none."""
        entry = self._kept(name)
        if entry is None:
            raise WeightsError(f"there are no weights called {name!r}", self._meant(name))
        try:
            gone = Path(new_folder("gone-", str(self.root)))
            os.replace(entry.file.parent, gone / "entry")
        except OSError as error:
            raise OutputError(f"{entry.file.parent} cannot be removed: {error.strerror}", "check who may write there") from error
        shutil.rmtree(gone, ignore_errors=True)
        return entry

    def find(self, name: str) -> Entry:
        """The entry of a name, of the beginning of a digest, the newest one of a card, or a weights file by its path. Raises WeightsError."""
        kept = self._kept(name)
        if kept is not None:
            return kept
        of_card = [entry for entry in self.entries() if entry.card == name]
        if of_card:
            return max(of_card, key=lambda entry: entry.file.parent.stat().st_mtime_ns)
        if os.path.isfile(name):
            return _of_file(Path(name))
        if os.path.isdir(name):
            raise WeightsError(f"{name}: a model of several files has to be added before it is used", f"genlock models add {name}")
        raise WeightsError(f"there are no weights called {name!r}", self._meant(name))

    def _kept(self, name: str) -> Entry | None:
        for entry in self.entries():
            if name == entry.name or (len(name) >= 6 and entry.sha256.startswith(name)):
                return entry
        return None

    def _meant(self, name: str) -> str:
        names = [entry.name for entry in self.entries()]
        if names:
            return f"there are {', '.join(names)}"
        for card in registry.cards():
            if card.name == name:
                return f"{card.weights_from}; then: genlock models add FILE"
        return "genlock models list tells which models there are, and where weights come from"

    def _check_name(self, name: str) -> None:
        if name and (not _NAME.fullmatch(name) or name in {known.name for known in registry.cards()}):
            raise UsageError(f"{name!r} is no name for weights", "use small letters, digits and .-_; names of cards are taken")
        if name in {entry.name for entry in self.entries()}:
            raise UsageError(f"there are other weights called {name}", "give these another --name, or remove those")

    def _free_name(self, name: str, path: Path, card: str, digest: str) -> str:
        if name:
            return name
        taken = {entry.name for entry in self.entries()}
        reserved = {known.name for known in registry.cards()}
        stem = re.sub(r"[^a-z0-9._-]+", "-", path.stem.lower()).strip("-._")[:40]
        plain = stem if stem and stem not in reserved | {"flownet", "weights", "model"} else f"{card}-{digest[:6]}"
        return plain if plain not in taken else f"{plain}-{digest[:6]}"

    def _folders(self) -> Iterator[Path]:
        with suppress(OSError):
            yield from (path for path in self.root.iterdir() if path.is_dir() and re.fullmatch(r"[0-9a-f]{16}", path.name))

    def _read(self) -> Iterator[tuple[Entry, Path]]:
        known = {card.name for card in registry.cards()}
        for folder in self._folders():
            with suppress(OSError, ValueError, KeyError, TypeError):
                about = json.loads((folder / "about.json").read_text(encoding="utf-8"))
                name, card, label, sha, source, digest = (str(about[key]) for key in _TEXTS)
                file = folder / Path(str(about["file"])).name
                if about["genlock"] == _FORMAT and card in known and sha.startswith(folder.name) and file.is_file():
                    yield Entry(name, card, label, sha, source, file, digest, file.stat().st_size), folder

    @contextmanager
    def _beside(self) -> Iterator[Path]:
        """A new folder beside the final ones; what is left of it at the end is removed."""
        try:
            self.root.mkdir(parents=True, exist_ok=True)
            folder = Path(new_folder("new-", str(self.root)))
        except OSError as error:
            raise OutputError(f"weights cannot be kept in {self.root}: {error.strerror}", "set GENLOCK_MODELS to another folder") from error
        try:
            yield folder
        except OSError as error:
            raise OutputError(f"weights cannot be kept in {self.root}: {error.strerror}", "free some space, or set GENLOCK_MODELS") from error
        finally:
            shutil.rmtree(folder, ignore_errors=True)


def _read(path: Path) -> tuple[str, str, dict[str, Tensor]]:
    """Card, label, and the tensors that are needed. Raises WeightsError."""
    tensors = read_set(path) if path.is_dir() else read_weights(path)
    variant = registry.recognise({name: tuple(tensor.shape) for name, tensor in tensors.items()}, str(path))
    return variant.card, variant.label, chosen(path, tensors, variant.tensors)


def _digest(path: Path) -> str:
    """SHA-256 of a file; of a folder, over those of its weights files, in the order of the names. Raises WeightsError."""
    return hashlib.sha256("".join(map(sha256, files_of(path))).encode()).hexdigest() if path.is_dir() else sha256(path)


def _of_file(path: Path) -> Entry:
    """A file that is not kept. A program is run only once it has been added."""
    kind = kind_of(path)
    if kind.runs_code:
        raise WeightsError(f"{path}: it is a program ({kind.value})", "if you trust whoever made it: genlock models add FILE --trust")
    variant = registry.recognise(shapes_of(path), str(path))
    return Entry(path.stem, variant.card, variant.label, sha256(path), path.name, path.resolve(), "", path.stat().st_size)
