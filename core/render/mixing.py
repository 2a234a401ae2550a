"""One frame of a composite: both pictures placed, brought to one form, and mixed as the view asks."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from ..alignment import Matrix
from ..media.plates import Plate, Samples
from ..media.plates.colour import to_rgb
from ..media.plates.samples import opaque
from ..media.write.fitting import fit
from ..space.geometry import fit_to_frame
from .blend import difference, light_over, samples_over
from .cover import checkered, feathered, wiped
from .made import black, plate_of
from .place import Placed, grounded, multiplied, place, plain
from .plan import Step

if TYPE_CHECKING:
    from .composite import Composite

Picture = Plate | np.ndarray


class Mixer:
    """Makes the frames of one composite."""

    def __init__(self, session: Composite, lies: Matrix | None) -> None:
        """lies: where the clip lay before the first frame that is made here, see Composite.lying_before()."""
        self.session = session
        self.settings = session.settings
        self.size_wh = session.canvas.size_wh
        self.empty = np.zeros(self.size_wh[::-1], np.float32)
        self._lies = lies
        self._mask = self._view_mask()

    def mixed(self, step: Step, clip: Plate | None, ref: Plate | None, flow: np.ndarray | None) -> tuple[Picture, np.ndarray]:
        """The picture of one step, and how much of each pixel the upper picture covers.

        flow  as Flows.between() gives it; None: the matrix alone
        """
        if step.clip_to_ref is not None:
            self._lies = step.clip_to_ref
        placed = {
            "clip": self._placed("clip", clip, self._clip_where(step, flow)) if clip is not None else None,
            "ref": self._placed("ref", ref, self._ref_where()) if ref is not None else None,
        }
        over = self.session.over
        above, below = placed[over], placed["ref" if over == "clip" else "clip"]
        if self.settings.view == "side-by-side":
            return self._beside(placed["clip"], placed["ref"]), self.empty
        share = self._share(above)
        if self._plain(above, below):
            return self._in_samples(above, below, share), share
        return self._in_light(above, below, share), share

    def _clip_where(self, step: Step, flow: np.ndarray | None) -> np.ndarray:
        session = self.session
        if session.settings.grid == "clip":
            return session.canvas.from_grid
        if flow is not None and step.clip_to_ref is not None:
            return session.geometry.map(flow, step.clip_to_ref)
        return session.canvas.from_grid @ self._lying()

    def _ref_where(self) -> np.ndarray:
        if self.session.settings.grid == "ref":
            return self.session.canvas.from_grid
        return self.session.canvas.from_grid @ np.linalg.inv(self._lying())

    def _lying(self) -> np.ndarray:
        """Where the clip's picture lies in the ref: as it did last, where nothing says so."""
        session = self.session
        if self._lies is not None:
            return session.source_to_ref(self._lies)
        info, ref = session.source.info, session.alignment.ref
        return fit_to_frame((info.width, info.height), (ref.width, ref.height))

    def _placed(self, role: str, plate: Plate, where: np.ndarray) -> Placed:
        side = self.session.sides[role]
        light = self.session.light or side.bridge.needed or _clear(plate)
        placed = place(plate, where, replace(side.way, light=light))
        if not isinstance(placed.picture, Samples):
            return placed
        encoding = replace(placed.encoding, matrix=_matrix(placed, side.way.info.height))
        same = fit(placed.picture.without_alpha(), self.session.form, encoding, self.session.encoding)
        return Placed(same, placed.covered, self.session.encoding)

    def _plain(self, above: Placed | None, below: Placed | None) -> bool:
        """Whether stored samples are all that is needed."""
        return not self.session.light and all(each is None or isinstance(each.picture, Samples) for each in (above, below))

    def _share(self, above: Placed | None) -> np.ndarray:
        if above is None:
            return self.empty
        share = feathered(above.covered, self.settings.feather) * np.float32(self.settings.opacity)
        return share if self._mask is None else share * self._mask

    def _view_mask(self) -> np.ndarray | None:
        if self.settings.view == "wipe":
            return wiped(self.size_wh, self.settings.wipe, self.settings.angle)
        return checkered(self.size_wh, self.settings.squares) if self.settings.view == "checker" else None

    def _samples(self, placed: Placed | None) -> Samples:
        if placed is None:
            return black(self.session.form, self.session.encoding, self.size_wh)
        return grounded(placed)

    def _in_samples(self, above: Placed | None, below: Placed | None, share: np.ndarray) -> Plate:
        top = above.picture if above is not None else None
        base = self._samples(below)
        if not isinstance(top, Samples):
            return self._plate(base)
        return self._plate(samples_over(top, base, share))

    def _in_light(self, above: Placed | None, below: Placed | None, share: np.ndarray) -> np.ndarray:
        top, base = self._light(above, self.session.over), self._light(below, "ref" if self.session.over == "clip" else "clip")
        if self.settings.view == "difference":
            return np.ascontiguousarray(self._back(difference(top, base, self.settings.gain))[..., :3])
        own = np.divide(share, np.maximum(above.covered, 1e-6)) if above is not None else share
        return np.ascontiguousarray(self._back(light_over(top, base, own, self.settings.blend))[..., :3])

    def _light(self, placed: Placed | None, role: str) -> np.ndarray:
        """(H, W, 4) float32, colours multiplied by alpha, in the lead's encoding or in the working space."""
        if placed is None:
            return np.zeros((*self.empty.shape, 4), np.float32)
        if isinstance(placed.picture, Samples):
            return np.dstack([to_rgb(placed.picture, placed.encoding) * placed.covered[..., None], placed.covered])
        bridge = self.session.sides[role].bridge
        if not bridge.needed or self.settings.working_space:
            return placed.picture
        straight = plain(placed.picture)
        return multiplied(np.dstack([bridge.over(straight[..., :3]), straight[..., 3:]]))

    def _back(self, rgba: np.ndarray) -> np.ndarray:
        """From the working space to the lead's encoding; the picture is then what stands over black."""
        lead = next(side for side in self.session.sides.values() if side.way.info is self.session.lead)
        if lead.way.space is None:
            return rgba
        straight = plain(rgba)
        return multiplied(np.dstack([lead.way.space.back(straight[..., :3]), straight[..., 3:]]))

    def _beside(self, clip: Placed | None, ref: Placed | None) -> Picture:
        """The clip left, the ref right."""
        odd = self.size_wh[0] % self.session.form.sub_wh[0]
        if self._plain(clip, ref) and not odd:
            pairs = zip(self._samples(clip).planes, self._samples(ref).planes, strict=True)
            return self._plate(Samples(self.session.form, tuple(np.hstack(pair) for pair in pairs)))
        both = [self._back(self._light(placed, role)) for placed, role in ((clip, "clip"), (ref, "ref"))]
        return np.ascontiguousarray(np.hstack(both)[..., :3])

    def _plate(self, samples: Samples) -> Plate:
        return plate_of(samples, self.session.info.encoding, self.session.lead.pix_fmt, 0)


def _clear(plate: Plate) -> bool:
    """Whether something shows through it; samples are laid over one another as if nothing did."""
    return plate.form.alpha and bool((plate.planes()[-1] < opaque(plate.form)).any())


def _matrix(placed: Placed, height: int) -> int:
    """The matrix of what was placed, by the height of the footage where its file does not say."""
    code = placed.encoding.matrix
    return code if code not in (2, 3) else 1 if height >= 720 else 6
