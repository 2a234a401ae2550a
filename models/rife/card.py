"""The card of RIFE 4.x."""

from __future__ import annotations

from ..cards import Card

CARD = Card(
    name="rife",
    title="RIFE 4.0 to 4.26, lite and heavy ones too (Huang et al., Real-Time Intermediate Flow Estimation, ECCV 2022)",
    gives=("flow", "middle"),
    trained_for="middle frames of film, games and animation, for motion up to some hundred pixels; 4.25 is its authors' choice for anime",
    licence="MIT (the weights of the Practical-RIFE repository)",
    weights_from="its authors link a folder for each version from the README of github.com/hzwer/Practical-RIFE; the file is flownet.pkl",
    files="flownet.pkl (as torch saves it), or the same tensors as .safetensors",
    known_by="tensors named block0.conv0.0.0.weight and so on, with or without module. before them",
)
