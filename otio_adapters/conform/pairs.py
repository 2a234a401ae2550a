"""Which file of an edit is which version: by path, by name, by reel, by timecode."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from ...core.errors import UsageError

_FOOTAGE = set(".mov .mp4 .m4v .mkv .mxf .avi .mpg .mpeg .ts .m2ts .webm .ogv .wmv .y4m .nut .r3d .braw .dv".split())
_CODE = Callable[[str], str | None]


@dataclass(frozen=True)
class Pair:
    """Two versions of the same footage."""

    old: str
    new: str


@dataclass(frozen=True)
class Named:
    """How an edit names the footage of an event."""

    path: str = ""
    """Where the edit says."""
    name: str = ""
    reel: str = ""


def pairs_of(olds: Sequence[str], news: Sequence[str], timecode_of: _CODE = lambda path: None) -> list[Pair]:
    """The pairs that a person names: files one to one in order, or the files of two folders by name, else by start timecode.

    Raises UsageError where the counts differ, or where the folders have nothing in common.
    """
    if len(olds) != len(news):
        raise UsageError(f"{len(olds)} old and {len(news)} new are named", "name one --to for each --from")
    out: list[Pair] = []
    for old, new in zip(olds, news, strict=True):
        if os.path.isdir(old) != os.path.isdir(new):
            raise UsageError(f"{old} and {new} are a folder and a file", "name two files, or two folders")
        out += _of_folders(old, new, timecode_of) if os.path.isdir(old) else [Pair(old, new)]
    return out


def _of_folders(old: str, new: str, timecode_of: _CODE) -> list[Pair]:
    olds, news = _footage(old), _footage(new)
    out, left = [], []
    for path in olds:
        alike = [other for other in news if plain(other) == plain(path)] or [other for other in news if _within(plain(path), plain(other))]
        if len(alike) == 1:
            out.append(Pair(path, alike[0]))
        else:
            left.append(path)
    taken = {pair.new for pair in out}
    free = [(other, timecode_of(other)) for other in news if other not in taken] if left else []
    for path in left:
        code = timecode_of(path)
        alike = [other for other, starts in free if code is not None and starts == code]
        out += [Pair(path, alike[0])] if len(alike) == 1 else []
    if not out:
        raise UsageError(f"no file in {old} has its like in {new}, by name or by timecode", "name files instead of folders")
    return out


def _footage(folder: str) -> list[str]:
    return sorted(str(path) for path in Path(folder).rglob("*") if path.suffix.lower() in _FOOTAGE and not path.name.startswith("."))


def plain(name: str) -> str:
    """A file's name as it is compared: no folder, no suffix, small letters and digits alone."""
    return re.sub(r"[^a-z0-9]", "", os.path.splitext(os.path.basename(name))[0].lower())


def _within(a: str, b: str) -> bool:
    return min(len(a), len(b)) >= 4 and (a in b or b in a)


def pair_for(named: Named, pairs: Iterable[Pair]) -> Pair | None:
    """The one pair whose old version an event names: the same path, else the same name, else reel. None where none or several do."""
    pairs = list(pairs)
    tests: tuple[Callable[[Pair], bool], ...] = (
        lambda pair: bool(named.path) and os.path.realpath(named.path) == os.path.realpath(pair.old),
        lambda pair: _base(named.path) == _base(pair.old) or _base(named.name) == _base(pair.old),
        lambda pair: plain(pair.old) in {plain(named.path), plain(named.name)} - {""},
        lambda pair: bool(named.reel) and named.reel not in ("AX", "BL") and _reel_like(named.reel, pair.old),
    )
    for test in tests:
        found = [pair for pair in pairs if test(pair)]
        if found:
            return found[0] if len({pair.new for pair in found}) == 1 else None
    nameless = not named.path and not named.name and named.reel in ("", "AX")
    return pairs[0] if nameless and len(pairs) == 1 else None


def _base(path: str) -> str:
    return os.path.basename(path.replace("\\", "/")).lower()


def _reel_like(reel: str, path: str) -> bool:
    a, b = plain(reel + ".x"), plain(path)
    return len(a) >= 4 and b.startswith(a)


def lost(missing: int, count: int, pair: Pair) -> str:
    """What a person is told of frames that are not found."""
    return f"{missing} of {count} frames are not found in {os.path.basename(pair.new)}; they stay on {os.path.basename(pair.old)}"
