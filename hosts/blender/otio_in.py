"""An OpenTimelineIO timeline read from its JSON by hand. No Blender needed.

What genlock writes is read frame for frame: the frame that plays in the middle of each timeline frame, and the transforms in the clips'
metadata. Of other programs' timelines, cuts, gaps, constant speeds and held frames are read; the rest is left out and named.
"""

from __future__ import annotations

import json
import math
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any
from urllib.parse import urlparse
from urllib.request import url2pathname

from ..aligned import Aligned, Matrix, Media, Run, exact, from_json
from .refusing import CannotLay

MOST_FRAMES = 3_000_000
"""Of one clip: fourteen hours at 60 a second. Each gets an entry."""


@dataclass(frozen=True)
class Event:
    """A clip in a track, as timeline frames from 0 on."""

    at: int
    frames: tuple[int, ...]
    """Of its file, from 0; one for each timeline frame."""
    path: str
    name: str
    matrices: tuple[Matrix, ...] = ()
    """Clip pixel to ref pixel, once or for each frame; empty where nothing is said."""
    sound: bool = False


@dataclass(frozen=True)
class Read:
    """What a timeline holds."""

    rate: Fraction
    tracks: tuple[tuple[Event, ...], ...]
    """From the lowest up; sound after pictures."""
    aligned: Aligned | None
    """What genlock has found, where it wrote the timeline."""
    notes: tuple[str, ...]


def load(path: str) -> Read:
    """Read an .otio. Raises CannotLay where it is none, or holds nothing that can be laid."""
    try:
        with open(path, encoding="utf-8") as file:
            body = json.load(file)
    except OSError as error:
        raise CannotLay(f"{path} cannot be read: {error.strerror}") from error
    except (ValueError, RecursionError) as error:
        raise CannotLay(f"{path} is not an .otio: {error}") from error
    try:
        return _read(body, os.path.dirname(os.path.abspath(path)))
    except (KeyError, TypeError, ValueError, AttributeError, ZeroDivisionError, OverflowError, RecursionError) as error:
        raise CannotLay(f"{path} is not a timeline ({type(error).__name__} {error})") from error


def exact_rate(rate: float) -> Fraction:
    """24.0 is 24, 23.976 and 23.976023976 are 24000/1001. Raises ValueError where it is no rate."""
    if not 0 < rate < 1e6:
        raise ValueError(f"a rate of {rate}")
    film = round(rate * 1.001)
    if abs(rate * 1.001 - film) < 2e-3 and abs(rate - round(rate)) > 1e-6:
        return Fraction(film * 1000, 1001)
    return Fraction(rate).limit_denominator(1001)


def _read(body: Mapping[str, Any], folder: str) -> Read:
    if _schema(body) != "Timeline":
        raise CannotLay(f"this holds a {_schema(body) or 'thing'}, not a timeline; name an .otio that holds one")
    about = (body.get("metadata") or {}).get("genlock") or {}
    aligned = from_json(json.loads(about["alignment"])) if isinstance(about.get("alignment"), str) else None
    rate = exact(about["rate"]) if about.get("rate") else _rate_of(body)
    notes: list[str] = []
    media = {os.path.abspath(each.path): each for each in (aligned.clip, aligned.ref)} if aligned else {}
    tracks = [track for track in body["tracks"]["children"] if _schema(track) == "Track" and track.get("enabled", True)]
    pictures = [track for track in tracks if track.get("kind", "Video") == "Video"]
    sounds = [track for track in tracks if track.get("kind") == "Audio"]
    found = [tuple(_events(track, rate, folder, media, notes)) for track in [*pictures, *sounds]]
    kept = tuple(track for track in found if track)
    if not kept:
        raise CannotLay("nothing in this timeline can be laid: " + (notes[0] if notes else "it is empty"))
    return Read(rate, kept, aligned, tuple(dict.fromkeys(notes)))


def _schema(body: Any) -> str:
    return str(body.get("OTIO_SCHEMA", "")).split(".")[0] if isinstance(body, Mapping) else ""


def _rate_of(body: Mapping[str, Any]) -> Fraction:
    start = body.get("global_start_time")
    if start:
        return exact_rate(start["rate"])
    for track in body["tracks"]["children"]:
        for item in track.get("children", []):
            span = item.get("source_range")
            if span:
                return exact_rate(span["duration"]["rate"])
    raise CannotLay("this timeline does not say how many frames a second it has; give it a global start time")


def _seconds(time: Mapping[str, Any]) -> Fraction:
    return exact(time["value"]) / exact_rate(time["rate"])


def _events(track: Mapping[str, Any], rate: Fraction, folder: str, media: Mapping[str, Media], notes: list[str]) -> Iterator[Event]:
    begin_s = Fraction(0)
    for item in track.get("children", []):
        kind = _schema(item)
        if kind == "Transition":
            notes.append("transitions are laid as cuts")
            continue
        span = item.get("source_range") or _available(item)
        if span is None:
            raise CannotLay(f"{kind} {item.get('name', '')} in track {track.get('name', '')} does not say how long it lasts")
        lasts_s = _seconds(span["duration"])
        if kind == "Clip" and item.get("enabled", True):
            yield from _event(item, span, begin_s, lasts_s, rate, folder, media, track.get("kind") == "Audio", notes)
        elif kind not in ("Clip", "Gap"):
            notes.append(f"what is nested is left out: {kind} {item.get('name', '')}")
        begin_s += lasts_s


