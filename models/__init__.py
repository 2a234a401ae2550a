"""Learned parts behind cards: what a model needs, what it gives, under which licence. Weights are the user's own."""

import os

os.environ.setdefault("ORT_DISABLE_TELEMETRY", "1")
"""Set before onnxruntime is loaded, which else writes an id and a record of its use below the home folder, to be sent to its maker."""
