"""An edit that travels: held to edits drawn on things whose motion is a formula, and to what must not change at all."""

import cv2
import numpy as np
import pytest

from genlock.bench.inpaint_scenes import KINDS, shot
from genlock.core.inpaint import carry
from genlock.core.inpaint.carry import Key, carried, carrying

from .made_shots import shot as made_shot

BESIDE_PASTE_DB = 6.0


def keyed(made, number):
    picture = np.where(made.masks[number][..., None], made.edited[number], made.frames[number]) / np.float32(255)
    return Key(number, picture.astype(np.float32), made.masks[number])


def inside_db(made, way):
    grey = [cv2.cvtColor(frame, cv2.COLOR_RGB2GRAY) for frame in made.frames]
    last = len(grey) - 1
    out = []
    for one in carried(range(last), grey.__getitem__, keyed(made, 0), keyed(made, last), way):
        if one.number:
            inside = made.masks[one.number]
            off = one.picture[inside] - made.edited[one.number][inside] / 255
            out.append(-10 * np.log10(np.mean(off**2)))
    return np.mean(out)


@pytest.mark.parametrize("kind", KINDS)
def test_groups_of_eight_are_far_better_than_the_keyframe_as_it_is(kind):
    made = shot(kind, 9, seed=3)
    paste, one_side, both = (inside_db(made, way) for way in carry.WAYS)
    assert both > paste + BESIDE_PASTE_DB
    assert one_side > paste + BESIDE_PASTE_DB
    assert both > one_side - 3.5


class TestCarried:
    def still(self, count=4, hw=(37, 51)):
        rng = np.random.default_rng(4)
        grey = cv2.GaussianBlur(rng.integers(0, 256, hw).astype(np.uint8), (0, 0), 1.5)
        edit = rng.random((*hw, 3)).astype(np.float32)
        inside = np.zeros(hw, bool)
        inside[9:30, 12:40] = True
        return [grey] * (count + 1), edit, inside

    @pytest.mark.parametrize("way", carry.WAYS)
    def test_what_stands_still_is_the_keyframe_bit_for_bit(self, way):
        grey, edit, inside = self.still()
        key = Key(0, edit, inside)
        seen = list(carried(range(4), grey.__getitem__, key, None, way))
        assert [one.number for one in seen] == [0, 1, 2, 3]
        for one in seen:
            np.testing.assert_array_equal(one.picture, edit)
            assert (one.sure[inside] > 0.99).all() and (one.sure[~inside] == 0).all()

    def test_two_keyframes_that_differ_dissolve_by_time(self):
        grey, _, inside = self.still()
        left, right = (Key(n, np.full((37, 51, 3), value, np.float32), inside) for n, value in ((0, 0.2), (4, 0.6)))
        seen = [one.picture[20, 25, 0] for one in carried(range(4), grey.__getitem__, left, right)]
        assert seen == pytest.approx([0.2, 0.3, 0.4, 0.5], abs=1e-4)

    def test_what_one_keyframe_did_not_edit_is_taken_from_the_other(self):
        grey, _, inside = self.still()
        nothing = Key(4, np.zeros((37, 51, 3), np.float32), np.zeros_like(inside))
        seen = list(carried(range(4), grey.__getitem__, Key(0, np.full((37, 51, 3), 0.5, np.float32), inside), nothing))
        assert seen[3].picture[20, 25, 0] == pytest.approx(0.5, abs=3e-3)

    def test_a_group_of_one_and_a_black_shot(self):
        black = [np.zeros((9, 13), np.uint8)] * 3
        key = Key(7, np.full((9, 13, 3), 0.4, np.float32), np.ones((9, 13), bool))
        assert [one.number for one in carried(range(7, 8), lambda n: black[0], key)] == [7]
        last = list(carried(range(7, 9), lambda n: black[0], key, Key(9, key.picture, key.inside)))[-1]
        assert last.picture[4, 6] == pytest.approx([0.4] * 3, abs=1e-5)

    def test_long_groups_wait_in_bounded_memory_and_hardly_lose(self, monkeypatch):
        made = shot("closer", 7)
        whole = inside_db(made, "flow-both")
        asked = []
        keep = carrying.kept
        monkeypatch.setattr(carrying, "kept", lambda way, smaller: asked.append(smaller) or keep(way, smaller))
        monkeypatch.setattr(carrying, "MEMORY_BYTES", 6 * made.masks[0].size * 4 // 60)
        assert inside_db(made, "flow-both") > whole - 1.5
        assert set(asked) == {8}

    def test_light_that_changes_alike_everywhere_does_not_make_it_unsure(self):
        grey, edit, inside = self.still()
        lit = [grey[0], cv2.convertScaleAbs(grey[0], alpha=1, beta=9), *grey[2:]]
        one = list(carried(range(2), lit.__getitem__, Key(0, edit, inside)))[1]
        assert (one.sure[inside] > 0.6).mean() > 0.9

    def test_pasted_keyframes_may_fade_shortly_before_the_next(self):
        grey, _, inside = self.still(5)
        left, right = (Key(n, np.full((37, 51, 3), value, np.float32), inside) for n, value in ((0, 0.2), (5, 0.8)))
        for way in ("paste", "flow"):
            seen = [one.picture[20, 25, 0] for one in carried(range(5), grey.__getitem__, left, right, way, fade=2)]
            assert seen == pytest.approx([0.2, 0.2, 0.2, 0.4, 0.6], abs=1e-4)


def test_what_stands_where_a_thing_was_taken_away_moves_with_the_ground():
    """A disc wanders over a ground that pans the other way; the keyframes' painter knew the ground."""
    clean, frames, masks = made_shot(7, (120, 80), pan=3)
    grey = [cv2.cvtColor(frame, cv2.COLOR_RGB2GRAY) for frame in frames]
    keys = [Key(n, (np.where(masks[n][..., None] > 0, clean[n], frames[n]) / np.float32(255)).astype(np.float32), masks[n] > 0) for n in (0, 6)]

    def off(**how):
        made = list(carried(range(6), grey.__getitem__, *keys, **how))
        return np.mean([np.mean((one.picture * 255 - clean[one.number])[masks[one.number] > 0] ** 2) for one in made[1:]])

    with_the_thing, with_the_ground = off(), off(masks=lambda n: masks[n] > 0)
    assert 10 * np.log10(with_the_thing / with_the_ground) > 8
    assert 10 * np.log10(255**2 / with_the_ground) > 28
