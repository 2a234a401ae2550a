"""Many pairs at once: a table of clips and refs, a process a core, one page that says how each went."""
