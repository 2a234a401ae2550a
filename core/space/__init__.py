"""Where the picture lies: features, fit, sub-pixel refinement."""
