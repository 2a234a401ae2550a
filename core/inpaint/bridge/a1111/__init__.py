"""AUTOMATIC1111's web UI and Forge, over their HTTP API (/sdapi/v1)."""

from .painter import A1111

__all__ = ["A1111"]
