"""Alignment to FCPXML 1.9 (Final Cut Pro X, Resolve).

Cuts alone: a timeMap is lost by most readers, and they disagree on where its values count from, so changes of speed
are written as cuts that play the same frames. Every time is a whole number of frames, as a fraction of a second.
The scheme is Apple's "FCPXML Reference".
"""

from __future__ import annotations

import xml.etree.ElementTree as ET
from fractions import Fraction
from pathlib import Path

from ..core.alignment import Alignment, Media, Verdict
from ..core.timing import FrameRate
from .whole import Strip, frame_cuts, gaps, start_of, stem
from .xml_text import add, to_bytes


def to_fcpxml(alignment: Alignment) -> tuple[bytes, list[str]]:
    """The document and notes. Raises FormatError where the format cannot play the map."""
    found, notes = frame_cuts(alignment, ".fcpxml")
    clip, ref = alignment.clip, alignment.ref
    root = ET.Element("fcpxml", version="1.9")
    resources = add(root, "resources")
    clip_first, ref_first = start_of(clip, clip.start_frame)[0], start_of(ref, ref.start_frame)[0]
    begin, drop = start_of(ref, 3600 * FrameRate(ref.rate).nominal)
    _resources(resources, 1, clip, clip_first)
    _resources(resources, 2, ref, ref_first)
    project = add(add(add(root, "library"), "event", name="genlock"), "project", name=stem(ref))
    sequence = add(
        project, "sequence", format="format2", duration=seconds(ref.frames, ref.rate), tcStart=seconds(begin, ref.rate),
        tcFormat="DF" if drop else "NDF",
    )  # fmt: skip
    spine = add(sequence, "spine")
    for part in gaps(found, ref.frames):
        first, count = part if isinstance(part, tuple) else (part.ref_first, part.ref_count)
        span = {"offset": seconds(begin + first, ref.rate), "duration": seconds(count, ref.rate)}
        if not isinstance(part, Strip):
            add(spine, "gap", name="Gap", start="0s", **span)
            continue
        start = seconds(clip_first + part.clip_first, clip.rate)
        item = add(spine, "asset-clip", ref="asset1", name=Path(clip.path).name, start=start, format="format1", **span)
        _markers(item, part, alignment, clip_first)
    return to_bytes(root, "fcpxml"), notes


def seconds(frames: int, rate: Fraction) -> str:
    """A time as FCPXML writes it: "1001/24000s", "5s"."""
    return f"{frames / rate}s"


def _resources(resources: ET.Element, n: int, media: Media, first: int) -> None:
    add(resources, "format", id=f"format{n}", frameDuration=seconds(1, media.rate), width=media.width, height=media.height)
    asset = add(
        resources, "asset", id=f"asset{n}", name=Path(media.path).name, start=seconds(first, media.rate), duration=seconds(media.frames, media.rate),
        hasVideo="1", format=f"format{n}",
    )  # fmt: skip
    if media.sound:
        asset.set("hasAudio", "1")
    url = Path(media.path).absolute().as_uri()
    asset.set("src", url)
    add(asset, "media-rep", kind="original-media", src=url)


def _markers(item: ET.Element, strip: Strip, alignment: Alignment, clip_first: int) -> None:
    run = alignment.runs[strip.run]
    if strip.ref_first != run.ref_first:
        return
    rate = alignment.clip.rate
    said = [] if run.verdict is Verdict.EXACT else [f"{run.verdict.value}, confidence {run.confidence:.2f}"]
    for text in [*said, *run.notes]:
        add(item, "marker", start=seconds(clip_first + strip.clip_first, rate), duration=seconds(1, rate), value=text)
