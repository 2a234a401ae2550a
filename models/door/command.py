"""A command as a model: a small JSON names a program that reads two pictures and writes the one between them.

    {"genlock_model": 1,
     "command": ["rife-ncnn-vulkan", "-0", "{a}", "-1", "{b}", "-s", "{t}", "-o", "{out}"],
     "files": "png16", "timeout_s": 60, "multiple_of": 1}

{a}, {b} and {out} are files, {t} the time. No shell is involved. files: png8, png16 (values from 0 to 1) or npy ((H, W, 3) float32).
"""

from __future__ import annotations

import json
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from ..errors import ModelError, WeightsError
from .middle import Ask

_FILES = ("png8", "png16", "npy")
_PLACES = ("{a}", "{b}", "{t}", "{out}")


@dataclass(frozen=True)
class Command:
    """What the JSON says."""

    words: tuple[str, ...]
    files: str = "png16"
    timeout_s: float = 60.0
    multiple_of: int = 1


def read_command(path: Path) -> Command:
    """The command of a JSON file. Raises WeightsError."""
    try:
        body = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError) as error:
        raise WeightsError(f"{path}: it cannot be read as JSON", "docs/models.md has one to begin with") from error
    unknown = set(body) - {"genlock_model", "command", "files", "timeout_s", "multiple_of"}
    words, files = body.get("command"), body.get("files", "png16")
    timeout, multiple = body.get("timeout_s", 60), body.get("multiple_of", 1)
    if unknown or body.get("genlock_model") != 1:
        raise WeightsError(f"{path}: it says {', '.join(sorted(unknown)) or 'genlock_model other than 1'}", "this genlock does not know what that is")
    if not isinstance(words, list) or not words or not all(isinstance(word, str) and "\0" not in word for word in words):
        raise WeightsError(f"{path}: command is no list of words", 'write it as ["program", "{a}", "{b}", "{t}", "{out}"]')
    lacking = [place for place in _PLACES if not any(place in word for word in words[1:])]
    if lacking:
        raise WeightsError(f"{path}: the command does not say where {', '.join(lacking)} goes", "put each of them among its words")
    if files not in _FILES or not _is_number(timeout, 0.1, 86400) or type(multiple) is not int or not 1 <= multiple <= 512:
        raise WeightsError(f"{path}: files, timeout_s or multiple_of is out of bounds", f"files is one of {', '.join(_FILES)}")
    return Command(tuple(words), files, float(timeout), multiple)


def _is_number(value: object, low: float, high: float) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and low <= value <= high


def asking(command: Command) -> Ask:
    """What runs the command for each picture, in a folder of its own that is removed again."""

    def ask(a: np.ndarray, b: np.ndarray, t: float) -> np.ndarray:
        with tempfile.TemporaryDirectory(prefix="genlock-model-") as folder:
            suffix = command.files.rstrip("0123456789")
            places = {f"{{{name}}}": str(Path(folder) / f"{name}.{suffix}") for name in ("a", "b", "out")}
            for name, picture in (("{a}", a), ("{b}", b)):
                _write(Path(places[name]), picture, command.files)
            words = [command.words[0], *(_filled(word, {**places, "{t}": f"{t:.9g}"}) for word in command.words[1:])]
            _run(words, folder, command.timeout_s)
            return _read(Path(places["{out}"]), words[0])

    return ask


def _filled(word: str, places: dict[str, str]) -> str:
    for place, value in places.items():
        word = word.replace(place, value)
    return word


def _run(words: list[str], folder: str, timeout_s: float) -> None:
    try:
        done = subprocess.run(words, cwd=folder, stdin=subprocess.DEVNULL, capture_output=True, timeout=timeout_s, check=False)
    except subprocess.TimeoutExpired as error:
        raise ModelError(f"{words[0]} took more than {timeout_s:g} s for one picture", "raise timeout_s in its JSON") from error
    except OSError as error:
        raise ModelError(f"{words[0]} cannot be started: {error.strerror}", "name the program in the JSON by its whole path") from error
    if done.returncode:
        lines = (done.stderr or done.stdout).decode("utf-8", "replace").strip().splitlines()
        said = lines[-1][:200] if lines else "it says nothing"
        raise ModelError(f"{words[0]} ended with status {done.returncode}: {said}", "try the command by hand")


def _write(path: Path, picture: np.ndarray, files: str) -> None:
    if files == "npy":
        np.save(path, np.ascontiguousarray(picture, np.float32), allow_pickle=False)
        return
    import cv2

    peak, kind = (65535, np.uint16) if files == "png16" else (255, np.uint8)
    whole = (np.nan_to_num(picture).clip(0, 1) * peak).round().astype(kind)
    if not cv2.imwrite(str(path), whole[..., ::-1], [cv2.IMWRITE_PNG_COMPRESSION, 1]):
        raise ModelError(f"{path} cannot be written", "free some space in the temporary folder")


def _read(path: Path, program: str) -> np.ndarray:
    if not path.is_file():
        raise ModelError(f"{program} ended well and wrote no picture", "check that {out} stands where it takes its output")
    if path.suffix == ".npy":
        try:
            return np.asarray(np.load(path, allow_pickle=False))
        except (OSError, ValueError, EOFError) as error:
            raise ModelError(f"{program} wrote a file that cannot be read as .npy", "write it with numpy.save") from error
    import cv2

    read = cv2.imread(str(path), cv2.IMREAD_COLOR | cv2.IMREAD_ANYDEPTH)
    if read is None or read.dtype not in (np.uint8, np.uint16):
        raise ModelError(f"{program} wrote a file that cannot be read as .png", "check what it writes")
    return read[..., ::-1].astype(np.float32) * np.float32(1 / (255 if read.dtype == np.uint8 else 65535))
