"""The token of a cluster. Whoever reaches a Ray cluster without one runs code on all of its machines, so genlock works with none that lacks it."""

from __future__ import annotations

import os
import secrets
from pathlib import Path

from .address import Address
from .errors import RayError

_SAY = "set RAY_AUTH_TOKEN, or RAY_AUTH_TOKEN_PATH to a file with it, as on the cluster, which RAY_AUTH_MODE=token makes ask for it"


def token_of(address: Address) -> str:
    """The secret to show to the cluster: of the environment, else of Ray's own file; a new one for a cluster of this job's own.

    Raises RayError where there is none, or where token authentication is switched off.
    """
    mode = os.environ.get("RAY_AUTH_MODE", "token")
    if mode.lower() != "token":
        raise RayError(f"RAY_AUTH_MODE is {mode[:40]!r}, and genlock works with no cluster that asks for no token", "set RAY_AUTH_MODE=token")
    if address.own:
        return secrets.token_hex(32)
    said = os.environ.get("RAY_AUTH_TOKEN", "").strip() or _in_file()
    if not said:
        raise RayError(f"no token is given for the Ray cluster at {address}", _SAY)
    if not (said.isascii() and said.isprintable()):
        raise RayError("the token for the Ray cluster holds signs that no header can carry", _SAY)
    return said


def _in_file() -> str:
    named = os.environ.get("RAY_AUTH_TOKEN_PATH", "")
    path = Path(named) if named else Path.home() / ".ray" / "auth_token"
    try:
        said = path.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        if not named:
            return ""
        why = error.strerror if isinstance(error, OSError) else "it is no text"
        raise RayError(f"RAY_AUTH_TOKEN_PATH is {named}, which cannot be read: {why}", "name the file that holds the cluster's token") from error
    if named and not said:
        raise RayError(f"RAY_AUTH_TOKEN_PATH is {named}, which is empty", "name the file that holds the cluster's token")
    return said
