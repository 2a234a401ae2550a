"""What the terminal has to know of core about its own process: how many threads, which folders are a dead one's, and which others live."""

from ...core import threads
from ...core.leftovers import SCRATCH, new_folder
from ...core.processes import alive

__all__ = ["SCRATCH", "alive", "new_folder", "threads"]
