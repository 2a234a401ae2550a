"""New timelines in a strict fake of Resolve, from alignments of known frames and places; and what is said where Resolve is silent."""

from __future__ import annotations

from fractions import Fraction

import opentimelineio as otio
import pytest

from genlock.core.alignment import Alignment, Key, Media, Piece, Run, Verdict
from genlock.core.settings import AlignSettings
from genlock.hosts.resolve import building, picking, plan, reading
from genlock.hosts.resolve.api import RefusedError, is_studio, open_project
from genlock.otio_adapters.formats import render
from genlock.tests.hosts.resolve import fake_resolve
from genlock.tests.hosts.resolve.fake_resolve import MediaPoolItem, Resolve, Timeline, TimelineItem, UnknownCallError

STILL = (2.0, 0.0, 10.5, 0.0, 2.0, -5.5, 0.0, 0.0, 1.0)
"""A clip of half the size, drawn 10 px to the right and 6 px up: in HD, both fit, so Zoom 1, Pan 10, Tilt 6."""
LEAN = (2.0, 0.0, 0.5, 0.0, 2.0, 0.5, 1e-5, 0.0, 1.0)


@pytest.fixture
def files(tmp_path):
    made = []
    for name in ("clip.mov", "ref.mov"):
        (tmp_path / name).write_bytes(b"stands for footage")
        made.append(str(tmp_path / name))
    return made


@pytest.fixture
def aligned(files, tmp_path):
    """90 ref frames from 01:00:00:05 on: 7 of nothing, 30 as they are, 20 at double speed, 10 held, 13 leaning, 10 of nothing."""
    rate = Fraction(24)
    clip = Media(files[0], 200, rate, 960, 540, start_frame=1000, timecode="00:00:41:16", digest="c")
    ref = Media(files[1], 90, rate, 1920, 1080, start_frame=86405, timecode="01:00:00:05", digest="r", sound=True)
    runs = (
        Run(0, 7, Verdict.UNMATCHED),
        _run(7, 30, Verdict.EXACT, Piece(7, 30, Fraction(3, 24), Fraction(1)), STILL),
        _run(37, 20, Verdict.EXACT, Piece(37, 20, Fraction(40, 24), Fraction(2)), STILL),
        _run(57, 10, Verdict.AMBIGUOUS, Piece(57, 10, Fraction(100, 24), Fraction(0)), STILL, notes=("a held frame",)),
        _run(67, 13, Verdict.EXACT, Piece(67, 13, Fraction(120, 24), Fraction(1)), LEAN),
        Run(80, 10, Verdict.UNMATCHED),
    )
    alignment = Alignment(clip, ref, runs, version="test")
    path = tmp_path / "aligned.otio"
    path.write_bytes(render(alignment, ".otio", AlignSettings(otio="resolve"))[0][".otio"])
    return path, alignment


def _run(first, count, verdict, piece, matrix, notes=()):
    return Run(first, count, verdict, (piece,), (Key(first, matrix),), score=0.9, confidence=0.9, model="scale", notes=notes)


def build(resolve: Resolve, path, whole: plan.Plan | None = None):
    said: list[str] = []
    project = open_project(resolve)
    return building.build(project, whole or plan.read(str(path)), str(path), said.append), said


def shown(timeline: Timeline) -> dict[int, tuple[str, float]]:
    """Ref frame -> (file, clip frame in its middle) on the topmost track, by Resolve's way of counting."""
    played = {}
    for track in timeline._video:
        for item in track:
            speed = item._speeds[0] if item._speeds else 1.0
            for n in range(item._count):
                played[item._start - timeline._start + n] = (item._media._path, int(item._source + (n + 0.5) * speed))
    return played


