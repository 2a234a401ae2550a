"""Another speed at the same pitch, by FFmpeg's atempo (waveform similarity overlap-add)."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import av
import numpy as np

from .edit import Samples

_LEAD_S = 0.25
"""Played before what is wanted, so that overlaps have settled."""
_BLOCK = 4096


class Stretched:
    """A source played at another speed and its own pitch; output sample n shows source sample offset + n speed, give or take an overlap (20 ms)."""

    def __init__(self, source: Samples, offset: Fraction, speed: Fraction) -> None:
        self.source = source
        self._offset, self._speed = offset, speed
        self._layout = {1: "mono", 2: "stereo"}.get(source.channels, f"{source.channels}c")
        self._graph: Any = None
        self._next = 0
        """Source sample that goes in next."""
        self._ready = np.zeros((0, source.channels))
        self._at = 0
        """Output sample that the first ready one is."""

    def take(self, first: int, count: int) -> np.ndarray:
        """(count, channels) from output sample `first` on."""
        if self._graph is None or first != self._at:
            self._begin(first)
        while len(self._ready) < count:
            self._push()
        out, self._ready = self._ready[:count], self._ready[count:]
        self._at += count
        return out

    def _begin(self, first: int) -> None:
        lead = int(_LEAD_S * self.source.rate)
        graph = av.filter.Graph()
        chain = [
            graph.add_abuffer(format="dbl", sample_rate=self.source.rate, layout=self._layout, time_base=Fraction(1, self.source.rate)),
            graph.add("atempo", f"{float(self._speed):.9f}"),
            graph.add("abuffersink"),
        ]
        chain[0].link_to(chain[1])
        chain[1].link_to(chain[2])
        graph.configure()
        self._graph, self._at = graph, first
        self._next = round(self._offset + (first - lead) * self._speed)
        self._ready = np.zeros((0, self.source.channels))
        while len(self._ready) < lead:
            self._push()
        self._ready = self._ready[lead:]

    def _push(self) -> None:
        """Feed one more block, and collect what comes out."""
        samples = np.ascontiguousarray(self.source.read(self._next, _BLOCK)).reshape(1, -1)
        frame = av.AudioFrame.from_ndarray(samples, format="dbl", layout=self._layout)
        frame.sample_rate = self.source.rate
        self._next += _BLOCK
        self._graph.push(frame)
        out = [self._ready]
        while True:
            try:
                heard = self._graph.pull()
            except (av.BlockingIOError, av.EOFError):
                break
            out.append(np.asarray(heard.to_ndarray(), np.float64).reshape(-1, self.source.channels))
        self._ready = np.concatenate(out)
