"""One picture of the clip, brought to where it lies in another frame: by one resampling, or by none.

Planes are warped as they are stored (luma and chroma each on their own grid), so nothing is converted that need not be. Where a colour
space is named, where transparency is asked for, and where a picture is turned or woven of two fields, float RGB is warped instead.
Convention: pixel centres on integers, x right, y down; `clip_to_ref` takes clip pixels to pixels of the frame that is drawn.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from ..media.plates import PictureInfo, Plate, Samples
from ..media.plates.colour import Encoding
from ..media.plates.form import Form
from ..space.geometry import apply, corners, normalised
from ..space.planes import Plane, plane_map, plane_matrix
from ..space.warp import warp, warp_by_matrix, warp_stored
from .cover import reduced_share

if TYPE_CHECKING:
    from ..media.space import WorkingSpace

SNAP_PX = 0.02
"""A transform that lies nowhere further from whole pixels than this copies them: the difference cannot be seen, resampling can."""


@dataclass(frozen=True)
class Placed:
    """A picture in its frame."""

    picture: Samples | np.ndarray
    """In the form of what was placed, not yet mixed with what lies below (see grounded()); or (H, W, 4) float32 RGB and alpha,
    colours multiplied by it."""
    covered: np.ndarray
    """(H, W) float32, 0 to 1: the share of each pixel that the picture covers, with its own transparency where it is RGB."""
    encoding: Encoding

    @property
    def whole(self) -> bool:
        """Whether there is no pixel that the picture leaves free."""
        return bool((self.covered >= 1).all())


@dataclass(frozen=True)
class Way:
    """How the pictures of one piece of footage are placed; the same for all of its frames."""

    info: PictureInfo
    size_wh: tuple[int, int]
    """Of the frame that is drawn."""
    kernel: str = "lanczos"
    space: WorkingSpace | None = None
    """Warps happen there; None: in the footage's own encoding."""
    light: bool = False
    """Float RGB with alpha is wanted, whatever the footage is."""
    stay: bool = False
    """What was warped in `space` is left in it."""


def place(plate: Plate, where: np.ndarray, way: Way) -> Placed:
    """Draw a plate into a frame.

    where   3x3 clip_to_ref, or (H, W, 2) float32: the clip point that each pixel of the frame shows
    """
    if where.shape == (3, 3):
        where = snapped(where, (way.info.width, way.info.height))
    if way.light or way.space is not None or not _planes_will_do(plate, where, way.info):
        return _placed_light(plate, where, way)
    return _placed_samples(plate, where, way)


def snapped(matrix: np.ndarray, clip_wh: tuple[int, int]) -> np.ndarray:
    """The nearest whole-pixel shift (mirrored, turned by quarters) where it differs by no more than SNAP_PX anywhere, else the matrix."""
    matrix = normalised(matrix)
    near = np.rint(matrix)
    if abs(round(float(np.linalg.det(near[:2, :2])))) != 1 or np.abs(near[:2, :2]).sum() != 2:
        return matrix
    near[2] = (0, 0, 1)
    box = corners(clip_wh)
    return near if float(np.abs(apply(matrix, box) - apply(near, box)).max()) <= SNAP_PX else matrix


def _planes_will_do(plate: Plate, where: np.ndarray, info: PictureInfo) -> bool:
    """Whether stored samples can be drawn as they are: upright, not woven of fields that would be torn, alpha multiplied in."""
    if not plate.untouched:
        return False
    copied = where.shape == (3, 3) and is_whole(where)
    if plate.form.alpha and not info.associated and not copied:
        return False
    return not plate.interlaced or keeps_fields(where)


def keeps_fields(where: np.ndarray) -> bool:
    """Whether a picture woven of two fields can be drawn as it is: copied, upright, and moved by whole lines of both chroma fields."""
    return where.shape == (3, 3) and is_whole(where) and bool(where[1, 1] == 1 and where[1, 2] % 4 == 0 and where[0, 1] == 0)


def is_whole(matrix: np.ndarray) -> bool:
    """Whether a matrix moves, mirrors or turns whole pixels and does nothing else."""
    return bool(np.array_equal(matrix, np.rint(matrix)) and np.abs(matrix[:2, :2]).sum() == 2 and np.array_equal(matrix[2], (0, 0, 1)))


