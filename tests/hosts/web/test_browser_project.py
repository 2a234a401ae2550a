"""The page of a project in a real browser, by keyboard: seen, heard by a screen reader, kept."""

from __future__ import annotations

import json
import re
from pathlib import Path

import cv2
import numpy as np
import pytest
from playwright.sync_api import Page, expect

from genlock.core.inpaint.project import open_project
from genlock.core.inpaint.project.atomic import write_json
from genlock.core.inpaint.project.pictures import load_grey
from genlock.hosts.web.project_desk import ProjectDesk
from genlock.tests.hosts.web.made_project import disc, made_project, paint_on


def said(root: Path) -> dict[str, str]:
    """The action that is kept for each keyframe."""
    path = root / "picks" / "selections.json"
    return {keyframe: one["action"] for keyframe, one in json.loads(path.read_text()).items()} if path.exists() else {}


def at(page: Page, keyframe: int) -> None:
    expect(page.locator("#title")).to_contain_text(f"Frame {keyframe} ")


def test_a_whole_review_by_keyboard(visit, root):
    page = visit(ProjectDesk(str(root)))
    at(page, 6)
    name = "Frame 6, flagged: the group moves against the picture, not decided, 4 of 4 painted"
    expect(page.locator("#strip button").first).to_have_accessible_name(name)
    expect(page.locator("#seeds img")).to_have_count(4)
    page.keyboard.press("n")
    page.keyboard.type("1x9 soft edge")
    page.keyboard.press("Enter")
    expect(page.get_by_role("status")).to_contain_text("the note is kept")
    page.keyboard.press("3")
    at(page, 0)
    page.keyboard.press("r")
    at(page, 12)
    assert said(root) == {"0": "redo", "6": "pick"}, "kept at every key, and digits in a note pick nothing"
    assert open_project(root).selections()[6].note == "1x9 soft edge"
    page.reload()
    at(page, 12)
    page.keyboard.press("x")
    expect(page.locator("#count")).to_contain_text("3 of 3 decided")
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("ArrowLeft")
    at(page, 6)
    expect(page.get_by_role("button", name="Picture 3 of 4, seed 3, picked")).to_have_attribute("aria-pressed", "true")
    page.keyboard.press("c")
    expect(page.locator("#count")).to_contain_text("2 of 3 decided")
    assert said(root) == {"0": "redo", "12": "drop"}


def test_where_the_person_was_is_where_the_page_opens(visit, root):
    page = visit(ProjectDesk(str(root)))
    at(page, 6)
    page.keyboard.press("ArrowRight")
    with page.expect_response("**/api/seat"):
        page.keyboard.press("ArrowRight")
    at(page, 12)
    at(visit(ProjectDesk(str(root))), 12)


def test_a_pick_by_mouse_and_by_enter(visit, root):
    page = visit(ProjectDesk(str(root)))
    at(page, 6)
    page.get_by_label("go on after a pick").uncheck()
    page.get_by_role("button", name="Picture 2 of 4, seed 2").click()
    expect(page.get_by_role("button", name="Picture 2 of 4, seed 2, picked")).to_be_visible()
    page.get_by_role("button", name="Picture 4 of 4, seed 4").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name="Picture 4 of 4, seed 4, picked")).to_be_focused()
    at(page, 6)
    assert open_project(root).selections()[6].seed == 4


