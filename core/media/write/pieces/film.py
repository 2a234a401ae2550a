"""A film made of pieces: each coded by an encoder of its own and kept on disk, and joined at the end."""

from __future__ import annotations

import io
from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from typing import Any

import av
import numpy as np

from ....errors import OutputError, UsageError
from ...plates.info import PictureInfo
from ..film import FilmWriter
from ..settings import WriteSettings
from ..sound import SoundSource
from .order import decoding_times
from .store import Origin, Piece, PieceFile, own_folder, piece_at, pieces_in, tidied

_ALONE = ("prores", "dnxhr", "ffv1")
"""Codecs whose pictures do not know of each other: pieces cost nothing."""
LENGTH, LENGTH_ALONE = 240, 24
"""Pictures a piece; the first is a multiple of the second. A key frame each 240 is what encoders make by themselves."""


class PieceFilm(FilmWriter):
    """Writes one film. Made by open_pieces; see PieceWriter for the contract."""

    def __init__(
        self, path: str, info: PictureInfo, settings: WriteSettings, sounds: Sequence[SoundSource], folder: str, key: str, alone: bool
    ) -> None:
        super().__init__(path, info, settings, sounds)
        self.length = LENGTH_ALONE if self.chosen.codec in _ALONE else LENGTH
        self._origin = Origin(key, f"{self.encoder} {self.pix_fmt}")
        self._standing: dict[int, Piece] = {}
        """By number: those that were looked at and are whole."""
        self._turned = False
        self._coding: tuple[Any, Any, PieceFile] | None = None
        """A container that is never written, for its stream; the stream; where packets go."""
        try:
            self._folder = own_folder(folder, path)
            if alone:
                self._standing = {piece.first // self.length: piece for piece in tidied(folder, self._origin) if self._fits(piece)}
        except BaseException:
            self.abandon()
            raise

    @cached_property
    def done(self) -> int:
        """See PieceWriter."""
        number = 0
        while self._piece(number) is not None:
            number += 1
        return self._standing[number - 1].end if number else 0

    def __enter__(self) -> PieceFilm:
        return self

    def stands(self, number: int) -> bool:
        """See PieceWriter."""
        piece = self._piece(number // self.length)
        return piece is not None and number < piece.end

    def turn_to(self, number: int) -> None:
        """See PieceWriter."""
        if number % self.length and number != self.done:
            raise UsageError(f"no piece of {self.path} begins with picture {number}", f"they begin every {self.length} pictures")
        self._finish_piece()
        self._turned = True
        before, first = (self._piece((number - 1) // self.length), self._piece(0)) if number else (None, None)
        if before is not None and before.end == number:
            self._clock.go_on(before.time_base, before.start_s, number, before.last)
        elif first is not None:
            self._clock.go_on(first.time_base, first.start_s, number, -1)
        else:
            self._clock.turn_to(number)

    def leave(self) -> None:
        """See PieceWriter."""
        try:
            self._finish_piece()
        except BaseException as error:
            self.abandon()
            raise self._explained(error) from error
        self.abandon()

    def write(self, *args: Any, **named: Any) -> None:
        """One picture; see Writer."""
        if not self._turned and not self._closed:
            self.turn_to(self.done)
        super().write(*args, **named)

    def close(self) -> tuple[Path, ...]:
        """Join the pieces, check, rename. Raises OutputError, also where a piece is missing; whole pieces stay."""
        if self._closed:
            return ()
        try:
            self._finish_piece()
            if not self.stands(0):
                raise OutputError(f"the beginning of {self.path} is missing, or it would hold no picture", "write at least one")
            last = self._gapless()[-1]
            self._clock.go_on(last.time_base, last.start_s, last.end, last.last)
        except BaseException as error:
            self.abandon()
            raise self._explained(error) from error
        return super().close()

    def abandon(self) -> None:
        """Take away what was begun, but for whole pieces."""
        if self._coding is not None:
            self._coding[2].abandon()
            self._coding = None
        super().abandon()

    def _piece(self, number: int) -> Piece | None:
        if number not in self._standing:
            piece = piece_at(self._folder, number)
            if piece is None or piece.first != number * self.length or not self._fits(piece):
                return None
            self._standing[number] = piece
        return self._standing[number]

    def _fits(self, piece: Piece) -> bool:
        return piece.origin == self._origin and piece.first % self.length == 0 and piece.end <= piece.first + self.length

    def _take(self, frame: av.VideoFrame) -> None:
        if self._coding is None:
            container = av.open(io.BytesIO(), "w", format=self.chosen.muxer)
            first = self._clock.count - 1
            file = PieceFile(self._folder, first // self.length, first, self._origin, self.path)
            self._coding = container, self._encoder_in(container, []), file
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
        piece = file.finish(self._clock.count, self._clock.time_base, self._clock.start_s, self._clock.last)
        self._standing[piece.first // self.length] = piece
        self._coding = None
        container.close()

    def _gapless(self) -> list[Piece]:
        """All pieces, which follow one another from the first picture to the last. Raises OutputError where they do not."""
        pieces: list[Piece] = []
        while (piece := self._piece(len(pieces))) is not None:
            if pieces and (piece.first != pieces[-1].end or piece.time_base != pieces[0].time_base or piece.start_s != pieces[0].start_s):
                raise OutputError(f"the pieces of {self.path} do not follow one another at picture {piece.first}", "run it again from its beginning")
            pieces.append(piece)
        if any(piece.first >= pieces[-1].end for piece in pieces_in(self._folder, checked=False) if piece.origin == self._origin):
            raise OutputError(f"pictures of {self.path} are missing from {pieces[-1].end} on", "run it again: they are made then")
        return pieces

    def _flush(self) -> None:
        """Join the pieces. The film's own encoder is opened for its header alone."""
        pieces = self._gapless()
        self._begin()
        pts = np.fromiter((one.pts for piece in pieces for one in piece.packets()), np.int64)
        self._check_times(pieces, pts)
        times = zip(decoding_times(pts, self._clock.frame_ticks), np.sort(pts), strict=True)
        for piece in pieces:
            for one, body, (dts, now) in zip(piece.packets(), piece.bodies(), times, strict=False):
                packet = av.Packet(body)
                packet.time_base, packet.pts, packet.dts, packet.duration = self._clock.time_base, one.pts, int(dts), one.ticks
                packet.is_keyframe, packet.stream = one.key, self._stream
                self._container.mux(packet)
                self._hear(int(now) * self._clock.time_base)
        self._stream.encode(None)  # some encoders complain when they are let go of without being told the end

    def _check_times(self, pieces: Sequence[Piece], pts: np.ndarray) -> None:
        """Raises OutputError unless every picture has a time of its own, after those of the pieces before."""
        shown = np.sort(pts)
        ends = np.array([piece.end for piece in pieces])
        rises = len(shown) == ends[-1] and shown[0] == 0 and bool((np.diff(shown) > 0).all())
        if not rises or not np.array_equal(shown[ends - 1], [piece.last for piece in pieces]):
            raise OutputError(f"the times in the pieces of {self.path} do not rise from one to the next", "run it again from its beginning")
