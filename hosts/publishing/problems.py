"""A problem that a check has found: which, why, and what to do. Standard library only, Python 3.9 syntax."""

from __future__ import annotations

from collections.abc import Callable


class Problem(Exception):
    """Raised by a plug-in. pyblish shows its text; a person reads three things in one line.

    which      the file, the setting or the folder that is meant
    what       what is wrong with it, with the value
    next_step  how to mend it
    """

    def __init__(self, which: str, what: str, next_step: str, code: str = "publish") -> None:
        self.which = which
        self.what = what
        self.next_step = next_step
        self.code = code
        super().__init__(f"{which}: {what}; {next_step}")


def ask_all(*questions: Callable[[], None]) -> None:
    """Ask every question, and raise what was found together: one Problem, or one that says all of them, a line each."""
    found = []
    for question in questions:
        try:
            question()
        except Problem as problem:
            found.append(problem)
    if len(found) == 1:
        raise found[0]
    if found:
        whole = Problem(found[0].which, found[0].what, found[0].next_step, found[0].code)
        whole.args = ("\n".join(str(problem) for problem in found),)
        raise whole
