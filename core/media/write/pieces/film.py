"""A film made of pieces: each coded by an encoder of its own and kept on disk, and joined at the end."""

from __future__ import annotations

import io
from collections.abc import Sequence
from typing import Any

import av
import numpy as np

from ...plates.info import PictureInfo
from ..film import FilmWriter
from ..settings import WriteSettings
from ..sound import SoundSource
from .order import decoding_times
from .store import Piece, PieceFile, own_folder, pieces_in

_ALONE = ("prores", "dnxhr", "ffv1")
"""Codecs whose pictures do not know of each other: pieces cost nothing."""
LENGTH, LENGTH_ALONE = 240, 24
"""Pictures a piece. A key frame each 240 is what encoders make by themselves."""


class PieceFilm(FilmWriter):
    """Writes one film. Made by open_pieces; see Writer for the contract."""

    def __init__(self, path: str, info: PictureInfo, settings: WriteSettings, sounds: Sequence[SoundSource], folder: str) -> None:
        super().__init__(path, info, settings, sounds)
        self.length = LENGTH_ALONE if self.chosen.codec in _ALONE else LENGTH
        self._pieces: list[Piece] = []
        self._coding: tuple[Any, Any, PieceFile] | None = None
        """A container that is never written, for its stream; the stream; where packets go."""
        try:
            self._folder = own_folder(folder, path)
            self._pieces = pieces_in(folder)
        except BaseException:
            self.abandon()
            raise
        self.done = self._pieces[-1].end if self._pieces else 0
        if self._pieces:
            last = self._pieces[-1]
            self._clock.go_on(last.time_base, last.start_s, self.done, last.last)

    def __enter__(self) -> PieceFilm:
        return self

    def abandon(self) -> None:
        """Take away what was begun, but for whole pieces."""
        if self._coding is not None:
            self._coding[2].abandon()
            self._coding = None
        super().abandon()

    def _take(self, frame: av.VideoFrame) -> None:
        if self._coding is None:
            container = av.open(io.BytesIO(), "w", format=self.chosen.muxer)
            first = self._clock.count - 1
            self._coding = container, self._encoder_in(container, []), PieceFile(self._folder, len(self._pieces), first, self.path)
        self._keep(self._coding[1].encode(frame))
        if self._clock.count % self.length == 0:
            self._finish_piece()

    def _keep(self, packets: Sequence[Any]) -> None:
        assert self._coding is not None
        for packet in packets:
            ticks = self._lengths.pop(int(packet.pts), self._clock.frame_ticks)
            self._coding[2].add(bytes(packet), int(packet.pts), ticks, bool(packet.is_keyframe))

    def _finish_piece(self) -> None:
        if self._coding is None:
            return
        container, stream, file = self._coding
        self._keep(stream.encode(None))
        self._pieces.append(file.finish(self._clock.count, self._clock.time_base, self._clock.start_s, self._clock.last))
        self._coding = None
        container.close()

    def _flush(self) -> None:
        """Join the pieces. The film's own encoder is opened for its header alone."""
        self._finish_piece()
        self._begin()
        pts = np.fromiter((one.pts for piece in self._pieces for one in piece.packets()), np.int64)
        times = zip(decoding_times(pts, self._clock.frame_ticks), np.sort(pts), strict=True)
        for piece in self._pieces:
            for one, body, (dts, now) in zip(piece.packets(), piece.bodies(), times, strict=False):
                packet = av.Packet(body)
                packet.time_base, packet.pts, packet.dts, packet.duration = self._clock.time_base, one.pts, int(dts), one.ticks
                packet.is_keyframe, packet.stream = one.key, self._stream
                self._container.mux(packet)
                self._hear(int(now) * self._clock.time_base)
        self._stream.encode(None)  # some encoders complain when they are let go of without being told the end
