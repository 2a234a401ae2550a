"""What a person is told where the timeline stays as it is."""

from __future__ import annotations

from ..aligned import NotAligned
from ..jobs import JobError


class CannotLay(Exception):
    """Something cannot be laid into the sequencer. The text says what, why, and what to do next."""


REFUSALS = (CannotLay, NotAligned, JobError)
