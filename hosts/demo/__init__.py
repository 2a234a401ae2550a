"""Made footage with a known truth, and the demo that aligns it."""
