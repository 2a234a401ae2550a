"""The card of GMFSS."""

from __future__ import annotations

from ..cards import Card

CARD = Card(
    name="gmfss",
    title="GMFSS Fortuna and GMFSS union (98mxr; flow by GMFlow, Xu et al., CVPR 2022)",
    gives=("middle",),
    trained_for="middle frames of animation with large motion; slow, some seconds a frame of 720p without a GPU",
    licence="MIT (the weights of the GMFSS_Fortuna and GMFSS_union repositories); the flow network: Apache-2.0",
    weights_from="its authors link a folder from the README of github.com/98mxr/GMFSS_Fortuna",
    files="a folder with flownet.pkl, metric.pkl, feat.pkl, fusionnet.pkl, and rife.pkl for the union; add the folder, whatever its files are called",
    known_by="the tensors of its four or five networks",
)
