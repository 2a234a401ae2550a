"""The page's parts, from top to bottom; each a function of the alignment."""

from __future__ import annotations

from pathlib import PureWindowsPath
from typing import Any

from ..alignment import Alignment, Media, Run, Verdict
from ..timing import FrameRate, usual
from .charts import NARROW, WIDE, time_map
from .clock import Clock, seconds_words
from .markup import Markup, join, tag
from .outline import MOST as MOST_WAYS
from .outline import Lying, outline, ways
from .speed import run_speed
from .stills import Still
from .words import clip_span, frames_words, number, percent, transform_words

MOST_RUNS = 600
"""So many runs stand in the table; the .csv and .json hold all."""


def base_name(path: str) -> str:
    """The file's own name, whichever system wrote the path."""
    return PureWindowsPath(path).name or path


def figures(alignment: Alignment) -> Markup:
    """The few numbers that a person looks for first."""
    ref, clip = alignment.ref, alignment.clip
    used = len({frame for frame in alignment.clip_frames() if frame is not None})
    found = [run for run in alignment.runs if run.pieces]
    cells = [
        ("Ref frames found", alignment.matched, f"of {ref.frames}, {_share(alignment.matched, ref.frames)}"),
        ("Clip frames used", used, f"of {clip.frames}, {_share(used, clip.frames)}"),
        ("Runs found", len(found), ", ".join(_verdicts(found)) if found else None),
    ]
    if found:
        cells.append(("Score, typical", f"{_typical(found):.3f}", "of 1"))
    sound = alignment.evidence.get("sound")
    if isinstance(sound, dict) and isinstance(sound.get("offset_s"), int | float):
        cells.append(("Sound offset", f"{sound['offset_s']:+.3f} s".replace("-", "\u2212"), _drift(sound)))
    return tag("dl", *(tag("div", tag("dt", name), tag("dd", value, " ", tag("small", more) if more else None)) for name, value, more in cells), class_="figures")


def to_look_at(alignment: Alignment) -> Markup | None:
    """What a person should check, run by run; None where there is nothing."""
    clock = Clock.of(alignment.ref)
    noted = [(number, run, note) for number, run in enumerate(alignment.runs, 1) for note in run.notes]
    if not noted:
        return None
    items = [tag("li", "Run ", number, ", ref ", _tc(clock.label(run.ref_first)), ": ", note) for number, run, note in noted[:12]]
    if len(noted) > 12:
        items.append(tag("li", f"and {len(noted) - 12} more, in the table of runs"))
    return tag("ul", *items, class_="look", aria_label="To look at")


def map_section(alignment: Alignment) -> Markup:
    """The time map with its legend."""
    lead = "Left to right runs the ref, bottom to top the clip. A straight line is footage playing on; a step is a cut; hatching is ref that the clip lacks."
    keys = [("exact", "found, exact"), ("ambiguous", "found, looks like other frames"), ("unmatched", "not in the clip")]
    present = {run.verdict.value for run in alignment.runs}
    return tag(
        "section",
        tag("h2", "Which frame is which"),
        tag("p", lead, class_="lead"),
        tag("p", *(_legend(kind, text) for kind, text in keys if kind in present), class_="legend"),
        tag("figure", time_map(alignment, WIDE), time_map(alignment, NARROW), tag("p", "Point at the chart to read frame numbers.", id="readout")),
    )


def _legend(kind: str, text: str) -> Markup:
    if kind == "unmatched":
        sample = tag("path", d="M0,8 l8,-8 M2,12 l12,-12 M10,12 l12,-12 M18,12 l8,-8", class_="stripe")
    else:
        sample = tag("g", tag("path", d="M2,6 L24,6", class_="run"), class_=kind)
    return tag("span", tag("svg", sample, width=26, height=12, viewBox="0 0 26 12", aria_hidden="true"), text)


def stills_section(alignment: Alignment, stills: list[Still], why_none: str) -> Markup | None:
    """Pictures side by side, or the sentence that says why there are none."""
    if not stills and not why_none:
        return None
    if not stills:
        return tag("section", tag("h2", "Side by side"), tag("p", why_none, class_="lead"))
    if not alignment.matched:
        lead, heads = "Three moments of each, as they are.", ("Ref", "Clip")
    else:
        lead = "The clip is drawn where it lies in the ref. The difference is taken after brightness and contrast are matched, and shown four times as strong: black is equal."
        heads = ("Ref", "Clip, placed in the ref", "Difference × 4")
    head = tag("div", *(tag("div", text) for text in heads), class_="trio heads" + (" pair" if len(heads) == 2 else ""), aria_hidden="true")
    return tag(
        "section", tag("h2", "Side by side"), tag("p", lead, class_="lead"), tag("div", head, *(_still(s, alignment) for s in stills), class_="stills")
    )


