"""Opening networks in ONNX that take one picture, (1, 3, h, w)."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from .errors import ModelError, WeightsError


def opened(path: str | Path, device: str, wanted: str) -> tuple[Any, str, tuple[int | None, int | None]]:
    """(onnxruntime's session, name of its input, its height and width; None where they are open).

    device  "cpu", or "auto": what is there, first CUDA, then CoreML
    wanted  what the file should be, in a few words, for whoever named another one

    Raises WeightsError: no such file, no ONNX, or of other inputs. ModelError: onnxruntime is missing.
    """
    try:
        import onnxruntime
    except ImportError as error:
        raise ModelError("ONNX models need the Python package onnxruntime", "install it with: pip install genlock[onnx]") from error
    if not Path(path).is_file():
        raise WeightsError(f"{path}: there is no such file", f"name {wanted}, in ONNX")
    there = onnxruntime.get_available_providers()
    first = [] if device == "cpu" else [name for name in ("CUDAExecutionProvider", "CoreMLExecutionProvider") if name in there]
    try:
        session = onnxruntime.InferenceSession(str(path), providers=[*first, "CPUExecutionProvider"])
    except Exception as error:  # onnxruntime has no family of errors
        raise WeightsError(f"{path}: it cannot be opened as ONNX ({type(error).__name__})", "export it anew") from error
    inputs = session.get_inputs()
    shape = list(inputs[0].shape) if len(inputs) == 1 else []
    if len(shape) != 4 or (isinstance(shape[1], int) and shape[1] != 3):
        raise WeightsError(f"{path}: it does not take one picture (1, 3, h, w)", f"name {wanted}")
    height, width = (side if isinstance(side, int) and side > 0 else None for side in shape[2:])
    return session, inputs[0].name, (height, width)
