"""Image sequences and stills through OpenImageIO: EXR with every part and channel, PNG, TIFF, DPX."""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from types import TracebackType

import numpy as np

from ...errors import GenlockError, UsageError
from ...timing import FrameRate, frames_of, timecode
from ..plates.colour import Encoding, alpha_of, from_rgb, to_rgb
from ..plates.form import Form
from ..plates.info import PictureInfo
from ..plates.plate import Layer, Plate, Shown
from ..plates.samples import Samples
from .beside import check_folder, folder_beside, forget, rename
from .choice import wanted_depth
from .file import Header, write_file
from .fitting import associated, fit, straightened
from .settings import WriteSettings

_PATTERN = re.compile(r"%(?:0(?P<wide>\d+))?d|(?P<hashes>#+)")
_DEPTHS = {".png": (8, 16), ".tif": (8, 16, 32), ".tiff": (8, 16, 32), ".dpx": (8, 10, 12, 16)}
"""Integer depths of a format; 32 stands for float."""


class PictureWriter:
    """Writes one file a picture, into a folder beside, and renames them all at the end. Made by open_writer; see Writer for the contract."""

    encoder = "OpenImageIO"

    def __init__(self, path: str, info: PictureInfo, settings: WriteSettings) -> None:
        self.path, self.info, self.settings = path, info, settings
        self.suffix = os.path.splitext(path)[1].lower()
        self.notes: list[str] = []
        self._pattern = _PATTERN.search(os.path.basename(path))
        self.form = self._form()
        self.place = check_folder(self._named(info.start_frame))
        self._folder = folder_beside(self.place, path)
        self._made: list[tuple[str, str]] = []
        self._count = 0
        self._closed = False

    @property
    def pix_fmt(self) -> str:
        """What the samples mean, in words: picture files have no pixel format."""
        return str(self.form)

    def __enter__(self) -> PictureWriter:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        if error is None:
            self.close()
        else:
            self.abandon()

    def write(self, picture: Shown, pts: int | Fraction | None = None, extra: Sequence[Layer] = (), duration: int | None = None) -> None:
        """One picture, one file; times do not matter. See Writer."""
        if self._closed:
            raise UsageError(f"{self.path} is finished already", "open another writer")
        if self._count and self._pattern is None:
            raise UsageError(f"{self.path} is one picture, and there are more", "name a sequence, like name.%04d.exr")
        try:
            number = self.info.start_frame + self._count
            final = os.path.join(os.path.dirname(self.place), os.path.basename(self._named(number)))
            name = os.path.join(self._folder, os.path.basename(final))
            write_file(name, self._layers(picture, extra), self._header(), self._shown(number))
            self._made.append((name, final))
            self._count += 1
            if self.settings.each:
                self._rename()
        except BaseException:
            self.abandon()
            raise

    def go_on(self) -> int:
        """Before the first picture: count those that stand at their places already, from the first one on, as written. Returns how many."""
        most = 1 if self._pattern is None else None
        while self._count != most and os.path.exists(self._named(self.info.start_frame + self._count)):
            self._count += 1
        return self._count

    def close(self) -> tuple[Path, ...]:
        """Give the files their names. Raises OutputError; none of them stays then."""
        if self._closed:
            return ()
        try:
            if not self._count:
                raise UsageError(f"{self.path} would hold no picture", "write at least one")
            finals = self._finals()
            self._rename()
        except (GenlockError, OSError):
            self.abandon()
            raise
        self._closed = True
        forget(self._folder)
        return finals

    def abandon(self) -> None:
        """Take away what was begun; files that have their names already stay."""
        if not self._closed:
            self._closed = True
            forget(self._folder)

    def _finals(self) -> tuple[Path, ...]:
        folder = os.path.dirname(self.place)
        return tuple(Path(folder, os.path.basename(self._named(self.info.start_frame + k))) for k in range(self._count))

    def _rename(self) -> None:
        for name, final in self._made:
            rename(name, final, final)
        self._made.clear()

    def _shown(self, number: int) -> str:
        """What a person is told of one picture that cannot be written."""
        return self._named(number)

    def _named(self, number: int) -> str:
        """The path of one picture."""
        if self._pattern is None:
            return self.path
        wide = int(self._pattern["wide"] or 0) if self._pattern["hashes"] is None else len(self._pattern["hashes"])
        folder, name = os.path.split(self.path)
        return os.path.join(folder, f"{name[: self._pattern.start()]}{number:0{wide}d}{name[self._pattern.end() :]}")

    def _form(self) -> Form:
        """What is written: the source's samples, as RGB or grey, at a depth that the format has."""
        want = wanted_depth(self.info, self.settings)
        form = replace(want, model="gray" if want.model == "gray" else "rgb", sub_wh=(1, 1))
        if self.suffix == ".exr":
            if form.is_float:
                return form
            if self.settings.depth in ("8", "10", "12", "16"):
                raise UsageError("EXR holds half and float, no integers", "choose depth half or float, or leave it open")
            return replace(form, bits=16 if form.bits <= 10 else 32, is_float=True)
        if form.is_float and self.suffix in (".tif", ".tiff"):
            return replace(form, bits=32)
        if form.is_float:
            if self.settings.depth:
                raise UsageError(f"{self.suffix} holds no float", "write .exr or .tif")
            self.notes.append(f"float becomes 16-bit integers in {self.suffix}, clipped to 0 … 1; .exr and .tif keep float")
            return replace(form, bits=16, is_float=False)
        depths = [bits for bits in _DEPTHS[self.suffix] if bits <= 16]
        if self.settings.depth and form.bits not in depths:
            raise UsageError(f"{self.suffix} holds {', '.join(map(str, depths))} bits a sample, not {form.bits}", "choose one of those")
        # More bits than the source has: RGB of YUV needs them, and codes of RGB come back by rounding.
        exact = form.bits if want.model != "yuv" or self.settings.depth else max(16 if form.bits > 8 else 8, form.bits)
        return replace(form, bits=next(bits for bits in (*depths, 16) if bits >= exact))

    def _header(self) -> Header:
        info = self.info
        code = None
        if info.timecode:
            try:
                rate = FrameRate(info.rate)
                code = timecode(frames_of(info.timecode, rate) + self._count, rate, drop=info.timecode[-3] in ";.")
            except UsageError:
                code = None
        return Header(self.suffix, self.form, info.rate, code, info.sample_aspect, info.colour, self.settings.compression, dict(info.metadata))

    def _layers(self, picture: Shown, extra: Sequence[Layer]) -> tuple[Layer, ...]:
        if isinstance(picture, Samples):
            if picture.form.model != "yuv" and (self._same_alpha() or not picture.form.alpha):
                return (_layer(fit(picture, self.form, self.info.encoding, Encoding(0, True))), *extra)
            alpha, rgb = alpha_of(picture), to_rgb(picture, self.info.encoding)
            return self._layers(rgb if alpha is None or not self.form.alpha else np.dstack([rgb, alpha]), extra)
        if isinstance(picture, Plate):
            if self.suffix == ".exr" and picture.layers and picture.untouched and not extra and picture.form == self.form:
                return picture.layers
            if not picture.untouched:
                return self._layers(picture.rgb(alpha=self.form.alpha), extra)
            if picture.form.model != "yuv":
                samples = picture.samples()
                if not self._same_alpha() and samples.form.alpha:
                    return self._layers(picture.rgb(alpha=True), extra)
                return (_layer(fit(samples, self.form, picture.encoding, Encoding(0, True))), *extra)
            return self._layers(picture.rgb(alpha=self.form.alpha), extra)
        own_wh = (self.info.width, self.info.height)
        if picture.ndim != 3 or picture.shape[1::-1] != own_wh or picture.shape[2] not in (3, 4):
            raise UsageError(f"a picture of shape {picture.shape} does not fit {own_wh[0]} x {own_wh[1]}", "give (h, w, 3) or (h, w, 4) float32")
        rgb = np.asarray(picture, np.float32)
        if rgb.shape[2] == 4 and not self._same_alpha():
            rgb = associated(rgb) if self.suffix == ".exr" else straightened(rgb)
        alpha = rgb[..., 3] if rgb.shape[2] == 4 else None
        return (_layer(from_rgb(rgb, self.form, Encoding(0, True), alpha)), *extra)

    def _same_alpha(self) -> bool:
        """Whether the pictures' alpha is what the format wants: associated in EXR, straight elsewhere."""
        return not self.info.alpha or self.info.associated == (self.suffix == ".exr")


def _layer(samples: Samples) -> Layer:
    names = ("Y",) if samples.form.model == "gray" else ("R", "G", "B")
    return Layer((*names, "A") if samples.form.alpha else names, np.dstack(samples.planes), full_wh=samples.size_wh)
