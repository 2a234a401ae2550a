"""Final Cut Pro 7 XML re-pointed in place: video clipitems of the old footage; all else stays as it is.

A clipitem with a speed filter stays on the old footage and is listed. What takes another speed in the new footage becomes
cuts that play the same frames.
"""

from __future__ import annotations

import copy
import xml.etree.ElementTree as ET
from fractions import Fraction
from pathlib import Path
from urllib.parse import unquote, urlparse

from ...core.errors import FormatError
from ...core.timing import FrameRate, timecode
from ..fcp7 import describe_file
from ..xml_text import add, from_bytes, to_bytes
from .edit import Bridges, Conformed
from .frames import Stretch, stretches
from .pairs import Named, Pair, pair_for
from .repoint import Bridge, Playing


def conform_fcp7(body: bytes, bridges: Bridges) -> Conformed:
    """The document in the new footage. Raises FormatError where it is no xmeml, or a number in it is none."""
    root = from_bytes(body)
    if root.tag != "xmeml":
        raise FormatError(f"this XML is a <{root.tag}>, not that of Final Cut Pro 7", "name an .xml with <xmeml>")
    try:
        return _Document(root, bridges).conformed()
    except (ValueError, ZeroDivisionError) as error:
        raise FormatError(f"a number in this .xml cannot be read: {error}", "export it again from the editor") from error


class _Document:
    def __init__(self, root: ET.Element, bridges: Bridges) -> None:
        self.root, self.bridges, self.done = root, bridges, Conformed()
        self.files = {file.get("id", ""): file for file in root.iter("file") if len(file)}
        self.described: set[str] = set()
        self.parents = {child: parent for parent in root.iter() for child in parent}

    def conformed(self) -> Conformed:
        for sequence in self.root.iter("sequence"):
            rate = _rate(sequence)
            for item in [item for video in sequence.findall("media/video") for item in video.iter("clipitem")]:
                pair = self._pair(item)
                if pair is not None:
                    self.done.events += 1
                    self._event(item, pair, rate)
        self._mend(self.root)
        self.done.body = to_bytes(self.root, "xmeml")
        return self.done

    def _pair(self, item: ET.Element) -> Pair | None:
        file = item.find("file")
        if file is None:
            return None
        about = self.files.get(file.get("id", ""), file)
        path = unquote(urlparse(about.findtext("pathurl") or "").path)
        return pair_for(Named(path, about.findtext("name") or item.findtext("name") or ""), self.bridges.pairs)

    def _event(self, item: ET.Element, pair: Pair, rate: Fraction) -> None:
        start, end, first = (int(item.findtext(name) or "-1") for name in ("start", "end", "in"))
        where = f"{item.findtext('name') or Path(pair.old).name} at {timecode(max(start, 0), FrameRate(rate))}"
        if start < 0 or end <= start:
            self.done.missing.append(f"{where}: its place is said by a transition; it stays on {Path(pair.old).name}")
            return
        if any(effect.findtext("effectid") == "timeremap" for effect in item.iter("effect")):
            self.done.missing.append(f"{where}: it changes speed, which .xml readers lose; it stays on {Path(pair.old).name}")
            return
        bridge = self.bridges[pair]
        own = _rate(item, rate)
        if own != rate:
            self.done.missing.append(f"{where}: it counts at {FrameRate(own)} in an edit at {FrameRate(rate)}; it stays on {Path(pair.old).name}")
            return
        found, said = stretches(Playing(end - start, rate, first / own, Fraction(1)), bridge, pair)
        self.done.missing += [f"{where}: {line}" for line in said]
        self.done.moved += not said
        if any(stretch.new for stretch in found):
            self._replace(item, found, bridge, start, first)

    def _replace(self, item: ET.Element, found: list[Stretch], bridge: Bridge, start: int, first: int) -> None:
        parent = self.parents[item]
        at = list(parent).index(item)
        spare = [copy.deepcopy(item) for _ in found[1:]]
        for n, (stretch, one) in enumerate(zip(found, [item, *spare], strict=True)):
            begin = stretch.frame if stretch.new else first + stretch.first
            place = start + stretch.first
            for name, value in (("start", place), ("end", place + stretch.count), ("in", begin), ("out", begin + stretch.count)):
                _set(one, name, value)
            if stretch.new:
                _point(one, bridge, self.described)
            if n:
                one.set("id", f"{item.get('id', 'clipitem')}-genlock{n}")
                for link in one.findall("link"):
                    one.remove(link)
                parent.insert(at + n, one)
                self.parents[one] = parent
            markers = one.findall("marker")
            for marker in markers:
                self._mark(marker, one, stretch, found, first, n)

    def _mark(self, marker: ET.Element, one: ET.Element, stretch: Stretch, found: list[Stretch], first: int, n: int) -> None:
        """A marker stays on the part that plays its frame."""
        record = int(marker.findtext("in") or "0") - first
        own = max((k for k, other in enumerate(found) if other.first <= record), default=0)
        if own != n:
            one.remove(marker)
        elif stretch.new:
            _set(marker, "in", stretch.frame + record - stretch.first)

    def _mend(self, root: ET.Element) -> None:
        """A file is described where it is first named; that place may be gone."""
        seen: set[str] = set()
        for file in root.iter("file"):
            name = file.get("id", "")
            if name not in seen and not len(file) and name in self.files:
                file.extend(copy.deepcopy(list(self.files[name])))
            seen.add(name)


def _point(item: ET.Element, bridge: Bridge, described: set[str]) -> None:
    """Name the new file in a clipitem."""
    new = bridge.new
    old = item.find("file")
    assert old is not None
    at = list(item).index(old)
    item.remove(old)
    name = "genlock-" + Path(new.path).name
    file = ET.Element("file", id=name)
    if name not in described:
        described.add(name)
        describe_file(file, new)
    item.insert(at, file)
    _set(item, "name", Path(new.path).name)
    _set(item, "duration", new.frames)
    for master in item.findall("masterclipid"):
        item.remove(master)


def _set(parent: ET.Element, name: str, value: object) -> None:
    child = parent.find(name)
    if child is None:
        child = add(parent, name)
    child.text = str(value)


def _rate(of: ET.Element, otherwise: Fraction | None = None) -> Fraction:
    rate = of.find("rate")
    if rate is None:
        if otherwise is None:
            raise FormatError("the sequence says no rate", "export it again from the editor")
        return otherwise
    nominal = int(rate.findtext("timebase") or "0")
    fps = Fraction(nominal) if (rate.findtext("ntsc") or "FALSE").strip().upper() != "TRUE" else Fraction(nominal * 1000, 1001)
    return FrameRate.parse(fps).fps
