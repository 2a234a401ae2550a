"""Settings of the job that changes how footage runs through time."""

from __future__ import annotations

import re
from dataclasses import dataclass
from fractions import Fraction

from .errors import UsageError
from .settings import Settings, option
from .timing import FrameRate


@dataclass(frozen=True)
class RetimeSettings(Settings):
    """How footage is retimed."""

    kind = "retime"

    fps: str = option("", "frames a second of the output: 60, 23.976, 60000/1001", metavar="FPS")
    times: int = option(0, "so many output frames for each one, over the same time; 0: as many as before", low=0, high=1000)
    method: str = option(
        "auto",
        "auto: motion even whatever the drawings are held for; multipass, resample: as the tools of these names; plain: only frames in between",
        choices=("auto", "multipass", "resample", "plain"),
    )
    intent: str = option(
        "smooth",
        "smooth: motion becomes even; respect: drawings keep the times that they were given, and only the camera is made even, and what is on ones",
        choices=("smooth", "respect"),
    )
    n_forward: int = option(0, "of multipass: how many times a frame may be repeated; 0 finds it for each shot", low=0, high=12)
    dedup: str = option(
        "smooth", "repeated frames: smooth gives them the motion that they lack; only drops them, and makes no new ones; off leaves them",
        choices=("smooth", "only", "off"),
    )
    scene_threshold: float = option(
        0.0, "a cut is where the likeness (SSIM) of two frames is below this, as with MultiPassDedup (its default is 0.3); 0: genlock's own detector",
        low=0.0, high=1.0, metavar="S",
    )
    fields: str = option(
        "auto",
        "of dedup only: auto puts the fields of woven film (2:3 pulldown) back together where the file says that it is interlaced, match also "
        "where it does not, keep leaves them",
        choices=("auto", "match", "keep"),
    )
    static_mask: str = option(
        "", "subtitles, logos, a HUD: where this picture is white, or this footage of the input's length, nothing is moved", metavar="FILE"
    )
    scale: float = option(1.0, "of a model: how closely motion is looked at; 0.5 for 4K and very large motion", low=0.25, high=4.0)
    model: str = option("", "a learned model for frames in between: a file, or a name that genlock models knows", metavar="NAME")
    motion: str = option("medium", "how closely the built-in way looks for motion", choices=("fast", "medium", "fine"))
    half: bool = option(False, "the model in half precision")
    tile: int = option(0, "most pixels a side that the model works on at once, for little memory; 0: all", low=0, high=16384)
    device: str = option("auto", "where the model runs", choices=("auto", "cpu", "cuda", "mps"))
    sound: str = option(
        "ref", "of an aligned timeline, whose sound: the ref's as it is, or the clip's, retimed with its pictures; footage keeps its own",
        choices=("ref", "clip", "none"),
    )
    size: str = option("", "of the output, WIDTHxHEIGHT; the input's where it is not given", metavar="WxH")
    rate: str = option("", "frames a second of the input, where it is an image sequence or its file lies", metavar="FPS")
    dry_run: bool = option(False, "tell how many frames the output would have, and when, and make none")
    preview: bool = option(False, "five seconds from the middle, and no more")
    encoder: str = option("auto", "auto takes a hardware encoder where there is one; software, or an FFmpeg encoder's name", metavar="NAME")
    quality: str = option("high", "of lossy codecs", choices=("draft", "standard", "high", "lossless"))
    codec: str = option("", "of films, where the suffix alone does not say: h264, h265, prores, dnxhr, ffv1, vp9, av1", metavar="NAME")
    depth: str = option(
        "", "bits a sample; the input's own where it is not given and the format bears it", choices=("", "8", "10", "12", "16", "half", "float")
    )
    chroma: str = option("", "of films; the input's own where it is not given and the codec bears it", choices=("", "420", "422", "444"))
    odd: str = option("refuse", "what to do with an odd width or height where the codec has none", choices=("refuse", "pad", "crop"))

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.fps and self.times:
            raise UsageError("both a rate and a number of times are asked for", "leave out fps or times")
        if self.dedup == "only" and self.times > 1:
            raise UsageError("dropping repeats makes no new frames, and --times asks for them", "leave out times, or set dedup to smooth")
        if self.dedup == "only" and self.static_mask:
            raise UsageError("dropping repeats makes no frames, and a mask is given for those that are made", "leave out static_mask")
        if self.n_forward and self.method != "multipass":
            raise UsageError(f"n_forward is {self.n_forward}, and the method is {self.method}", "n_forward is for the method multipass")
        if self.intent == "respect" and (self.method != "auto" or self.dedup != "smooth"):
            raise UsageError("the intent respect has a way of its own", "leave out method and dedup, or set the intent to smooth")
        self.size_wh()
        self.out_rate()

    def out_rate(self) -> Fraction | None:
        """The rate that is asked for."""
        return FrameRate.parse(self.fps).fps if self.fps else None

    def size_wh(self) -> tuple[int, int] | None:
        """The size that is asked for."""
        if not self.size:
            return None
        match = re.fullmatch(r"(\d{1,5})[xX](\d{1,5})", self.size)
        if match is None or not int(match[1]) or not int(match[2]):
            raise UsageError(f"size is {self.size!r}", "write it as 1280x720")
        return int(match[1]), int(match[2])
