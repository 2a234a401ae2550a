"""What `genlock farm` does, as answers for people and programs."""

from __future__ import annotations

from ...core.errors import GenlockError
from ..jobs import JobError
from ..worker.desk import Answer
from .export import Exported, export


def carry_out(folder: str, output: str, pieces: int | None = None) -> Answer:
    """Write a job's template; what is refused is the answer's error."""
    try:
        made = export(folder, output, pieces)
    except JobError as error:
        return Answer(str(error), exit_status=1)
    except GenlockError as error:
        return Answer(str(error), exit_status=error.exit_status, error=error)
    return Answer(_sentence(made), tuple(_lines(made)), {"units": made.units, "pieces": made.pieces, "job": made.default, "outputs": [made.path]})


def _sentence(made: Exported) -> str:
    cut = f"{made.pieces} shares of {made.units} units, and a step that joins them" if made.pieces > 1 else "one task; it is not cut"
    return f"The job is written for a farm: {cut}."


def _lines(made: Exported) -> list[str]:
    away = [] if made.default else ["its folder lies elsewhere than the template: name it as the parameter Job when it is sent"]
    return [*away, f"written: {made.path}"]