class TestTimeline:
    def test_it_plays_the_frames_of_the_alignment(self, aligned, files):
        path, alignment = aligned
        built, said = build(Resolve(), path)
        assert built.differences == [] and said == []
        frames = [built_frame if name == files[0] else None for name, built_frame in (shown(built.timeline)[n] for n in range(90))]
        assert frames == alignment.clip_frames()
        assert built.timeline._start == 86405

    def test_pictures_lie_where_they_should(self, aligned):
        built, _ = build(Resolve(), aligned[0])
        first = built.timeline._video[1][0]
        assert (first._properties["Pan"], first._properties["Tilt"], first._properties["ZoomX"]) == (10.0, 6.0, 1.0)
        assert [len(item._comps) for item in built.timeline._video[1]] == [0] * (len(built.timeline._video[1]) - 1) + [1]
        assert {item._properties["Scaling"] for track in built.timeline._video for item in track} == {2}

    def test_a_marker_that_resolve_does_not_set_is_told(self, aligned, monkeypatch):
        monkeypatch.setattr(Timeline, "AddMarker", lambda self, *given: False)
        monkeypatch.setattr(Timeline, "UpdateMarkerCustomData", lambda self, *given: False)
        built, _ = build(Resolve(), aligned[0])
        assert built.differences[-1] == "the markers at ref frames 0, 57, 80 are missing; the report lists what to look at"

    def test_markers_carry_our_ids_where_nobody_sees_them(self, aligned):
        built, _ = build(Resolve(), aligned[0])
        markers = built.timeline._markers
        assert {frame: marker["customData"] for frame, marker in markers.items()} == {
            0.0: "genlock:1:0", 57.0: "genlock:1:57", 80.0: "genlock:1:80"
        }  # fmt: skip
        assert (markers[57.0]["color"], markers[57.0]["note"]) == ("Yellow", "a held frame")

    def test_nothing_of_the_person_is_replaced(self, aligned):
        resolve = Resolve()
        project = resolve._manager._project
        for name in ("ref_genlock_v001", "mine"):
            project._add(Timeline(resolve._world, name, project, 0))
        bin_before = project._pool._folder
        built, _ = build(resolve, aligned[0])
        assert built.name == "ref_genlock_v002" and [one._name for one in project._timelines] == ["ref_genlock_v001", "mine", "ref_genlock_v002"]
        assert project._pool._folder is bin_before and bin_before._clips == []
        assert [folder._name for folder in bin_before._folders] == ["Genlock"] and len(bin_before._folders[0]._clips) == 2
        again, _ = build(resolve, aligned[0])
        assert again.name == "ref_genlock_v003" and len(bin_before._folders) == 1

    def test_baked_media_lies_on_the_ref_as_it_is(self, aligned, files, tmp_path):
        baked = tmp_path / "clip_genlock_v001.mov"
        baked.write_bytes(b"rendered")
        whole = plan.baked(plan.read(str(aligned[0])), str(baked))
        path = tmp_path / "baked.otio"
        path.write_text(plan.to_otio(whole), encoding="utf-8")
        built, _ = build(Resolve(), path, whole)
        assert built.differences == []
        assert [(item._media._path, item._start - 86405, item._count) for track in built.timeline._video for item in track] == [
            (files[1], 0, 90), (str(baked), 0, 90)
        ]  # fmt: skip

    def test_what_we_write_is_otio_to_its_own_library(self, aligned):
        text = plan.to_otio(plan.read(str(aligned[0])))
        timeline = otio.adapters.read_from_string(text, "otio_json")
        assert [track.name for track in timeline.tracks] == ["Video 1", "Video 2", "Audio 1"]
        assert timeline.duration().value == 90 and timeline.global_start_time.value == 86405
        assert isinstance(timeline.tracks[1][2].effects[0], otio.schema.LinearTimeWarp)


