"""An open project: its settings, its frames and masks, what was painted and what a person picked. docs/inpaint.md shows the folder."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, suppress
from dataclasses import asdict, replace
from pathlib import Path, PurePath
from typing import Any, TypeVar

import numpy as np

from ...alignment_rules import MOST_FRAMES
from ...errors import GenlockError, MediaError, UsageError
from ...media.guard import MAX_PIXELS
from ...media.info import ReadOptions
from ...media.plates import PictureInfo, PlateOptions, Plates, open_plates
from ..colour import Look, look_of
from ..crop import back
from .atomic import read_json, read_record, whole, write_json
from .config import NAME, Config, read_config
from .inputs import found_path
from .lock import locked
from .paintjobs import jobs_of
from .pictures import load_grey, load_rgb, save_picture
from .records import Chosen, Group, PaintJob, Selection

_WAIT_S = 10.0
_LINKS_DEEP = 2
_PICTURES = ("src", "masks", "fill", "comp")
"""Folders with a picture a frame and nothing else."""
_T = TypeVar("_T")


class Frames:
    """Pictures of a folder by the frame's number, (H, W, 3) uint8, uint16 or float32, read when asked for."""

    def __init__(self, folder: Path, numbers: range, size_hw: tuple[int, int], dtype: np.dtype) -> None:
        self.folder, self.numbers, self.size_hw, self.dtype = folder, numbers, size_hw, dtype
        self._suffix = ".exr" if dtype.kind == "f" else ".png"

    def __len__(self) -> int:
        return len(self.numbers)

    def __iter__(self) -> Iterator[np.ndarray]:
        return (self[n] for n in self.numbers)

    def __getitem__(self, number: int) -> np.ndarray:
        """Of the frame's number, not of its place in the range. Raises IndexError, MediaError."""
        if number not in self.numbers:
            raise IndexError(f"frames {self.numbers.start} to {self.numbers.stop - 1} are worked on; asked for {number}")
        return load_rgb(self.path(number)).astype(self.dtype, copy=False)

    def path(self, number: int) -> Path:
        return self.folder / f"{number:06d}{self._suffix}"


