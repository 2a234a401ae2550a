"""The project: one folder that holds everything, can be moved, and can be made again from what was given."""

from .create import create_project
from .project import Frames, Project, open_project
from .records import Chosen, Group, PaintJob, Selection

__all__ = ["Chosen", "Frames", "Group", "PaintJob", "Project", "Selection", "create_project", "open_project"]
