"""The page's parts, from top to bottom; each a function of the alignment."""

from __future__ import annotations

from dataclasses import replace
from pathlib import PureWindowsPath
from typing import Any

from ..alignment import Alignment, Media, Run, Verdict
from ..timing import FrameRate, usual
from .bits import between, frames_of, soft, tc
from .charts import NARROW, WIDE, time_map
from .clock import Clock, seconds_words
from .markup import Markup, join, tag
from .words import number, percent

STILL_HEIGHT = 64
"""Of the time map where one of the two is a single picture, which needs no more than a strip."""


def base_name(path: str) -> str:
    """The file's own name, whichever system wrote the path."""
    return PureWindowsPath(path).name or path


def figures(alignment: Alignment, shown: list[int | None]) -> Markup:
    """The few numbers that a person looks for first; shown is alignment.clip_frames()."""
    ref, clip = alignment.ref, alignment.clip
    used = len({frame for frame in shown if frame is not None})
    found = [run for run in alignment.runs if run.pieces]
    cells: list[tuple[str, Any, str | None]] = [
        ("Ref frames found", alignment.matched, f"of {ref.frames}, {_share(alignment.matched, ref.frames)}"),
        ("Clip frames used", used, f"of {clip.frames}, {_share(used, clip.frames)}"),
        ("Runs found", len(found), ", ".join(_verdicts(found)) if found else None),
    ]
    if found:
        cells.append(("Score, typical", f"{_typical(found):.3f}", "of 1"))
    sound = alignment.evidence.get("sound")
    if isinstance(sound, dict) and isinstance(sound.get("offset_s"), int | float):
        cells.append(("Sound offset", f"{sound['offset_s']:+.3f} s".replace("-", "\u2212"), _drift(sound)))
    told = [tag("div", tag("dt", name), tag("dd", value, " ", tag("small", more) if more else None)) for name, value, more in cells]
    return tag("dl", *told, class_="figures")


def to_look_at(alignment: Alignment) -> Markup | None:
    """What a person should check, each note once with the runs that have it; None where there is nothing."""
    clock = Clock.of(alignment.ref)
    noted: dict[str, list[Markup]] = {}
    for n, run in enumerate(alignment.runs, 1):
        for note in run.notes:
            noted.setdefault(note, []).append(join([n, " (", tc(clock.label(run.ref_first)), ")"]))
    if not noted:
        return None
    items = []
    for note, runs in list(noted.items())[:12]:
        more = f" and {len(runs) - 6} more" if len(runs) > 6 else ""
        items.append(tag("li", f"Run{'' if len(runs) == 1 else 's'} ", *between(runs[:6], ", "), more, ": ", note))
    if len(noted) > 12:
        items.append(tag("li", f"and {len(noted) - 12} more notes, in the table of runs"))
    return tag("ul", *items, class_="look", aria_label="To look at")


def map_section(alignment: Alignment) -> Markup:
    """The time map with its legend."""
    lead = (
        "Left to right runs the ref, bottom to top the clip. A straight line is footage playing on; a step is a cut; "
        "hatching is ref that the clip lacks."
    )
    keys = [("exact", "found, exact"), ("ambiguous", "found, looks like other frames"), ("unmatched", "not in the clip")]
    present = {run.verdict.value for run in alignment.runs}
    frames = [replace(frame, map_height=STILL_HEIGHT) if min(alignment.clip.frames, alignment.ref.frames) == 1 else frame for frame in (WIDE, NARROW)]
    return tag(
        "section",
        tag("h2", "Which frame is which"),
        tag("p", lead, class_="lead"),
        tag("p", *(_legend(kind, text) for kind, text in keys if kind in present), class_="legend"),
        tag("figure", *(time_map(alignment, frame) for frame in frames), tag("p", "Point at the chart to read frame numbers.", id="readout")),
    )


