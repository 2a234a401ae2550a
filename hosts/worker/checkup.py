"""What genlock needs and what is there: the findings of `genlock doctor`."""

from __future__ import annotations

import importlib
import importlib.metadata
import importlib.util
import os
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

from ... import __version__
from .desk import Answer

OK, NOTE, MISSING = "ok", "note", "missing"
_OLDEST_PYTHON = (3, 10)
_FREE_BYTES = 1 << 30
"""Less free space than this is worth a word."""
_DECODERS = (
    "h264", "hevc", "prores", "dnxhd", "mpeg2video", "mpeg4", "mjpeg", "vp9", "av1", "ffv1", "rawvideo", "png", "exr", "tiff", "dpx",
    "aac", "ac3", "mp3", "opus", "flac", "pcm_s24le",
)  # fmt: skip
_PACKAGES = (("av", "av"), ("numpy", "numpy"), ("cv2", "opencv-python-headless"), ("opentimelineio", "opentimelineio"))


@dataclass(frozen=True)
class Finding:
    """One thing that was looked at."""

    name: str
    state: str
    """ok; note: works, but a person may want to know; missing: something needed is not there."""
    found: str
    next_step: str = ""


def look() -> list[Finding]:
    """Look at everything, in the order a person reads it. Raises nothing."""
    found: list[Finding] = []
    for check in (_genlock, _python, _packages, _colour, _codecs, vmaf, _torch, adapters, _cache, _temporary):
        try:
            found.extend(check())
        except Exception as error:
            found.append(Finding(check.__name__.strip("_"), MISSING, f"{type(error).__name__}: {error}", "reinstall genlock with pip"))
    return found


def examine(see: Callable[[], list[Finding]] = look) -> Answer:
    """The findings as an answer: exit status 1 where something needed is missing."""
    findings = see()
    missing = [f.name for f in findings if f.state == MISSING]
    sentence = f"missing or not usable: {', '.join(missing)}" if missing else "everything that genlock needs is there"
    wide = max(len(f.name) for f in findings)
    lines = tuple(f"{f.state:7} {f.name:{wide}}  {f.found}" + (f"; {f.next_step}" if f.next_step else "") for f in findings)
    return Answer(sentence, lines, {"findings": [asdict(f) for f in findings]}, exit_status=1 if missing else 0)


def _genlock() -> Iterator[Finding]:
    yield Finding("genlock", OK, f"{__version__} in {Path(__file__).resolve().parents[2]}")


def _python() -> Iterator[Finding]:
    version = sys.version.split()[0]
    if sys.version_info[:2] < _OLDEST_PYTHON:
        yield Finding("python", MISSING, version, "install Python 3.10 or newer")
    else:
        yield Finding("python", OK, f"{version} at {sys.executable}")


def _packages() -> Iterator[Finding]:
    for module, package in _PACKAGES:
        yield _package(module, package)
    bar = _package("rich", "rich")
    yield bar if bar.state == OK else Finding("rich", NOTE, f"{bar.found}; progress is told in lines instead of a bar", bar.next_step)


def _colour() -> Iterator[Finding]:
    yield _package("PyOpenColorIO", "opencolorio")
    yield _package("OpenImageIO", "openimageio")
    config = os.environ.get("OCIO")
    if config and not config.startswith("ocio://"):
        if os.path.exists(config):
            yield Finding("OCIO config", OK, config)
        else:
            yield Finding("OCIO config", NOTE, f"{config} is not there", "correct the variable OCIO")


def _package(module: str, package: str) -> Finding:
    install = f"install it with: pip install {package}"
    if importlib.util.find_spec(module) is None:
        return Finding(module, MISSING, "not installed", install)
    try:
        loaded = importlib.import_module(module)
    except Exception as error:
        return Finding(module, MISSING, f"installed, but cannot be imported: {' '.join(str(error).split())[:200]}", install)
    ffmpeg = getattr(loaded, "ffmpeg_version_info", "") if module == "av" else ""
    return Finding(module, OK, _version(loaded, package) + (f", FFmpeg {ffmpeg}" if ffmpeg else ""))