class Project:
    """A project's folder. Opening it reads genlock.toml; everything else is read when asked for."""

    def __init__(self, root: Path, config: Config) -> None:
        self.root = root
        self.config = config
        self._facts: tuple[int, dict[str, Any]] = (-1, {})

    def path(self, *parts: str) -> Path:
        """A file of the project. Raises UsageError where the name leads out of it: names stand in files that anybody may have written."""
        inside = PurePath(*parts)
        if inside.anchor or ".." in inside.parts:
            what = f"{inside} lies outside the project {self.root}, which writes and deletes in its own folder alone"
            raise UsageError(what, "correct name below [output]; if it does not stand there, delete state/")
        return self.root / inside

    @property
    def video(self) -> str:
        """The shot that is worked on: the one that was given, or what it was made into first."""
        if not self.config.input.prepares:
            return self.source_path
        film = self.path(self.prepared_film)
        return str(film if film.exists() else self.path("prepared", "%06d.exr"))

    prepared_film = "prepared/shot.mkv"
    """Of a shot that is made larger, or of more frames, first."""
    prepared_rate = "prepared/rate.json"
    """Of its pictures, where they are no film."""

    def source(self) -> Plates:
        """The shot that was given; the caller closes it."""
        table = self.config.input
        return open_plates(self.source_path, PlateOptions(ReadOptions(rate=table.rate, space=table.space)))

    @property
    def source_path(self) -> str:
        """The shot that was given, as it can be opened. Raises UsageError where genlock.toml names none."""
        if not self.config.input.video:
            raise UsageError(f"{self.path(NAME)} names no video", 'write video = "FILE" below [input]')
        return found_path(self.root, self.config.input.video)

    def plates(self, upright: bool = True) -> Plates:
        """The shot at its full depth, frame numbers as everywhere; the caller closes it. upright=False: as it is stored, not turned."""
        table = self.config.input
        rate = str(read_json(self.path(self.prepared_rate), "")) if table.prepares else table.rate
        return open_plates(self.video, PlateOptions(ReadOptions(rate=rate, space=table.space), upright=upright))

    @property
    def info(self) -> PictureInfo:
        """Of the shot, from its header."""
        with self.plates() as plates:
            return plates.info

    @property
    def facts(self) -> dict[str, Any]:
        """What the step extract found: first, count, pts, duration_last, size, dtype, time_base, cuts. Raises GenlockError where it has not run."""
        path = self.path("frames", "frames.json")
        changed_ns = path.stat().st_mtime_ns if path.exists() else -1
        if changed_ns < 0:
            raise GenlockError(f"the frames of {self.root} are not extracted yet", f"run: genlock inpaint run {self.root}")
        if self._facts[0] != changed_ns:
            self._facts = (changed_ns, read_record(path, _facts_of, {}))
        return self._facts[1]

    @property
    def span(self) -> range:
        """Numbers of the frames that are worked on, as the decoder counts them from 0."""
        facts = self.facts
        return range(facts["first"], facts["first"] + facts["count"])

    @property
    def pts(self) -> tuple[int, ...]:
        """Of every frame of the span, in the shot's time_base."""
        return tuple(self.facts["pts"])

    def frames(self) -> Frames:
        """The shot's frames, as they are looked at and painted."""
        return self.pictures("frames/src")

    @property
    def look(self) -> Look:
        """How painters are shown the frames, and back. Raises UsageError for a colour space that OCIO does not have."""
        return look_of(np.dtype(self.facts["dtype"]), self.config.input.space)

    def pictures(self, folder: str, dtype: str = "") -> Frames:
        """Pictures that a step made of every frame, in the frames' own type or another."""
        facts = self.facts
        numbers = range(facts["first"], facts["first"] + facts["count"])
        return Frames(self.path(folder), numbers, (facts["size"][0], facts["size"][1]), np.dtype(dtype or facts["dtype"]))

    def mask_path(self, number: int) -> Path:
        return self.path("masks", f"{number:06d}.png")

    def mask(self, number: int) -> np.ndarray:
        """(H, W) uint8, 255 where the picture changes. Raises MediaError where there is none."""
        mask = load_grey(self.mask_path(number))
        size = tuple(self.facts["size"])
        if mask.shape != size:
            what = f"{self.mask_path(number)} is {mask.shape[1]} x {mask.shape[0]}, and the frames are {size[1]} x {size[0]}"
            raise MediaError(what, "run the masks again")
        return mask

    def correction_path(self, number: int) -> Path:
        return self.path("picks", "masks", f"{number:06d}.png")

    def save_mask_correction(self, number: int, mask: np.ndarray) -> None:
        """A mask that a person painted; it stands in for the one that was found. Raises UsageError for another size, OutputError."""
        if mask.dtype != np.uint8 or mask.shape != tuple(self.facts["size"]):
            raise UsageError(f"the corrected mask of frame {number} does not fit the frame", "give 8 bit of the frame's size")
        save_picture(self.correction_path(number), mask)

    def groups(self) -> tuple[Group, ...]:
        """In order, without holes: every frame of the span is in one. Raises GenlockError where keyframes are not chosen yet."""
        groups = read_record(self.path("keys", "keyframes.json"), lambda body: body and tuple(map(Group.from_json, body["groups"])))
        if groups is None:
            raise GenlockError(f"the keyframes of {self.root} are not chosen yet", f"run: genlock inpaint run {self.root}")
        return groups

    def group_of(self, keyframe: int) -> Group:
        """Raises UsageError for a frame that is no keyframe; the nearest one is named."""
        groups = self.groups()
        for group in groups:
            if group.keyframe == keyframe:
                return group
        near = min((group.keyframe for group in groups), key=lambda k: abs(k - keyframe))
        raise UsageError(f"frame {keyframe} is no keyframe", f"the nearest one is {near}")

    def jobs(self, keyframe: int | None = None) -> tuple[PaintJob, ...]:
        """The questions that belong to the keyframes as they are now, in order of keyframe and seed."""
        return jobs_of(self.root, keyframe)

    def filled(self, number: int) -> np.ndarray:
        """A frame as the embedded fill made it."""
        return self.pictures("fill")[number]

    def comp(self, number: int) -> np.ndarray:
        """A composited frame."""
        return self.pictures("comp")[number]

    def chosen(self) -> dict[int, Chosen]:
        """What is used for each keyframe, by its frame. Raises GenlockError where nothing is chosen yet."""
        chosen = read_record(self.path("keys", "chosen.json"), lambda body: body and _by_keyframe(body, Chosen.from_json))
        if chosen is None:
            raise GenlockError(f"no pictures of {self.root} are chosen yet", f"run: genlock inpaint run {self.root}")
        return chosen

    def painted(self, keyframe: int) -> np.ndarray:
        """The chosen picture of a keyframe at its crop's place: (crop.height, crop.width, 3), of the frames' type."""
        chosen = self.chosen().get(keyframe)
        if chosen is None or not chosen.path or chosen.crop is None:
            raise GenlockError(f"keyframe {keyframe} has no chosen picture", "pick one, or run the project")
        return back(self.look.from_painter(load_rgb(self.path(*chosen.path.split("/")))), chosen.crop)

    def selections(self) -> dict[int, Selection]:
        """What a person picked, by keyframe. Raises FormatError where the file is damaged."""
        return read_record(self._selections, lambda body: _by_keyframe(body, Selection.from_json), {})

    def save_selection(self, keyframe: int, selection: Selection | None) -> None:
        """Keep one pick, or with None forget it; the others stay as they are on the disk, whoever wrote them."""
        with locked(self.path("picks", ".lock"), f"{self._selections}", _WAIT_S):
            if selection is not None and selection.action == "redo":
                selection = replace(selection, seed=self._seeded(keyframe, selection.seed))
            held = {number: asdict(said) for number, said in self.selections().items()}
            if selection is None:
                held.pop(keyframe, None)
            else:
                held[keyframe] = asdict(selection)
            write_json(self._selections, {str(number): held[number] for number in sorted(held)})

    def extra_seeds(self) -> dict[int, list[int]]:
        """Seeds that a person asked for beside those of genlock.toml, by keyframe; asked for once, they stay."""
        return read_record(self.path("picks", "seeds.json"), lambda body: _by_keyframe(body, lambda seeds: [whole(seed) for seed in seeds]), {})

    def _seeded(self, keyframe: int, seed: int | None) -> int:
        """The seed of a picture that is to be painted beside the others, kept on the disk."""
        extra = self.extra_seeds()
        asked = {seed for seed, _ in self.config.inpaint.wishes()}
        tried = {*asked, *extra.get(keyframe, []), *(job.seed for job in self.jobs(keyframe))}
        chosen = max(tried) + 1 if seed is None else seed
        extra[keyframe] = sorted({*extra.get(keyframe, []), chosen} - asked)
        write_json(self.path("picks", "seeds.json"), {str(number): extra[number] for number in sorted(extra) if extra[number]})
        return chosen

    def locked(self) -> AbstractContextManager[None]:
        """One run at a time. Picks may be saved meanwhile. Raises GenlockError where another run holds it."""
        return locked(self.path("state", "lock"), f"the project {self.root}")

    @property
    def _selections(self) -> Path:
        return self.path("picks", "selections.json")


