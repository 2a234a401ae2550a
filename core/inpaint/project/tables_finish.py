"""The tables of genlock.toml that say what happens to the picture once its keyframes are chosen."""

from __future__ import annotations

from dataclasses import dataclass

from ...errors import UsageError
from ...render.blend import MODES
from ...settings import Settings, option


@dataclass(frozen=True)
class CompositeTable(Settings):
    """[composite]: how a keyframe reaches the frames of its group."""

    kind = "the table [composite]"

    transport: str = option(
        "auto", "auto: fill with classic, else flow-both; fill: every frame's own; paste: as it is; flow: with the motion from its keyframe; "
        "flow-both: from both neighbouring keyframes", choices=("auto", "fill", "paste", "flow", "flow-both"),
    )  # fmt: skip
    follow: str = option(
        "thing", "what the change moves with; thing: it changes what is there; ground: it takes it away, and moves as what is around",
        choices=("thing", "ground"),
    )  # fmt: skip
    fade: int = option(-1, "frames before the next keyframe over which its picture sets in; -1: all with flow-both, none else", low=-1, high=1000)
    blend: str = option(
        "normal", "how the change is laid over the picture; auto: lighten or darken, where that is all it does", choices=("auto", *MODES)
    )
    opacity: float = option(1.0, "of the change; -1: as much as does not flicker more than [check] allows", low=-1.0, high=1.0)
    feather: int = option(
        -1, "pixels inside the mask's edge over which the change sets in; -1: none where a thing is taken away, else 4", low=-1, high=512
    )

    def __post_init__(self) -> None:
        super().__post_init__()
        if -1 < self.opacity < 0:
            raise UsageError(f"opacity is {self.opacity}", "write 0 to 1, or -1 to have it found")


@dataclass(frozen=True)
class UpscaleTable(Settings):
    """[upscale]: a larger film."""

    kind = "the table [upscale]"

    times: int = option(1, "so many times as wide and as high; 1 leaves the size", low=1, high=8)
    models: tuple[str, ...] = option((), "files of models that enlarge, each laid over what came before: FILE or FILE:OPACITY; none: Lanczos")


@dataclass(frozen=True)
class CheckTable(Settings):
    """[check]: which groups a person should look at."""

    kind = "the table [check]"

    max_excess_warp: float = option(3.0, "flicker beyond the shot's own, in levels of 8 bits", low=0.0, high=1e6)
    max_colour_z: float = option(3.5, "how far a keyframe's colour may stray from the others', in standard deviations", low=0.0, high=1e6)
    action: str = option("flag", "what is done with a group beyond a limit; drop: it is made from its neighbours", choices=("flag", "drop"))


@dataclass(frozen=True)
class EnhanceTable(Settings):
    """[enhance]: the change's look, inside the mask."""

    kind = "the table [enhance]"

    match: float = option(0.0, "how far the change's colours are brought to the original's there, frame by frame", low=0.0, high=1.0)
    exposure: float = option(0.0, "in stops", low=-16.0, high=16.0)
    gamma: float = option(1.0, "above 1 is lighter in the middle", low=0.05, high=20.0)
    black: float = option(0.0, "the level that becomes black", low=-1.0, high=0.99)
    white: float = option(1.0, "the level that becomes white", low=0.01, high=16.0)
    saturation: float = option(1.0, "0 is grey", low=0.0, high=8.0)
    overlay_original: float = option(0.0, "how much of the original is laid over the change", low=0.0, high=1.0)

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.white <= self.black:
            raise UsageError(f"white is {self.white} and black {self.black}", "write a white above black")


_OURS = ("grid.mp4", "report.html", "manifest.json")


@dataclass(frozen=True)
class OutputTable(Settings):
    """[output]: the film."""

    kind = "the table [output]"

    name: str = option("", "of the film in out/; empty: lossless, in the shot's own samples: final.mkv, or final.%06d.exr or .png of a sequence")
    codec: str = option("", "of the film, where the suffix alone does not say", choices=("", "h264", "h265", "prores", "dnxhr", "ffv1", "vp9", "av1"))
    quality: str = option("high", "of lossy codecs", choices=("draft", "standard", "high", "lossless"))
    rate: str = option("", "a second film with so many frames a second, those between made from the motion; empty: none")
    sound: bool = option(True, "the shot's sound is kept")
    grid: bool = option(True, "a film that shows before, mask, change and after side by side")

    def __post_init__(self) -> None:
        super().__post_init__()
        parts = self.name.replace("\\", "/").split("/")
        if self.name and (":" in self.name or any(part in ("", ".", "..") for part in parts)):
            raise UsageError(f"name is {self.name!r}, which leaves the project's folder out/", "name a file, or a file in a folder, below out/")
        if self.name.lower() in _OURS:
            raise UsageError(f"{self.name} is a file that genlock writes beside the film", "choose another name")
