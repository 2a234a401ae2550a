"""A node of a real Ray cluster, as a program: `python a_node.py FOLDER CPUS` is a head, with HEAD as a third argument it joins that one.

Writes {"address": …} to stdout once it runs, and takes its processes with it when it is asked to end (SIGTERM).
`ray start` is not used: it joins no cluster on loopback.
"""

from __future__ import annotations

import json
import signal
import sys


def main(folder: str, cpus: str, head: str = "") -> None:
    import ray  # noqa: F401  (its parts need it loaded first)
    from ray._private.node import Node
    from ray._private.parameter import RayParams

    params = RayParams(
        num_cpus=int(cpus), num_gpus=0, object_store_memory=80 << 20, min_worker_port=0, max_worker_port=0, include_dashboard=False,
        include_log_monitor=False, node_ip_address="127.0.0.1", temp_dir=None if head else folder, gcs_address=head or None,
        redis_address=head or None, node_manager_port=0,
    )  # fmt: skip
    params.dashboard_agent_listen_port = None
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTERM})
    node = Node(params, head=not head, shutdown_at_exit=True, spawn_reaper=False)
    print(json.dumps({"address": node.gcs_address}), flush=True)
    signal.sigwait({signal.SIGTERM})
    node.kill_all_processes(check_alive=False, allow_graceful=False)


if __name__ == "__main__":
    main(*sys.argv[1:])
