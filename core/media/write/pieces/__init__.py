"""Outputs written a piece at a time, so that the writing can go on after the process was killed, or be shared among processes; the whole is
the same, bit for bit.

A film is always made of pieces, each by an encoder of its own that begins with a key frame, and joined without being encoded again: a run
without a break does the same as one with ten. A picture sequence is made of its files. Each piece stands for itself: it is made without
those before it.
"""

from .files import FilePieces
from .opening import PieceWriter, discard, open_pieces, standing

__all__ = ["FilePieces", "PieceWriter", "discard", "open_pieces", "standing"]
