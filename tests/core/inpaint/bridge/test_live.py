"""The same painters before a server of one's own: GENLOCK_A1111_URL=http://127.0.0.1:7860 GENLOCK_COMFYUI_URL=http://127.0.0.1:8188 make test.

Without those addresses there is nothing to collect here. Headers or a password come from GENLOCK_COMFYUI_HEADERS and GENLOCK_A1111_AUTH,
the checkpoint from GENLOCK_SD_MODEL. What is painted is not judged, since it depends on the weights: only size, seed and mask.
"""

from __future__ import annotations

import os

import numpy as np

from genlock.core.inpaint.bridge.a1111 import A1111
from genlock.core.inpaint.bridge.comfyui import ComfyUI
from genlock.core.inpaint.bridge.probe import probe_ask
from genlock.core.inpaint.bridge.settings import A1111Settings, ComfySettings
from genlock.core.inpaint.contract import Inpainter

from .asks import never

MODEL = os.environ.get("GENLOCK_SD_MODEL", "")
A1111_URL, COMFYUI_URL = os.environ.get("GENLOCK_A1111_URL"), os.environ.get("GENLOCK_COMFYUI_URL")


def check(painter: Inpainter) -> None:
    """The probe holds, one seed gives one picture, and identity does not change."""
    try:
        identity = dict(painter.identity())
        assert identity["model"]
        asked = probe_ask()
        first, second = (painter.paint(asked, never) for _ in range(2))
        assert first.picture.shape == asked.picture.shape and first.picture.dtype == asked.picture.dtype
        assert np.abs(first.picture.astype(int) - second.picture).mean() < 2
        assert dict(painter.identity()) == identity
    finally:
        painter.close()


if A1111_URL:

    def test_a_real_a1111() -> None:
        login = "GENLOCK_A1111_AUTH" if "GENLOCK_A1111_AUTH" in os.environ else ""
        check(A1111(A1111Settings(url=str(A1111_URL), auth_env=login, model=MODEL)))


if COMFYUI_URL:

    def test_a_real_comfyui() -> None:
        headers = "GENLOCK_COMFYUI_HEADERS" if "GENLOCK_COMFYUI_HEADERS" in os.environ else ""
        check(ComfyUI(ComfySettings(url=str(COMFYUI_URL), headers_env=headers, model=MODEL)))
