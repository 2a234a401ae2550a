"""Painters that are not genlock's own: servers of Stable Diffusion, and any program. Each keeps the promise of Inpainter (contract.py)."""
