"""TorchScript and ONNX files, called as model(a, b, t): pictures (1, 3, H, W) and a time (1, 1, 1, 1) in, a picture (1, 3, H, W) out."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from ..errors import ModelError, WeightsError
from ..settings import RunSettings
from .middle import Ask


def torchscript(path: Path, settings: RunSettings) -> Ask:
    """What asks a TorchScript file. Raises WeightsError, UsageError."""
    import torch

    from ...core.space.flow.device import chosen

    device = chosen(settings.device)
    try:
        model = torch.jit.load(path, map_location=device).eval()  # type: ignore[no-untyped-call]
    except Exception as error:  # whatever is wrong with it, it is the file
        raise WeightsError(f"{path}: it cannot be opened as TorchScript ({_brief(error)})", "export it anew") from error

    @torch.inference_mode()
    def ask(a: np.ndarray, b: np.ndarray, t: float) -> np.ndarray:
        given = [torch.from_numpy(value).to(device) for value in _given(a, b, t)]
        try:
            got = model(*given)
        except Exception as error:  # the model is somebody's own code
            raise ModelError(f"{path.name} fails: {_brief(error)}", "it is called as model(a, b, t); docs/models.md tells more") from error
        if not isinstance(got, torch.Tensor):
            raise ModelError(f"{path.name} gives a {type(got).__name__}", "it has to give one tensor (1, 3, H, W)")
        return _picture(got.float().cpu().numpy())

    return ask


def onnx(path: Path, settings: RunSettings) -> Ask:
    """What asks an ONNX file, by onnxruntime. Raises WeightsError, ModelError."""
    try:
        import onnxruntime
    except ImportError as error:
        raise ModelError("ONNX models need the Python package onnxruntime", "install it with: pip install genlock[onnx]") from error
    there = onnxruntime.get_available_providers()
    wanted = [] if settings.device == "cpu" else [name for name in ("CUDAExecutionProvider", "CoreMLExecutionProvider") if name in there]
    try:
        session = onnxruntime.InferenceSession(str(path), providers=[*wanted, "CPUExecutionProvider"])
    except Exception as error:  # onnxruntime has no family of errors
        raise WeightsError(f"{path}: it cannot be opened as ONNX ({_brief(error)})", "export it anew") from error
    names = [one.name for one in session.get_inputs()]
    if len(names) != 3:
        raise WeightsError(f"{path}: it takes {len(names)} inputs ({', '.join(names)})", "it has to take three: two pictures and a time")

    def ask(a: np.ndarray, b: np.ndarray, t: float) -> np.ndarray:
        try:
            got = session.run(None, dict(zip(names, _given(a, b, t), strict=True)))
        except Exception as error:  # as above
            raise ModelError(f"{path.name} fails: {_brief(error)}", "it is called with (a, b, t); docs/models.md tells more") from error
        return _picture(np.asarray(got[0]))

    return ask


def _given(a: np.ndarray, b: np.ndarray, t: float) -> list[np.ndarray]:
    pictures = [np.ascontiguousarray(picture.transpose(2, 0, 1)[None], np.float32) for picture in (a, b)]
    return [*pictures, np.full((1, 1, 1, 1), t, np.float32)]


def _picture(got: np.ndarray) -> np.ndarray:
    """(1, 3, H, W) as (H, W, 3); anything else as it is, to be refused."""
    return got[0].transpose(1, 2, 0) if got.ndim == 4 and got.shape[:2] == (1, 3) else got


def _brief(error: BaseException) -> str:
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    return f"{type(error).__name__}: {lines[-1][:160] if lines else 'no more is said'}"
