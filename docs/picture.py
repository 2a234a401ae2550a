"""Draw the README's picture from a demo's folder: ref, clip, their difference before and after, and the time map.

    genlock demo --out demo-out && python docs/picture.py demo-out docs/demo.jpg
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

import av
import cv2
import numpy as np
from numpy.typing import NDArray

from genlock.core.alignment import Alignment

Image = NDArray[np.uint8]
PANEL_WH = (320, 180)
MARGIN = 12
WIDTH = 4 * PANEL_WH[0] + 5 * MARGIN
INK, PALE, BLUE = (40, 40, 40), (225, 225, 225), (178, 111, 31)
SHOWN = 0.55
"""Which ref frame is shown, as a share of those that show a clip frame."""


def frame_of(path: Path, number: int) -> Image:
    """One frame of a file."""
    with av.open(str(path)) as box:
        for n, frame in enumerate(box.decode(video=0)):
            if n == number:
                return frame.to_ndarray(format="bgr24").astype(np.uint8)
    raise SystemExit(f"{path} has no frame {number}")


def graded_like(image: Image, like: Image, where: NDArray[np.bool_]) -> Image:
    """The image with each channel brought to the other's by a straight line, fitted where both show the same."""
    out = np.empty_like(image)
    for c in range(3):
        slope, lift = np.polyfit(image[where][:, c].astype(float), like[where][:, c].astype(float), 1)
        out[..., c] = np.clip(image[..., c] * slope + lift, 0, 255)
    return out


def panels(alignment: Alignment, folder: Path) -> list[tuple[str, Image]]:
    """The four pictures and what stands under them."""
    frames = alignment.clip_frames()
    shown = [n for n, frame in enumerate(frames) if frame is not None]
    at = shown[int(len(shown) * SHOWN)]
    there, matrix = frames[at], alignment.matrix_at(at)
    if there is None or matrix is None:
        raise SystemExit("the demo's answer shows nothing there")
    ref, clip = frame_of(folder / "ref.mp4", at), frame_of(folder / "clip.mp4", there)
    size = (ref.shape[1], ref.shape[0])
    same_number = cv2.resize(frame_of(folder / "clip.mp4", min(at, alignment.clip.frames - 1)), size)
    clip_to_ref = np.array(matrix).reshape(3, 3)
    locked = cv2.warpPerspective(clip, clip_to_ref, size, flags=cv2.INTER_CUBIC).astype(np.uint8)
    inside = cv2.warpPerspective(np.full(clip.shape[:2], 255, np.uint8), clip_to_ref, size) > 250
    after = cv2.absdiff(graded_like(locked, ref, inside), ref)
    after[~inside] = 60
    return [
        (f"ref, frame {at}", ref),
        (f"clip, frame {there}", clip),
        ("difference as the files are", np.asarray(cv2.absdiff(same_number, ref), np.uint8)),
        ("difference once locked (and graded alike)", np.asarray(after, np.uint8)),
    ]


def fitted(image: Image) -> Image:
    """Inside a panel, whole, on grey."""
    height, width = image.shape[:2]
    scale = min(PANEL_WH[0] / width, PANEL_WH[1] / height)
    small = cv2.resize(image, (round(width * scale), round(height * scale)), interpolation=cv2.INTER_AREA)
    out = np.full((PANEL_WH[1], PANEL_WH[0], 3), 245, np.uint8)
    y, x = (PANEL_WH[1] - small.shape[0]) // 2, (PANEL_WH[0] - small.shape[1]) // 2
    out[y : y + small.shape[0], x : x + small.shape[1]] = small
    return out


def words(image: Image, text: str, x: int, y: int) -> None:
    """Black text, its foot at y."""
    cv2.putText(image, text, (x, y), cv2.FONT_HERSHEY_SIMPLEX, 0.45, INK, 1, cv2.LINE_AA)


def time_map(alignment: Alignment, height: int) -> Image:
    """Clip frame over ref frame; what shows nothing is shaded."""
    image = np.full((height, WIDTH, 3), 255, np.uint8)
    left, right, top, bottom = 70, WIDTH - MARGIN, 24, height - 34
    frames = alignment.clip_frames()
    step = (right - left) / len(frames)

    def place(n: int, frame: int) -> tuple[int, int]:
        return round(left + (n + 0.5) * step), round(bottom - (frame + 0.5) / alignment.clip.frames * (bottom - top))

    for n, frame in enumerate(frames):
        if frame is None:
            cv2.rectangle(image, (round(left + n * step), top), (round(left + (n + 1) * step), bottom), PALE, -1)
        elif n and frames[n - 1] is not None and abs(frame - frames[n - 1]) < 4:  # type: ignore[operator]
            cv2.line(image, place(n - 1, frames[n - 1]), place(n, frame), BLUE, 3, cv2.LINE_AA)  # type: ignore[arg-type]
    cv2.rectangle(image, (left, top), (right, bottom), INK, 1)
    words(image, "clip frame", 4, top + 12)
    words(image, f"ref frame 0 to {len(frames) - 1}; grey: nothing of the clip shows this moment", left, height - 12)
    return image


def main(arguments: Sequence[str]) -> int:
    if len(arguments) != 2:
        print(__doc__, file=sys.stderr)
        return 2
    folder, out = Path(arguments[0]), Path(arguments[1])
    alignment = Alignment.load(folder / "out.json")
    top = np.full((PANEL_WH[1] + MARGIN + 28, WIDTH, 3), 255, np.uint8)
    for n, (text, image) in enumerate(panels(alignment, folder)):
        x = MARGIN + n * (PANEL_WH[0] + MARGIN)
        top[MARGIN : MARGIN + PANEL_WH[1], x : x + PANEL_WH[0]] = fitted(image)
        words(top, text, x, MARGIN + PANEL_WH[1] + 19)
    if not cv2.imwrite(str(out), np.vstack([top, time_map(alignment, 220)]), [cv2.IMWRITE_JPEG_QUALITY, 88]):
        raise SystemExit(f"{out} cannot be written")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
