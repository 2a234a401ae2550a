"""Time within a shot: frames in between, cadence, and what makes them."""
