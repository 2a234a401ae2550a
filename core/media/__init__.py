"""Footage in and out: probing, decoding, image sequences, sound, colour, the guard for untrusted files."""
