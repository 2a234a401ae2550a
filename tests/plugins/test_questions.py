"""What the validators ask, one by one, on facts made by hand; and a version's folder that appears whole or not at all."""

from __future__ import annotations

import os
import shutil
from types import SimpleNamespace

import pytest

from genlock.hosts.publishing import placing, questions
from genlock.hosts.publishing.problems import Problem, ask_all

FILM = {
    "kind": "video", "codec": "h264", "bits": 8, "width": 1920, "height": 1080, "sample_aspect": "1", "rate": "24000/1001", "frames": 1000,
    "timecode": None, "timecode_error": "", "transfer": "BT.709", "hdr": False, "holes": [],
}  # fmt: skip
PATHS = {"clip": "/a/clip.mov", "ref": "/a/ref.mov"}


def film(**more):
    return {**FILM, **more}


def pair(clip=None, ref=None):
    return {"clip": film(**(clip or {})), "ref": film(**(ref or {}))}


BROKEN = {"error": {"code": "media", "what": "/a is empty", "next_step": "copy it again"}}
MIXED = pair({"transfer": "PQ", "hdr": True}, {"transfer": "", "bits": 10})


@pytest.mark.parametrize(
    ("ask", "says"),
    [
        (lambda: questions.readable("ref", "/a", BROKEN), "ref /a: /a is empty; copy it again"),
        (lambda: questions.said_rate("clip", "/s.%04d.exr", film(kind="sequence", rate="24"), ""), "is taken as 24; give clip_rate"),
        (lambda: questions.rate_for_edl("/a", film(rate="12"), [".otio", ".edl"]), "runs at 12 frames a second, which timecode"),
        (lambda: questions.rate_for_edl("/a", film(rate="20"), [".edl"]), "leave the .edl out"),
        (lambda: questions.whole("ref", "/a", film(holes=[3, 4, 5, 9, 10])), "pictures are missing: 3, 4, 5, 9 and 1 more"),
        (lambda: questions.lengths(PATHS, pair(ref={"frames": 1})), "ref /a/ref.mov: is a film of one frame"),
        (lambda: questions.picture_size("clip", "/a", film(width=31)), "is 31x1080"),
        (lambda: questions.aspects(PATHS, pair(clip={"width": 1440}), "off"), "1440x1080 and 1920x1080, and space is off; set space to auto"),
        (lambda: questions.even_size("/a", film(width=1919), ".mov", ""), "is 1919x1080, and most film codecs have no odd sides"),
        (lambda: questions.colours(PATHS, MIXED, {"clip": "", "ref": ""}), "ref /a/ref.mov: has 10 bits"),
        (lambda: questions.timecode("ref", "/a", film(timecode="01:00:00:29", timecode_error="no")), "its timecode 01:00:00:29 is none at 23.976"),
        (lambda: questions.same_footage({"same": False, "what": "they differ", "next_step": ""}), "the pair: they differ; check that"),
    ],
)  # fmt: skip
def test_a_problem_says_which_why_and_what_to_do(ask, says):
    with pytest.raises(Problem) as caught:
        ask()
    assert says in str(caught.value) and all((caught.value.which, caught.value.what, caught.value.next_step))


@pytest.mark.parametrize(
    "ask",
    [
        lambda: questions.readable("ref", "/a", FILM),
        lambda: questions.said_rate("clip", "/s.%04d.exr", film(kind="sequence"), "25"),
        lambda: questions.said_rate("clip", "/a", FILM, ""),
        lambda: questions.rate_for_edl("/a", film(rate="12"), [".otio"]),
        lambda: questions.rate_for_edl("/a", film(rate="30000/1001"), [".edl"]),
        lambda: questions.whole("ref", "/a", FILM),
        lambda: questions.lengths(PATHS, pair(clip={"frames": 1, "kind": "still"})),
        lambda: questions.aspects(PATHS, pair(clip={"width": 1440}), "auto"),
        lambda: questions.aspects(PATHS, pair(clip={"width": 1440, "sample_aspect": "4/3"}), "off"),
        lambda: questions.even_size("/a", film(width=1919), ".%04d.exr", ""),
        lambda: questions.even_size("/a", film(width=1919), ".mov", "pad"),
        lambda: questions.even_size("/a", film(width=1919), "", ""),
        lambda: questions.colours(PATHS, pair({"transfer": "PQ", "hdr": True}), {"clip": "", "ref": ""}),
        lambda: questions.colours(PATHS, MIXED, {"clip": "", "ref": "ARRI LogC3"}),
        lambda: questions.timecode("ref", "/a", film(timecode="01:00:00:23")),
        lambda: questions.same_footage({"same": True, "matched": 3, "ref_frames": 9}),
    ],
)
def test_what_is_fine_is_silent(ask):
    assert ask() is None


def test_a_full_disk_and_a_folder_that_cannot_be_written(tmp_path, monkeypatch):
    assert questions.room(str(tmp_path / "new" / "one"), FILM, rendered=False) is None
    monkeypatch.setattr(shutil, "disk_usage", lambda path: SimpleNamespace(free=3 << 30))
    assert questions.room(str(tmp_path), FILM, rendered=False) is None
    with pytest.raises(Problem, match=r"3\.0 GiB are free and about 6\.0 GiB are needed"):
        questions.room(str(tmp_path), FILM, rendered=True)
    (tmp_path / "file").write_text("")
    with pytest.raises(Problem, match="nothing can be written in"):
        questions.room(str(tmp_path / "file" / "sub"), FILM, rendered=False)


def test_several_problems_are_told_together():
    def wrong(name):
        raise Problem(name, "is wrong", "mend it")

    with pytest.raises(Problem) as caught:
        ask_all(lambda: wrong("clip"), lambda: None, lambda: wrong("ref"))
    assert str(caught.value) == "clip: is wrong; mend it\nref: is wrong; mend it"


class TestPlace:
    @pytest.fixture
    def staged(self, tmp_path):
        folder = tmp_path / "staged"
        folder.mkdir()
        (folder / "a.otio").write_text("timeline")
        return folder

    def test_versions_go_up_and_nothing_is_replaced(self, staged, tmp_path):
        (tmp_path / "out" / "shot" / "v007").mkdir(parents=True)
        final, files = placing.place(str(staged), str(tmp_path / "out"), "shot", {".otio": str(staged / "a.otio")})
        assert final == str(tmp_path / "out" / "shot" / "v008") and files == {".otio": os.path.join(final, "a.otio")}
        assert open(files[".otio"]).read() == "timeline" and not staged.exists()
        assert sorted(os.listdir(tmp_path / "out" / "shot")) == ["v007", "v008"]

    def test_a_copy_that_fails_leaves_nothing(self, staged, tmp_path, monkeypatch):
        def full(*given):
            raise OSError(28, "No space left on device")

        monkeypatch.setattr(placing, "_flush", full)
        with pytest.raises(Problem, match="No space left on device; free some space"):
            placing.place(str(staged), str(tmp_path / "out"), "shot", {})
        assert os.listdir(tmp_path / "out" / "shot") == [] and staged.exists()