def _still(still: Still, alignment: Alignment) -> Markup:
    choice = still.choice
    ref, clip = Clock.of(alignment.ref), Clock.of(alignment.clip)
    said: list[Any] = [tag("b", choice.why), tag("span", "ref ", _tc(ref.label(choice.ref_frame)), f" ({choice.ref_frame})")]
    if choice.clip_frame is not None:
        said.append(tag("span", "clip ", _tc(clip.label(choice.clip_frame)), f" ({choice.clip_frame})"))
    if choice.score is not None:
        said.append(tag("span", f"score {choice.score:.3f}", class_="num"))
    pictures = [_image(still.ref, f"Ref frame {choice.ref_frame}", still)]
    if still.clip:
        placed = " placed in the ref" if choice.matrix else ""
        pictures.append(_image(still.clip, f"Clip frame {choice.clip_frame}{placed}", still))
    else:
        pictures.append(tag("div", "not in the clip", class_="none"))
    if still.difference:
        pictures.append(_image(still.difference, f"Difference between ref frame {choice.ref_frame} and clip frame {choice.clip_frame}", still))
    kind = "trio" if alignment.matched else "trio pair"
    return tag("figure", tag("figcaption", *said), tag("div", *pictures, class_=kind), class_="still")


def _image(uri: str, alt: str, still: Still) -> Markup:
    return tag("img", src=uri, alt=alt, width=still.size_wh[0], height=still.size_wh[1], decoding="async")


def runs_section(alignment: Alignment) -> Markup:
    """The table of runs."""
    noted = any(run.notes or run.also for run in alignment.runs)
    names = ("Run", "Ref", "Clip", "Speed", "Verdict", "Score", "Confidence", *(["Notes"] if noted else []))
    head = tag("thead", tag("tr", *(tag("th", name, scope="col", class_="r" if name in ("Score", "Confidence") else None) for name in names)))
    body = [_run_row(n, run, alignment, noted) for n, run in enumerate(alignment.runs[:MOST_RUNS], 1)]
    rest = len(alignment.runs) - MOST_RUNS
    more = tag("p", f"{rest} more runs are left out here; the .csv and .json outputs hold all.", class_="lead") if rest > 0 else None
    lead = "A run is footage that plays on without a cut and lies in one way. Both ends are included; frames count from 0."
    return tag("section", tag("h2", "Runs"), tag("p", lead, class_="lead"), tag("table", head, tag("tbody", *body), class_="runs"), more)


def _run_row(n: int, run: Run, alignment: Alignment, noted: bool) -> Markup:
    ref, clip = Clock.of(alignment.ref), Clock.of(alignment.clip)
    last = run.ref_end - 1
    cells: list[tuple[str, Any]] = [("Run", n), ("Ref", join([_tc(ref.span(run.ref_first, last)), _soft(f"{frames_words(run.ref_first, last)}, {_frames(run.ref_count)}")]))]
    if run.pieces:
        a, b = clip_span(run, alignment)
        cells.append(("Clip", join([_tc(clip.span(a, b)), _soft(frames_words(a, b))])))
        cells.append(("Speed", run_speed(run, alignment)))
    else:
        cells += [("Clip", tag("span", "none", class_="soft")), ("Speed", None)]
    cells.append(("Verdict", tag("span", run.verdict.value, class_=f"pill {run.verdict.value}")))
    found = run.verdict is not Verdict.UNMATCHED
    cells += [("Score", f"{run.score:.3f}" if found else None), ("Confidence", f"{run.confidence:.3f}")]
    if noted:
        cells.append(("Notes", _notes(run, clip)))
    return tag("tr", *(tag("td", None if value is None else tag("div", value), data_name=name, class_="r" if name in ("Score", "Confidence") else None) for name, value in cells))


def _notes(run: Run, clip: Clock) -> Markup | None:
    said: list[Any] = [tag("span", note, class_="note") for note in run.notes]
    if run.also:
        places = [join([_tc(clip.span(a, b)), f" ({frames_words(a, b)})"]) for a, b in run.also[:4]]
        rest = f" and {len(run.also) - 4} more places" if len(run.also) > 4 else ""
        said.append(tag("span", "could also be clip ", *_between(places, ", "), rest))
    return join(_between(said, tag("br"))) if said else None