class TestSilence:
    """Resolve says nothing; the person hears what it means."""

    @pytest.mark.parametrize("version", [(19, 1, 3), (21, 0, 4)], ids=["endFrame is the last", "endFrame is the one after"])
    def test_a_refused_file_is_placed_clip_by_clip(self, aligned, version):
        resolve = Resolve(version=version)
        resolve._manager._project._pool._refuses_files = True
        whole = plan.read(str(aligned[0]))
        built, said = build(resolve, aligned[0], whole)
        assert "one by one" in said[0]
        assert built.differences[0].startswith("ref frame 37: 20 frames at 2 times speed are left out")
        starts = [(item._start - built.timeline._start, item._count, item._source) for item in built.timeline._video[1]]
        assert starts == [(item.first, item.count, item.source) for item in whole.on(2) if item.speed == 1]
        assert [text.split(";")[0] for text in built.differences[1:]] == [f"track 2 holds {len(starts)} clips and should hold {len(whole.on(2))}"]

    def test_a_folder_is_no_timeline(self, tmp_path, aligned):
        with pytest.raises(RefusedError, match="is no file"):
            building.build(open_project(Resolve()), plan.read(str(aligned[0])), str(tmp_path), print)

    def test_media_that_is_gone_is_told(self, aligned, files, tmp_path):
        (tmp_path / "clip.mov").unlink()
        built, _ = build(Resolve(), aligned[0])
        assert f"is offline; relink it to {files[0]}" in built.differences[0] and "of track 2" in built.differences[0]
        assert built.differences[-1].startswith("and ")

    def test_clips_that_moved_are_told(self, aligned):
        whole = plan.read(str(aligned[0]))
        built, _ = build(Resolve(), aligned[0], whole)
        item = built.timeline._video[1][0]
        item._start, item._count, item._source = item._start + 2, 29, 4
        assert reading.compare(built.timeline, whole) == [
            "clip 1 of track 2: begins at frame 9 and should at 7; lasts 29 frames and should last 30; "
            "begins with frame 4 of its media and should with 3"
        ]

    def test_another_rate_is_told(self, aligned):
        resolve = Resolve()
        resolve._manager._project._settings["timelineFrameRate"] = "25"
        built, _ = build(resolve, aligned[0])
        assert built.differences[0].startswith("the timeline runs at 25 frames a second and the ref at 24")

    def test_a_composition_that_is_not_taken_is_told(self, aligned, monkeypatch):
        monkeypatch.setattr(fake_resolve.TimelineItem, "ImportFusionComp", lambda self, path: None)
        built, _ = build(Resolve(), aligned[0])
        assert "did not take the Fusion composition" in built.differences[0] and "ref frame 67" in built.differences[0]

    def test_a_property_that_does_not_stick_is_told(self, aligned, monkeypatch):
        monkeypatch.setattr(fake_resolve.TimelineItem, "SetProperty", lambda self, key, value: False)
        built, _ = build(Resolve(), aligned[0])
        assert any("Pan is 0 and should be 10.0" in text and "inspector" in text for text in built.differences)

    def test_a_property_that_is_clipped_is_told(self, aligned, monkeypatch):
        monkeypatch.setitem(fake_resolve.PROPERTIES, "Pan", 0.001)
        built, _ = build(Resolve(), aligned[0])
        assert any("Pan is 1.92 and should be 10.0" in text for text in built.differences)

    def test_no_open_project(self):
        resolve = Resolve()
        resolve._manager._project = None
        with pytest.raises(RefusedError, match="open one"):
            open_project(resolve)

    def test_too_old_for_otio(self):
        with pytest.raises(RefusedError, match=r"18\.1, which imports no OTIO"):
            open_project(Resolve(version=(18, 1, 0)))

    def test_a_file_that_is_not_ours(self, tmp_path):
        (tmp_path / "other.otio").write_text('{"OTIO_SCHEMA": "Timeline.1"}')
        with pytest.raises(RefusedError, match="not what genlock writes"):
            plan.read(str(tmp_path / "other.otio"))


