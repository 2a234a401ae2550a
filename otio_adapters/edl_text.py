"""CMX 3600 edit decision lists as text: events to lines and back. One video track, cuts and constant speeds.

The columns follow SMPTE RP 123 / the CMX 3600 manual: event, reel, track, transition, source in and out, record in
and out; the outs are exclusive. An M2 line gives the speed in frames a second, signed, one decimal.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation

from ..core.errors import FormatError, UsageError
from ..core.timing import FrameRate, frames_of

MOST_EVENTS = 999
_MOST_CHARACTERS = 64 << 20
_EVENT = re.compile(r"^(\d{1,6})\s+(\S{1,64})\s+(\S+)\s+(\S.*?)\s+(\d\S*[:;.]\d\S*)\s+(\d\S*[:;.]\d\S*)\s+(\d\S*[:;.]\d\S*)\s+(\d\S*[:;.]\d\S*)\s*$")
_MOTION = re.compile(r"^M2\s+(\S.*?)\s+([-+]?\d{1,4}(?:\.\d{1,6})?)\s+(\d\S*[:;.]\d\S*)\s*$")


@dataclass(frozen=True)
class Event:
    """One edit: what is seen of a source, and when."""

    reel: str
    source: tuple[str, str]
    """Timecode of the first frame and of the one after the last."""
    record: tuple[str, str]
    speed: Decimal | None = None
    """Frames a second, as M2 says it; None for normal speed."""
    name: str = ""
    """The source's file name."""
    comments: tuple[str, ...] = ()


@dataclass(frozen=True)
class Edl:
    """One list."""

    title: str
    drop: bool
    """Whether the record timecode is drop-frame."""
    events: tuple[Event, ...]


def ascii_only(text: str) -> str:
    """One line of printable ASCII: accents go, what is left over becomes "?"."""
    plain = "".join(c for c in unicodedata.normalize("NFKD", text) if not unicodedata.combining(c))
    return "".join(c if " " <= c <= "~" else "?" for c in plain)


def reel_names(names: Iterable[str]) -> dict[str, str]:
    """A reel of at most 8 letters and digits for each source, no two alike."""
    reels: dict[str, str] = {}
    taken: set[str] = {"AX", "BL"}
    for name in names:
        if name in reels:
            continue
        letters = re.sub(r"[^A-Z0-9]", "", ascii_only(name.rsplit(".", 1)[0]).upper()) or "REEL"
        reel, n = letters[:8], 1
        while reel in taken:
            n += 1
            reel = letters[: 8 - len(str(n))] + str(n)
        reels[name] = reel
        taken.add(reel)
    return reels


def to_text(edl: Edl) -> str:
    """The list as text: ASCII, lines end in CR LF. Raises FormatError where it has more than 999 events."""
    if len(edl.events) > MOST_EVENTS:
        raise FormatError(f"an .edl holds {MOST_EVENTS} events; this one has {len(edl.events)}", "write .otio, or split it")
    lines = [f"TITLE: {ascii_only(edl.title)[:70]}", f"FCM: {'DROP FRAME' if edl.drop else 'NON-DROP FRAME'}", ""]
    for number, event in enumerate(edl.events, 1):
        lines += event_lines(number, event)
    return "\r\n".join(lines) + "\r\n"


def event_lines(number: int, event: Event) -> Iterator[str]:
    """An event and its comments, a line each."""
    yield f"{number:03d}  {event.reel:<8s} V     C        {event.source[0]} {event.source[1]} {event.record[0]} {event.record[1]}"
    if event.speed is not None:
        yield f"M2   {event.reel:<8s}       {speed_text(event.speed)}                {event.source[0]}"
    if event.name:
        yield f"* FROM CLIP NAME: {ascii_only(event.name)}"
    for comment in event.comments:
        yield f"* {ascii_only(comment)}"


def speed_text(speed: Decimal) -> str:
    """An M2 speed: three digits, one decimal, a minus sign where it runs backwards."""
    return f"{'-' if speed < 0 else ''}{abs(speed):05.1f}"


def from_text(text: str) -> Edl:
    """Read a list of cuts and constant speeds on one video track.

    Audio events are passed over. Raises FormatError with the line's number for anything else that is not understood.
    """
    if len(text) > _MOST_CHARACTERS:
        raise FormatError(f"this .edl is larger than {_MOST_CHARACTERS >> 20} MiB", "name an edit decision list")
    title, drop, events, silent = "", False, [], False
    for number, line in enumerate(text.splitlines(), 1):
        line = line.rstrip("\x1a ").replace("\t", " ")
        if line.startswith("TITLE:"):
            title = line[6:].strip()
        elif line.startswith("FCM:"):
            drop = not line[4:].strip().upper().startswith("NON")
        elif line[:1].isdigit():
            event = _event(line, number)
            silent = event is None
            events += [event] if event else []
        elif line.startswith("M2") and not silent:
            _put_speed(events, line, number)
        elif line.startswith("*") and events and not silent:
            events[-1] = _with_comment(events[-1], line[1:].strip())
        elif line.startswith(("SPLIT", "EFFECTS", "AUD", "*", "M2", "FINAL CUT", "FREEZE", "|", " |")) or not line.strip() or line.startswith(">>>"):
            continue
        else:
            raise FormatError(f"line {number}: {line[:60]!r} is not part of an edit decision list", "write it as CMX 3600")
    if not events:
        raise FormatError("this .edl holds no video event", "name an edit decision list")
    return Edl(title, drop, tuple(events))


def _event(line: str, number: int) -> Event | None:
    """The event of a line, or None where it is for sound alone."""
    found = _EVENT.match(line.rstrip())
    if not found:
        raise FormatError(f"line {number}: {line[:60]!r} is not an event of reel, track, transition and four timecodes", "write it as CMX 3600")
    _, reel, track, transition, *codes = found.groups()
    if "V" not in track.upper() and track.upper() != "B":
        return None
    if transition.split()[0].upper() != "C":
        raise FormatError(f"line {number}: the transition {transition!r} is not a cut", "an aligned timeline has cuts only")
    return Event(reel, (codes[0], codes[1]), (codes[2], codes[3]))


def _put_speed(events: list[Event], line: str, number: int) -> None:
    found = _MOTION.match(line.rstrip())
    if not found or not events:
        raise FormatError(f"line {number}: {line[:60]!r} is not the speed of an event", "write it as M2, reel, frames a second, timecode")
    try:
        speed = Decimal(found[2])
    except InvalidOperation as error:
        raise FormatError(f"line {number}: {found[2]!r} is not a speed") from error
    last = events[-1]
    events[-1] = Event(last.reel, last.source, last.record, speed, last.name, last.comments)


def _with_comment(event: Event, comment: str) -> Event:
    key, _, value = comment.partition(":")
    if key.strip().upper() == "FROM CLIP NAME":
        return Event(event.reel, event.source, event.record, event.speed, value.strip(), event.comments)
    return Event(event.reel, event.source, event.record, event.speed, event.name, (*event.comments, comment))


def span_of(codes: tuple[str, str], rate: FrameRate) -> tuple[int, int]:
    """First frame and end of two timecodes; an end before the first lies beyond midnight. Raises FormatError."""
    try:
        first, end = frames_of(codes[0], rate), frames_of(codes[1], rate)
        day = frames_of("23:59:59" + codes[0][8:9] + f"{rate.nominal - 1:02d}", rate) + 1
    except UsageError as error:
        raise FormatError(str(error), "read the .edl at the rate it was written for") from error
    return first, end if end > first else end + day
