"""What render, composite and retime keep where nothing is to be changed: all of it. Noise in every sample, an identity in time and space."""

from __future__ import annotations

import json
from fractions import Fraction as F
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from genlock.hosts.jobs import Job, Request
from genlock.hosts.worker.run import run
from genlock.tests.contracts.found import Found, found
from genlock.tests.contracts.made import DROP, NTSC, Recipe, Track, make
from genlock.tests.core.render.made import aligned, media

QUARTER = (0, 1 << 16, 0, -(1 << 16), 0, 0, 0, 0, 1 << 30)
DISPLAY = "G(13250,34500)B(7500,3000)R(34000,16000)WP(15635,16450)L(10000000,50)"
X265 = f"lossless=1:log-level=none:ctu=32:master-display={DISPLAY}:max-cll=1000,400"


def exact(**more: object) -> Recipe:
    """H.264 without loss in .mov, whose times are exact."""
    options = {"qp": "0", "bf": "0", **more.pop("options", {})}  # type: ignore[dict-item]
    return Recipe(suffix=".mov", codec="libx264", options=options, **more)  # type: ignore[arg-type]


SOURCES = {
    "film at 23.976": Recipe(tracks=(Track(F(7) / NTSC),), metadata={"title": "a film"}),
    "29.97 with a drop-frame timecode": exact(rate=DROP, timecode="01:00:59;28", tracks=(Track(F(7) / DROP),)),
    "a rate that varies": exact(pts=(0, 3003, 9100, 9101, 20_000, 45_045, 45_100), time_base=F(1, 90_000), rate=F(25)),
    "a first stamp that is not 0, sound later still": Recipe(
        pts=tuple(range(1483, 1763, 40)), time_base=F(1, 1000), rate=F(25), tracks=(Track(F(1, 4), late=F(1, 10)),)
    ),
    "B-frames behind an edit list": exact(options={"bf": "3"}, rate=F(25), count=12, tracks=(Track(F(12, 25)),)),
    "4:2:0 of odd size": Recipe(size_wh=(47, 31)),
    "4:4:4 of 12 bits": Recipe(pix_fmt="yuv444p12le"),
    "full range, BT.601": Recipe(colour=(5, 6, 5, 2)),
    "HDR10": Recipe(
        suffix=".mp4", codec="libx265", pix_fmt="yuv420p10le", size_wh=(64, 64), colour=(9, 16, 9, 1), options={"x265-params": X265}
    ),
    "silence": Recipe(tracks=(Track(F(1, 3), silent=True),)),
    "sound longer than the pictures": exact(rate=F(25), tracks=(Track(F(1)),)),
    "sound shorter than the pictures": exact(rate=F(25), tracks=(Track(F(1, 10)),)),
    "5.1": Recipe(tracks=(Track(F(7) / NTSC, 6),)),
    "three tracks in three languages": Recipe(tracks=tuple(Track(F(7) / NTSC, n, language=name) for n, name in ((2, "ger"), (1, "fre"), (6, "jpn")))),
    "one picture": Recipe(count=1),
    "pixels that are not square": exact(sample_aspect=F(64, 45)),
    "two fields": exact(rate=DROP, size_wh=(64, 64), options={"x264-params": "tff=1"}, woven=True),
    "alpha": Recipe(pix_fmt="yuva444p10le"),
}
KINDS = ("render", "composite", "drop repeats", "plain")
LOSES = {("two fields", "composite"), ("two fields", "plain"), ("alpha", "composite")}
"""Told in docs/contracts.md and tested below: composites are frames and opaque, and frames in between are looked for in one field."""
CASES = [(name, kind) for name in SOURCES for kind in KINDS if (name, kind) not in LOSES]


def settings(recipe: Recipe) -> dict[str, object]:
    lossless = {"codec": "h265" if recipe.codec == "libx265" else "h264", "quality": "lossless"}
    return {"encoder": "software", **({} if recipe.codec == "ffv1" else lossless)}


