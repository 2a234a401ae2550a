"""The page: parsed, and held to what it claims; nothing of it comes from outside, nothing of a file's name becomes markup."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from dataclasses import replace
from fractions import Fraction
from html.parser import HTMLParser

import cv2
import numpy as np
import pytest

from genlock.core.alignment import Alignment, Key, Verdict
from genlock.core.errors import Cancelled
from genlock.core.progress import Progress
from genlock.core.report.choice import choose
from genlock.core.report.page import to_html
from genlock.core.report.stills import difference, jpeg
from genlock.core.report.style import CSS
from genlock.core.report.words import summary
from genlock.tests.core.report.made import SIZE_WH, aligned, crop, found, media, missing, scene, write

EMPTY = {"meta", "img", "br", "path", "rect", "line", "circle", "polygon", "polyline"}


class Page(HTMLParser):
    """A page taken in: its elements with their attributes, its text by element, and whether every element is closed."""

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self.open: list[str] = []
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.words: dict[str, list[str]] = {}
        self.feed(text)
        self.close()
        assert not self.open

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        if tag not in EMPTY:
            self.open.append(tag)
        self.words.setdefault(tag, []).append("")

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open and self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        for tag in set(self.open):
            self.words[tag][-1] += data

    def all(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.elements if name == tag]

    def chart(self) -> dict[str, str | None]:
        return next(a for a in self.all("svg") if a.get("class") == "chart wide")


def page_of(alignment: Alignment) -> Page:
    text = to_html(alignment)
    text.encode("utf-8")
    page = Page(text)
    for tag, attributes in page.elements:
        for name in ("src", "href", "action", "data", "poster", "srcset", "xlink:href"):
            value = attributes.get(name)
            assert value is None or value.startswith("data:image/jpeg;base64,"), (tag, name, value)
        if tag == "img":
            assert attributes["alt"]
    assert not re.search(r"https?://|@import|<link|<iframe", text)
    assert page.words["h1"] == [summary(alignment)]
    return page


def rows(page: Page) -> int:
    return sum("data-name" in a and a["data-name"] == "Run" for a in page.all("td"))


def test_a_re_edit_without_its_files() -> None:
    runs = (missing(0, 19), found(19, 102, 0), missing(121, 78), found(199, 181, 102), found(380, 196, 325), missing(576, 24))
    page = page_of(aligned(media("/gone/clip.mov", 530), media("/gone/ref.mov", frames=600), *runs))
    assert rows(page) == 6
    said = " ".join(page.words["p"])
    assert "No pictures: " in said and "/gone/" in said
    assert not page.all("img")
    titles = " ".join(page.words["title"])
    ref, clip = "ref 00:00:07:24 – 00:00:15:04 (frames 199–379)", "clip 00:00:04:02 – 00:00:11:07 (frames 102–282)"
    assert f"{ref}: {clip}, exact, original speed, score 0.970" in titles
    assert "ref 00:00:04:21 – 00:00:07:23 (frames 121–198): not in the clip" in titles


def test_the_policy_forbids_what_it_should_and_allows_its_own_script() -> None:
    text = to_html(aligned(media(), media(), found(0, 100, 0)))
    page = Page(text)
    policy = next(a["content"] for a in page.all("meta") if a.get("http-equiv") == "Content-Security-Policy") or ""
    assert policy.startswith("default-src 'none'")
    script = text[text.rindex("<script>") + len("<script>") : text.rindex("</script>")]
    seal = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    assert f"'sha256-{seal}'" in policy


@pytest.mark.parametrize(
    "name",
    [
        "<script>alert(1)</script>.mov",
        '"><img src=x onerror=alert(1)>.mov',
        "a & b ' \" c.mov",
        "</title></style><b>.mov",
        "evil\u202egpj.mov",
        "broken\udcff\x00\x1b[31m.mov",
    ],
)
def test_hostile_names(name: str) -> None:
    run = found(0, 100, 0, notes=(name,), model=name)
    evidence = {"sound": {"offset_s": 1, "drift_ppm": name}}
    a = aligned(media(name), media(name, timecode=name), run, settings={name: name, "anchor": [name]}, evidence=evidence)
    page = page_of(a)
    assert not page.all("img") and not page.all("b")[1:]
    assert len(page.all("script")) == 2
    text = to_html(a)
    assert not any(mark in text for mark in ("\u202e", "\x00", "\x1b", "\udcff"))


def test_a_refusal() -> None:
    page = page_of(aligned(media("/gone/a.mov"), media("/gone/b.mov"), missing(0, 100)))
    assert "do not show the same footage" in page.words["h1"][0]
    assert "Where the picture lies" not in page.words["h2"]


def test_one_frame() -> None:
    page = page_of(aligned(media("/gone/a.png", frames=1), media("/gone/b.png", frames=1), found(0, 1, 0)))
    assert rows(page) == 1


def test_variable_rate() -> None:
    ref = media("/gone/b.mov", frames=4, pts=(0, 40, 1000, 1040), time_base=Fraction(1, 1000), rate=Fraction(100, 27))
    page = page_of(aligned(media("/gone/a.mov"), ref, found(0, 4, 0)))
    assert any("variable, 3.704 frames a second" in cell for cell in page.words["td"])


def test_a_note_stands_once_with_all_its_runs() -> None:
    runs = [found(10 * n, 10, 10 * n, notes=("look here",)) for n in range(10)]
    page = page_of(aligned(media("/gone/a"), media("/gone/b"), *runs))
    assert len(page.words["li"]) == 1
    assert page.words["li"][0].startswith("Runs 1 (00:00:00:00), 2 (00:00:00:10), ")
    assert page.words["li"][0].endswith(" and 4 more: look here")


def test_three_hundred_runs() -> None:
    a = aligned(media("/gone/a", frames=3000), media("/gone/b", frames=3000), *(found(10 * n, 10, 10 * (299 - n)) for n in range(300)))
    assert rows(page_of(a)) == 300


def test_hours() -> None:
    """Two hours: as large as two minutes, and made in about the same time."""
    frames = 24 * 7200
    scores: list[float | None] = [0.9 + 0.05 * (n % 7) / 7 for n in range(frames)]
    ntsc = Fraction(24000, 1001)
    runs = found(0, 90000, 0), missing(90000, 24), found(90024, frames - 90024, 90000)
    a = aligned(media("/gone/a", frames, rate=ntsc), media("/gone/b", frames, rate=ntsc), *runs, evidence={"scores": scores})
    text = to_html(a)
    assert len(text) < 300_000
    assert rows(Page(text)) == 3


def test_the_frames_under_the_pointer_are_the_maps_own() -> None:
    a = aligned(media("/gone/a"), media("/gone/b"), found(0, 60, 20, Fraction(25, 24)), missing(60, 40))
    text = to_html(a)
    body = re.search(r'id="frames">(.*?)</script>', text)
    assert body
    told = {frame: clip for _, frame, _, clip, _, _ in json.loads(body[1])}
    assert told == dict(enumerate(a.clip_frames()))


def test_many_ways_of_lying_are_counted() -> None:
    runs = [found(5 * n, 5, 5 * n, transform=(Key(0, crop(n, 0)),)) for n in range(20)]
    page = page_of(aligned(media("/gone/a"), media("/gone/b"), *runs))
    assert sum(a.get("class") == "outline" for a in page.all("svg")) == 12
    assert any("12 that hold for most frames, of 20" in said for said in page.words["p"])


def test_shared_ways_are_drawn_once() -> None:
    runs = (found(0, 50, 0), found(50, 50, 50, transform=(Key(0, crop(0.03, 0)),)))
    page = page_of(aligned(media("/gone/a"), media("/gone/b"), *runs))
    assert sum(a.get("class") == "outline" for a in page.all("svg")) == 1
    assert "Runs 1, 2" in page.words["p"]


@pytest.fixture(scope="module")
def pair(tmp_path_factory: pytest.TempPathFactory) -> Alignment:
    folder, frame = tmp_path_factory.mktemp("pair"), scene(7)
    ref = write(folder / "ref.mp4", (frame(n) for n in range(40)))
    clip = write(folder / "clip.mp4", ((frame(n)[20:156, 40:280] * 0.7 + 30).astype(np.uint8) for n in range(5, 35)))
    files = media(str(clip), 30, (240, 136)), media(str(ref), 40, SIZE_WH)
    run = found(5, 30, 0, transform=(Key(5, crop(40, 20)),))
    return aligned(*files, missing(0, 5), run, missing(35, 5), evidence={"scores": [None] * 5 + [0.9] * 29 + [0.8] + [None] * 5})


class TestPictures:
    """A real pair: the clip is a crop of the ref with another gain, 30 of its 40 frames."""

    def test_side_by_side(self, pair: Alignment) -> None:
        text = to_html(pair)
        assert len(text) < 1_500_000
        page = page_of(pair)
        alts = [a["alt"] or "" for a in page.all("img")]
        assert "Ref frame 34" in alts and "Clip frame 29 placed in the ref" in alts
        left = self.pictures(page, "Difference")
        assert left
        for picture in left:
            inside = picture[30:146, 50:270]
            assert np.median(inside) < 12

    def test_a_wrong_frame_shows(self, pair: Alignment) -> None:
        wrong = aligned(pair.clip, pair.ref, found(0, 25, 0, transform=(Key(5, crop(40, 20)),)), missing(25, 15))
        left = self.pictures(page_of(wrong), "Difference")
        assert left and all(np.median(picture[30:146, 50:270]) > 40 for picture in left)

    def test_a_changed_file_is_not_shown(self, pair: Alignment) -> None:
        page = page_of(replace(pair, clip=replace(pair.clip, digest="0" * 32)))
        assert not page.all("img")
        assert any("the clip has changed since it was aligned" in said for said in page.words["p"])

    def test_a_refusal_shows_both(self, pair: Alignment) -> None:
        page = page_of(aligned(pair.clip, pair.ref, missing(0, 40)))
        assert len(page.all("img")) == 6

    def test_it_can_be_stopped(self, pair: Alignment) -> None:
        with pytest.raises(Cancelled):
            to_html(pair, Progress(wanted=lambda: False))

    @staticmethod
    def pictures(page: Page, kind: str) -> list[np.ndarray]:
        out = []
        for attributes in page.all("img"):
            if (attributes["alt"] or "").startswith(kind):
                body = base64.b64decode((attributes["src"] or "").split(",", 1)[1])
                picture = cv2.imdecode(np.frombuffer(body, np.uint8), cv2.IMREAD_GRAYSCALE)
                assert picture is not None
                out.append(np.asarray(picture))
        return out


def test_noise_does_not_swell_the_page() -> None:
    noise = np.random.default_rng(1).integers(0, 256, (480, 480, 3), dtype=np.uint8)
    uri = jpeg(noise, 32_000)
    assert len(base64.b64decode(uri.split(",", 1)[1])) <= 32_000


@pytest.mark.parametrize("scheme", [0, 1, 2])
def test_text_can_be_read(scheme: int) -> None:
    """WCAG 2.2, 1.4.3: text stands out from its ground by 4.5 to 1, in light, dark and print."""
    colours = dict(re.findall(r"--(\w+): (#[0-9a-f]{3,6})[; ]", CSS.split(":root {")[scheme + 1].split("}")[0]))
    for ground in ("paper", "card"):
        for text in ("ink", "soft", "exact"):
            a, b = sorted((_luminance(colours[ground]), _luminance(colours[text])))
            assert (b + 0.05) / (a + 0.05) >= 4.5, (ground, text)


def _luminance(colour: str) -> float:
    digits = colour[1:] if len(colour) == 7 else "".join(c * 2 for c in colour[1:])
    parts = [int(digits[k : k + 2], 16) / 255 for k in (0, 2, 4)]
    r, g, b = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts)
    return 0.2126 * r + 0.7152 * g + 0.0722 * b


def test_difference_is_free_of_gain_and_offset() -> None:
    ref = np.dstack([scene(3)(0)] * 3)
    clip = (ref * np.array([0.5, 0.7, 0.6]) + np.array([30, 5, 60])).astype(np.uint8)
    clip[:20, :20] = 255
    inside = np.ones(ref.shape[:2], bool)
    left = difference(ref, clip, inside)
    assert np.median(left[30:]) <= 4
    assert left[:20, :20].mean() > 60


def test_choice_is_small_and_telling() -> None:
    runs = [found(n * 10, 10, n * 10) for n in range(20)]
    runs[3] = found(30, 10, 30, notes=("a jump",))
    runs[7] = missing(70, 10)
    runs[9] = found(90, 10, 90, verdict=Verdict.AMBIGUOUS)
    scores: list[float | None] = [0.9] * 200
    scores[111], scores[155] = 0.2, 0.99
    scores[70:80] = [None] * 10
    a = aligned(media(frames=200), media(frames=200), *runs, evidence={"scores": scores})
    picked = choose(a, a.clip_frames())
    why = {choice.ref_frame: choice.why for choice in picked}
    assert len(picked) <= 8
    assert why[111] == "Lowest score" and why[155] == "Highest score"
    assert any(said == "Run 4: a jump" for said in why.values())
    assert any(said == "Run 8: not in the clip" for said in why.values())
    assert any(said.startswith("Run 10: other frames") for said in why.values())