def _by_keyframe(body: Mapping[str, Any], meant: Callable[[Any], _T]) -> dict[int, _T]:
    return {whole(int(keyframe)): meant(said) for keyframe, said in body.items()}


def _facts_of(body: Mapping[str, Any]) -> dict[str, Any]:
    """What frames.json holds, checked. Raises ValueError, TypeError or KeyError where that is no shot."""
    first, count, size = whole(body["first"]), whole(body["count"]), [whole(side) for side in body["size"]]
    if first < 0 or not 1 <= count <= MOST_FRAMES or len(size) != 2 or min(size) < 1 or size[0] * size[1] > MAX_PIXELS:
        raise ValueError(f"{count} frames from {first}, of {size}")
    if np.dtype(str(body["dtype"])).name not in ("uint8", "uint16", "float16", "float32"):
        raise ValueError(f"pictures of {body['dtype']!r:.40}")
    if len([whole(pts) for pts in body["pts"]]) != count:
        raise ValueError("time stamps that are not one a frame")
    return dict(body)


def open_project(path: str | Path) -> Project:
    """Open a project's folder. Raises UsageError where it is none, or where genlock.toml asks for what there is not."""
    root = Path(path).absolute()
    config = read_config(root / NAME)
    _refuse_links(root)
    return Project(root, config)


def _refuse_links(root: Path) -> None:
    """Raises UsageError for a link that leads out of a project, at any place where folders stand or files are added to.

    A file that is one is harmless where it is replaced, as every picture is.
    """
    home = os.path.realpath(root)
    waiting = [(str(root), 0)]
    while waiting:
        folder, deep = waiting.pop()
        with suppress(OSError), os.scandir(folder) as entries:
            for entry in entries:
                if entry.is_symlink() and os.path.commonpath([home, os.path.realpath(entry.path)]) != home:
                    what = f"{entry.path} is a link that leads out of the project, which writes and deletes in its own folder alone"
                    raise UsageError(what, "put a folder or a copy there, or make the project where it leads")
                if deep < _LINKS_DEEP and entry.name not in _PICTURES and entry.is_dir(follow_symlinks=False):
                    waiting.append((entry.path, deep + 1))
