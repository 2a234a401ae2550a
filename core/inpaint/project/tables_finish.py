"""The tables of genlock.toml that say what happens to the picture once its keyframes are chosen."""

from __future__ import annotations

from dataclasses import dataclass

from ...settings import Settings, option


@dataclass(frozen=True)
class CompositeTable(Settings):
    """[composite]: how a keyframe reaches the frames of its group."""

    kind = "the table [composite]"

    transport: str = option(
        "auto", "auto: fill with classic, else flow-both; fill: every frame's own; flow-both: with the motion from both neighbouring keyframes",
        choices=("auto", "fill", "paste", "flow", "flow-both"),
    )  # fmt: skip
    opacity: float = option(1.0, "of the change", low=0.0, high=1.0)
    feather: int = option(4, "pixels inside the mask's edge over which the change sets in", low=0, high=512)


@dataclass(frozen=True)
class CheckTable(Settings):
    """[check]: which groups a person should look at."""

    kind = "the table [check]"

    max_excess_warp: float = option(3.0, "flicker beyond the shot's own motion", low=0.0, high=1e6)
    max_colour_z: float = option(3.5, "how far a keyframe's colour may stray from the others', in standard deviations", low=0.0, high=1e6)
    action: str = option("flag", "what is done with a group beyond a limit", choices=("flag", "redo", "drop"))


@dataclass(frozen=True)
class OutputTable(Settings):
    """[output]: the film."""

    kind = "the table [output]"

    name: str = option("final.mov", "of the file in out/; its suffix says what it is")
    codec: str = option("", "of the film, where the suffix alone does not say: h264, h265, prores, dnxhr, ffv1, vp9, av1")
    quality: str = option("high", "of lossy codecs", choices=("draft", "standard", "high", "lossless"))
    overlay_original: float = option(0.0, "how much of the original is laid over the change", low=0.0, high=1.0)
    grid: bool = option(True, "a film that shows before and after side by side")
