"""An alignment as a Nuke script: the ref, the clip retimed and laid over it, and a difference to look at.

    Constant ----------------------------------\\
    Read clip - time - space - Reformat - Switch - Merge2 (difference) - Viewer
    Read ref --------------------------------------/

Script frames are the ref's: the file numbers of a sequence; a movie counts from 1. The Switch shows black where nothing
of the clip is matched, and is left out where everything is.
"""

from __future__ import annotations

from fractions import Fraction

from ...core.alignment import Alignment, Media
from ...core.errors import FormatError
from .nodes import Node, animated, quoted, script_text
from .space import space_node
from .time import rate_text, read_range, time_node


def to_nk(alignment: Alignment, paste: bool = False, stmap: str = "") -> tuple[str, list[str]]:
    """The script, and notes on what it does not say.

    paste   without the Root, as nuke.nodePaste takes it into a script that is open
    stmap   an ST map sequence that genlock stmap wrote (u, v in rgb): laid by an STMap instead of a matrix
    Raises FormatError where Nuke cannot hold it: a ref of variable rate, a name that Nuke would run.
    """
    if alignment.ref.pts is not None:
        raise FormatError("the ref has a variable frame rate, and a Nuke script counts whole frames of one rate", "write .otio, or .json")
    nodes = graph(alignment, stmap)
    notes = []
    if {alignment.ref.sample_aspect, alignment.clip.sample_aspect} != {Fraction(1)}:
        notes.append("pixels are taken for square: the formats in the script have aspect 1, as the matrices count stored pixels")
    return script_text(nodes if paste else [_root(alignment.ref), *nodes]), notes


def graph(alignment: Alignment, stmap: str = "") -> list[Node]:
    """The nodes in the order of the script, each taking its inputs from those before it."""
    clip, ref = alignment.clip, alignment.ref
    clip_first, ref_first = read_range(clip)[0], read_range(ref)[0]
    gaps = _gaps(alignment, ref_first)
    nodes = [Node("Constant", {"color": "0", "format": _format(ref), "name": "genlock_nothing"}, 0)] if gaps else []
    if stmap:
        nodes.append(_read_map(stmap, ref))
    nodes.append(_read(clip, "genlock_clip"))
    time = time_node(alignment, clip_first, ref_first)
    nodes += [time] if time else []
    nodes += _laid(alignment, ref_first, stmap)
    if gaps:
        nodes.append(Node("Switch", {"which": gaps, "name": "genlock_seen"}, 2))
    nodes.append(_read(ref, "genlock_ref"))
    nodes.append(Node("Merge2", {"operation": "difference", "bbox": "B", "name": "genlock_check"}, 2))
    return nodes


def _laid(alignment: Alignment, ref_first: int, stmap: str) -> list[Node]:
    """The clip's picture in the ref's format."""
    if stmap:
        return [Node("STMap", {"channels": "rgba", "uv": "rgb", "filter": "Lanczos4", "name": "genlock_space"}, 2)]
    space = space_node(alignment, ref_first)
    nodes = [space] if space else []
    clip, ref = alignment.clip, alignment.ref
    if nodes or (clip.width, clip.height) != (ref.width, ref.height):
        knobs = {"format": _format(ref), "resize": "none", "center": "false", "black_outside": "true", "pbb": "true", "name": "genlock_format"}
        nodes.append(Node("Reformat", knobs))
    return nodes


def _root(ref: Media) -> Node:
    first, last = read_range(ref)
    knobs = {"first_frame": str(first), "last_frame": str(last), "frame": str(first), "fps": rate_text(ref.rate), "format": _format(ref)}
    return Node("Root", {**knobs, "name": "genlock"}, 0)


def _read(media: Media, name: str) -> Node:
    first, last = read_range(media)
    knobs = {
        "file": quoted(media.path), "format": _format(media), "first": str(first), "last": str(last),
        "origfirst": str(first), "origlast": str(last), "origset": "true", "name": name,
    }  # fmt: skip
    return Node("Read", knobs, 0)


def _read_map(path: str, ref: Media) -> Node:
    first, last = read_range(ref)
    knobs = {"file": quoted(path), "format": _format(ref), "first": str(first), "last": str(last), "raw": "true", "name": "genlock_map"}
    return Node("Read", knobs, 0)


def _format(media: Media) -> str:
    """Width, height, the box of the picture, pixel aspect."""
    w, h = media.width, media.height
    return f'"{w} {h} 0 0 {w} {h} 1 "'


def _gaps(alignment: Alignment, ref_first: int) -> str:
    """The knob `which`: 0 where the clip is seen, 1 where not; empty where it is seen everywhere."""
    keys: list[tuple[int, float]] = []
    for run in alignment.runs:
        which = 0.0 if run.pieces else 1.0
        keys += [(frame + ref_first, which) for frame in sorted({run.ref_first, run.ref_end - 1})]
    return animated(keys) if any(which for _, which in keys) else ""
