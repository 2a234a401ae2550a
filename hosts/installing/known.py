"""The folders that --to has named, so that list and remove find them again: one small file in genlock's folder of the person's data."""

from __future__ import annotations

import json
import os
import sys

from ..jobs import write_whole
from . import places


def roots(host: str) -> list[str]:
    """Folders in which a host's adapter was installed, the usual ones too; some may be gone by now."""
    found = _read().get(host, [])
    return [root for root in found if isinstance(root, str)] if isinstance(found, list) else []


def remember(host: str, added: list[str]) -> None:
    """Note folders."""
    _write(host, list(dict.fromkeys([*roots(host), *added])))


def forget(host: str, gone: list[str]) -> None:
    """Note that nothing is in folders any more."""
    _write(host, [root for root in roots(host) if root not in gone])


def _file() -> str:
    return os.path.join(places.data_folder(sys.platform, os.environ), "hosts.json")


def _read() -> dict[str, object]:
    """Empty where there is none, or it is damaged: it only helps to find."""
    try:
        with open(_file(), encoding="utf-8") as file:
            body = json.load(file)
    except (OSError, ValueError):
        return {}
    return body if isinstance(body, dict) else {}


def _write(host: str, now: list[str]) -> None:
    body = _read()
    if body.get(host, []) == now:
        return
    os.makedirs(os.path.dirname(_file()), exist_ok=True)
    write_whole(_file(), json.dumps({**body, host: now}, indent=1) + "\n")
