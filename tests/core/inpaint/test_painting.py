"""Paint jobs: one a keyframe and seed, asked once, kept whole, asked again where the connection fails."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from genlock.core.errors import Cancelled, GenlockError, UsageError
from genlock.core.inpaint.contract import Ask, Painted, PaintError, RetryLater, ServerError
from genlock.core.inpaint.package.manifest import keyframes as manifest_rows
from genlock.core.inpaint.project import Project, Selection, create_project, open_project
from genlock.core.inpaint.project.config import NAME, to_text
from genlock.core.inpaint.project.pictures import save_picture
from genlock.core.inpaint.project.tables import Batch
from genlock.core.inpaint.steps import Given, Plan, extract, keyframes, mask, paint, run_project, select
from genlock.core.progress import Progress
from genlock.hosts.web.project_state import project_state
from genlock.hosts.worker.inpaint_picks import pick

from .made_shots import write_shot

STEPS = (extract.STEP, mask.STEP, keyframes.STEP, paint.STEP, select.STEP)


class Painter:
    """Strict: refuses what a painter is never to be asked, and remembers all it was asked."""

    name = "command"

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.model = "model A"
        self.faults: list[Exception] = []
        self.closed, self.used = 0, False
        self.answer: Callable[[Ask], Painted] = lambda ask: Painted(
            np.where(ask.mask[..., None] > 0, ask.picture.dtype.type(ask.seed + 10), ask.picture), None, {"seed": ask.seed}
        )

    def identity(self) -> Mapping[str, Any]:
        assert not self.closed
        self.used = True
        return {"model": self.model}

    def paint(self, ask: Ask, stop: Callable[[], bool]) -> Painted:
        assert not self.closed and not stop()
        assert len(ask.job) == 64 and ask.mask.any() and ask.mask.shape == ask.picture.shape[:2]
        assert all(side % 8 == 0 for side in ask.mask.shape)
        if self.faults:
            raise self.faults.pop(0)
        self.asked.append(ask.job)
        return self.answer(ask)

    def close(self) -> None:
        self.closed += 1


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(paint, "FIRST_WAIT_S", 0.01)


@pytest.fixture
def project(tmp_path: Path) -> Project:
    video, matte = write_shot(tmp_path / "s", 5)
    return create_project(tmp_path / "s" / "p", str(video), str(matte), backend="command", seeds=(4, 2), size=64, manual=(3,))


def run(project: Project, painter: Painter, plan: Plan = Plan(), progress: Progress = Progress()) -> list[str]:
    notes: list[str] = []
    painter.closed, painter.used = 0, False
    run_project(open_project(project.root), STEPS, Given(paint=lambda: painter), plan, progress, notes.append)
    assert bool(painter.closed) == painter.used
    return notes


def change(project: Project, **keys: Any) -> None:
    config = open_project(project.root).config
    text = to_text(replace(config, inpaint=replace(config.inpaint, **keys)))
    project.path(NAME).write_text(text)


def test_one_job_a_keyframe_and_seed(project: Project) -> None:
    painter = Painter()
    notes = run(project, painter)
    assert [(job.keyframe, job.seed, job.state) for job in project.jobs()] == [(k, s, "done") for k in (0, 3) for s in (4, 2)]
    assert painter.asked == [job.job for job in project.jobs()]
    assert all(job.results[0].name == "result_000.png" and (job.results[0].parent / "reply.json").exists() for job in project.jobs())
    chosen = project.chosen()
    assert [(k, c.by, project.jobs(k)[0].job == c.job) for k, c in chosen.items()] == [(0, "default", True), (3, "default", True)]
    assert "2 keyframes have no pick" in " ".join(notes)
    group = project.group_of(3)
    picture = project.painted(3)
    assert picture.shape == (group.crop.height, group.crop.width, 3) and picture.dtype == np.uint8
    inside = project.mask(3)[group.crop.window] > 0
    middle = tuple(np.argwhere(inside).mean(axis=0).astype(int))
    assert (picture[middle] == 14).all(), "seed 4 paints level 14"


def test_what_is_painted_is_never_asked_for_again(project: Project) -> None:
    painter = Painter()
    run(project, painter)
    painter.asked.clear()
    run(project, painter, Plan(begin="extract"))
    assert painter.asked == []


def test_the_project_can_be_moved(project: Project, tmp_path: Path) -> None:
    painter = Painter()
    run(project, painter)
    shutil.move(tmp_path / "s", tmp_path / "t")
    painter.asked.clear()
    run(open_project(tmp_path / "t" / "p"), painter, Plan(begin="paint"))
    assert painter.asked == []


def test_ids_come_from_all_that_matters(project: Project) -> None:
    painter = Painter()
    run(project, painter)
    seen = set(painter.asked)
    for keys in ({"prompt": "a wall"}, {"denoise": 0.5}, {"negative": "people"}, {"steps": 3}, {"cfg": 2.0}, {"sampler": "Euler"}, {"padding": 9}):
        change(project, **keys)
        painter.asked.clear()
        run(project, painter)
        assert painter.asked and not seen & set(painter.asked), keys
        seen |= set(painter.asked)
    painter.model, before = "model B", len(seen)
    run(project, painter, Plan(begin="paint"))
    assert len(seen | set(painter.asked)) == before + 4
    change(project, prompt="", denoise=0.3, negative="", steps=20, cfg=7.0, sampler="", padding=32)
    painter.model = "model A"
    painter.asked.clear()
    run(project, painter)
    assert painter.asked == [], "answers to former questions are kept"


def test_batches_have_their_own_seeds_and_denoise(project: Project) -> None:
    painter = Painter()
    run(project, painter)
    before = painter.asked[:]
    change(project, batch=(Batch(), Batch((2, 9), 0.5)))
    painter.asked.clear()
    run(project, painter)
    batches = [(4, 0.3), (2, 0.3), (2, 0.5), (9, 0.5)]
    assert [(job.seed, job.denoise) for job in project.jobs(3)] == batches
    assert len(painter.asked) == 4 and not set(before) & set(painter.asked), "what was painted is in the first batch still"
    with pytest.raises(UsageError, match=r"2 pictures of seed 2; write 2@0\.3 or 2@0\.5"):
        pick(str(project.root), 3, "2")
    with pytest.raises(UsageError, match=r"painted are 4@0\.3, 2@0\.3, 2@0\.5, 9@0\.5"):
        pick(str(project.root), 3, "9@0.3")
    assert pick(str(project.root), 3, "2@0.5") == "Keyframe 3: seed 2, denoise 0.5 is picked."
    run(project, painter)
    assert project.chosen()[3].job == project.jobs(3)[2].job and manifest_rows(project)[1]["denoise"] == 0.5
    told = [group["jobs"] for group in project_state(project)["groups"]][1]
    assert [(job["seed"], job["batch"]) for job in told] == [(seed, f"denoise {denoise}") for seed, denoise in batches]
    project.save_selection(3, Selection("redo"))
    run(open_project(project.root), painter)
    assert [(job.seed, job.denoise) for job in project.jobs(3)] == [*batches, (10, 0.3), (10, 0.5)]


def test_a_painter_tells_how_far_its_picture_is(project: Project) -> None:
    class Telling(Painter):
        def __init__(self) -> None:
            super().__init__()
            self.tell: Callable[[float, str], None] = lambda done, what: None

        def paint(self, ask: Ask, stop: Callable[[], bool]) -> Painted:
            self.tell(0.5, "step 1 of 2")
            return super().paint(ask, stop)

    said: list[tuple[float, str]] = []
    run(project, Telling(), progress=Progress(lambda done, what: said.append((done, what))))
    assert [what for _, what in said if "step" in what] == [f"painting frame {k}, step 1 of 2" for k in (0, 0, 3, 3)]
    assert said == sorted(said, key=lambda one: one[0]) and len({done for done, what in said if "frame" in what and "painting" in what}) == 8


def test_another_seed_asks_for_that_alone(project: Project) -> None:
    painter = Painter()
    run(project, painter)
    painter.asked.clear()
    change(project, seeds=(4, 2, 8))
    run(project, painter)
    assert len(painter.asked) == 2
    project.save_selection(3, Selection("redo"))
    painter.asked.clear()
    run(project, painter)
    assert [job.seed for job in project.jobs(3)] == [4, 2, 8, 9] and len(painter.asked) == 1
    assert [job.seed for job in project.jobs(0)] == [4, 2, 8]


def test_a_failed_connection_is_tried_again(project: Project) -> None:
    painter = Painter()
    painter.faults = [RetryLater("nobody answers"), RetryLater("nobody answers")]
    assert sum("asking again" in note for note in run(project, painter)) == 2
    assert len(painter.asked) == 4


def test_a_connection_that_stays_away_ends_the_run_and_the_next_goes_on(project: Project) -> None:
    painter = Painter()
    run_first = painter.answer

    def gone(ask: Ask) -> Painted:
        if len(painter.asked) > 2:
            raise RetryLater("nobody answers")
        return run_first(ask)

    painter.answer = gone
    change(project, retries=1)
    with pytest.raises(RetryLater):
        run(project, painter)
    assert [job.state for job in project.jobs()] == ["done", "done", "waiting", "waiting"]
    done = painter.asked[:2]
    painter.asked, painter.answer = [], run_first
    run(project, painter)
    assert len(painter.asked) == 2 and not set(done) & set(painter.asked)


def test_one_refused_picture_does_not_stop_the_others(project: Project) -> None:
    painter = Painter()
    painter.faults = [PaintError("too large for the memory", "make size smaller")]
    with pytest.raises(GenlockError, match=r"1 of 4 pictures were not painted; the first one: too large.*make size smaller"):
        run(project, painter)
    assert [job.state for job in project.jobs()] == ["failed", "done", "done", "done"]
    assert "too large" in project.jobs()[0].error
    run(project, painter)
    assert [job.state for job in project.jobs()] == ["done"] * 4


def test_a_painter_that_is_set_up_wrongly_is_not_asked_on(project: Project) -> None:
    painter = Painter()
    painter.faults = [ServerError("there is no such model"), ServerError("asked again")]
    with pytest.raises(ServerError, match="no such model"):
        run(project, painter)
    assert len(painter.faults) == 1


@pytest.mark.parametrize(
    "wrong",
    [
        lambda ask: Painted(ask.picture[8:]),
        lambda ask: Painted(ask.picture[..., :1]),
        lambda ask: Painted(ask.picture.astype(np.uint16)),
    ],
)
def test_an_answer_of_another_size_is_none(project: Project, wrong: Callable[[Ask], Painted]) -> None:
    painter = Painter()
    painter.answer = wrong
    with pytest.raises(GenlockError, match="was asked for"):
        run(project, painter)
    assert all(job.state == "failed" and not job.results for job in project.jobs())


def test_a_damaged_answer_is_painted_again(project: Project) -> None:
    painter = Painter()
    run(project, painter)
    job = project.jobs()[1]
    whole = job.results[0].read_bytes()
    job.results[0].write_bytes(whole[:50])
    painter.asked.clear()
    run(project, painter)
    assert painter.asked == [job.job] and job.results[0].read_bytes() == whole


def test_layers_are_kept(project: Project) -> None:
    painter = Painter()
    layer = np.random.default_rng(0).integers(0, 255, (8, 8, 4), dtype=np.uint8)
    plain = painter.answer
    painter.answer = lambda ask: replace(plain(ask), layer=layer)
    run(project, painter)
    assert all(len(job.layers) == 1 for job in project.jobs())


def test_it_stops_when_asked(project: Project) -> None:
    painter = Painter()
    wanted = Progress(wanted=lambda: len(painter.asked) < 1)
    with pytest.raises(Cancelled):
        run(project, painter, progress=wanted)
    assert len(painter.asked) == 1
    run(project, painter)
    assert len(painter.asked) == 4


def test_picks_are_obeyed(project: Project) -> None:
    painter = Painter()
    run(project, painter)
    second = project.jobs(0)[1]
    project.save_selection(0, Selection("pick", second.job, second.results[0].name))
    project.save_selection(3, Selection("drop"))
    run(project, painter)
    chosen = project.chosen()
    assert (chosen[0].job, chosen[0].by) == (second.job, "person")
    assert (chosen[3].action, chosen[3].path) == ("drop", "")
    with pytest.raises(GenlockError, match="no chosen picture"):
        project.painted(3)


def test_a_pick_of_what_is_gone_is_not_used(project: Project) -> None:
    painter = Painter()
    run(project, painter)
    second = project.jobs(0)[1]
    project.save_selection(0, Selection("pick", second.job, second.results[0].name))
    change(project, prompt="something else")
    notes = run(project, painter)
    assert "pick again" in " ".join(notes)
    assert project.chosen()[0].by == "default"


def test_a_corrected_mask_asks_for_its_keyframe_alone(project: Project) -> None:
    painter = Painter()
    run(project, painter)
    mine = project.mask(3).copy()
    mine[: np.argwhere(mine > 0)[0][0] + 8] = 0
    project.save_mask_correction(3, mine)
    painter.asked.clear()
    run(project, painter)
    assert painter.asked == [job.job for job in project.jobs(3)]


def test_float_shots_are_painted_in_sixteen_bits(tmp_path: Path) -> None:
    light = np.random.default_rng(1).uniform(0, 4, (2, 64, 64, 3)).astype(np.float32)
    for n, picture in enumerate(light):
        save_picture(tmp_path / f"a.{n:04d}.exr", picture)
    mask_file = tmp_path / "m.png"
    save_picture(mask_file, np.pad(np.full((32, 32), 255, np.uint8), 16))
    made = create_project(tmp_path / "p", str(tmp_path / "a.%04d.exr"), str(mask_file), backend="command", seeds=(1,), size=64, padding=64)
    painter = Painter()
    types = []

    def same(ask: Ask) -> Painted:
        types.append(ask.picture.dtype)
        return Painted(ask.picture)

    painter.answer = same
    run(made, painter)
    assert set(types) == {np.dtype(np.uint16)}
    again = made.painted(0)
    assert again.dtype == np.float32
    crop = made.group_of(0).crop
    assert np.allclose(again, light[0][crop.window], rtol=2e-3, atol=1e-4)
