"""What panels are made from is what the terminal takes."""

from __future__ import annotations

import json
from dataclasses import fields

import pytest

from genlock.hosts import schema
from genlock.hosts.worker.options import SETTINGS


def test_the_file_is_of_these_settings():
    assert schema.FILE.read_text(encoding="utf-8") == schema.to_text(), "write it anew: python -m genlock.hosts.schema"


@pytest.mark.parametrize("kind", list(SETTINGS.values()), ids=list(SETTINGS))
def test_what_the_file_says_makes_the_settings(kind):
    told = json.loads(schema.FILE.read_text(encoding="utf-8"))["jobs"][kind.kind]
    assert [entry["name"] for entry in told] == [f.name for f in fields(kind)]
    assert kind.from_json({entry["name"]: entry["default"] for entry in told}) == kind()
    for entry in told:
        for choice in entry.get("choices", ()):
            kind.from_json({entry["name"]: choice})
