"""Pictures as frames of the encoder's own format: samples go through untouched where they fit, everything else is converted once."""

from __future__ import annotations

import av
import numpy as np

from ...errors import UsageError
from ..plates.colour import Encoding, alpha_of, from_rgb, to_rgb
from ..plates.info import PictureInfo
from ..plates.plate import Decoded, Plate, Shown
from ..plates.samples import Samples, frame_of
from . import tags
from .choice import Chosen
from .codecs import CODECS
from .fitting import evened, fit, straightened


class FrameMaker:
    """For one film. Raises UsageError for a size that the encoder does not take, and for pictures that do not fit."""

    def __init__(self, info: PictureInfo, chosen: Chosen, odd: str, notes: list[str]) -> None:
        self.info, self._chosen = info, chosen
        self.size_wh = self._even(odd, notes)
        """What is written."""
        self.colour = tags.colour_for(info, chosen.form)
        self.encoding = Encoding(self.colour.matrix, self.colour.full_range, tags.location_for(info, chosen.form), info.interlaced)

    def made(self, picture: Shown) -> av.VideoFrame:
        """The frame, with its colour tags and without a time."""
        frame = self._laid(picture)
        frame.pict_type = 0
        frame.color_range = 2 if self.colour.full_range else 1
        frame.colorspace, frame.color_trc, frame.color_primaries = self.colour.matrix, self.colour.transfer, self.colour.primaries
        return frame

    def _laid(self, picture: Shown) -> av.VideoFrame:
        if isinstance(picture, Plate):
            if not picture.untouched or picture.samples().size_wh != self.size_wh:
                return self._laid(picture.rgb(alpha=self._chosen.form.alpha))
            samples = fit(picture.samples(), self._chosen.form, picture.encoding, self.encoding)
            source = picture.decoded
            if isinstance(source, Decoded) and samples.form == picture.form and picture.pix_fmt == self._chosen.pix_fmt:
                return source.frame
            return frame_of(samples, self._chosen.pix_fmt)
        if isinstance(picture, Samples):
            self._require(picture.size_wh == self._own_wh, f"samples of {picture.size_wh[0]} x {picture.size_wh[1]}")
            if self.size_wh == self._own_wh:
                return frame_of(fit(picture, self._chosen.form, self.info.encoding, self.encoding), self._chosen.pix_fmt)
            alpha, rgb = alpha_of(picture), to_rgb(picture, self.info.encoding)
            return self._laid(rgb if alpha is None else np.dstack([rgb, alpha]))
        fits = picture.ndim == 3 and picture.shape[1::-1] == self._own_wh and picture.shape[2] in (3, 4)
        self._require(fits, f"a picture of shape {picture.shape}")
        return frame_of(self._quantised(np.asarray(picture, np.float32)), self._chosen.pix_fmt)

    @property
    def _own_wh(self) -> tuple[int, int]:
        return self.info.width, self.info.height

    def _require(self, fits: bool, what: str) -> None:
        if not fits:
            raise UsageError(f"{what} does not fit {self.info.width} x {self.info.height}", "give (h, w, 3) or (h, w, 4) float32 of that size")

    def _quantised(self, rgb: np.ndarray) -> Samples:
        if rgb.shape[2] == 4 and self.info.associated:
            rgb = straightened(rgb)
        if rgb.shape[1::-1] != self.size_wh:
            rgb = evened(rgb, self.size_wh)
        return from_rgb(rgb[..., :3], self._chosen.form, self.encoding, rgb[..., 3] if rgb.shape[2] == 4 else None)

    def _even(self, odd: str, notes: list[str]) -> tuple[int, int]:
        """Sizes that chroma does not divide are refused, filled up or cut."""
        width, height = self._own_wh
        codec, form = CODECS[self._chosen.codec], self._chosen.form
        if self._chosen.codec == "dnxhr" and (width < 256 or height < 120):
            raise UsageError(f"DNxHR begins at 256 x 120, and the pictures are {width} x {height}", "choose prores")
        step = form.sub_wh if form.model == "yuv" and not codec.any_size else (1, 1)
        if width % step[0] == 0 and height % step[1] == 0:
            return width, height
        if odd == "refuse":
            what = f"{codec.title} with {form} needs an even size, and the pictures are {width} x {height}"
            raise UsageError(what, "choose odd pad or odd crop, chroma 444, or FFV1 in .mkv")
        grow = odd == "pad"
        wide, high = (-(-n // s) * s if grow else n // s * s for n, s in zip((width, height), step, strict=True))
        notes.append(f"{'filled up' if grow else 'cut'} from {width} x {height} to {wide} x {high}: {codec.title} needs even sizes")
        return wide, high
