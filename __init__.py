"""genlock locks two versions of the same footage together, in space and time.

The folder that this file stands in is the package: ``core/`` is ``genlock.core``, and so on.
"""

__version__ = "0.1.0"
