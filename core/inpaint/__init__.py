"""Changing or removing something in a shot, step by step: masks, keyframes, painting, carrying, composing, packing."""
