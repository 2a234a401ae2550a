"""Pictures from an alignment: the clip as the ref would see it, and the two over one another."""
