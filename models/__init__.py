"""Learned parts behind cards: what a model needs, what it gives, under which licence. Weights are the user's own."""
