"""OpenCV's dense inverse search (Kroeger, Timofte, Dai, Van Gool, "Fast Optical Flow using Dense Inverse Search", ECCV 2016).

OpenCV cuts a picture into as many stripes as it has threads, and no patch begins from what its neighbour in another stripe found. So the
flow depends on the number of threads, and OpenCV is left one; who searches both ways does so in two threads of ours (threads.both()).
"""

from __future__ import annotations

import cv2


def searcher(preset: int) -> cv2.DISOpticalFlow:
    """A search of this preset that finds the same on every machine. Each thread makes its own."""
    if cv2.getNumThreads() != 1:
        cv2.setNumThreads(1)
    return cv2.DISOpticalFlow.create(preset)
