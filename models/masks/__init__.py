"""Masks by models of the user's own: SAM 2 carries a box, strokes or a mask through a shot; a saliency network finds what stands out."""
