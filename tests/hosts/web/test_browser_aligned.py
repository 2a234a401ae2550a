"""The page of an alignment in a real browser, by keyboard: wipe, time map, judge, anchor, solve again, write."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from playwright.sync_api import expect

from genlock.core.alignment import Alignment, Verdict
from genlock.hosts.web.aligned_desk import AlignedDesk
from genlock.tests.hosts.web.made_pair import OFFSET, made_pair


@pytest.fixture(scope="module")
def pair(tmp_path_factory) -> Path:
    return made_pair(tmp_path_factory.mktemp("pair"))


@pytest.fixture
def aligned(pair, tmp_path) -> Path:
    return Path(shutil.copy(pair, tmp_path / "pair.json"))


def test_a_whole_review_by_keyboard(visit, aligned):
    page = visit(AlignedDesk(str(aligned)))
    expect(page.locator("#title")).to_contain_text("Run 0–57 · exact")
    expect(page.get_by_role("img", name=f"Clip frame {OFFSET}, where it lies in the ref")).to_be_visible()
    map_ = page.get_by_role("slider", name="Time map: ref frame")
    for _ in range(2):
        page.keyboard.press("Shift+ArrowRight")
    expect(map_).to_have_attribute("aria-valuetext", f"ref frame 20, clip frame {20 + OFFSET}")
    page.keyboard.press(".")
    page.keyboard.press(".")
    expect(page.locator("#right")).to_have_text("Clip 31 (+2)")
    page.keyboard.press("h")
    expect(page.locator("#right")).to_have_text("Clip 31 (anchored)")
    expect(page.locator("#count")).to_contain_text("1 anchor not solved yet")
    page.keyboard.press("s")
    expect(page.locator("#count")).not_to_contain_text("not solved", timeout=60_000)
    expect(page.locator("#solve")).to_be_visible()
    page.keyboard.press("Home")
    page.keyboard.press("a")
    expect(page.locator("#title")).to_contain_text("accepted")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("x")
    expect(page.locator("#title")).to_contain_text("rejected")
    page.keyboard.press("p")
    expect(page.get_by_role("status")).to_contain_text("Written: ")
    written = Alignment.load(aligned.with_name("pair.reviewed.json"))
    assert written.clip_frames()[20] == 31
    assert written.runs[-1].verdict is Verdict.UNMATCHED and written.runs[0].verdict is not Verdict.UNMATCHED


def test_the_time_map_is_clicked(visit, aligned):
    page = visit(AlignedDesk(str(aligned)))
    expect(page.locator("#title")).to_contain_text("Run 0–57")
    map_ = page.get_by_role("slider", name="Time map: ref frame")
    box = map_.bounding_box()
    assert box is not None
    map_.click(position={"x": box["width"] * 40.5 / 58, "y": 30})
    expect(map_).to_have_attribute("aria-valuenow", "40")
    expect(page.get_by_role("img", name=f"Clip frame {40 + OFFSET}, where it lies in the ref")).to_be_visible()
    page.wait_for_timeout(600)
    assert json.loads(aligned.with_name("pair.json.review.json").read_text())["at"] == 40
    page.reload()
    expect(map_).to_have_attribute("aria-valuenow", "40")


@pytest.mark.parametrize(("width", "height"), [(1280, 720), (3840, 2160)])
def test_it_fits_and_has_names(visit, aligned, width, height):
    body = json.loads(aligned.read_text())
    body["runs"][0]["notes"] = ["these frames look like their neighbours, and " * 9]
    aligned.write_text(json.dumps(body))
    page = visit(AlignedDesk(str(aligned)), width, height)
    expect(page.locator("#stage img")).to_have_count(2)
    assert page.evaluate("() => [document.documentElement.scrollWidth, document.documentElement.scrollHeight]") == [width, height]
    runs = page.get_by_role("navigation", name="Runs").get_by_role("button")
    expect(runs).to_have_accessible_name(f"Ref 0 to 57, clip {OFFSET}–{57 + OFFSET}, exact, open, to look at")
    for name in ("Accept", "Reject", "Clear", "Anchor", "Solve again", "Write", "The clip one frame later"):
        expect(page.get_by_role("button", name=name)).to_be_visible()
    for control in page.locator("button:visible, input:visible").all():
        box = control.bounding_box()
        assert box is not None and box["x"] >= 0 and box["x"] + box["width"] <= width and box["y"] + box["height"] <= height
