"""Image sequences on disk: shot.%04d.exr, shot.####.png, or one picture."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass

from ..errors import MediaError
from .guard import local_file

_PATTERN = re.compile(r"%(?:0(?P<wide>\d+))?d|(?P<hashes>#+)")
_DIGITS = re.compile(r"\d+")
_MOST_HOLES = 100_000

_MAGIC: tuple[tuple[bytes, str], ...] = (
    (b"\x76\x2f\x31\x01", "exr"),
    (b"SDPX", "dpx"),
    (b"XPDS", "dpx"),
    (b"\x89PNG\r\n\x1a\n", "png"),
    (b"\xff\xd8\xff", "mjpeg"),
    (b"II*\0", "tiff"),
    (b"MM\0*", "tiff"),
    (b"BM", "bmp"),
    (b"\0\0\0\x0cjP  ", "jpeg2000"),
    (b"\xff\x4f\xff\x51", "jpeg2000"),
    (b"\x01\xda", "sgi"),
    (b"8BPS", "psd"),
    (b"#?RADIANCE", "hdr"),
    (b"#?RGBE", "hdr"),
    (b"qoif", "qoi"),
    (b"P5", "pgm"),
    (b"P6", "ppm"),
    (b"PF", "pfm"),
    (b"Pf", "pfm"),
    (b"PH", "phm"),
    (b"Ph", "phm"),
)


@dataclass(frozen=True)
class Sequence:
    """Pictures with numbers, one file each."""

    name: str
    """As the person wrote it."""
    files: dict[int, str]
    """Absolute path by number, ascending."""
    codec: str
    """FFmpeg's decoder, told from the first file's content."""
    still: bool = False

    @property
    def first(self) -> int:
        """Number of the first file."""
        return next(iter(self.files))

    @property
    def span(self) -> int:
        """How many frames, holes included."""
        return next(reversed(self.files)) - self.first + 1


def find_sequence(path: str) -> Sequence | None:
    """The sequence or the single picture of this name; None where it names something else. Raises MediaError.

    A file that has exactly this name comes first. A pattern stands in the file's name, not in a folder's.
    """
    if os.path.exists(path):
        codec = picture_codec(path) if os.path.isfile(path) else ""
        return Sequence(path, {0: local_file(path)}, codec, still=True) if codec else None
    folder, name = os.path.split(path)
    match = _PATTERN.search(name)
    if not match:
        return None
    wide = int(match["wide"] or 0) if match["hashes"] is None else len(match["hashes"])
    files = _numbered(path, folder or ".", name[: match.start()], name[match.end() :], wide)
    if not files:
        raise MediaError(f"no picture on disk is named like {path}", _suggestion(folder or ".", name[match.end() :]))
    sequence = Sequence(path, files, picture_codec(next(iter(files.values()))))
    if sequence.span - len(files) > _MOST_HOLES:
        last = sequence.first + sequence.span - 1
        raise MediaError(f"{path} has numbers from {sequence.first} to {last} and only {len(files)} pictures", "move stray ones away")
    if not sequence.codec:
        local_file(next(iter(files.values())))
        raise MediaError(f"{path} is a sequence of files that are no pictures", "give EXR, DPX, PNG, TIFF or JPEG pictures")
    return sequence


def picture_codec(path: str) -> str:
    """FFmpeg's name of the picture decoder for this file, by its first bytes; "" where it is no single picture.

    A bare stream of JPEGs and an animated PNG are films.
    """
    try:
        with open(path, "rb") as file:
            head = file.read(512)
    except OSError:
        return ""
    if path.lower().endswith((".mjpg", ".mjpeg")) or b"acTL" in head:
        return ""
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return "webp"
    found = next((codec for magic, codec in _MAGIC if head.startswith(magic)), "")
    if found in ("pgm", "ppm", "pfm", "phm", "sgi") and not _plausible(head, found):
        return ""
    if not found and path.lower().endswith(".tga"):
        return "targa"
    return found


def _plausible(head: bytes, codec: str) -> bool:
    """Two bytes of magic are few: the third has to fit too."""
    return head[2:3] in (b"\0", b"\x01") if codec == "sgi" else head[2:3] in (b"\n", b" ", b"\r", b"\t")


def _numbered(path: str, folder: str, before: str, after: str, wide: int) -> dict[int, str]:
    """Files of the folder whose name is before + a number + after; numbers have `wide` digits, or more without leading zeros."""
    found: dict[int, str] = {}
    try:
        names = sorted(os.listdir(folder))
    except OSError as error:
        raise MediaError(f"the folder of {path} cannot be read: {error.strerror}", "check the name of the folder") from error
    for name in names:
        digits = name[len(before) : len(name) - len(after)] if len(name) > len(before) + len(after) else ""
        if not (name.startswith(before) and name.endswith(after) and _DIGITS.fullmatch(digits) and digits.isascii()):
            continue
        if len(digits) == wide or (len(digits) > wide and (digits[0] != "0" or wide <= 1)):
            found.setdefault(int(digits), os.path.abspath(os.path.join(folder, name)))
    return dict(sorted(found.items()))


def _suggestion(folder: str, after: str) -> str:
    """What the person may have meant: a file of the same suffix, with its number as a pattern."""
    suffix = os.path.splitext("_" + after)[1]
    try:
        names = sorted(name for name in os.listdir(folder) if suffix and name.endswith(suffix))
    except OSError:
        return "check the name of the folder"
    for name in names:
        numbers = list(_DIGITS.finditer(name[: -len(suffix)]))
        if numbers:
            last = numbers[-1]
            return f"did you mean {name[: last.start()]}%0{len(last[0])}d{name[last.end() :]}"
    return "check the name"
