"""A folder is indexed, and clips made of it are found where they were taken from; others are not."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path

import cv2
import numpy as np
import pytest

from genlock.core.archive.ask import Answered, ask
from genlock.core.archive.index import index
from genlock.core.archive.store import Archive
from genlock.core.errors import Cancelled, FormatError, UsageError
from genlock.core.progress import Progress
from genlock.core.settings_archive import FindSettings, IndexSettings
from genlock.tests.core.archive.footage import Picture, shots, write

UNKEPT = FindSettings(cache="off")
FILMS = {
    "a.mp4": (1, (40, 56, 30, 44), Fraction(24)),
    "deep/b.mov": (2, (70, 50, 60), Fraction(30000, 1001)),
    "c.mkv": (3, (33, 90, 27), Fraction(25)),
}


def frames_of(name: str) -> list[Picture]:
    seed, lengths, _ = FILMS[name]
    return shots(seed, lengths)


@pytest.fixture(scope="module")
def films(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three films in a folder, and their archive beside it."""
    home = tmp_path_factory.mktemp("films")
    for name, (_, _, rate) in FILMS.items():
        write(home / "in" / name, frames_of(name), rate)
    done = index(str(home / "in"), str(home / "a.genlock"), IndexSettings(cache="off"))
    assert (done.read, done.total, done.damaged, done.passed) == (3, 3, {}, 0)
    return home


def asked(films: Path, clip: Path) -> Answered:
    return ask(str(clip), str(films / "a.genlock"), UNKEPT)


def crop(picture: Picture) -> Picture:
    return picture[8:82, 20:148]  # 82 % and 80 %, off the middle


def boxed(picture: Picture) -> Picture:
    return cv2.copyMakeBorder(picture, 16, 16, 0, 0, cv2.BORDER_CONSTANT)


def graded(picture: Picture) -> Picture:
    out = np.asarray(255 * (picture / 255.0) ** 0.75 * 0.92, np.uint8)
    cv2.rectangle(out, (130, 6), (152, 16), (240, 240, 240), -1)
    return out


LOOKS: dict[str, Callable[[Picture], Picture]] = {
    "plain": lambda p: p,
    "crop": crop,
    "boxed": boxed,
    "graded, logo": graded,
    "mirrored": lambda p: p[:, ::-1],
    "small": lambda p: cv2.resize(p, (96, 70)),
}


class TestFound:
    @pytest.mark.parametrize("look", LOOKS)
    def test_an_excerpt_is_found_to_the_frame(self, films: Path, tmp_path: Path, look: str) -> None:
        first, end = 21, 120
        clip = write(tmp_path / "clip.mp4", frames_of("a.mp4")[first:end], Fraction(24), LOOKS[look])
        found = asked(films, clip)
        (place,) = found.places
        assert found.paths[place.file] == (str(films / "in" / "a.mp4"),)
        assert place.verdict == "sure" and place.framing.mirrored == (look == "mirrored")
        assert abs(place.first_frame - first) <= 2 and abs(place.last_frame - (end - 1)) <= 2
        assert abs(place.offset_s - first / 24) < 0.06 and place.clip_from_s < 0.1 and place.clip_to_s > 98 / 24 - 0.1

    def test_pal_speed_and_another_rate(self, films: Path, tmp_path: Path) -> None:
        pal = write(tmp_path / "pal.mp4", frames_of("a.mp4"), Fraction(25))
        (place,) = asked(films, pal).places
        assert abs(place.speed - 25 / 24) < 0.006 and abs(place.offset_s) < 0.06 and (place.first_frame, place.last_frame) == (0, 169)
        source = frames_of("deep/b.mov")
        half = write(tmp_path / "half.mp4", source[10:150:2], Fraction(15000, 1001))
        (place,) = asked(films, half).places
        assert place.speed == 1 and abs(place.offset_s - 10 * 1001 / 30000) < 0.08

    def test_a_cut_of_several_files_gives_several_runs(self, films: Path, tmp_path: Path) -> None:
        a, b, c = (frames_of(name) for name in FILMS)
        clip = write(tmp_path / "cut.mp4", c[40:100] + a[100:150] + shots(77, (48,)) + b[75:120], Fraction(25))
        found = asked(films, clip)
        runs = {Path(found.paths[place.file][0]).name: place for place in found.places}
        assert set(runs) == {"a.mp4", "b.mov", "c.mkv"} and len(found.places) == 3
        assert abs(runs["c.mkv"].clip_to_s - 60 / 25) < 0.09 and abs(runs["a.mp4"].clip_from_s - 60 / 25) < 0.09
        assert abs(runs["a.mp4"].clip_to_s - 110 / 25) < 0.09 and abs(runs["b.mov"].clip_from_s - 158 / 25) < 0.09
        assert abs(runs["c.mkv"].first_frame - 40) <= 2 and abs(runs["a.mp4"].first_frame - 100) <= 2

    def test_what_is_not_there_is_not_found(self, films: Path, tmp_path: Path) -> None:
        grey = [np.full((90, 160, 3), 90, np.uint8)] * 50
        for name, frames in (("other.mp4", shots(50, (60, 60))), ("grey.mp4", grey), ("one.mp4", shots(51, (1,)))):
            found = asked(films, write(tmp_path / name, frames))
            assert found.places == () and found.found.files == 3

    def test_aligning_confirms_and_contradicts(self, films: Path, tmp_path: Path) -> None:
        clip = write(tmp_path / "clip.mp4", frames_of("a.mp4")[40:96])
        settings = FindSettings(cache="off", verify=True)
        write(tmp_path / "in" / "a.mp4", frames_of("a.mp4")[:96])
        archive = str(tmp_path / "a.genlock")
        index(str(tmp_path / "in"), archive, IndexSettings(cache="off"))
        found = ask(str(clip), archive, settings)
        assert [found.confirmed[place.file] for place in found.places] == [True]
        write(tmp_path / "in" / "a.mp4", shots(60, (48,)))  # the file is another one now, and the archive does not know it yet
        assert ask(str(clip), archive, settings).places == ()


