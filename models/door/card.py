"""The card of the door."""

from __future__ import annotations

from ..cards import Card

CARD = Card(
    name="door",
    title="a model of your own: TorchScript, ONNX, or a command",
    gives=("middle",),
    trained_for="whatever its maker says; genlock knows nothing of it but what it gives",
    licence="its maker's; some (GIMM-VFI, for one) forbid commercial use",
    weights_from="whoever makes the model, or exports it to one of these forms",
    files=".pt or .pth (TorchScript) and .onnx, called with two pictures and a time; or .json, which names a command",
    known_by="what the file is, for its content says nothing of what it does",
    runs_code=True,
)
