"""The OpenTimelineIO plug-in: found through the entry point, and it gives what our own functions give."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import opentimelineio as otio
import pytest

import genlock.otio_adapters
from genlock.core.alignment import Alignment, Media, Piece, Run, Verdict
from genlock.core.errors import FormatError
from genlock.otio_adapters.formats import render
from genlock.otio_adapters.timeline import to_timeline

MANIFEST = Path(genlock.otio_adapters.__file__).parent / "plugin_manifest.json"


@pytest.fixture(autouse=True)
def plugin(monkeypatch):
    """The manifest by its path, so that the tests also run where genlock is not installed."""
    monkeypatch.setenv("OTIO_PLUGIN_MANIFEST_PATH", str(MANIFEST))
    otio.plugins.ActiveManifest(force_reload=True)


@pytest.fixture
def alignment() -> Alignment:
    media = Media("/m/a.mov", 50, Fraction(25), 8, 8)
    pieces = (Piece(0, 20, Fraction(3, 25), Fraction(1)), Piece(20, 10, Fraction(1), Fraction(-1)))
    return Alignment(media, media, (Run(0, 30, Verdict.EXACT, pieces), Run(30, 20, Verdict.UNMATCHED)))


def test_the_json_as_a_timeline(alignment: Alignment, tmp_path: Path) -> None:
    path = tmp_path / "a.genlock"
    path.write_bytes(render(alignment, ".json")[0][".json"])
    timeline = otio.adapters.read_from_file(str(path))
    assert timeline.to_json_string() == to_timeline(alignment).to_json_string()
    before = timeline.to_json_string()
    otio.adapters.write_to_file(timeline, str(path))
    assert path.read_bytes() == render(alignment, ".json")[0][".json"] and timeline.to_json_string() == before


def test_the_edl_both_ways(alignment: Alignment, tmp_path: Path) -> None:
    text = otio.adapters.write_to_string(to_timeline(alignment), "genlock_edl", manner="resolve")
    timeline = otio.adapters.read_from_string(text, "genlock_edl", rate=25)
    first, backwards = timeline.find_clips()
    assert timeline.global_start_time.value == 90000
    assert (first.source_range.start_time.value, first.source_range.duration.value) == (3, 20)
    assert (backwards.source_range.start_time.value, backwards.effects[0].time_scalar) == (25, -1.0)


@pytest.mark.parametrize("suffix", [".nk", ".mlt", ".vpy"])
def test_scripts_are_written(alignment: Alignment, suffix: str, tmp_path: Path) -> None:
    otio.adapters.write_to_file(to_timeline(alignment), str(tmp_path / f"a{suffix}"))
    assert (tmp_path / f"a{suffix}").read_bytes() == render(alignment, suffix)[0][suffix]


def test_an_error_is_of_our_family() -> None:
    with pytest.raises(FormatError, match="line 1"):
        otio.adapters.read_from_string("rubbish", "genlock_edl")


def test_no_hook_is_registered_and_adapters_are_documented() -> None:
    assert '"hooks"' not in MANIFEST.read_text() and "schemadef" not in MANIFEST.read_text()
    for name in ("genlock", "genlock_edl", "genlock_nk", "genlock_mlt", "genlock_vpy"):
        assert otio.adapters.from_name(name).plugin_info_map()["doc"]
