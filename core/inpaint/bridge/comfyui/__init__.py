"""ComfyUI, over its HTTP API and its WebSocket."""

from .painter import ComfyUI

__all__ = ["ComfyUI"]
