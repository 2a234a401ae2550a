"""Asks every node of a cluster who it is, before any of them is given work."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from . import hand
from .compare import Here
from .placing import Needs, slots_of

_PATIENCE_S = 60.0


def room(ray: Any, needs: Needs) -> int:
    """How many workers the cluster has room for now, were it empty."""
    return sum(slots_of(node["Resources"], needs) for node in ray.nodes() if node["Alive"])


def survey(ray: Any, here: Here, needs: Needs, note: Callable[[str], None], check: Callable[[], None] = lambda: None) -> None:
    """Hear from every node that a worker may be placed on.

    note   tells a person of a node that says nothing; it is left out
    check  raises where nobody wants the job any more
    Raises RayError for a node that is not as here.
    """
    asked = {
        _asked_on(ray, node["NodeID"], here): node["NodeManagerAddress"]
        for node in ray.nodes()
        if node["Alive"] and slots_of(node["Resources"], needs)
    }
    until, waiting = time.monotonic() + _PATIENCE_S, list(asked)
    while waiting and time.monotonic() < until:
        check()
        told, waiting = ray.wait(waiting, timeout=0.2)
        for ref in told:
            try:
                facts = ray.get(ref)
            except ray.exceptions.RayError:
                note(f"the node {asked[ref]} is gone; the job goes on without it")
                continue
            here.check(facts)
    for ref in waiting:
        note(f"the node {asked[ref]} says nothing of itself; the job goes on without it")


def _asked_on(ray: Any, node: str, here: Here) -> Any:
    from ray.util.scheduling_strategies import NodeAffinitySchedulingStrategy

    there = NodeAffinitySchedulingStrategy(node, soft=False)
    return ray.remote(hand.facts).options(num_cpus=0, max_retries=0, scheduling_strategy=there).remote(*here.asked)