def colour(page: Page, x: float) -> list[int]:
    """RGB in the middle of the stage's height, at a share of its width."""
    shot = cv2.imdecode(np.frombuffer(page.locator("#stage").screenshot(), np.uint8), cv2.IMREAD_COLOR)
    return [int(level) for level in shot[shot.shape[0] // 2, int(shot.shape[1] * x)][::-1]]


def test_the_wipe_shows_the_original_on_the_left_and_the_seed_on_the_right(visit, root):
    page = visit(ProjectDesk(str(root)))
    at(page, 6)
    page.keyboard.press("o")
    expect(page.locator("#seeds img").first).to_have_attribute("src", re.compile("/picture/asked/6/"))
    page.keyboard.press("o")
    expect(page.locator("#seeds img").first).to_have_attribute("src", re.compile("/picture/painted/6/"))
    page.keyboard.press("ArrowDown")
    page.keyboard.press("w")
    expect(page.locator("#stage img")).to_have_count(2)
    expect(page.get_by_role("img", name="The result, seed 2")).to_be_visible()
    white, green = colour(page, 0.47), colour(page, 0.53)
    assert min(white) > 200 and green[1] > green[0] + 50
    page.keyboard.press("o")
    page.keyboard.press("o")
    assert colour(page, 0.47)[1] > colour(page, 0.47)[0] + 50, "the result alone"
    page.keyboard.press("o")
    assert min(colour(page, 0.53)) > 200, "the original alone"
    slider = page.get_by_role("slider", name="Wipe between the original and the result")
    slider.focus()
    page.keyboard.press("Home")
    expect(slider).to_have_value("0")
    at(page, 6)


def test_the_group_plays_in_a_loop_at_its_own_frames(visit, root):
    page = visit(ProjectDesk(str(root)))
    at(page, 6)
    page.keyboard.press("l")
    shown = page.locator("#at")
    expect(shown).to_have_text("frame 11")
    expect(shown).to_have_text("frame 6")
    page.keyboard.press(" ")
    expect(page.get_by_role("button", name="Play")).to_be_visible()
    before = shown.text_content()
    page.keyboard.press(".")
    expect(shown).not_to_have_text(str(before))
    red = colour(page, 0.53)
    assert red[0] > red[1] + 60, "the composited frame on the right of the line"


@pytest.mark.parametrize("how", ["keys", "mouse"])
def test_a_mask_is_corrected_with_the_brush_and_sent_again(visit, root, how):
    page = visit(ProjectDesk(str(root)))
    at(page, 6)
    page.keyboard.press("m")
    mask = page.get_by_role("img", name="Mask, red where the picture changes")
    expect(mask).to_be_visible()
    if how == "keys":
        page.keyboard.press(" ")
        for _ in range(6):
            page.keyboard.press("Shift+ArrowRight")
        page.keyboard.press(" ")
        page.keyboard.press("Enter")
    else:
        box = page.locator("#stage").bounding_box()
        assert box is not None
        x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
        page.mouse.move(x, y)
        page.mouse.down()
        page.mouse.move(x + 240, y, steps=4)
        page.mouse.up()
        page.get_by_role("button", name="Send again").click()
    expect(page.get_by_role("status")).to_contain_text("painted again")
    painted = open_project(root)
    corrected = load_grey(painted.correction_path(6)) > 0
    assert set(np.unique(load_grey(painted.correction_path(6)))) == {0, 255}
    assert (corrected | ~disc()).all(), "nothing of the old mask is lost"
    added = np.argwhere(corrected & ~disc())
    assert len(added) > 80 and added[:, 1].min() > 100, "painted to the right, where the brush went"
    assert said(root) == {"6": "redo"}
    expect(page.locator("#title")).to_contain_text("mask corrected")


def test_erased_and_undone(visit, root):
    page = visit(ProjectDesk(str(root)))
    at(page, 6)
    page.keyboard.press("m")
    expect(page.get_by_role("img", name="Mask, red where the picture changes")).to_be_visible()
    page.keyboard.press("e")
    expect(page.get_by_role("button", name="Erase")).to_have_attribute("aria-pressed", "true")
    for key in (" ", " ", "u", "]", " ", " ", "Enter"):
        page.keyboard.press(key)
    expect(page.get_by_role("status")).to_contain_text("painted again")
    left = load_grey(open_project(root).correction_path(6)) > 0
    assert not left[66, 120] and not (left & ~disc()).any(), "a hole in the middle, nothing beside"


def test_pictures_appear_while_they_are_painted(visit, tmp_path):
    root = made_project(tmp_path, most_painted=2, checked=False, composited=False).root
    page = visit(ProjectDesk(str(root)))
    at(page, 0)
    expect(page.locator("#seeds img")).to_have_count(2)
    expect(page.locator("#count")).to_contain_text("10 pictures waiting")
    page.keyboard.press("4")
    expect(page.get_by_role("status")).to_contain_text("not painted yet")
    paint_on(root)
    expect(page.locator("#seeds img")).to_have_count(4)
    expect(page.locator("#count")).not_to_contain_text("waiting")
    page.keyboard.press("l")
    expect(page.locator("#empty")).to_contain_text("not composited yet")


def test_roles_names_and_keys_for_whoever_does_not_see_the_page(visit, root):
    page = visit(ProjectDesk(str(root)))
    at(page, 6)
    expect(page.get_by_role("navigation", name="Keyframes").get_by_role("button")).to_have_count(3)
    expect(page.get_by_role("tab", name="Seeds")).to_have_attribute("aria-selected", "true")
    expect(page.get_by_role("group", name="Painted pictures").get_by_role("button")).to_have_count(4)
    expect(page.get_by_role("textbox", name="Note")).to_be_visible()
    page.get_by_role("tab", name="Seeds").focus()
    page.keyboard.press("ArrowRight")
    expect(page.get_by_role("tab", name="Wipe")).to_be_focused()
    expect(page.get_by_role("tab", name="Wipe")).to_have_attribute("aria-selected", "true")
    page.keyboard.press("Escape")
    page.keyboard.press("?")
    expect(page.get_by_role("dialog", name="Keys")).to_be_visible()
    page.keyboard.press("x")
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog", name="Keys")).to_be_hidden()
    assert said(root) == {}, "keys do nothing behind the list of keys"


def test_every_control_can_be_reached_by_tab_and_shows_it(visit, root):
    page = visit(ProjectDesk(str(root)))
    expect(page.locator("#seeds img")).to_have_count(4)
    names = []
    for _ in range(20):
        page.keyboard.press("Tab")
        focused = page.locator(":focus")
        names.append(focused.evaluate("e => e.id || e.getAttribute('aria-label')"))
        assert focused.evaluate("e => getComputedStyle(e).outlineStyle !== 'none' && parseFloat(getComputedStyle(e).outlineWidth) >= 2")
        if "Frame 12" in str(names[-1]):
            break
    wanted = {"run", "help", "tab-seeds", "redo", "drop", "clear", "note", "advance"}
    assert wanted <= set(names) and sum("Picture" in str(name) for name in names) == 4 and sum("Frame" in str(name) for name in names) == 3


@pytest.mark.parametrize(("width", "height"), [(1280, 720), (3840, 2160)])
def test_it_fits_and_can_be_read(visit, root, width, height):
    """Nothing is cut off, however much there is to say; the pictures take most of the window; text has the contrast of WCAG AA."""
    body = {"keyframe": 6, "excess_warp": 4.2, "colour_z": 0.4, "flagged": True, "why": "the group moves against the picture, and " * 9}
    write_json(root / "checks" / "groups.json", {"groups": [body]})
    page = visit(ProjectDesk(str(root)), width, height)
    expect(page.locator("#seeds img")).to_have_count(4)
    assert page.evaluate("() => [document.documentElement.scrollWidth, document.documentElement.scrollHeight]") == [width, height]
    panel = page.locator("#panel").bounding_box()
    assert panel is not None and panel["height"] > 0.66 * height and panel["width"] == width
    for key in "gwlm":
        page.keyboard.press(key)
        for control in page.locator("button:visible, input:visible").all():
            box = control.bounding_box()
            assert box is not None and box["x"] >= 0 and box["x"] + box["width"] <= width and box["y"] + box["height"] <= height
        assert faint(page) == []


def faint(page: Page) -> list[str]:
    """Texts whose contrast is below 4.5 to 1 (WCAG 2.2, 1.4.3), by what lies behind them."""
    return page.evaluate(FAINT)


FAINT = """() => {
  const light = (c) => { const v = c / 255; return v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4; };
  const parsed = (text) => text.match(/[\\d.]+/g).map(Number);
  const luminance = ([r, g, b]) => 0.2126 * light(r) + 0.7152 * light(g) + 0.0722 * light(b);
  const behind = (element) => {
    for (let e = element; e; e = e.parentElement) {
      const colour = parsed(getComputedStyle(e).backgroundColor);
      if (colour.length < 4 || colour[3] > 0.7) return colour;
    }
    return [255, 255, 255];
  };
  const written = (e) => [...e.childNodes].some((node) => node.nodeType === 3 && node.textContent.trim());
  const contrast = (e) => {
    const [a, b] = [luminance(parsed(getComputedStyle(e).color)), luminance(behind(e))];
    return (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
  };
  const texts = [...document.querySelectorAll("body *")].filter((e) => e.checkVisibility() && !e.disabled && written(e));
  return texts.filter((e) => contrast(e) < 4.5).map((e) => e.textContent);
}"""
