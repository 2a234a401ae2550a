"""CMX 3600 lists re-pointed, line by line: what is not a video cut of the old footage stands as it stood.

The manner of the list is kept: where every M2 event's source span is as long as its record span, as DaVinci Resolve
writes, so are the new ones; else the source span is what is consumed.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from fractions import Fraction
from pathlib import Path

import numpy as np

from ...core.alignment import Media, Piece, played
from ...core.errors import FormatError
from ...core.timing import FrameRate
from ..edl import Counting, counting, cuts_of, event_of
from ..edl_text import MOST_EVENTS, Event, ascii_only, event_lines, from_text, reel_names, span_of
from .edit import Bridges, Conformed
from .pairs import Named, Pair, lost, pair_for
from .repoint import Bridge, Playing, repoint


@dataclass
class Block:
    """One event line and what follows it up to the next; the first block of a list is its head."""

    lines: list[str] = field(default_factory=list)
    event: Event | None = None
    """The cut on the video track that it is; None for anything else."""
    made: list[list[str]] | None = None
    """What stands in its place, an event each."""


def conform_edl(text: str, bridges: Bridges, rate: Fraction | None) -> Conformed:
    """The list in the new footage. Raises FormatError where a line is no part of a list, or more than 999 events come out."""
    blocks = list(_blocks(text))
    done = Conformed()
    manners: dict[FrameRate, str] = {}
    for block in blocks:
        pair = _pair(block, bridges.pairs)
        if pair is None or _lasts_nothing(block):
            continue
        done.events += 1
        if block.event is None:
            done.missing.append(f"{_label(block)}: it is no cut (a dissolve, a wipe, a key); it stays on {Path(pair.old).name}")
            continue
        bridge = bridges[pair]
        record = FrameRate(rate if rate is not None else bridge.old.rate)
        manner = manners.setdefault(record, _manner(blocks, record, FrameRate(bridge.old.rate)))
        _event(block, block.event, pair, bridge, record, manner, done)
    end = "\r\n" if "\r\n" in text else "\n"
    done.body = (end.join(_numbered(blocks)) + end).encode("utf-8")
    return done


def _blocks(text: str) -> Iterator[Block]:
    block = Block()
    for line in text.splitlines():
        if line[:1].isdigit():
            yield _read(block)
            block = Block()
        block.lines.append(line)
    yield _read(block)


def _read(block: Block) -> Block:
    """Read a block as a cut, where it is one."""
    words = block.lines[0].split() if block.lines else []
    if len(words) < 8 or not words[0].isdigit() or words[3].upper() != "C" or ("V" not in words[2].upper() and words[2].upper() != "B"):
        return block
    known = [line for line in block.lines if line[:1].isdigit() or line.startswith(("M2", "*"))]
    try:
        block.event = from_text("\n".join(known)).events[0]
    except FormatError:
        return block
    return block


def _pair(block: Block, pairs: list[Pair]) -> Pair | None:
    words = block.lines[0].split() if block.lines else []
    if len(words) < 8 or not words[0].isdigit() or ("V" not in words[2].upper() and words[2].upper() != "B"):
        return None
    said = {key: value for line in block.lines for key, value in [_comment(line)] if key}
    reel = words[1]
    if reel == "BL":
        return None
    name = said.get("FROM CLIP NAME", "")
    path = said.get("SOURCE FILE", "") or said.get("SOURCE FILE PATH", "")
    return pair_for(Named(path, name, reel), pairs)


def _lasts_nothing(block: Block) -> bool:
    """Whether it is the first line of a transition: what is left, for no frame at all."""
    words = block.lines[0].split()
    return words[-1] == words[-2]


def _comment(line: str) -> tuple[str, str]:
    key, colon, value = line.lstrip("* ").partition(":")
    return (key.strip().upper(), value.strip()) if colon and line.startswith("*") else ("", "")


def _manner(blocks: list[Block], record: FrameRate, source: FrameRate) -> str:
    """Which way the list says speeds."""
    spans = [
        (span_of(block.event.source, source), span_of(block.event.record, record))
        for block in blocks
        if block.event is not None and block.event.speed is not None and abs(block.event.speed) != record.nominal
    ]
    return "resolve" if spans and all(b - a == d - c for (a, b), (c, d) in spans) else "cmx"


def _event(block: Block, event: Event, pair: Pair, bridge: Bridge, record: FrameRate, manner: str, done: Conformed) -> None:
    playing = _playing(event, bridge.old, record)
    found = repoint(playing, bridge)
    where = _label(block)
    if found.missing:
        done.missing.append(f"{where}: {lost(found.missing, playing.count, pair)}")
    else:
        done.moved += 1
    if found.missing == playing.count:
        return
    first = span_of(event.record, record)[0]
    record_count = Counting(record, first, ";" in event.record[0])
    block.made = []
    for part in found.parts:
        media = bridge.new if part.piece is not None else bridge.old
        piece = part.piece or Piece(part.first, part.count, playing.start_s + part.first / playing.rate * playing.speed, playing.speed)
        for made in _written(piece, playing, media, record_count, manner):
            kept = made if part.piece is not None else replace(made, reel=event.reel, name=event.name)
            keep_comments = () if block.made else tuple(_other_comments(block, media if part.piece is not None else None))
            block.made.append(list(event_lines(1, replace(kept, comments=keep_comments))))


def _playing(event: Event, old: Media, record: FrameRate) -> Playing:
    """What an event plays, as edl.py says it: backwards it begins at the source out."""
    source = counting(old, "old footage", old.start_frame)
    first, end = span_of(event.source, source.rate)
    begin, stop = span_of(event.record, record)
    speed = Fraction(1) if event.speed is None else Fraction(event.speed) / record.nominal
    start = (end if speed < 0 else first) - source.first
    return Playing(stop - begin, record.fps, start / source.rate.fps, speed)


def _written(piece: Piece, playing: Playing, media: Media, record: Counting, manner: str) -> Iterator[Event]:
    """The events that play a piece."""
    lasts = Media("", playing.count, playing.rate, 1, 1)
    frames = np.array([frame for _, frame in played((piece,), media, lasts)], dtype=np.int64)
    source = counting(media, "footage", media.start_frame)
    name = Path(media.path).name
    reel = "AX" if media.timecode is None else reel_names([name])[name]
    for cut in cuts_of(piece, frames, media, source, record, manner):
        yield event_of(cut, media, source, record, manner, reel, ascii_only(name))


def _other_comments(block: Block, new: Media | None) -> Iterator[str]:
    for line in block.lines[1:]:
        if line.startswith("*") and _comment(line)[0] not in ("FROM CLIP NAME", ""):
            key, value = _comment(line)
            yield f"{key}: {new.path if new is not None and key.startswith('SOURCE FILE') else value}"
        elif line.startswith("*") and not _comment(line)[0]:
            yield line.lstrip("* ")


def _label(block: Block) -> str:
    words = block.lines[0].split()
    return f"event {words[0]} at {words[-2]}"


def _numbered(blocks: list[Block]) -> Iterator[str]:
    """All lines; where an event became several, the numbers after it move on. Lines of one number keep one number."""
    number, before = 0, ""
    grown = any(block.made is not None and len(block.made) > 1 for block in blocks)
    for block in blocks:
        if not block.lines or not block.lines[0][:1].isdigit():
            yield from block.lines
            continue
        own = block.lines[0].split()[0]
        for lines in block.made if block.made is not None else [block.lines]:
            if own != before or block.made is not None:
                number += 1
            if number > MOST_EVENTS and grown:
                raise FormatError(f"the new footage takes more than the {MOST_EVENTS} events that an .edl holds", "conform the .otio of this edit")
            said = f"{number:0{max(3, len(own))}d}" if grown else own
            yield said + lines[0][len(lines[0].split()[0]) :]
            yield from lines[1:]
        before = own
