"""GMFSS and its union with RIFE: frames in between for animation, from weights of the user's own."""