def _reference(item: Mapping[str, Any]) -> Mapping[str, Any]:
    if "media_references" in item:
        return item["media_references"].get(item.get("active_media_reference_key", "DEFAULT_MEDIA")) or {}
    return item.get("media_reference") or {}


def _available(item: Mapping[str, Any]) -> Any:
    return _reference(item).get("available_range")


def _event(
    item: Mapping[str, Any], span: Mapping[str, Any], begin_s: Fraction, lasts_s: Fraction, rate: Fraction, folder: str,
    media: Mapping[str, Media], sound: bool, notes: list[str],
) -> Iterator[Event]:  # fmt: skip
    name = str(item.get("name") or "clip")
    reference = _reference(item)
    if _schema(reference) != "ExternalReference" or not reference.get("target_url"):
        notes.append(f"{name} names no file, and is left out")
        return
    path = local_path(str(reference["target_url"]), folder)
    speed = _speed(item, name, notes)
    if speed is None:
        return
    if sound and speed != 1:
        notes.append(f"the sound of {name} is retimed, and is left out")
        return
    available = reference.get("available_range")
    origin_s = _seconds(available["start_time"]) if available else Fraction(0)
    clip_rate = exact_rate((available or span)["start_time"]["rate"])
    start_s = _seconds(span["start_time"]) - origin_s
    known = media.get(os.path.abspath(path))
    first = -((-begin_s * rate + Fraction(1, 2)) // 1)
    if lasts_s * rate > MOST_FRAMES:
        raise CannotLay(f"{name} lasts {int(lasts_s)} seconds, which is more than a timeline is laid for")
    at = max(int(first), 0)
    count = math.ceil((begin_s + lasts_s - Fraction(1, 10**7)) * rate - at - Fraction(1, 2))
    time_s = start_s + ((at + Fraction(1, 2)) / rate - begin_s) * speed + Fraction(1, 10**7)
    if known and known.pts is not None:
        frames = [max(known.frame_at(time_s + n / rate * speed), 0) for n in range(count)]
    else:
        frames = _steady(time_s, speed / rate, known.rate if known else clip_rate, count)
    if frames:
        matrices = _matrices((item.get("metadata") or {}).get("genlock") or {}, at, len(frames))
        yield Event(at, tuple(frames), path, name, matrices, sound)


def _steady(time_s: Fraction, step_s: Fraction, rate: Fraction, count: int) -> list[int]:
    """Frames at even times, of a file of even rate; in whole numbers, many times as fast over hours."""
    begin, step = time_s * rate, step_s * rate
    unit, at, add = begin.denominator * step.denominator, begin.numerator * step.denominator, step.numerator * begin.denominator
    return [max((at + n * add) // unit, 0) for n in range(count)]


def _speed(item: Mapping[str, Any], name: str, notes: list[str]) -> Fraction | None:
    speed = Fraction(1)
    for effect in item.get("effects", []):
        kind = _schema(effect)
        if kind == "FreezeFrame":
            speed = Fraction(0)
        elif kind == "LinearTimeWarp":
            said = (item.get("metadata") or {}).get("genlock") or {}
            scalar = exact(effect["time_scalar"])
            own = exact(said["speed"]) if "speed" in said else scalar
            speed *= own if abs(own - scalar) < Fraction(1, 10**9) else scalar
        elif kind == "TimeEffect":
            notes.append(f"{name} is retimed in a way that cannot be read, and is left out")
            return None
        else:
            notes.append(f"effects such as {effect.get('effect_name') or kind} are left out")
    return speed


def _matrices(said: Mapping[str, Any], at: int, count: int) -> tuple[Matrix, ...]:
    given = said.get("transform") or []
    if not given:
        return ()
    if not isinstance(given[0], Mapping):
        keys: tuple[tuple[int, Matrix], ...] = ((0, tuple(float(x) for x in given)),)
    else:
        keys = tuple((int(key["frame"]), tuple(float(x) for x in key["matrix"])) for key in given)
    if any(len(matrix) != 9 for _, matrix in keys):
        raise ValueError("a transform has nine numbers")
    if len({matrix for _, matrix in keys}) == 1:
        return (keys[0][1],)
    run = Run(at, count, "exact", (), keys)
    first = int(said.get("ref_first", at))
    return tuple(run.matrix_at(first + n) for n in range(count))


def local_path(url: str, folder: str) -> str:
    """The file that a target_url names: a file URL, or a path from the timeline's folder on. Raises CannotLay for the network."""
    parts = urlparse(url)
    if parts.scheme == "file":
        return url2pathname(parts.path)
    if len(parts.scheme) > 1:
        raise CannotLay(f"{url} is no file on this machine, and only those are opened")
    return os.path.normpath(os.path.join(folder, url))
