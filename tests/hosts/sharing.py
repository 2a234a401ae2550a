"""Shares of jobs, made in processes that may kill themselves in the middle; units are of a few pictures, so that small films have several.

As a program: genlock.tests.hosts.sharing PLAN, a JSON list of [job folder, K, N, looks]. Each share is made in a process of its own, one after
the other; after so many looks at whether it is wanted it is killed, by SIGKILL. looks null: it may end. Prints how each one ended.
"""

from __future__ import annotations

import json
import os
import random
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from genlock.core.media.write.pieces import film
from genlock.core.render import mapping
from genlock.hosts.worker.shares import Share, run_share

LENGTH, ALONE = 8, 4
Plan = list[tuple[str, int, int, int | None]]


@contextmanager
def short_units() -> Iterator[None]:
    """Within this, a unit is 8 pictures, or 4 of picture sequences; so is what the flow remembers, after 3 to warm up."""
    before = film.LENGTH, film.LENGTH_ALONE, mapping.BLOCK, mapping.WARM
    film.LENGTH, film.LENGTH_ALONE, mapping.BLOCK, mapping.WARM = LENGTH, ALONE, LENGTH, 3
    try:
        yield
    finally:
        film.LENGTH, film.LENGTH_ALONE, mapping.BLOCK, mapping.WARM = before


def plan_for(job: str, of: int, dice: random.Random) -> Plan:
    """Every share in random order, one of them twice, and one killed before it may end."""
    order = list(range(1, of + 1))
    dice.shuffle(order)
    plan: Plan = [(job, number, of, None) for number in order]
    plan.insert(dice.randrange(len(plan) + 1), (job, dice.choice(order), of, None))
    first = plan[0]
    return [(job, first[1], of, dice.randrange(2, 9)), *plan]


def _child(job: str, share: Share, looks: int | None) -> int:
    seen = 0

    def wanted() -> bool:
        nonlocal seen
        seen += 1
        if looks is not None and seen > looks:
            os.kill(os.getpid(), signal.SIGKILL)
        return True

    return run_share(job, share, wanted).exit_status


def main() -> None:
    with short_units():
        for job, number, of, looks in json.loads(sys.argv[1]):
            pid = os.fork()
            if not pid:
                status = 99
                try:
                    status = _child(job, Share(number, of), looks)
                finally:
                    os._exit(status)
            ended = os.waitpid(pid, 0)[1]
            print(-os.WTERMSIG(ended) if os.WIFSIGNALED(ended) else os.WEXITSTATUS(ended), flush=True)


if __name__ == "__main__":  # what each share would load for itself
    import OpenImageIO  # noqa: F401

    import genlock.core.render.composite
    import genlock.core.render.sound
    import genlock.core.render.stmaps
    import genlock.core.retime.making
    import genlock.core.space.flow.dense
    import genlock.hosts.worker.render
    import genlock.hosts.worker.run
    import genlock.otio_adapters.formats  # noqa: F401

    main()
