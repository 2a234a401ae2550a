"""Weights that people have and genlock does not run: told by name, so that nobody looks for a fault in the file."""

from __future__ import annotations

from .cards import Shapes

_DOOR = "export it to TorchScript or ONNX, and add that with --trust"
_GMFSS = "GMFSS is four networks together, which genlock does not run"
_KNOWN = (
    ("backbone.trident_conv.weight", f"it is GMFlow, the flow network of GMFSS; {_GMFSS}"),
    ("metric_in.weight", f"it is the metric network of GMFSS; {_GMFSS}"),
    ("metric_net.0.weight", f"it is the metric network of an older GMFSS union; {_GMFSS}"),
    ("residual_model_head.1.weight", f"it is the fusion network of GMFSS; {_GMFSS}"),
    ("residual_model_head0.1.weight", f"it is the fusion network of the GMFSS union; {_GMFSS}"),
    ("hyponet.", "it is a GIMM-VFI, whose licence forbids commercial use; genlock does not run it by itself"),
)


def stranger(shapes: Shapes) -> tuple[str, str] | None:
    """What these tensors are known to be, and what to do about it; None where nothing is known of them."""
    for begins, what in _KNOWN:
        if any(name.startswith(begins) for name in shapes):
            return what, _DOOR
    if shapes.get("block1.0.weight") == (1,) and "block1.1.weight" in shapes:
        return f"it is the feature network of GMFSS; {_GMFSS}", _DOOR
    return None
