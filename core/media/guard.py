"""The door for untrusted files: what may be handed to FFmpeg, and what is said of a file that may not.

FFmpeg's playlist and manifest readers open further files and addresses, wherever the text names them, and they recognise a text by
its content, whatever its suffix. So three things are done. Names become absolute paths, which no protocol prefix (http:, concat:,
subfile,,) can hide in. The first bytes are looked at before FFmpeg sees the file: texts are refused. And FFmpeg is told which
demuxers it may use at all: those of media containers, none that opens other files.
"""

from __future__ import annotations

import errno
import os
import re
import stat
from functools import lru_cache
from pathlib import Path

import av

from ..errors import MediaError

MAX_PIXELS = 1 << 28
"""Of one picture. A header that claims more is not believed: decoding it would take gigabytes."""
_ALWAYS_PIXELS = 1 << 25
_PIXELS_BYTE = 20_000
"""Black compresses a thousandfold and more; a header with next to nothing after it claims a thousand times that."""
HEAD = 4096
_ENDS = 1 << 16
_REFUSED = frozenset(
    getattr(errno, name)
    for name in "EIO ESTALE ETIMEDOUT ENXIO ENODEV EREMOTEIO ENOTCONN ECONNRESET EHOSTDOWN EHOSTUNREACH ENETDOWN ENETUNREACH ENOLINK".split()
    if hasattr(errno, name)
)

_OPENS_OTHERS = frozenset(
    "hls dash concat imf sdp rtsp rtp sap whip webm_dash_manifest ffmetadata image2 image2pipe alias_pix brender_pix svg_pipe vobsub "
    "vapoursynth avisynth lavfi dvdvideo bluray data tty bin xbin adf idf tedcaptions mpjpeg rawvideo v210 v210x bitpacked vfwcap "
    "alsa fbdev kmsgrab oss x11grab v4l2 video4linux2 dshow gdigrab ddagrab avfoundation jack pulse sndio openal iec61883 libdc1394 "
    "decklink libcdio libgme libmodplug libopenmpt android_camera xcbgrab caca".split()
)
_TEXTS: tuple[tuple[re.Pattern[bytes], str], ...] = (
    (re.compile(rb"#EXTM3U|#EXTINF"), "an HLS playlist"),
    (re.compile(rb"<MPD[\s>]", re.I), "a DASH manifest"),
    (re.compile(rb"<(\w+:)?CompositionPlaylist[\s>]", re.I), "an IMF composition playlist"),
    (re.compile(rb"<(\w+:)?(AssetMap|PackingList)[\s>]", re.I), "an asset map or packing list"),
    (re.compile(rb"<SmoothStreamingMedia[\s>]", re.I), "a Smooth Streaming manifest"),
    (re.compile(rb"ffconcat\s+version|^\s*file\s+\S", re.M), "an FFmpeg concat list"),
    (re.compile(rb"^;FFMETADATA"), "an FFmpeg metadata file"),
    (re.compile(rb"^v=0\r?\no=", re.M), "a session description (SDP)"),
    (re.compile(rb"<(\w+:)?(xmeml|fcpxml)[\s>]", re.I), "an editing timeline"),
    (re.compile(rb"\"OTIO_SCHEMA\""), "an editing timeline"),
    (re.compile(rb"^TITLE:", re.M), "an edit decision list"),
    (re.compile(rb"<svg[\s>]", re.I), "an SVG drawing"),
    (re.compile(rb"<!doctype html|<html[\s>]", re.I), "a web page"),
)
_SCHEME = re.compile(r"^([a-zA-Z][a-zA-Z0-9+.\-]+)[:,]")
_NEXT = "give the media file itself"


def local_file(path: str) -> str:
    """Absolute path of a regular, readable, local file that is not empty and not a text. Raises MediaError, one line for each case."""
    full = present(path)
    try:
        with open(full, "rb") as file:
            head = file.read(HEAD)
    except PermissionError as error:
        raise MediaError(f"{path} may not be read (permission denied)", "change its permissions, or copy it") from error
    except OSError as error:
        raise MediaError(f"{path} cannot be read: {error.strerror or error}", "check the disk or the network share") from error
    if not head:
        raise MediaError(f"{path} is empty (0 bytes)", "copy or export it again")
    text = text_kind(head)
    if text:
        raise MediaError(f"{path} is {text}, not footage", _NEXT)
    return full


