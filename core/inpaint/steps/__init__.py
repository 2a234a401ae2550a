"""The steps of the pipeline: each a function of what goes in, run again only where that changed."""

from .engine import Plan, Ran, run_project
from .order import STEPS
from .standing import standing
from .step import Step
from .tools import Given, Tools

__all__ = ["STEPS", "Given", "Plan", "Ran", "Step", "Tools", "run_project", "standing"]
