"""Alignment to MLT XML, which melt plays and Shotcut opens.

Each piece is a chain of the clip with a `timeremap` link, whose map gives a source time for each frame of the piece.
MLT shows source frame floor(time * source rate), so the times aim at the middles of frames, and any constant-rate map
plays frame by frame as it is: other rates, other speeds, reverse and holds included. Where the picture is moved and
scaled, to a pixel, an `affine` filter lays it; the ref is the lower track, switched off but for its sound.

MLT before 7.14 calls the map `map`, later ones `time_map`; both are written.
"""

from __future__ import annotations

import xml.etree.ElementTree as ET
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path

from ..core.alignment import Alignment, Media, Piece, Run, matrix_between
from ..core.errors import FormatError
from .upright import upright
from .whole import stem
from .xml_text import add, to_bytes


def to_mlt(alignment: Alignment) -> tuple[bytes, list[str]]:
    """The document and notes. Raises FormatError for variable rates, which MLT cannot address by frame."""
    clip, ref = alignment.clip, alignment.ref
    for role, media in (("clip", clip), ("ref", ref)):
        if media.pts is not None:
            raise FormatError(f"the {role} has a variable frame rate, and MLT addresses frames at one rate", "write .otio")
    root = ET.Element("mlt", LC_NUMERIC="C", version="7.0.0", title=stem(ref), producer="main")
    _profile(root, ref)
    shown = alignment.clip_frames()
    laid, notes = upright(alignment, ".mlt")
    number = 0
    tracks = ET.Element("playlist", id="clip")
    at = 0
    for run in (laid or alignment).runs:
        for piece in run.pieces:
            number += 1
            if piece.ref_first > at:
                add(tracks, "blank", length=piece.ref_first - at)
            _chain(root, f"piece{number}", piece, shown, alignment, run if laid else None)
            add(tracks, "entry", producer=f"piece{number}", in_=0, out=piece.ref_count - 1)
            at = piece.ref_first + piece.ref_count
    if at < ref.frames:
        add(tracks, "blank", length=ref.frames - at)
    _ref(root, ref)
    root.append(tracks)
    main = add(root, "tractor", id="main", in_=0, out=ref.frames - 1)
    add(main, "track", producer="nothing")
    add(main, "track", producer="ref", hide="video" if ref.sound else "both")
    add(main, "track", producer="clip", hide="audio")
    return to_bytes(root), notes


def _profile(root: ET.Element, ref: Media) -> None:
    shape = Fraction(ref.width, ref.height) * ref.sample_aspect
    add(
        root, "profile", description="genlock", width=ref.width, height=ref.height, progressive=1, colorspace=709,
        sample_aspect_num=ref.sample_aspect.numerator, sample_aspect_den=ref.sample_aspect.denominator,
        display_aspect_num=shape.numerator, display_aspect_den=shape.denominator,
        frame_rate_num=ref.rate.numerator, frame_rate_den=ref.rate.denominator,
    )  # fmt: skip


def _property(parent: ET.Element, name: str, value: object) -> None:
    add(parent, "property", value, name=name)


def _chain(root: ET.Element, name: str, piece: Piece, shown: list[int | None], alignment: Alignment, run: Run | None) -> None:
    clip = alignment.clip
    chain = add(root, "chain", id=name, out=piece.ref_count - 1)
    _property(chain, "length", piece.ref_count)
    _property(chain, "resource", _resource(clip))
    _property(chain, "mlt_service", "avformat-novalidate")
    link = add(chain, "link")
    _property(link, "mlt_service", "timeremap")
    aims = ";".join(f"{frame}={float((at + Fraction(1, 2)) / clip.rate)!r}" for frame, at in _corners(piece, shown))
    _property(link, "map", aims)
    _property(link, "time_map", aims)
    _property(link, "image_mode", "nearest")
    if run is not None and (run.transform and not _fills(run, alignment)):
        _laid(chain, piece, run, alignment)


def _corners(piece: Piece, shown: list[int | None]) -> Iterator[tuple[int, int]]:
    """(frame of the piece, clip frame) so that straight lines between them pass through every frame's middle."""
    first, last = piece.ref_first, piece.ref_first + piece.ref_count - 1
    for frame in range(first, last + 1):
        at, before, after = shown[frame], shown[max(frame - 1, first)], shown[min(frame + 1, last)]
        assert at is not None and before is not None and after is not None
        if frame in (first, last) or after - at != at - before:
            yield frame - first, at


def _resource(media: Media) -> str:
    """A file's name as MLT takes it."""
    if "%" in media.path:
        raise FormatError(f"{media.path} is an image sequence, and MLT knows no rate of it", "write .otio or .nk, or make a movie of it")
    return str(Path(media.path).absolute())


def _ref(root: ET.Element, ref: Media) -> None:
    black = add(root, "producer", id="black", in_=0, out=ref.frames - 1)
    for name, value in (("length", ref.frames), ("resource", "black"), ("mlt_service", "color")):
        _property(black, name, value)
    add(add(root, "playlist", id="nothing"), "entry", producer="black", in_=0, out=ref.frames - 1)
    whole = add(root, "producer", id="refwhole", in_=0, out=ref.frames - 1)
    for name, value in (("length", ref.frames), ("resource", _resource(ref)), ("mlt_service", "avformat-novalidate")):
        _property(whole, name, value)
    add(add(root, "playlist", id="ref"), "entry", producer="refwhole", in_=0, out=ref.frames - 1)


def _rect(m: tuple[float, ...], clip: Media) -> tuple[float, float, float, float]:
    """Left, top, width, height of the whole clip in the ref, between its outer edges."""
    return m[2] - m[0] / 2 + 0.5, m[5] - m[4] / 2 + 0.5, m[0] * clip.width, m[4] * clip.height


def _fills(run: Run, alignment: Alignment) -> bool:
    """Whether the clip covers the ref exactly, as MLT would show it without a filter."""
    whole = (0.0, 0.0, float(alignment.ref.width), float(alignment.ref.height))
    return all(max(abs(a - b) for a, b in zip(_rect(key.matrix, alignment.clip), whole, strict=True)) < 1e-6 for key in run.transform)


def _laid(chain: ET.Element, piece: Piece, run: Run, alignment: Alignment) -> None:
    first, last = piece.ref_first, piece.ref_first + piece.ref_count - 1
    frames = sorted({first, last, *(key.frame for key in run.transform if first < key.frame < last)})
    keys = []
    for frame in frames:
        matrix = matrix_between(run.transform, frame)
        assert matrix is not None
        keys.append(f"{frame - first}={' '.join(f'{n:.6f}' for n in _rect(matrix, alignment.clip))} 1")
    laid = add(chain, "filter")
    for name, value in (
        ("mlt_service", "affine"), ("background", "colour:#ff000000"), ("transition.distort", 1), ("transition.rect", ";".join(keys)),
    ):  # fmt: skip
        _property(laid, name, value)