def do(kind: str, recipe: Recipe, clip: Path, folder: Path, ref: Path | None = None, ref_recipe: Recipe | None = None, **more: object) -> Path:
    """Run one job; returns the film."""
    out = folder / f"out{recipe.suffix.replace('.mp4', '.mov')}"
    if kind in ("render", "composite"):
        said = []
        for path, made in ((clip, recipe), (ref or clip, ref_recipe or recipe)):
            varies = {"pts": made.stamps, "time_base": made.base} if len({b - a for a, b in pairwise(made.stamps)}) > 1 else {}
            said.append(media(path, len(made.stamps), made.size_wh, made.rate, sound=bool(made.tracks), timecode=made.timecode or None, **varies))
        alignment = aligned(said[0], said[1], list(range(len(recipe.stamps))))
        (folder / "a.json").write_text(json.dumps(alignment.to_json()))
        request = Request(kind, {"aligned": str(folder / "a.json")}, (str(out),), {**settings(recipe), **more})
    else:
        how = {"dedup": "only"} if kind == "drop repeats" else {"dedup": "off", "method": "plain"}
        request = Request("retime", {"footage": str(clip)}, (str(out),), {**settings(recipe), **how, **more})
    outcome = run(Job.create(str(folder / "job"), request).folder)
    assert outcome.exit_status == 0, outcome.result
    return out


def check_times(seen: Found, recipe: Recipe) -> None:
    slack = F(1, 2000) if recipe.suffix == ".mkv" else 0  # Matroska counts milliseconds
    assert len(seen.times_s) == len(recipe.times_s)
    assert all(abs(a - b) <= slack for a, b in zip(seen.times_s, recipe.times_s, strict=True))
    if len(set(pairs := [b - a for a, b in pairwise(recipe.stamps)])) == 1:
        assert abs(seen.length_s - len(recipe.stamps) * pairs[0] * recipe.base) <= 2 * slack, "the last picture lasts as long as the others"


def check_sound(seen: Found, recipe: Recipe) -> None:
    """Every track, to the sample, where it was."""
    assert len(seen.sounds) == len(recipe.tracks)
    assert [sound.language for sound in seen.sounds] == [track.language for track in recipe.tracks]
    for seed, (sound, track) in enumerate(zip(seen.sounds, recipe.tracks, strict=True)):
        assert abs(sound.begins_s - track.late) <= F(1, 2000)
        assert np.array_equal(sound.samples, track.samples(seed))


@pytest.mark.parametrize(("name", "kind"), CASES)
def test_nothing_is_lost(name: str, kind: str, tmp_path: Path) -> None:
    recipe = SOURCES[name]
    source = make(recipe, tmp_path)
    given, seen = found(source), found(do(kind, recipe, source, tmp_path))
    assert seen.pictures == given.pictures and len(set(given.pictures)) == len(recipe.stamps)
    assert (seen.pix_fmt, seen.size_wh) == (recipe.pix_fmt, recipe.size_wh)
    assert seen.colour == recipe.colour == given.colour
    assert seen.sample_aspect == recipe.sample_aspect
    assert seen.timecode == recipe.timecode
    assert seen.woven == recipe.woven == given.woven
    hdr = {"MASTERING_DISPLAY_METADATA", "CONTENT_LIGHT_LEVEL"}
    assert hdr & set(given.side) == (hdr if name == "HDR10" else set())
    assert all(seen.side[kind] == given.side[kind] for kind in hdr & set(given.side))
    check_times(seen, recipe)
    check_sound(seen, recipe)
    assert {key: seen.metadata.get(key) or seen.metadata.get(key.upper()) for key in recipe.metadata} == recipe.metadata


