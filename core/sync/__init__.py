"""Which frame is which: fingerprints, sound, candidates, the path through them, runs."""
