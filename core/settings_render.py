"""Settings of the jobs that make pictures: how a picture is warped, rendered, composited."""

from __future__ import annotations

from dataclasses import dataclass

from .errors import UsageError
from .settings import Settings, option

BLENDS = ("normal", "multiply", "screen", "add", "subtract", "difference", "darken", "lighten", "overlay")


@dataclass(frozen=True)
class WarpSettings(Settings):
    """How the clip is brought to where the ref has it."""

    warp: str = option("matrix", "matrix: the alignment's transform; flow: from there every pixel finds its own place", choices=("matrix", "flow"))
    kernel: str = option("lanczos", "how pictures are resampled", choices=("lanczos", "bicubic", "linear"))
    precision: int = option(2, "of the flow: 1 is fast, 4 is exact", low=1, high=4)
    iterations: int = option(0, "of the flow at each size; 0 leaves it to the precision", low=0, high=100)
    soften: bool = option(False, "flow by shapes, not by grain, halos or compression")
    wide: bool = option(False, "flow that looks farther than the transform explains")
    mask: str = option(
        "", "a picture, or footage of the ref's length: what is white is left out of the flow, which follows its surroundings there", metavar="FILE"
    )
    device: str = option("auto", "where the flow is computed", choices=("auto", "cpu", "cuda", "mps"))
    tile: int = option(0, "most pixels a side that the flow works on at once, for little memory; 0: all", low=0, high=16384)
    model: str = option("", "a learned model for the flow, in place of the built-in one: a file, or a name that genlock models knows", metavar="NAME")
    range: str = option("", "only these ref frames, FIRST-LAST (timecode or frame number, both included)", metavar="FIRST-LAST")
    out_of: str = option(
        "", "take the clip's pictures from another version of it: the same frames, ungraded, or of another size", metavar="FILE"
    )
    threshold: float = option(0.0, "frames that score less count as unmatched (0 to 1)", low=0.0, high=1.0, metavar="S")
    clip_space: str = option("", "colour space of the clip's pictures, by its OCIO name; as it was aligned", metavar="NAME")
    ref_space: str = option("", "colour space of the ref's pictures, by its OCIO name; as it was aligned", metavar="NAME")
    working_space: str = option("", "warp and blend in this colour space, by its OCIO name; linear: in linear light", metavar="NAME")
    encoder: str = option("auto", "auto takes a hardware encoder where there is one; software, or an FFmpeg encoder's name", metavar="NAME")
    quality: str = option("high", "of lossy codecs", choices=("draft", "standard", "high", "lossless"))
    codec: str = option("", "of films, where the suffix alone does not say: h264, h265, prores, dnxhr, ffv1, vp9, av1", metavar="NAME")
    depth: str = option(
        "", "bits a sample; the clip's own where it is not given and the format bears it", choices=("", "8", "10", "12", "16", "half", "float")
    )
    chroma: str = option("", "of films; the clip's own where it is not given and the codec bears it", choices=("", "420", "422", "444"))
    odd: str = option("refuse", "what to do with an odd width or height where the codec has none", choices=("refuse", "pad", "crop"))


@dataclass(frozen=True)
class RenderSettings(WarpSettings):
    """How the clip is rendered as the ref would see it."""

    kind = "render"

    size: str = option("", "of the output, WIDTHxHEIGHT; the ref's where it is not given", metavar="WxH")
    alpha: bool = option(False, "where the clip shows nothing, the picture is transparent and not black")
    fallback: str = option("", "footage of the ref's length that is shown where no frame matches", metavar="FILE")
    sound: str = option("ref", "whose sound: the ref's as it is, or the clip's, retimed with its pictures", choices=("ref", "clip", "none"))
    debug: bool = option(False, "frame numbers, score and verdict are burnt into the pictures")

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.alpha and self.fallback:
            raise UsageError("with a fallback nothing is left transparent", "leave out alpha or fallback")


@dataclass(frozen=True)
class CompositeSettings(WarpSettings):
    """How the clip and the ref are laid over one another."""

    kind = "composite"

    over: str = option("clip", "which of the two lies on top", choices=("clip", "ref"))
    keep: str = option(
        "", "whose frames are all kept, once each, while the other is retimed to them; the upper one's, if not given", choices=("", "clip", "ref")
    )
    grid: str = option("ref", "whose pixels stay as they are; the other one is warped", choices=("ref", "clip"))
    crop: str = option(
        "ref", "what the output shows: the picture of one, what both show, or all that either shows", choices=("ref", "clip", "both", "union")
    )
    view: str = option("over", "the composite, or a view that compares", choices=("over", "wipe", "difference", "side-by-side", "checker"))
    wipe: float = option(0.5, "where the wipe's edge lies, 0 to 1 across the picture", low=0.0, high=1.0)
    angle: float = option(0.0, "of the wipe's edge, in degrees clockwise from upright", low=-360.0, high=360.0)
    squares: int = option(8, "squares of the checker along the longer side", low=1, high=256)
    gain: float = option(4.0, "of the difference view", low=0.0, high=1000.0)
    feather: float = option(0.0, "width of the soft edge, in pixels, inside the outline of the one on top", low=0.0, high=4096.0, metavar="PX")
    blend: str = option("normal", "how the one on top is mixed in", choices=BLENDS)
    opacity: float = option(1.0, "of the one on top", low=0.0, high=1.0)
    sound: str = option(
        "auto", "whose sound, kept in sync; auto: that of the one on top where it has any, else the other's", choices=("auto", "clip", "ref", "none")
    )
    debug: bool = option(False, "frame numbers, score and verdict are burnt into the pictures")

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.warp == "flow" and self.grid == "clip":
            raise UsageError("a dense flow draws on the ref's grid", "leave grid at ref, or warp at matrix")