def present(path: str) -> str:
    """Absolute path of a regular file that exists. Raises MediaError."""
    if "\0" in path or not path:
        raise MediaError(f"{path!r} is not the name of a file", _NEXT)
    full = os.path.abspath(path)
    try:
        mode = os.stat(full).st_mode
    except PermissionError as error:
        raise MediaError(f"{path} may not be read (permission denied)", "change the permissions of its folder") from error
    except (OSError, ValueError) as error:
        scheme = _SCHEME.match(path)
        if scheme and "/" not in scheme[1]:
            what = f"{path} is an address or an FFmpeg protocol ({scheme[1]}), and only local files are read"
            raise MediaError(what, "download it first") from error
        raise MediaError(f"{path} does not exist", "check the name and the folder") from error
    if stat.S_ISDIR(mode):
        raise MediaError(f"{path} is a folder", "give a file, or a sequence as NAME.%04d.exr")
    if not stat.S_ISREG(mode):
        raise MediaError(f"{path} is a device or a pipe, not a file", "save it as a file first")
    return full


def most_pixels(path: str) -> int:
    """Of one picture that is believed of a file: 8K UHD of any, more of larger ones, MAX_PIXELS at most."""
    return min(MAX_PIXELS, max(_ALWAYS_PIXELS, _PIXELS_BYTE * _size(path)))


def text_kind(head: bytes) -> str:
    """What kind of text this beginning of a file is, in words; "" where it is no text."""
    for mark, coding in ((b"\xef\xbb\xbf", "utf-8"), (b"\xff\xfe", "utf-16-le"), (b"\xfe\xff", "utf-16-be")):
        if head.startswith(mark):
            head = head[len(mark) :].decode(coding, "replace").encode()
            break
    known = next((what for pattern, what in _TEXTS if pattern.search(head)), "")
    printable = sum(byte >= 32 or byte in b"\t\r\n\f" for byte in head)
    plain = b"\0" not in head and printable >= 0.99 * len(head) and not head.startswith((b"YUV4MPEG2", b"P1", b"P2", b"P3"))
    if plain and _is_unicode(head):
        return known or "a text file"
    starts = head.lstrip()[:64]
    return known if known and starts[:1] in (b"<", b"#", b";") else ""


def _is_unicode(head: bytes) -> bool:
    """Whether these bytes are UTF-8, but for a character cut off at the end."""
    try:
        head.decode("utf-8")
    except UnicodeDecodeError as error:
        return error.start >= len(head) - 4
    return True


@lru_cache(maxsize=1)
def open_options() -> dict[str, str]:
    """Options for every av.open: local files alone, media containers alone, no references to other files.

    They go in as container_options. As options they would be handed to each stream as well, and PyAV before 18 writes behind its
    list where a stream turns up late (MPEG program streams do that).
    """
    names = {name for group in av.formats_available for name in group.split(",")}
    allowed = ",".join(sorted(names - _OPENS_OTHERS))
    return {"protocol_whitelist": "file", "format_whitelist": allowed, "enable_drefs": "0"}


def unreadable(path: str, error: BaseException) -> MediaError | None:
    """Where the disk or the network refused to read, which says nothing of what the file holds; None where it did not."""
    number = getattr(error, "errno", None)
    if number is None or number not in _REFUSED:
        return None
    return MediaError(f"{path} cannot be read: {os.strerror(number)}", "check the disk or the network share")


def refused(path: str) -> MediaError | None:
    """The same, found out by reading a file's beginning and its end: FFmpeg does not always pass on why a read failed."""
    try:
        with open(path, "rb") as file:
            file.read(_ENDS)
            file.seek(-min(_ENDS, os.path.getsize(path)), os.SEEK_END)
            file.read(_ENDS)
    except OSError as error:
        return unreadable(path, error)
    return None


def explain(path: str, error: Exception) -> MediaError:
    """The one line for a file that FFmpeg could not open."""
    why = unreadable(path, error) or refused(path)
    if why is not None:
        return why
    size = _size(path)
    if isinstance(error, av.DecoderNotFoundError):
        return MediaError(f"{path} holds a codec that this FFmpeg cannot decode", "export it in a usual codec (ProRes, DNxHR, H.264)")
    if isinstance(error, (PermissionError, av.PermissionError)):
        return MediaError(f"{path} may not be read (permission denied)", "change its permissions, or copy it")
    if _is_quicktime(path):
        what = f"{path} is cut short or damaged: its index (moov) cannot be read ({size} bytes)"
        return MediaError(what, "copy it again, or finish the recording")
    if isinstance(error, (av.InvalidDataError, av.DemuxerNotFoundError, ValueError)):
        return MediaError(f"{path} is not footage, or its header is damaged", "check that it plays, or copy it again")
    return MediaError(f"{path} cannot be read: {getattr(error, 'strerror', None) or error}", "check that it plays, or copy it again")


def _is_quicktime(path: str) -> bool:
    try:
        with open(path, "rb") as file:
            return file.read(12)[4:8] in (b"ftyp", b"moov", b"mdat", b"wide", b"skip", b"free")
    except OSError:
        return False


def _size(path: str) -> int:
    try:
        return Path(path).stat().st_size
    except OSError:
        return 0
