"""What a person says of runs, laid over an alignment: every frame that was not rejected shows and lies as before."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

import pytest

from genlock.core.alignment import Alignment, Key, Media, Piece, Run, Verdict
from genlock.core.alignment_rules import require_sound
from genlock.core.errors import FormatError
from genlock.core.settings import AlignSettings
from genlock.hosts.web.aligned_desk import nearest_matrix, settings_again
from genlock.hosts.web.aligned_state import coded
from genlock.hosts.web.decisions import Decisions, Said, anchor_texts, part_of, reviewed, said_of
from genlock.otio_adapters.formats import read, render

RATE = Fraction(24000, 1001)
CLIP = Media("clip.mov", 200, RATE, 320, 180)
REF = Media("ref.mov", 60, RATE, 640, 360)
SLIDE = (Key(0, (2.0, 0, 0, 0, 2.0, 0, 0, 0, 1.0)), Key(19, (2.0, 0, 19.0, 0, 2.0, 0, 0, 0, 1.0)))
STILL = (Key(30, (2.0, 0, 5.0, 0, 2.0, 0, 0, 0, 1.0)),)


def runs() -> tuple[Run, ...]:
    """Ref 0-19 plays from clip 10 on, 20-29 nothing, 30-59 from clip 100 on at half speed."""
    return (
        Run(0, 20, Verdict.EXACT, (Piece(0, 20, 10 / RATE, Fraction(1)),), SLIDE, 0.9, 0.99, notes=("look",)),
        Run(20, 10, Verdict.UNMATCHED),
        Run(30, 30, Verdict.AMBIGUOUS, (Piece(30, 30, 100 / RATE, Fraction(1, 2)),), STILL, 0.7, 0.5, also=((40, 60),)),
    )


ALIGNMENT = Alignment(CLIP, REF, runs())


def test_nothing_said_changes_nothing():
    assert reviewed(ALIGNMENT, Decisions()).runs == ALIGNMENT.runs


def test_what_is_accepted_needs_no_second_look():
    decisions = Decisions().with_said(ALIGNMENT.runs[0], ALIGNMENT.clip_frames(), "accept")
    done = reviewed(ALIGNMENT, decisions)
    assert done.runs[0] == replace(ALIGNMENT.runs[0], notes=())
    assert done.evidence["reviewed"]["accepted"] == [{"first": 0, "last": 19, "clip_first": 10, "clip_last": 29}]


def test_what_is_rejected_is_unmatched():
    shown = ALIGNMENT.clip_frames()
    decisions = Decisions().with_said(ALIGNMENT.runs[2], shown, "reject")
    done = reviewed(ALIGNMENT, decisions)
    require_sound(done)
    assert done.clip_frames() == shown[:30] + [None] * 30
    assert done.runs[2] == Run(30, 30, Verdict.UNMATCHED)


@pytest.mark.parametrize("suffix", [".otio", ".json"])
def test_notes_are_told_also_of_what_is_rejected(tmp_path, suffix):
    shown = ALIGNMENT.clip_frames()
    decisions = Decisions(notes={"0": "another take", "20": "who?"}).with_said(ALIGNMENT.runs[0], shown, "reject")
    bodies, _ = render(reviewed(ALIGNMENT, decisions), suffix, AlignSettings())
    (tmp_path / f"a{suffix}").write_bytes(next(iter(bodies.values())))
    written = (tmp_path / f"a{suffix}").read_text(encoding="utf-8")
    assert "another take" in written and "who?" in written
    assert read(str(tmp_path / f"a{suffix}")).clip_frames()[:30] == [None] * 30


def test_the_last_word_counts():
    shown, run = ALIGNMENT.clip_frames(), ALIGNMENT.runs[0]
    decisions = Decisions().with_said(run, shown, "accept").with_said(run, shown, "reject")
    assert decisions.of(run, shown) == "reject"
    assert decisions.with_said(run, shown, "clear") == Decisions()


def test_a_rejection_holds_only_for_what_was_rejected():
    """After a new solve: frames that show the same are rejected still; frames that show something else are open."""
    decisions = Decisions(rejected=(Said(5, 24, 15, 34),))
    done = reviewed(ALIGNMENT, decisions)
    require_sound(done)
    shown = ALIGNMENT.clip_frames()
    assert done.clip_frames() == shown[:5] + [None] * 25 + shown[30:]
    assert [done.matrix_at(n) for n in range(5)] == [ALIGNMENT.matrix_at(n) for n in range(5)]
    assert reviewed(ALIGNMENT, Decisions(rejected=(Said(5, 24, 115, 134),))).clip_frames() == shown


@pytest.mark.parametrize(("first", "end"), [(0, 7), (3, 12), (19, 20), (8, 20)])
def test_a_part_of_a_run_shows_and_lies_as_before(first, end):
    part = part_of(ALIGNMENT.runs[0], first, end, REF)
    around = (Run(0, first, Verdict.UNMATCHED), part, Run(end, 60 - end, Verdict.UNMATCHED))
    alone = Alignment(CLIP, REF, tuple(run for run in around if run.ref_count))
    require_sound(alone)
    assert alone.clip_frames()[first:end] == ALIGNMENT.clip_frames()[first:end]
    for n in range(first, end):
        assert alone.matrix_at(n) == pytest.approx(ALIGNMENT.matrix_at(n))


def test_parts_of_variable_rate_begin_where_their_frame_does():
    ref = replace(REF, pts=tuple(n * 40 + (n % 3) * 7 for n in range(60)), time_base=Fraction(1, 1000), rate=Fraction(25))
    whole = Alignment(CLIP, ref, (Run(0, 60, Verdict.EXACT, (Piece(0, 60, Fraction(1), Fraction(5, 4)),), STILL, 0.9, 0.9),))
    part = part_of(whole.runs[0], 17, 41, ref)
    split = Alignment(CLIP, ref, (part_of(whole.runs[0], 0, 17, ref), part, part_of(whole.runs[0], 41, 60, ref)))
    assert split.clip_frames() == whole.clip_frames()


def test_what_was_said_survives_the_disk(tmp_path):
    shown = ALIGNMENT.clip_frames()
    decisions = Decisions(notes={"0": "Größe?"}, at=12).with_said(ALIGNMENT.runs[0], shown, "reject").with_anchor(70, 20).with_anchor(71, 20)
    assert decisions.anchors == ((71, 20),)
    decisions.save(tmp_path / "a.json")
    assert Decisions.load(tmp_path / "a.json") == decisions
    assert decisions.without_anchor(20).anchors == ()
    assert Decisions.load(tmp_path / "none.json") == Decisions()


@pytest.mark.parametrize("text", ["[", "[]", '{"accepted": [{"first": 1}]}', '{"anchors": [["a", 1]]}', '{"anchors": 5}'])
def test_a_damaged_file_is_refused(tmp_path, text):
    (tmp_path / "a.json").write_text(text)
    with pytest.raises(FormatError, match="damaged"):
        Decisions.load(tmp_path / "a.json")


def test_anchors_are_written_as_each_file_counts():
    shot = Media("shot.%04d.exr", 100, Fraction(24), 320, 180, start_frame=1001)
    film = Media("film.mov", 500, RATE, 320, 180, start_frame=86400, timecode="01:00:00:00")
    decisions = Decisions().with_anchor(9, 30)
    assert anchor_texts(decisions, shot, film) == ("1010=30",)
    again = settings_again(replace(ALIGNMENT, settings={"anchor": ["1=30", "5=31"], "quality": "draft", "of_another_version": 1}), ("1010=30",))
    assert again == {"anchor": ["5=31", "1010=30"], "quality": "draft"}
    AlignSettings.from_json(again)
    assert settings_again(replace(ALIGNMENT, settings={"cache": "/home/somebody/.ssh"}), ()) == {}
    assert settings_again(replace(ALIGNMENT, settings={"cache": "off"}), ()) == {"cache": "off"}


def test_between_runs_the_nearest_one_says_where_the_clip_lies():
    assert nearest_matrix(ALIGNMENT, 21) == SLIDE[1].matrix
    assert nearest_matrix(ALIGNMENT, 28) == STILL[0].matrix
    assert nearest_matrix(Alignment(CLIP, REF, (Run(0, 60, Verdict.UNMATCHED),)), 28) is None


@pytest.mark.parametrize(
    "shown",
    [[], [None], [5], [None, None, 3, 4, 5, 5, 5, None, 9, 7, 5, 5], list(range(40)), [0, 0, 1, 1, 2, 2], ALIGNMENT.clip_frames(), [0, None, 0, -0]],
    ids=str,
)
def test_frames_are_coded_as_the_page_reads_them(shown):
    decoded = [None if first == -1 else first + step * at for first, step, count in coded(shown) for at in range(count)]
    assert decoded == shown


def test_long_films_are_told_in_few_words():
    assert len(coded(list(range(100_000)))) == 1
    assert said_of(ALIGNMENT.runs[1], ALIGNMENT.clip_frames()) == Said(20, 29, -1, -1)
