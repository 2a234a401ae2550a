"""Stable Diffusion in this process, by the diffusers library, from files that a person has. Nothing is fetched."""

from .painter import DiffusersPainter

__all__ = ["DiffusersPainter"]