class TestIndex:
    def copy(self, films: Path, tmp_path: Path) -> tuple[str, str]:
        shutil.copytree(films / "in", tmp_path / "in")
        shutil.copy(films / "a.genlock", tmp_path / "a.genlock")
        return str(tmp_path / "in"), str(tmp_path / "a.genlock")

    def test_only_what_is_new_is_read(self, films: Path, tmp_path: Path) -> None:
        folder, archive = self.copy(films, tmp_path)
        done = index(folder, archive, IndexSettings(cache="off"))
        assert (done.read, done.moved, done.unchanged, done.total) == (0, 3, 0, 3)  # another folder, the same content
        write(Path(folder) / "new.mp4", shots(9, (30,)))
        (Path(folder) / "bad.mp4").write_bytes(b"no film at all" * 100)
        (Path(folder) / "words.txt").write_text("no film")
        done = index(folder, archive, IndexSettings(cache="off"))
        assert (done.read, done.unchanged, list(done.damaged), done.passed, done.total) == (1, 3, [os.path.join(folder, "bad.mp4")], 1, 4)
        done = index(folder, archive, IndexSettings(cache="off"))
        assert (done.read, done.unchanged, len(done.damaged)) == (0, 4, 1)
        assert index(folder, archive, IndexSettings(cache="off", rebuild=True)).read == 4

    def test_renamed_and_gone(self, films: Path, tmp_path: Path) -> None:
        folder, archive = self.copy(films, tmp_path)
        index(folder, archive, IndexSettings(cache="off"))
        os.rename(f"{folder}/a.mp4", f"{folder}/renamed.mp4")
        os.unlink(f"{folder}/c.mkv")
        done = index(folder, archive, IndexSettings(cache="off"))
        assert (done.read, done.moved, done.gone, done.dropped) == (0, 1, [f"{folder}/c.mkv"], 0)
        done = index(folder, archive, IndexSettings(cache="off", prune=True))
        assert (done.gone, done.dropped) == ([f"{folder}/c.mkv"], 1)
        with Archive(archive) as kept:
            assert set(kept.known(folder)) == {f"{folder}/renamed.mp4", f"{folder}/deep/b.mov"}
            assert set(kept.known(str(films / "in"))) == {str(films / "in" / name) for name in FILMS}  # another folder is not touched

    def test_an_empty_folder_drops_nothing(self, films: Path, tmp_path: Path) -> None:
        folder, archive = self.copy(films, tmp_path)
        index(folder, archive, IndexSettings(cache="off"))
        shutil.rmtree(folder)
        os.mkdir(folder)
        said: list[str] = []
        done = index(folder, archive, IndexSettings(cache="off", prune=True), note=said.append)
        assert done.dropped == 0 and len(done.gone) == 3 and "mounted" in said[0]

    def test_stopped_half_way_it_goes_on(self, films: Path, tmp_path: Path) -> None:
        folder, archive = str(films / "in"), str(tmp_path / "b.genlock")
        told: list[str] = []

        def wanted() -> bool:
            return not any("c.mkv" in what for what in told)

        with pytest.raises(Cancelled):
            index(folder, archive, IndexSettings(cache="off"), Progress(lambda done, what: told.append(what), wanted))
        done = index(folder, archive, IndexSettings(cache="off"))
        assert (done.unchanged, done.read) == (1, 2)

    def test_what_was_analysed_is_not_decoded(self, films: Path, tmp_path: Path) -> None:
        folder, cache = str(films / "in"), str(tmp_path / "cache")
        index(folder, str(tmp_path / "1"), IndexSettings(cache=cache, keep_analysis=True))
        assert len([name for name in os.listdir(cache)]) == 3
        index(folder, str(tmp_path / "2"), IndexSettings(cache=cache))
        with Archive(str(tmp_path / "2")) as one, Archive(str(films / "a.genlock")) as other:
            assert one.entries().whole.tolist() == other.entries().whole.tolist()

    def test_a_damaged_archive_is_told_and_made_anew(self, films: Path, tmp_path: Path) -> None:
        folder, archive = self.copy(films, tmp_path)
        body = bytearray(Path(archive).read_bytes())
        body[4096:8192] = bytes(4096)
        Path(archive).write_bytes(bytes(body))
        with pytest.raises(FormatError, match="--rebuild"):
            index(folder, archive, IndexSettings(cache="off"))
        assert index(folder, archive, IndexSettings(cache="off", rebuild=True)).read == 3

    def test_a_sequence_is_footage(self, tmp_path: Path) -> None:
        folder = tmp_path / "in"
        folder.mkdir()
        for n, frame in enumerate(shots(5, (30, 30))):
            cv2.imwrite(str(folder / f"s.{n + 1001}.png"), frame)
        done = index(str(folder), str(tmp_path / "a"), IndexSettings(cache="off", rate="30"))
        assert (done.read, done.seconds) == (1, 2.0)
        clip = write(tmp_path / "clip.mp4", shots(5, (30, 30))[6:], Fraction(30))
        (place,) = ask(str(clip), str(tmp_path / "a"), UNKEPT).places
        assert (place.entry.start_frame, place.first_frame, place.last_frame) == (1001, 6, 59)

    def test_no_folder(self, tmp_path: Path) -> None:
        with pytest.raises(UsageError):
            index(str(tmp_path / "none"), str(tmp_path / "a"))
        assert not (tmp_path / "a").exists()
