"""An edit of a keyframe on its way over the frames of its group, with the motion."""

from .carrying import WAYS, Carried, Key, carried

__all__ = ["WAYS", "Carried", "Key", "carried"]
