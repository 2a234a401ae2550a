"""What goes with the film: a film that shows before and after, a proof of what was not touched, a page and a manifest."""