@pytest.mark.parametrize("kind", ["render", "composite"])
def test_pixels_are_the_clip_s_and_time_is_the_ref_s(kind: str, tmp_path: Path) -> None:
    colour = (9, 16, 9, 1) if kind == "render" else (5, 1, 5, 1)  # HDR over SDR is mixed in linear light
    clip_recipe = Recipe(pix_fmt="yuv422p10le", colour=colour, rate=F(25), tracks=(Track(F(7, 25)),))
    stamps = (0, 3003, 9100, 9101, 20_000, 45_045, 45_100)
    ref_recipe = exact(pts=stamps, time_base=F(1, 90_000), rate=DROP, timecode="00:59:59;28", tracks=(Track(F(1, 2), 1), Track(F(1, 2), 2)))
    clip, ref = make(clip_recipe, tmp_path, "clip"), make(ref_recipe, tmp_path, "ref")
    out = do(kind, clip_recipe, clip, tmp_path, ref, ref_recipe, sound="ref", **({"keep": "ref"} if kind == "composite" else {}))
    given, seen = found(clip), found(out)
    assert (seen.pix_fmt, seen.colour) == (given.pix_fmt, clip_recipe.colour)
    assert seen.pictures == given.pictures
    assert seen.timecode == "00:59:59;28"
    assert all(abs(a - b) <= F(1, 2000) for a, b in zip(seen.times_s, ref_recipe.times_s, strict=True))
    check_sound(seen, ref_recipe)


@pytest.mark.parametrize("kind", ["drop repeats", "plain"])
def test_a_turned_picture_comes_out_upright(kind: str, tmp_path: Path) -> None:
    recipe = exact(size_wh=(48, 32), turn=QUARTER)
    seen = found(do(kind, recipe, make(recipe, tmp_path), tmp_path))
    assert seen.size_wh == (32, 48)
    assert "DISPLAYMATRIX" not in seen.side
    check_times(seen, recipe)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("rate", [NTSC, DROP, F(12), F(24, 1001)])
def test_matroska_s_milliseconds_go_no_further(rate: F, kind: str, tmp_path: Path) -> None:
    """Its stamps are rounded; a film of a constant rate that is made of it has exact ones, and the last picture lasts as long as the others."""
    source = make(Recipe(rate=rate), tmp_path)
    recipe = exact(rate=rate)
    check_times(found(do(kind, recipe, source, tmp_path)), recipe)


@pytest.mark.parametrize("channels", [1, 2, 6])
@pytest.mark.parametrize("suffix", [".mp4", ".mov"])
def test_sound_whose_channels_have_no_names(suffix: str, channels: int, tmp_path: Path) -> None:
    """As PCM in Matroska: its places are told to nobody, and MP4 asks for them."""
    recipe = Recipe(tracks=(Track(F(7) / NTSC, channels),))
    source, out = make(recipe, tmp_path), tmp_path / f"out{suffix}"
    told = {"dedup": "only", "codec": "h264", "encoder": "software"}
    outcome = run(Job.create(str(tmp_path / "job"), Request("retime", {"footage": str(source)}, (str(out),), told)).folder)
    assert outcome.exit_status == 0, outcome.result
    check_sound(found(out), recipe)


def test_a_composite_is_frames(tmp_path: Path) -> None:
    """The samples of the one on top stay, also where they are two fields; the file does not say so."""
    recipe = SOURCES["two fields"]
    source = make(recipe, tmp_path)
    seen = found(do("composite", recipe, source, tmp_path))
    assert seen.pictures == found(source).pictures and not seen.woven


def test_a_composite_is_opaque(tmp_path: Path) -> None:
    recipe = SOURCES["alpha"]
    seen = found(do("composite", recipe, make(recipe, tmp_path), tmp_path))
    assert seen.pix_fmt == "yuv444p10le"
    check_times(seen, recipe)


def test_frames_in_between_are_whole_frames(tmp_path: Path) -> None:
    recipe = SOURCES["two fields"]
    seen = found(do("plain", recipe, make(recipe, tmp_path), tmp_path))
    assert not seen.woven
    check_times(seen, recipe)