def _placed_samples(plate: Plate, where: np.ndarray, way: Way) -> Placed:
    samples = plate.samples()
    form, clip_wh = samples.form, samples.size_wh
    encoding = plate.encoding
    planes, covered = [], np.zeros(0)
    for number, plane in enumerate(samples.planes):
        grid = _grid(form, number, encoding.location, where)
        drawn, share = _drawn_plane(plane, where, grid, clip_wh, way, form)
        if number == 0:
            covered = share
        planes.append(drawn)
    return Placed(Samples(form, tuple(planes)), covered, encoding)


def _drawn_plane(
    plane: np.ndarray, where: np.ndarray, grid: Plane, clip_wh: tuple[int, int], way: Way, form: Form
) -> tuple[np.ndarray, np.ndarray]:
    """The plane in its frame, and what it covers. Chroma goes on a sample beyond its outline: luma says where the picture ends."""
    own = plane_matrix(where, grid, grid) if where.shape == (3, 3) else plane_map(where, grid, grid)
    peak = None if form.is_float else 2**form.bits - 1
    left, top, right, bottom = grid.outline(clip_wh)
    outline = (left, top, right, bottom) if grid == Plane() else (left - 1, top - 1, right + 1, bottom + 1)
    return warp_stored(plane, own, grid.wh(way.size_wh), way.kernel, clamp=False, peak=peak, outline=outline)


def _grid(form: Form, number: int, location: str, where: np.ndarray) -> Plane:
    """Where the samples of one plane sit. A mirror turns chroma's place over, as every tool that mirrors planes does."""
    if form.model != "yuv" or number not in (1, 2):
        return Plane()
    mirrors = where.shape == (3, 3) and is_whole(where) and (where[:2, :2] < 0).any()
    return Plane(*form.sub_wh, location="center" if mirrors else location)


def ground_of(form: Form, encoding: Encoding, number: int) -> float:
    """The code of black in a plane; of alpha, of nothing."""
    if form.is_float or form.model == "rgb":
        return 0.0
    if form.model == "yuv" and number in (1, 2):
        return float(2 ** (form.bits - 1))
    if form.alpha and number == (3 if form.model == "yuv" else 1):
        return 0.0
    return 0.0 if encoding.full_range else 16.0 * 2 ** (form.bits - 8)


def grounded(placed: Placed) -> Samples:
    """Stored samples over black, by the share of each pixel that is covered; untouched where that is all."""
    assert isinstance(placed.picture, Samples)
    form, planes = placed.picture.form, []
    for number, plane in enumerate(placed.picture.planes):
        part = reduced_share(placed.covered, (plane.shape[1], plane.shape[0]))
        planes.append(_over_even(plane, part, ground_of(form, placed.encoding, number), form.is_float))
    return Samples(form, tuple(planes))


def _over_even(plane: np.ndarray, share: np.ndarray, ground: float, is_float: bool) -> np.ndarray:
    part = share < 1
    if not part.any():
        return plane
    mixed = plane[part] * share[part] + ground * (1 - share[part])
    out = plane.copy()
    out[part] = mixed if is_float else np.rint(mixed)
    return out


def _placed_light(plate: Plate, where: np.ndarray, way: Way) -> Placed:
    rgba = plate.rgb(alpha=True, field=0 if plate.interlaced else None)
    if way.space is not None:
        rgba = multiplied(np.dstack([way.space.to((plain(rgba) if way.info.associated else rgba)[..., :3]), rgba[..., 3:]]))
    elif not way.info.associated:
        rgba = multiplied(rgba)
    drawn, share = _drawn_light(rgba, where, way)
    drawn = drawn * share[..., None]
    if way.space is not None and not way.stay:
        drawn = multiplied(np.dstack([way.space.back(plain(drawn)[..., :3]), drawn[..., 3:]]))
    return Placed(drawn, drawn[..., 3], replace(plate.encoding, fields=False))


def _drawn_light(rgba: np.ndarray, where: np.ndarray, way: Way) -> tuple[np.ndarray, np.ndarray]:
    if where.shape == (3, 3):
        return warp_by_matrix(rgba, where, way.size_wh, way.kernel)
    return warp(rgba, where, way.kernel)


def multiplied(rgba: np.ndarray) -> np.ndarray:
    """(H, W, 4) with straight alpha, to colours multiplied by it."""
    return np.dstack([rgba[..., :3] * rgba[..., 3:], rgba[..., 3:]])


def plain(rgba: np.ndarray) -> np.ndarray:
    """The reverse of multiplied(): straight alpha; 0 where there is none."""
    alpha = rgba[..., 3:]
    return np.dstack([np.divide(rgba[..., :3], alpha, out=np.zeros_like(rgba[..., :3]), where=alpha > 0), alpha])