def _legend(kind: str, text: str) -> Markup:
    if kind == "unmatched":
        sample = tag("path", d="M0,8 l8,-8 M2,12 l12,-12 M10,12 l12,-12 M18,12 l8,-8", class_="stripe")
    else:
        sample = tag("g", tag("path", d="M2,6 L24,6", class_="run"), class_=kind)
    return tag("span", tag("svg", sample, width=26, height=12, viewBox="0 0 26 12", aria_hidden="true"), text)


def files_section(alignment: Alignment) -> Markup:
    """The facts of both files, side by side."""
    clip, ref = alignment.clip, alignment.ref
    head = tag("thead", tag("tr", tag("th", ""), tag("th", "Clip", scope="col"), tag("th", "Ref", scope="col")))
    names = [tag("td", tag("span", tag("bdi", base_name(media.path)), class_="name"), soft(tag("bdi", media.path))) for media in (clip, ref)]
    rows = [tag("tr", tag("th", "Name", scope="row"), *names)]
    for (name, a), (_, b) in zip(_facts(clip), _facts(ref), strict=True):
        if a or b:
            rows.append(tag("tr", tag("th", name, scope="row"), tag("td", a or "none"), tag("td", b or "none")))
    return tag("section", tag("h2", "The two files"), tag("table", head, tag("tbody", *rows), class_="files"))


def _facts(media: Media) -> list[tuple[str, Any]]:
    rate = FrameRate(usual(media.rate))
    rate_words: Any = f"{rate} frames a second"
    if media.pts is not None:
        rate_words = f"variable, {number(float(media.rate), 3)} frames a second on average"
    odd = "" if media.sample_aspect == 1 else f", pixels {media.sample_aspect.numerator}:{media.sample_aspect.denominator}"
    return [
        ("Picture", f"{media.width} × {media.height}{odd}"),
        ("Frame rate", rate_words),
        ("Length", join([f"{frames_of(media.frames)}, {seconds_words(media.duration_s)}"])),
        ("Timecode", join([tc(media.timecode)]) if media.timecode else (f"frame {media.start_frame}" if media.start_frame else None)),
        ("Sound", "yes" if media.sound else None),
        ("Damaged", f"{frames_of(media.lost)} could not be decoded" if media.lost else None),
        ("Digest", tag("span", media.digest, class_="tc") if media.digest else None),
    ]


def settings_section(alignment: Alignment) -> Markup:
    """What it was told and what made it."""
    told = [(str(key), _plain(value)) for key, value in sorted(alignment.settings.items())]
    cells = [tag("div", tag("dt", key.replace("_", " ")), tag("dd", value)) for key, value in told if value]
    version = f"genlock {alignment.version}" if alignment.version else "genlock"
    return tag(
        "section",
        tag("h2", "Settings"),
        tag("dl", *cells, class_="settings") if cells else tag("p", "All as they come.", class_="lead"),
        tag("footer", f"Written by {version}. This page holds everything it shows and asks the network for nothing."),
    )


def _plain(value: Any) -> str:
    if isinstance(value, list | tuple):
        return ", ".join(_plain(item) for item in value)
    if isinstance(value, bool):
        return "yes" if value else "no"
    return "" if value is None else str(value)


def _typical(runs: list[Run]) -> float:
    """The median of the runs' scores, each as often as it has frames."""
    half, seen = sum(run.ref_count for run in runs) / 2, 0
    for run in sorted(runs, key=lambda run: run.score):
        seen += run.ref_count
        if seen >= half:
            return run.score
    return 0.0


def _verdicts(runs: list[Run]) -> list[str]:
    counts = {kind: sum(run.verdict is kind for run in runs) for kind in (Verdict.EXACT, Verdict.AMBIGUOUS)}
    return [f"{count} {kind.value}" for kind, count in counts.items() if count]


def _drift(sound: dict[str, Any]) -> str | None:
    drift = sound.get("drift_ppm")
    return f"drift {drift:+.1f} ppm" if isinstance(drift, int | float) else None


def _share(part: int, whole: int) -> str:
    if part == whole:
        return "all"
    return percent(min(round(part / whole, 3), 0.999)) if whole else ""
