"""An independent pass over an alignment: both files are read again, and what is claimed is held against what is seen."""

from .checks import verify
from .figures import Claim, RunCheck, Seen, State, Verification

__all__ = ["Claim", "RunCheck", "Seen", "State", "Verification", "verify"]
