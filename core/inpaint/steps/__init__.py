"""The steps of the pipeline: each a function of what goes in, run again only where that changed."""