class TestPicking:
    @pytest.fixture
    def resolve(self):
        return Resolve(version=(20, 3, 2))

    def put(self, resolve, *names):
        pool = resolve._manager._project._pool
        return [MediaPoolItem(pool._world, path) for path in names]

    def test_two_that_are_selected_in_the_media_pool(self, resolve):
        project = resolve._manager._project
        project._pool._selected = self.put(resolve, "/a/clip.mov", "/a/ref.mov")
        picked = picking.pair(project)
        assert (picked.clip.path, picked.ref.path) == ("/a/clip.mov", "/a/ref.mov") and "media pool" in picked.where
        assert picked.swapped().clip.name == "ref.mov"

    def timeline(self, resolve, *tracks):
        project = resolve._manager._project
        timeline = project._add(Timeline(resolve._world, "mine", project, 86400))
        timeline._video = [[TimelineItem(resolve._world, media, 86400 + at, 50, 0) for media, at in track] for track in tracks]
        return project, timeline

    def test_two_tracks_at_the_playhead_lower_one_is_the_ref(self, resolve):
        low, high, far = self.put(resolve, "/a/low.mov", "/a/high.mov", "/a/far.mov")
        project, timeline = self.timeline(resolve, [(far, 200), (low, 10)], [(high, 20)])
        timeline._playhead = timeline._video[1][0]
        picked = picking.pair(project)
        assert (picked.clip.path, picked.ref.path) == ("/a/high.mov", "/a/low.mov")

    def test_selected_in_the_timeline(self, resolve):
        low, high = self.put(resolve, "/a/low.mov", "/a/high.mov")
        project, timeline = self.timeline(resolve, [(low, 0)], [(high, 100)])
        timeline._selected = [timeline._video[0][0], timeline._video[1][0]]
        picked = picking.pair(project)
        assert (picked.clip.path, picked.ref.path) == ("/a/high.mov", "/a/low.mov") and "selected in the timeline" in picked.where

    def test_an_old_version_has_no_selection_and_is_not_asked(self):
        """hasattr says that it has: only dir() tells."""
        resolve = Resolve(version=(18, 6, 6))
        pool = resolve._manager._project._pool
        assert hasattr(pool, "GetSelectedClips") and "GetSelectedClips" not in dir(pool)
        with pytest.raises(RefusedError, match="lay them on two video tracks"):
            picking.pair(resolve._manager._project)

    def test_titles_timelines_and_the_same_file_twice_are_no_pair(self, resolve):
        project = resolve._manager._project
        one, title = self.put(resolve, "/a/one.mov", "")
        for selection in ([one, title], [one, one], [one]):
            project._pool._selected = selection
            with pytest.raises(RefusedError):
                picking.pair(project)

    @pytest.mark.parametrize(
        ("theirs", "ours"),
        [("/a/shot.[1001-1040].exr", "/a/shot.%04d.exr"), ("/a/s[1]/x_[00001-00009].dpx", "/a/s[1]/x_%05d.dpx"), ("/a/b.mov", "/a/b.mov")],
    )
    def test_image_sequences(self, theirs, ours):
        assert picking.as_pattern(theirs) == ours


class TestTheFake:
    """What the tests above stand on."""

    def test_a_call_that_does_not_exist(self):
        with pytest.raises(UnknownCallError, match="Timeline has no Razor"):
            Timeline(Resolve()._world, "x", Resolve()._manager._project, 0).Razor(5)

    def test_a_studio_call_on_the_free_edition_spoils_the_rest(self):
        resolve = Resolve("DaVinci Resolve")
        assert not is_studio(resolve) and is_studio(Resolve())
        assert resolve._manager._project._pool.CreateStereoClip() is False
        assert resolve.GetProjectManager() is None

    def test_saving_an_untitled_project_would_wait_for_a_person(self):
        with pytest.raises(UnknownCallError, match="waits"):
            Resolve()._manager.SaveProject()

    @pytest.mark.parametrize("change", ["file url", "old clip", "no start", "named otherwise", "half frames"])
    def test_otio_of_another_shape_is_answered_with_silence(self, aligned, change):
        text = aligned[0].read_text(encoding="utf-8")
        pairs = {
            "file url": ('"target_url": "/', '"target_url": "file:///'), "old clip": ("Clip.2", "Clip.1"),
            "no start": ("global_start_time", "global_start"), "named otherwise": ("Video 1", "V1"),
            "half frames": ('"value": 30.0', '"value": 30.5'),
        }  # fmt: skip
        assert pairs[change][0] in text
        aligned[0].write_text(text.replace(*pairs[change]), encoding="utf-8")
        pool = Resolve()._manager._project._pool
        assert pool.ImportTimelineFromFile(str(aligned[0]), {"timelineName": "t", "importSourceClips": True}) is None

    def test_without_source_clips_all_is_offline(self, aligned):
        pool = Resolve()._manager._project._pool
        timeline = pool.ImportTimelineFromFile(str(aligned[0]), {"timelineName": "t", "importSourceClips": False})
        assert all(item._media is None for track in timeline._video for item in track)
