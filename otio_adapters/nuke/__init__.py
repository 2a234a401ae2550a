"""Alignment to a Nuke script: nodes that stay editable. Pure Python, no library."""

from .nodes import Node, curve
from .script import graph, to_nk

__all__ = ["Node", "curve", "graph", "to_nk"]
