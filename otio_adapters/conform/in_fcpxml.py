"""FCPXML re-pointed in place: asset-clips of the old footage; all else stays as it is.

An event that has a timeMap stays on the old footage and is listed, since its readers disagree on what that plays; so does
a <video>. What takes another speed in the new footage becomes cuts that play the same frames.
"""

from __future__ import annotations

import copy
import os
import re
import xml.etree.ElementTree as ET
from fractions import Fraction
from pathlib import Path
from urllib.parse import unquote, urlparse

from ...core.alignment import Media
from ...core.errors import FormatError
from ...core.timing import FrameRate, timecode
from ..fcpxml import seconds
from ..xml_text import add, from_bytes, to_bytes
from .edit import Bridges, Conformed
from .frames import Stretch, stretches
from .pairs import Named, Pair, pair_for
from .repoint import Bridge, Playing

_TIME = re.compile(r"^(-?\d{1,18})(?:/(\d{1,18}))?s$")


def conform_fcpxml(body: bytes, bridges: Bridges) -> Conformed:
    """The document in the new footage. Raises FormatError where it is no FCPXML."""
    root = from_bytes(body)
    if root.tag != "fcpxml":
        raise FormatError(f"this XML is a <{root.tag}>, not FCPXML", "name an .fcpxml")
    return _Document(root, bridges).conformed()


class _Document:
    def __init__(self, root: ET.Element, bridges: Bridges) -> None:
        self.root, self.bridges, self.done = root, bridges, Conformed()
        self.assets = {asset.get("id", ""): asset for asset in root.iter("asset")}
        self.formats = {one.get("id", ""): one for one in root.iter("format")}
        self.parents = {child: parent for parent in root.iter() for child in parent}
        self.made: dict[str, str] = {}

    def conformed(self) -> Conformed:
        for sequence in self.root.iter("sequence"):
            rate = self._rate(sequence.get("format", ""))
            for item in [item for item in sequence.iter("asset-clip") if item.get("srcEnable") != "audio"]:
                pair = self._pair(item)
                if pair is not None:
                    self.done.events += 1
                    self._event(item, pair, rate)
            for item in sequence.iter("video"):
                pair = self._pair(item)
                if pair is not None:
                    self.done.events += 1
                    name = item.get("name") or os.path.basename(pair.old)
                    self.done.missing.append(f"{name}: it is a <video>, not an <asset-clip>; it stays as it is")
        self.done.body = to_bytes(self.root, "fcpxml")
        return self.done

    def _rate(self, name: str) -> Fraction:
        one = self.formats.get(name)
        if one is None or one.get("frameDuration") is None:
            raise FormatError("the sequence's format has no frame duration", "export it again with a format of one rate")
        return 1 / time_of(one.get("frameDuration"))

    def _pair(self, item: ET.Element) -> Pair | None:
        asset = self.assets.get(item.get("ref", ""))
        if asset is None:
            return None
        rep = asset.find("media-rep")
        url = asset.get("src") or (rep.get("src") if rep is not None else "") or ""
        return pair_for(Named(unquote(urlparse(url).path), asset.get("name") or item.get("name") or ""), self.bridges.pairs)

    def _event(self, item: ET.Element, pair: Pair, rate: Fraction) -> None:
        where = f"{item.get('name') or os.path.basename(pair.old)} at {timecode(round(time_of(item.get('offset')) * rate), FrameRate(rate))}"
        if item.find("timeMap") is not None or item.find("conform-rate") is not None:
            self.done.missing.append(f"{where}: it changes speed, which .fcpxml readers play differently; it stays on {Path(pair.old).name}")
            return
        bridge = self.bridges[pair]
        zero = time_of(self.assets[item.get("ref", "")].get("start"))
        start = time_of(item.get("start") or self.assets[item.get("ref", "")].get("start"))
        lasts = time_of(item.get("duration")) * rate
        playing = Playing(max(1, round(lasts)), rate, start - zero, Fraction(1))
        found, said = stretches(playing, bridge, pair)
        self.done.missing += [f"{where}: {line}" for line in said]
        self.done.moved += not said
        if any(stretch.new for stretch in found):
            self._replace(item, found, playing, bridge, start)

    def _replace(self, item: ET.Element, found: list[Stretch], playing: Playing, bridge: Bridge, start: Fraction) -> None:
        parent = self.parents[item]
        offset, spare = time_of(item.get("offset")), [copy.deepcopy(item) for _ in found[1:]]
        children = [child for child in item if child.get("offset") is not None or child.tag in _TIMED]
        for one in spare:
            for child in [child for child in one if child.get("offset") is not None or child.tag in _TIMED]:
                one.remove(child)
        ends = []
        for stretch, one in zip(found, [item, *spare], strict=True):
            one.set("offset", text_of(offset + stretch.first / playing.rate))
            one.set("duration", text_of(stretch.count / playing.rate))
            begin = start + stretch.first / playing.rate
            if stretch.new:
                begin = (bridge.new.start_frame + stretch.frame) / bridge.new.rate
                one.set("ref", self._asset(bridge.new))
                one.set("format", "genlock-" + one.get("ref", ""))
            one.set("start", text_of(begin))
            ends.append((begin, one))
        for child in children:
            self._move(child, item, found, ends, playing, start)
        at = list(parent).index(item)
        for n, one in enumerate(spare, 1):
            parent.insert(at + n, one)
            self.parents[one] = parent

    def _move(
        self, child: ET.Element, item: ET.Element, found: list[Stretch], ends: list[tuple[Fraction, ET.Element]], playing: Playing, start: Fraction
    ) -> None:
        """What hangs on a moment of the event, put on the part that plays it."""
        name = "offset" if child.get("offset") is not None else "start"
        record = (time_of(child.get(name)) - start) * playing.rate
        n = max((k for k, stretch in enumerate(found) if stretch.first <= record), default=0)
        begin, one = ends[n]
        child.set(name, text_of(begin + (record - found[n].first) / playing.rate))
        if one is not item:
            item.remove(child)
            one.append(child)
            self.parents[child] = one

    def _asset(self, new: Media) -> str:
        """The id of the new file's asset, described when it is first needed."""
        if new.path not in self.made:
            name = f"genlock{len(self.made) + 1}"
            self.made[new.path] = name
            resources = self.root.find("resources")
            if resources is None:
                resources = add(self.root, "resources")
            add(resources, "format", id=f"genlock-{name}", frameDuration=seconds(1, new.rate), width=new.width, height=new.height)
            url = Path(new.path).absolute().as_uri()
            asset = add(
                resources, "asset", id=name, name=Path(new.path).name, start=seconds(new.start_frame, new.rate),
                duration=seconds(new.frames, new.rate), hasVideo="1", format=f"genlock-{name}", src=url,
            )  # fmt: skip
            if new.sound:
                asset.set("hasAudio", "1")
            add(asset, "media-rep", kind="original-media", src=url)
        return self.made[new.path]


_TIMED = ("marker", "chapter-marker", "keyword", "rating")


def time_of(text: str | None) -> Fraction:
    """A time of FCPXML in seconds; 0 where there is none. Raises FormatError."""
    found = _TIME.match(text or "0s")
    if not found or found[2] == "0" or (found[2] and int(found[2]) == 0):
        raise FormatError(f"{text!r} is not a time of FCPXML", "export it again from the editor")
    return Fraction(int(found[1]), int(found[2] or 1))


def text_of(time_s: Fraction) -> str:
    """The same, written."""
    return f"{time_s}s"
