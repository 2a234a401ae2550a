"""What is to be changed, frame by frame: brought along, or found from a box or a stroke and carried through the shot.

A mask is (H, W) uint8: 255 where the picture is to be changed, 0 where it stays, between at a soft edge.
"""

from .carrying import Carried, carried_masks
from .given import given_masks
from .keys import Box, Key, Strokes
from .shaping import grown

__all__ = ["Box", "Carried", "Key", "Strokes", "carried_masks", "given_masks", "grown"]
