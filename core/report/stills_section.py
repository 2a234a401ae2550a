"""The page's part with pictures side by side."""

from __future__ import annotations

from typing import Any

from ..alignment import Alignment
from .bits import tc
from .clock import Clock
from .markup import Markup, tag
from .stills import Still


def stills_section(alignment: Alignment, stills: list[Still], why_none: str) -> Markup | None:
    """Pictures side by side, or the sentence that says why there are none."""
    if not stills and not why_none:
        return None
    if not stills:
        return tag("section", tag("h2", "Side by side"), tag("p", why_none, class_="lead"))
    heads: tuple[str, ...]
    if not alignment.matched:
        lead, heads = "Three moments of each, as they are.", ("Ref", "Clip")
    else:
        lead = (
            "The clip is drawn where it lies in the ref. The difference is taken after brightness and contrast are matched, "
            "and shown four times as strong: black is equal."
        )
        heads = ("Ref", "Clip, placed in the ref", "Difference × 4")
    head = tag("div", *(tag("div", text) for text in heads), class_="trio heads" + (" pair" if len(heads) == 2 else ""), aria_hidden="true")
    rows = [_still(still, alignment) for still in stills]
    return tag("section", tag("h2", "Side by side"), tag("p", lead, class_="lead"), tag("div", head, *rows, class_="stills"))


def _still(still: Still, alignment: Alignment) -> Markup:
    choice = still.choice
    ref, clip = Clock.of(alignment.ref), Clock.of(alignment.clip)
    said: list[Any] = [tag("b", choice.why), tag("span", "ref ", tc(ref.label(choice.ref_frame)), f" ({choice.ref_frame})")]
    if choice.clip_frame is not None:
        said.append(tag("span", "clip ", tc(clip.label(choice.clip_frame)), f" ({choice.clip_frame})"))
    if choice.score is not None:
        said.append(tag("span", f"score {choice.score:.3f}", class_="num"))
    pictures = [_image(still.ref, f"Ref frame {choice.ref_frame}", still)]
    if still.clip:
        placed = " placed in the ref" if choice.matrix else ""
        pictures.append(_image(still.clip, f"Clip frame {choice.clip_frame}{placed}", still if choice.matrix else None))
    else:
        pictures.append(tag("div", "not in the clip", class_="none"))
    if still.difference:
        pictures.append(_image(still.difference, f"Difference between ref frame {choice.ref_frame} and clip frame {choice.clip_frame}", still))
    kind = "trio" if alignment.matched else "trio pair"
    return tag("figure", tag("figcaption", *said), tag("div", *pictures, class_=kind), class_="still")


def _image(uri: str, alt: str, still: Still | None) -> Markup:
    """A picture of the still's size, or of its own where there is none."""
    width, height = still.size_wh if still else (None, None)
    return tag("img", src=uri, alt=alt, width=width, height=height, decoding="async")
