"""SAM 2 (Ravi et al., 2024) through transformers, from a folder on this machine; nothing is fetched.

The network sees frames made square, and answers with a small mask that is brought back to the frame's size. Frames are read when they are
asked for, and what it remembers of frames too far back to matter is dropped, so that memory does not grow with the length of a shot; the
answer is the same as with the whole shot in memory.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from ...core.errors import UsageError
from ...core.inpaint.masks.carrying import Carried, eight_bits
from ...core.inpaint.masks.keys import INSIDE, OUTSIDE, Box, Key, Strokes
from ...core.progress import Progress
from ..errors import ModelError, WeightsError

Frames = Callable[[int], np.ndarray]
"""As core.inpaint.masks.carrying has it."""
MEAN, STD = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)
"""What pictures are normalised by, where the folder does not say."""
MOST_POINTS = 8
"""Of either kind, that strokes are told by."""
BOX_CORNERS, POINT_IN, POINT_OUT = (2, 3), 1, 0
"""Labels of the prompts."""


class Sam2:
    """A loaded model."""

    def __init__(self, folder: str | Path, device: str = "auto", half: bool = False) -> None:
        """Raises WeightsError: no such folder, another model, a damaged one. ModelError: transformers is missing. UsageError: no such device."""
        import torch

        from ...core.space.flow.device import chosen

        self.folder = Path(folder)
        self.device = chosen(device)
        self.dtype = torch.bfloat16 if half else torch.float32
        self.mean, self.std = _normalisation(self.folder)
        self.model = _loaded(self.folder).to(device=self.device, dtype=self.dtype).eval()
        self.side = int(self.model.config.image_size)

    def masks(
        self, frames: Frames, count: int, keys: Mapping[int, Key], cuts: Sequence[int] = (), progress: Progress = Progress()
    ) -> Iterator[Carried]:
        """Every frame's mask, in order; arguments and errors as core.inpaint.masks.carried_masks has them. sure is the network's own word."""
        if not keys:
            raise UsageError("no frame says what the mask is", "give a box or strokes for one frame of each shot that shows the thing")
        bounds = sorted({0, count, *(c for c in cuts if 0 < c < count)})
        for first, end in pairwise(bounds):
            own = {number - first: key for number, key in sorted(keys.items()) if first <= number < end}
            for done in self._shot(lambda n, first=first: frames(first + n), end - first, own):  # type: ignore[misc]
                progress.at((first + done.frame + 1) / count, "carrying the mask")
                yield Carried(first + done.frame, done.mask, done.sure)

    def _shot(self, frames: Frames, count: int, keys: Mapping[int, Key]) -> Iterator[Carried]:
        hw = frames(0).shape[:2]
        if not keys:
            yield from (Carried(number, np.zeros(hw, np.uint8), 0.0) for number in range(count))
            return
        start = min(keys)
        before = [(done.frame, np.packbits(done.mask > 0), done.sure) for done in self._walk(frames, count, keys, start, back=True)] if start else []
        for number, bits, sure in reversed(before):
            yield Carried(number, np.unpackbits(bits, count=hw[0] * hw[1]).reshape(hw) * np.uint8(255), sure)
        yield from self._walk(frames, count, keys, start, back=False)

    def _walk(self, frames: Frames, count: int, keys: Mapping[int, Key], start: int, back: bool) -> Iterator[Carried]:
        """From the first key on to the end; or from it back to the beginning, without itself."""
        import torch

        hw = frames(0).shape[:2]
        session = self._session(frames, count, hw)
        for number, key in keys.items():
            if not back or number == start:
                self._tell(session, number, key, hw)
                with torch.inference_mode():
                    self.model(inference_session=session, frame_idx=number)
        for out in self.model.propagate_in_video_iterator(session, start_frame_idx=start, reverse=back):
            self._forget(session, out.frame_idx, back)
            if back and out.frame_idx == start:
                continue
            soft = torch.nn.functional.interpolate(out.pred_masks.float(), size=hw, mode="bilinear", align_corners=False)
            mask = (soft[0, 0] > 0).cpu().numpy().astype(np.uint8) * np.uint8(255)
            sure = 1.0 if out.object_score_logits is None else float(torch.sigmoid(out.object_score_logits.float()).min())
            yield Carried(int(out.frame_idx), mask, sure)

    def _session(self, frames: Frames, count: int, hw: tuple[int, int]) -> Any:
        from transformers import Sam2VideoInferenceSession

        session: Any = Sam2VideoInferenceSession(video_height=hw[0], video_width=hw[1], inference_device=self.device, dtype=self.dtype)
        session.processed_frames = _Asked(lambda number: self._picture(frames(number)), count)
        return session

    def _picture(self, frame: np.ndarray) -> Any:
        """(3, side, side), normalised."""
        import torch

        how = cv2.INTER_AREA if frame.shape[0] > self.side else cv2.INTER_LINEAR
        square = cv2.resize(eight_bits(frame), (self.side, self.side), interpolation=how).astype(np.float32)
        levels = (square / 255 - np.array(self.mean, np.float32)) / np.array(self.std, np.float32)
        return torch.from_numpy(np.ascontiguousarray(levels.transpose(2, 0, 1))).to(self.dtype)

    def _tell(self, session: Any, number: int, key: Key, hw: tuple[int, int]) -> None:
        """A key, as the prompt that says the same."""
        import torch

        index = session.obj_id_to_idx(1)
        if isinstance(key, Strokes) and key.finished:
            mask = cv2.resize((key.picture >= 128).astype(np.float32), (self.side, self.side), interpolation=cv2.INTER_AREA) >= 0.5
            session.add_mask_inputs(index, number, torch.from_numpy(mask[None, None].astype(np.float32)))
        else:
            points, labels = _prompt(key, hw)
            there = torch.tensor(points, dtype=torch.float32) * torch.tensor([self.side / hw[1], self.side / hw[0]])
            session.add_point_inputs(
                index, number, {"point_coords": there[None, None].to(self.dtype), "point_labels": torch.tensor(labels, dtype=torch.int32)[None, None]}
            )
        session.obj_with_new_inputs = [1]

    def _forget(self, session: Any, number: int, back: bool) -> None:
        """Drop what was found on frames that the network looks back to no more."""
        reach = max(int(self.model.config.num_maskmem), int(self.model.config.max_object_pointers_in_encoder)) + 1
        for outputs in session.output_dict_per_obj.values():
            told = outputs["non_cond_frame_outputs"]
            for old in [n for n in told if (n - number if back else number - n) > reach]:
                del told[old]


class _Asked(Mapping[int, Any]):
    """The shot's frames, as the session wants them, read when they are asked for."""

    def __init__(self, read: Callable[[int], Any], count: int) -> None:
        self._read, self._count = read, count

    def __getitem__(self, number: int) -> Any:
        if not 0 <= number < self._count:
            raise KeyError(number)
        return self._read(number)

    def __len__(self) -> int:
        return self._count

    def __iter__(self) -> Iterator[int]:
        return iter(range(self._count))


