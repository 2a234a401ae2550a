"""The report: one HTML file that holds everything it shows, and that a producer can read."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from ..alignment import Alignment
from ..progress import Progress
from . import sections
from .choice import choose
from .clock import Clock
from .hover import SCRIPT, frame_data
from .markup import Markup, tag
from .runs_section import runs_section, ways_section
from .shell import shell
from .stills import stills
from .stills_section import stills_section
from .words import summary

if TYPE_CHECKING:
    from ..verify.quality import PictureQuality


def to_html(alignment: Alignment, progress: Progress = Progress(), checked: Sequence[str] = (), quality: PictureQuality | None = None) -> str:
    """The whole page. Both files are opened again for a few pictures; where that fails, the page says so and stands without.

    checked, quality  what a verification said of the claims, a line each, and of the pictures: sections of their own, where there are any

    The page asks nothing of the network, and its own policy forbids it to (CSP level 3): styles and one script stand in it,
    pictures are data URIs. Without script everything can be read but the frame numbers under the pointer.
    """
    progress.at(0.0, "choosing pictures")
    shown = alignment.clip_frames()
    pictures, why_none = stills(alignment, choose(alignment, shown), progress.part(0.05, 0.85))
    progress.at(0.92, "drawing")
    clip, ref = sections.base_name(alignment.clip.path), sections.base_name(alignment.ref.path)
    body = tag(
        "main",
        tag(
            "header",
            tag("p", tag("b", "genlock"), " ", tag("bdi", clip), " against ", tag("bdi", ref), class_="kind"),
            tag("h1", summary(alignment)),
            sections.figures(alignment, shown),
            sections.to_look_at(alignment),
        ),
        sections.map_section(alignment),
        stills_section(alignment, pictures, why_none),
        runs_section(alignment),
        ways_section(alignment),
        *_looked_again(alignment, checked, quality),
        sections.files_section(alignment),
        sections.settings_section(alignment),
    )
    page = shell(f"{clip} against {ref}: genlock report", alignment.version, [body, frame_data(alignment, shown)], SCRIPT)
    progress.at(1.0, "report done")
    return page


def _looked_again(alignment: Alignment, checked: Sequence[str], quality: PictureQuality | None) -> list[Markup]:
    if not checked and quality is None:
        return []
    from .quality_section import checked_section, quality_section

    out = [checked_section(checked)] if checked else []
    return out + ([quality_section(quality, Clock.of(alignment.ref))] if quality is not None else [])
