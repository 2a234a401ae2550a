"""Alignment to Final Cut Pro 7 XML (xmeml 5), which Premiere, Resolve and most others read.

Cuts alone: readers lose changes of speed without a word (Resolve among them), so these are written as cuts that play
the same frames. Starts and ends count sequence frames, ins and outs frames of the file, ends and outs exclusive.
The scheme is Apple's "Final Cut Pro XML Interchange Format", version 5.
"""

from __future__ import annotations

import xml.etree.ElementTree as ET
from fractions import Fraction
from pathlib import Path

from ..core.alignment import Alignment, Media, Verdict
from ..core.errors import FormatError
from ..core.timing import FrameRate, timecode
from .whole import Strip, frame_cuts, start_of, stem
from .xml_text import add, to_bytes


def to_fcp7(alignment: Alignment) -> tuple[bytes, list[str]]:
    """The document and notes. Raises FormatError where the format cannot play the map."""
    found, notes = frame_cuts(alignment, ".xml")
    clip, ref = alignment.clip, alignment.ref
    fps = FrameRate(ref.rate)
    if ref.rate != fps.nominal and ref.rate * 1001 != fps.nominal * 1000:
        raise FormatError(f"the ref runs at {fps} frames a second, and .xml knows whole rates and their 1000/1001 alone", "write .otio")
    root = ET.Element("xmeml", version="5")
    sequence = add(root, "sequence", id="genlock")
    add(sequence, "name", stem(ref))
    add(sequence, "duration", ref.frames)
    _rate(sequence, ref)
    _timecode(sequence, ref, 3600 * fps.nominal)
    media = add(sequence, "media")
    video = add(media, "video")
    _format(video, ref)
    files: set[str] = set()
    _item(add(video, "track"), "ref", Strip(0, ref.frames, 0, Fraction(1), 0), ref, files)
    track = add(video, "track")
    for n, strip in enumerate(found, 1):
        item = _item(track, f"clip-{n}", strip, clip, files)
        run = alignment.runs[strip.run]
        if strip.ref_first == run.ref_first:
            said = [] if run.verdict is Verdict.EXACT else [f"{run.verdict.value}, confidence {run.confidence:.2f}"]
            for text in [*said, *run.notes]:
                marker = add(item, "marker")
                add(marker, "name", text)
                add(marker, "in", strip.clip_first)
                add(marker, "out", -1)
    if ref.sound:
        _sound(add(add(media, "audio"), "track"), ref)
    return to_bytes(root, "xmeml"), notes


def _rate(parent: ET.Element, media: Media) -> None:
    rate = add(parent, "rate")
    nominal = FrameRate(media.rate).nominal
    add(rate, "timebase", nominal)
    add(rate, "ntsc", "TRUE" if media.rate != nominal else "FALSE")


def _timecode(parent: ET.Element, media: Media, otherwise: int) -> None:
    first, drop = start_of(media, otherwise)
    code = add(parent, "timecode")
    _rate(code, media)
    add(code, "string", timecode(first, FrameRate(media.rate), drop))
    add(code, "frame", first)
    add(code, "displayformat", "DF" if drop else "NDF")


def _format(parent: ET.Element, media: Media) -> None:
    about = add(add(parent, "format"), "samplecharacteristics")
    add(about, "width", media.width)
    add(about, "height", media.height)
    _rate(about, media)


def _item(track: ET.Element, name: str, strip: Strip, media: Media, files: set[str]) -> ET.Element:
    item = add(track, "clipitem", id=name)
    add(item, "name", Path(media.path).name)
    add(item, "duration", media.frames)
    _rate(item, media)
    add(item, "start", strip.ref_first)
    add(item, "end", strip.ref_first + strip.ref_count)
    add(item, "in", strip.clip_first)
    add(item, "out", strip.clip_first + strip.ref_count)
    _file(item, media, "file-ref" if name.startswith("ref") else "file-clip", files)
    return item


def _file(item: ET.Element, media: Media, name: str, files: set[str]) -> None:
    """A file is described once, and named afterwards."""
    file = add(item, "file", id=name)
    if name in files:
        return
    files.add(name)
    describe_file(file, media)


def describe_file(file: ET.Element, media: Media) -> None:
    """What a <file> holds where it is first named."""
    add(file, "name", Path(media.path).name)
    add(file, "pathurl", Path(media.path).absolute().as_uri().replace("file:///", "file://localhost/", 1))
    _rate(file, media)
    add(file, "duration", media.frames)
    _timecode(file, media, media.start_frame)
    kinds = add(file, "media")
    about = add(add(kinds, "video"), "samplecharacteristics")
    add(about, "width", media.width)
    add(about, "height", media.height)
    if media.sound:
        add(add(kinds, "audio"), "channelcount", 2)


def _sound(track: ET.Element, ref: Media) -> None:
    item = add(track, "clipitem", id="ref-sound")
    add(item, "name", Path(ref.path).name)
    add(item, "duration", ref.frames)
    _rate(item, ref)
    for name, value in (("start", 0), ("end", ref.frames), ("in", 0), ("out", ref.frames)):
        add(item, name, value)
    add(item, "file", id="file-ref")
    source = add(item, "sourcetrack")
    add(source, "mediatype", "audio")
    add(source, "trackindex", 1)
