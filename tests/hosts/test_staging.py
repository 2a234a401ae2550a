"""Streamed outputs stand beside their place; what goes wrong there is told of the place that was named."""

from __future__ import annotations

import errno
import os

import pytest

from genlock.core.errors import MediaError, OutputError, cannot_write
from genlock.hosts.worker.staging import Stage


@pytest.mark.parametrize("name", ["out.mov", "out.%04d.exr"])
def test_a_full_disk_is_told_of_the_output_that_was_named(tmp_path, name):
    stage, output = Stage(), str(tmp_path / name)
    staged = stage.place(output)
    assert os.path.dirname(staged) != str(tmp_path)
    told = stage.told(cannot_write(staged, OSError(errno.ENOSPC, "No space left on device")))
    assert isinstance(told, OutputError)
    assert str(told) == f"{output} cannot be written: No space left on device; free some space, or name another folder"
    stage.close()
    assert os.listdir(tmp_path) == []


def test_other_errors_stay_what_they_are(tmp_path):
    stage = Stage()
    stage.place(str(tmp_path / "out.mov"))
    error = MediaError("in.mov ended early", "copy it again")
    assert stage.told(error) is error
    stage.close()