def ways_section(alignment: Alignment) -> Markup | None:
    """The distinct ways in which the picture lies in the ref."""
    found = ways(alignment)
    if not found:
        return None
    cards = [_way(way, alignment) for way in found[:MOST_WAYS]]
    clip, ref = alignment.clip, alignment.ref
    lead = f"The clip's picture, {clip.width} × {clip.height}, in the ref's frame, {ref.width} × {ref.height}. The filled corner is the clip's top left."
    if len(found) > MOST_WAYS:
        lead += f" The {MOST_WAYS} that hold for most frames, of {len(found)}."
    return tag("section", tag("h2", "Where the picture lies"), tag("p", lead, class_="lead"), tag("div", *cards, class_="ways"))


def _way(way: Lying, alignment: Alignment) -> Markup:
    run = alignment.runs[way.runs[0] - 1]
    words = transform_words(run, alignment)
    whose = ", ".join(str(n) for n in way.runs[:14]) + (f" and {len(way.runs) - 14} more" if len(way.runs) > 14 else "")
    kept = f"Run{'' if len(way.runs) == 1 else 's'} {whose}" + (f"; {way.model}" if way.model else "")
    if len(way.keys) > 1:
        kept += f"; {len(way.keys)} keys, first and last shown"
    shown = way.keys if len(way.keys) == 1 else (way.keys[0], way.keys[-1])
    clock = Clock.of(alignment.ref)
    matrices = [_matrix(key.matrix, f"At ref {clock.label(key.frame)}" if len(shown) > 1 else "") for key in shown]
    return tag("div", outline(way, alignment, words), tag("h3", words[:1].upper() + words[1:]), tag("p", kept), *matrices)


def _matrix(matrix: tuple[float, ...], when: str) -> Markup:
    rows = [tag("tr", *(tag("td", f"{value:.9g}", class_="tc") for value in matrix[k : k + 3])) for k in (0, 3, 6)]
    return tag("table", tag("caption", when) if when else None, tag("tbody", *rows), class_="matrix", aria_label="Matrix, clip pixel to ref pixel")


def files_section(alignment: Alignment) -> Markup:
    """The facts of both files, side by side."""
    clip, ref = alignment.clip, alignment.ref
    head = tag("thead", tag("tr", tag("th", ""), tag("th", "Clip", scope="col"), tag("th", "Ref", scope="col")))
    rows = [tag("tr", tag("th", "Name", scope="row"), *(tag("td", tag("span", tag("bdi", base_name(m.path)), class_="name"), _soft(tag("bdi", m.path))) for m in (clip, ref)))]
    for (name, a), (_, b) in zip(_facts(clip), _facts(ref), strict=True):
        if a or b:
            rows.append(tag("tr", tag("th", name, scope="row"), tag("td", a or "none"), tag("td", b or "none")))
    return tag("section", tag("h2", "The two files"), tag("table", head, tag("tbody", *rows), class_="files"))


def _facts(media: Media) -> list[tuple[str, Any]]:
    rate = FrameRate(usual(media.rate))
    odd = "" if media.sample_aspect == 1 else f", pixels {media.sample_aspect.numerator}:{media.sample_aspect.denominator}"
    return [
        ("Picture", f"{media.width} × {media.height}{odd}"),
        ("Frame rate", f"{rate} frames a second" if media.pts is None else f"variable, {number(float(media.rate), 3)} frames a second on average"),
        ("Length", join([f"{_frames(media.frames)}, {seconds_words(media.duration_s)}"])),
        ("Timecode", join([_tc(media.timecode)]) if media.timecode else (f"frame {media.start_frame}" if media.start_frame else None)),
        ("Sound", "yes" if media.sound else None),
        ("Damaged", f"{_frames(media.lost)} could not be decoded" if media.lost else None),
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


def _frames(n: int) -> str:
    return f"{n} frame{'' if n == 1 else 's'}"


def _between(parts: list[Any], mark: Any) -> list[Any]:
    return [item for n, part in enumerate(parts) for item in ((mark, part) if n else (part,))]


def _tc(text: str) -> Markup:
    return tag("span", text, class_="tc")


def _soft(child: Any) -> Markup:
    return tag("span", child, class_="soft")
