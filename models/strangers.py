"""Weights that people have and genlock does not run: told by name, so that nobody looks for a fault in the file."""

from __future__ import annotations

from .cards import Shapes

_DOOR = "export it to TorchScript or ONNX, and add that with --trust"
_FOLDER = "put all files of it into one folder, and add the folder"
_KNOWN = (
    ("backbone.trident_conv.weight", "it is GMFlow, the flow network of GMFSS", _FOLDER),
    ("metric_in.weight", "it is the metric network of GMFSS", _FOLDER),
    ("metric_net.0.weight", "it is the metric network of an older GMFSS union, which genlock does not run", _DOOR),
    ("residual_model_head.1.weight", "it is the fusion network of GMFSS", _FOLDER),
    ("residual_model_head0.1.weight", "it is the fusion network of the GMFSS union", _FOLDER),
    ("hyponet.", "it is a GIMM-VFI, whose licence forbids commercial use; genlock does not run it by itself", _DOOR),
)


def stranger(shapes: Shapes) -> tuple[str, str] | None:
    """What these tensors are known to be, and what to do about it; None where nothing is known of them."""
    for begins, what, step in _KNOWN:
        if any(name.startswith(begins) for name in shapes):
            return what, step
    if shapes.get("block1.0.weight") == (1,) and "block1.1.weight" in shapes:
        return "it is the feature network of GMFSS", _FOLDER
    return None
