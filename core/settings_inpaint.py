"""Settings of the job that runs an inpainting project. What the project does is told in its own genlock.toml; see inpaint/project."""

from __future__ import annotations

import re
from dataclasses import dataclass

from .errors import UsageError
from .settings import Settings, option


@dataclass(frozen=True)
class InpaintSettings(Settings):
    """What is run of a project; and, where the project is not there yet, what its genlock.toml begins with."""

    kind = "inpaint"

    begin: str = option("", "this step and all after it are made anew, whatever stands (on the command line: --from)", metavar="STEP")
    only: str = option("", "this step alone", metavar="STEP")
    trust: bool = option(False, "run the program that the project's [inpaint.command] names: it will run as you")
    backend: str = option("classic", "of a new project: who paints", choices=("classic", "a1111", "comfyui", "diffusers", "command"))
    prompt: str = option("", "of a new project: what is to be seen where the mask is", metavar="TEXT")
    seeds: str = option("", "of a new project: one picture a keyframe for each, such as 1,2,3; empty: 1 to 4", metavar="N,N")
    box: str = option("", "of a new project without a matte: a box around the thing, LEFT,TOP,WIDTH,HEIGHT in pixels", metavar="L,T,W,H")
    mask_method: str = option(
        "carry", "of a new project without a matte: who finds the thing; saliency needs no box", choices=("carry", "sam2", "saliency")
    )
    mask_model: str = option("", "of a new project, for sam2 and saliency: a folder as transformers saves it, an ONNX file", metavar="PATH")
    grow: int = option(0, "of a new project: pixels that the mask is made larger by", low=0, high=1024)
    range: str = option("", "of a new project: only these frames, FIRST-LAST, counted from 0", metavar="FIRST-LAST")
    handles: int = option(0, "of a new project: so many frames more on either side of the range", low=0, high=10_000)
    rate: str = option("", "of a new project: frames a second, where the shot is an image sequence or its file lies", metavar="FPS")
    space: str = option("", "of a new project: colour space of the shot, by its OCIO name", metavar="NAME")
    film: str = option("", "of a new project: the film's name, such as final.mov (ProRes); empty: lossless, as the shot", metavar="NAME")

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.begin and self.only:
            raise UsageError("both a first step and an only step are asked for", "leave out --from or --only")
        if self.seeds and not re.fullmatch(r"\s*\d+(\s*,\s*\d+)*\s*", self.seeds):
            raise UsageError(f"seeds are {self.seeds!r}", "write whole numbers with commas between, such as 1,2,3")

    def creation(self) -> dict[str, object]:
        """Keys of a new project's genlock.toml."""
        plain = {name: getattr(self, name) for name in ("backend", "prompt", "box", "grow", "range", "handles", "rate", "space")}
        seeds = {"seeds": tuple(map(int, self.seeds.split(",")))} if self.seeds else {}
        codec = {"codec": "prores"} if self.film.lower().endswith(".mov") else {}  # which every editing program reads
        return {**plain, **seeds, **codec, "method": self.mask_method, "model": self.mask_model, "name": self.film}