def _prompt(key: Key, hw: tuple[int, int]) -> tuple[list[tuple[float, float]], list[int]]:
    """Points (x, y) in pixels of the frame and their labels. Raises UsageError where the key is not on the picture."""
    if isinstance(key, Box):
        if key.left >= hw[1] or key.top >= hw[0] or key.left + key.width <= 0 or key.top + key.height <= 0 or min(key.width, key.height) <= 0:
            raise UsageError(f"the box lies outside the frame's {hw[1]} x {hw[0]} pixels", "give LEFT,TOP,WIDTH,HEIGHT in pixels of the frame")
        return [(key.left, key.top), (key.left + key.width, key.top + key.height)], list(BOX_CORNERS)
    if key.picture.shape != hw:
        raise UsageError(f"the strokes are of shape {key.picture.shape}", f"give the frame's size, {hw[0]} x {hw[1]}")
    inside, outside = _middles(key.picture == INSIDE), _middles(key.picture == OUTSIDE)
    if not inside:
        raise UsageError("the strokes say only what the thing is not", "draw one on it")
    return inside + outside, [POINT_IN] * len(inside) + [POINT_OUT] * len(outside)


def _middles(where: np.ndarray) -> list[tuple[float, float]]:
    """The innermost point of each part, the largest parts first."""
    count, parts, facts, _ = cv2.connectedComponentsWithStats(where.astype(np.uint8))
    order = sorted(range(1, count), key=lambda part: -int(facts[part, cv2.CC_STAT_AREA]))[:MOST_POINTS]
    out = []
    for part in order:
        depth = cv2.distanceTransform(np.pad((parts == part).astype(np.uint8), 1), cv2.DIST_L2, 3)[1:-1, 1:-1]
        y, x = np.unravel_index(int(depth.argmax()), depth.shape)
        out.append((float(x) + 0.5, float(y) + 0.5))
    return out


def _loaded(folder: Path) -> Any:
    kind = _json(folder / "config.json").get("model_type")
    if kind != "sam2_video":
        raise WeightsError(f"{folder}: it holds a model of the kind {kind!r}", "name a folder of a SAM 2 video model as transformers saves it")
    if not list(folder.glob("*.safetensors")):
        raise WeightsError(f"{folder}: it has no .safetensors", "fetch the model in that format; other files may hold programs")
    try:
        from transformers import Sam2VideoModel
    except ImportError as error:
        raise ModelError("SAM 2 needs the Python package transformers", "install it with: pip install genlock[sam2]") from error
    try:
        return Sam2VideoModel.from_pretrained(folder, local_files_only=True, use_safetensors=True, trust_remote_code=False)
    except Exception as error:  # whatever is wrong with it, it is the folder
        said = str(error).strip().splitlines()
        raise WeightsError(f"{folder}: it cannot be loaded ({type(error).__name__}: {said[-1][:160] if said else ''})", "fetch it again") from error


def _normalisation(folder: Path) -> tuple[tuple[float, ...], tuple[float, ...]]:
    for name in ("video_preprocessor_config.json", "preprocessor_config.json"):
        if (folder / name).is_file():
            told = _json(folder / name)
            return tuple(told.get("image_mean", MEAN)), tuple(told.get("image_std", STD))
    return MEAN, STD


def _json(path: Path) -> dict[str, Any]:
    try:
        told = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        said = f"{path}: {getattr(error, 'strerror', None) or 'it is no JSON'}"
        raise WeightsError(said, "name a folder of a SAM 2 video model as transformers saves it") from error
    return told if isinstance(told, dict) else {}