def _version(loaded: object, package: str) -> str:
    said = getattr(loaded, "__version__", None)
    if said:
        return str(said)
    try:
        return importlib.metadata.version(package)
    except importlib.metadata.PackageNotFoundError:
        return "of unknown version"


def _codecs() -> Iterator[Finding]:
    if importlib.util.find_spec("av") is None:
        return
    import av

    lacking = [name for name in _DECODERS if not _decodes(av, name)]
    if lacking:
        yield Finding("codecs", NOTE, f"cannot decode {', '.join(lacking)}", "install av from PyPI: its FFmpeg has them")
    else:
        yield Finding("codecs", OK, f"{len(_DECODERS)} usual ones can be decoded")


def _decodes(av: object, name: str) -> bool:
    try:
        av.Codec(name, "r")  # type: ignore[attr-defined]
    except ValueError:
        return False
    return True


def vmaf() -> Iterator[Finding]:
    """Only `genlock verify --pictures` asks for it, and does without."""
    from ...core.verify.vmaf import find_ffmpeg

    found = find_ffmpeg()
    if found:
        yield Finding("VMAF", OK, f"by {found}")
    else:
        yield Finding("VMAF", NOTE, "no FFmpeg with libvmaf is found", "pip install 'genlock[vmaf]' brings one, or name yours in GENLOCK_FFMPEG")


def adapters() -> Iterator[Finding]:
    """What was put into Nuke, Blender and Resolve: whether it is of this genlock, and whole."""
    from ..installing.desk import standings

    found = standings()
    if not found:
        yield Finding("host adapters", OK, "none is installed (genlock hosts install nuke, blender or resolve)")
    for there in found:
        state = NOTE if there.next_step else OK
        yield Finding(f"{there.host} adapter", state, f"{there.version} in {there.root}, {there.told}", there.next_step)


def _torch() -> Iterator[Finding]:
    """Only what learned models need; align works without it."""
    if importlib.util.find_spec("torch") is None:
        yield Finding("torch", NOTE, "not installed; align works without it")
        return
    found = _package("torch", "torch")
    if found.state != OK:
        yield Finding("torch", NOTE, found.found, found.next_step)
        return
    import torch

    devices = ["cpu"] + [f"cuda:{n} {torch.cuda.get_device_name(n)}" for n in range(torch.cuda.device_count())]
    if torch.backends.mps.is_available():
        devices.append("mps")
    yield Finding("torch", OK, f"{found.found} on {', '.join(devices)}")


def _cache() -> Iterator[Finding]:
    from ...core.media.cache import default_root

    root = default_root()
    if not _writable(root):
        yield Finding("cache", NOTE, f"{root} cannot be written", "set GENLOCK_CACHE to another folder, or use --cache off")
        return
    size = sum(file.stat().st_size for file in root.rglob("*") if file.is_file()) if root.is_dir() else 0
    yield Finding("cache", OK, f"{root}, {_bytes(size)} kept (safe to delete)")
    yield _space("space for the cache", _nearest(root))


def _temporary() -> Iterator[Finding]:
    folder = Path(tempfile.gettempdir())
    if not os.access(folder, os.W_OK):
        yield Finding("temporary folder", MISSING, f"{folder} cannot be written", "set TMPDIR to another folder")
        return
    yield _space("temporary folder", folder)


def _space(name: str, folder: Path) -> Finding:
    free = shutil.disk_usage(folder).free
    said = f"{_bytes(free)} free at {folder}"
    return Finding(name, OK, said) if free >= _FREE_BYTES else Finding(name, NOTE, said, "free some space")


def _writable(root: Path) -> bool:
    """Whether a folder can be written, or made."""
    above = _nearest(root)
    return above.is_dir() and os.access(above, os.W_OK | os.X_OK)


def _nearest(folder: Path) -> Path:
    """The folder, or the nearest one above it that exists."""
    while not folder.exists() and folder != folder.parent:
        folder = folder.parent
    return folder


def _bytes(size: int) -> str:
    value = float(size)
    for unit in ("B", "KiB", "MiB", "GiB"):
        if value < 1024:
            return f"{value:.0f} {unit}" if unit == "B" else f"{value:.1f} {unit}"
        value /= 1024
    return f"{value:.1f} TiB"
