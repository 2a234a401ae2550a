"""Secrets for a server: out of the environment, never out of a project's file.

A project may come from somebody else, and name an address of their own. So only variables that were made for genlock can be named in it:
else it could have any other sent there.
"""

from __future__ import annotations

import os

from ..contract import ServerError

PREFIX = "GENLOCK_"


def secret(variable: str, holds: str) -> str:
    """The value of an environment variable; empty where it is not set. Raises ServerError for a name that is not genlock's.

    holds  for the text: "name:password"
    """
    if not variable.startswith(PREFIX):
        raise ServerError(f"the environment variable {variable} is not genlock's to send", f"put {holds} into one whose name begins with {PREFIX}")
    return os.environ.get(variable, "")
