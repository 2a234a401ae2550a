"""The project: one folder that holds everything, can be moved, and can be made again from what was given."""
