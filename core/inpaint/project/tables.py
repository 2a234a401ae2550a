"""The tables of genlock.toml that say what is changed, where and by whom. Each field is a key; its help is the comment beside it.

The tables of what happens to the picture afterwards are in tables_finish.py.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from ...errors import UsageError
from ...settings import Settings, option

BACKENDS = ("classic", "a1111", "comfyui", "diffusers", "command")


@dataclass(frozen=True)
class InputTable(Settings):
    """[input]: the shot."""

    kind = "the table [input]"

    video: str = option("", "the shot: a film, or an image sequence (plate.%04d.exr); relative to this folder")
    range: str = option("", "only these frames, FIRST-LAST, counted from 0 in the shot that is given, both included; empty: all")
    handles: int = option(0, "so many frames more on either side of the range", low=0, high=10_000)
    rate: str = option("", "frames a second, where it is an image sequence or its file lies")
    space: str = option("", "colour space of the shot, by its OCIO name; empty: as the file says")
    upscale: float = option(1.0, "the shot is made so many times larger before anything else, by Lanczos; 1: it is not touched", low=0.25, high=8.0)

    times: int = option(
        1, "so many frames for each one, made along the motion before anything else; the frames are counted anew, but for range", low=1, high=16
    )

    def __post_init__(self) -> None:
        super().__post_init__()
        self.bounds()

    @property
    def prepares(self) -> bool:
        """Whether the shot is made into another one before it is worked on."""
        return self.upscale != 1 or self.times != 1

    def bounds(self) -> tuple[int, int] | None:
        """First and last frame of the range, before handles; None where there is none."""
        if not self.range:
            return None
        match = re.fullmatch(r"\s*(\d{1,9})\s*-\s*(\d{1,9})\s*", self.range)
        if match is None or int(match[1]) > int(match[2]):
            raise UsageError(f"range is {self.range!r}", "write it as FIRST-LAST, such as 24-95, counted from 0")
        return int(match[1]), int(match[2])


@dataclass(frozen=True)
class MaskTable(Settings):
    """[mask]: what is changed, frame by frame."""

    kind = "the table [mask]"

    file: str = option("", "a matte, white or opaque where the picture changes: a film, a sequence or a still; relative to this folder")
    box: str = option("", "without a matte: a box around the thing, LEFT,TOP,WIDTH,HEIGHT in pixels; it is cut out and followed")
    box_frame: int = option(-1, "the frame that the box is drawn in; -1: the first one worked on", low=-1)
    method: str = option("carry", "how the box is followed: carry needs no model; saliency needs no box", choices=("carry", "sam2", "saliency"))
    model: str = option("", "of sam2: its folder as transformers saves it; of saliency: an ONNX file; relative to this folder")
    grow: int = option(0, "pixels that the mask is made larger by; soft or tight edges want a few", low=0, high=1024)

    def __post_init__(self) -> None:
        super().__post_init__()
        self.box_ltwh()
        if self.method != "carry" and not self.file and not self.model:
            raise UsageError(f"the masks are made by {self.method}, and no model is named", "write its path as model")

    def box_ltwh(self) -> tuple[int, int, int, int] | None:
        """Left, top, width, height; None where there is no box."""
        if not self.box:
            return None
        match = re.fullmatch(r"\s*(\d{1,6})\s*,\s*(\d{1,6})\s*,\s*(\d{1,6})\s*,\s*(\d{1,6})\s*", self.box)
        if match is None or not int(match[3]) or not int(match[4]):
            raise UsageError(f"box is {self.box!r}", "write it as LEFT,TOP,WIDTH,HEIGHT in pixels, such as 310,120,80,64")
        return int(match[1]), int(match[2]), int(match[3]), int(match[4])


@dataclass(frozen=True)
class KeyframesTable(Settings):
    """[keyframes]: which frames are painted; the others are made from them."""

    kind = "the table [keyframes]"

    movement: float = option(0.5, "how much the thing moves: towards 1 a keyframe is taken sooner where it does", low=0.0, high=1.0)
    determinism: float = option(0.5, "how alike the painter's answers are: towards 1 more keyframes, towards 0 fewer", low=0.0, high=1.0)
    max_group: int = option(16, "most frames that are made from one keyframe", low=1, high=1000)
    min_group: int = option(2, "fewest, but at cuts", low=1, high=1000)
    split_at_cuts: bool = option(True, "no group reaches over a cut")
    manual: tuple[int, ...] = option((), "frames that are keyframes whatever is found")


@dataclass(frozen=True)
class Batch(Settings):
    """[[inpaint.batch]]: pictures of each keyframe that are made anew by one share."""

    kind = "the table [[inpaint.batch]]"

    seeds: tuple[int, ...] = option((), "one picture a keyframe for each; empty: those of [inpaint]")
    denoise: float = option(-1.0, "how much is made anew, 0 to 1; -1: that of [inpaint]", low=-1.0, high=1.0)

    def __post_init__(self) -> None:
        super().__post_init__()
        _check_seeds(self.seeds)
        if -1 < self.denoise < 0:
            raise UsageError(f"denoise is {self.denoise}", "write 0 to 1, or -1 for that of [inpaint]")


def _check_seeds(seeds: tuple[int, ...]) -> None:
    if len(set(seeds)) != len(seeds) or any(not 0 <= seed < 2**32 for seed in seeds):
        raise UsageError(f"seeds are {list(seeds)}", "write one or more different whole numbers from 0 to 4294967295")


@dataclass(frozen=True)
class InpaintTable(Settings):
    """[inpaint]: who paints, and what is asked."""

    kind = "the table [inpaint]"

    backend: str = option("classic", "who paints; classic finds the background in neighbouring frames, and needs no model", choices=BACKENDS)
    seeds: tuple[int, ...] = option((1, 2, 3, 4), "one picture a keyframe for each; classic makes one whatever stands here")
    prompt: str = option("", "what is to be seen where the mask is")
    negative: str = option("", "what is not")
    denoise: float = option(0.3, "how much is made anew: 0 nothing, 1 everything", low=0.0, high=1.0)
    steps: int = option(20, "of the painter", low=1, high=1000)
    cfg: float = option(7.0, "how closely the prompt is followed", low=0.0, high=100.0)
    sampler: str = option("", "by the backend's name of it; empty: its own choice")
    size: int = option(512, "longer side of what the painter sees, in pixels; 512 for SD 1.5, 1024 for SDXL", low=64, high=8192)
    padding: int = option(32, "pixels around the mask that the painter sees too", low=0, high=4096)
    retries: int = option(4, "how often a question is asked again where the connection fails", low=0, high=100)
    batch: tuple[Batch, ...] = option(
        (), "pictures of another denoise, with seeds of their own; batches stand in for seeds and denoise above", rows=Batch
    )

    def __post_init__(self) -> None:
        super().__post_init__()
        _check_seeds(self.seeds)
        if not self.seeds:
            raise UsageError("seeds are []", "write one or more different whole numbers from 0 to 4294967295")

    def wishes(self, more: Sequence[int] = ()) -> list[tuple[int, float]]:
        """(seed, denoise) of every picture of a keyframe, batch by batch. more: seeds beside these, once with each denoise."""
        batches = [(one.seeds or self.seeds, self.denoise if one.denoise < 0 else one.denoise) for one in self.batch or (Batch(),)]
        asked = [(seed, denoise) for seeds, denoise in batches for seed in seeds]
        return list(dict.fromkeys([*asked, *((seed, denoise) for seed in more for _, denoise in batches)]))


@dataclass(frozen=True)
class DiffusersTable(Settings):
    """[inpaint.diffusers]: a model in this process, from local files alone."""

    kind = "the table [inpaint.diffusers]"

    model: str = option("", "a folder as diffusers saves it, or one .safetensors file")
    config: str = option("", "of a single file: the folder of its kind of model, weights not needed")
    device: str = option("auto", "where it runs: auto, cpu, cuda, cuda:1 or mps")
    half: bool = option(False, "in half precision")
    offline: bool = option(True, "nothing is fetched from the net")
