"""Ways to make an output frame from the input's frames around it; each takes an Interpolator."""
