"""In and out of a cluster: the environment that Ray reads, its own cluster where asked for one, and nothing left behind."""

from __future__ import annotations

import atexit
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

from ...core.errors import UsageError
from ...core.leftovers import SCRATCH, new_folder
from .address import Address, is_loopback_alone
from .door import Pulse, knock
from .errors import RayError
from .token import token_of

_STORE_BYTES = 80 << 20
"""Of the object store of a cluster of our own: nothing but a few words a share goes through it."""
_PATH_MOST = 41
"""A socket's name may have 103 signs on some systems, and Ray uses 62 of them."""


@contextmanager
def joined(address: Address, workers: int) -> Iterator[tuple[Any, Pulse]]:
    """The module `ray`, connected, and whether the cluster is there. It is left at the end, and taken down where it is the job's own.

    workers  CPUs of a cluster of the job's own
    Raises UsageError where Ray is not installed, RayError where the cluster cannot be used.
    """
    token = token_of(address)
    with _environment(address, token), _folder(address) as folder:
        try:
            import grpc  # noqa: F401
            import ray
        except ImportError as error:
            raise UsageError(f"Ray cannot be loaded: {error}", "install it with: pip install 'genlock[ray]'") from error
        if not address.own:
            knock(address, token)
        pulse = Pulse(address, token)
        try:
            _connect(ray, address, workers, folder)
            yield ray, pulse
        finally:
            if pulse.gone:  # Ray would wait for it
                atexit.unregister(ray._private.worker.shutdown)
            else:
                with suppress(Exception):
                    ray.shutdown()


def _connect(ray: Any, address: Address, workers: int, folder: str) -> None:
    quiet = {"log_to_driver": False, "configure_logging": True, "logging_level": "critical"}
    try:
        if address.own:
            own = {"num_cpus": workers, "object_store_memory": _STORE_BYTES, "include_dashboard": False}
            ray.init("local", **own, **({"_temp_dir": folder} if folder else {}), **quiet)
        else:
            ray.init(str(address), **quiet)
    except Exception as error:  # Ray raises many kinds, few of them its own
        raise RayError(f"the Ray cluster at {address} cannot be joined: {_first_line(error)}", _next(address)) from error


def _next(address: Address) -> str:
    if address.own or address.client:
        return "look into Ray's own logs"
    return "this machine has to be one of its nodes; from another one use ray://HOST:PORT"


def _first_line(error: Exception) -> str:
    said = [line.strip() for line in str(error).splitlines() if line.strip()]
    return f"{type(error).__name__}: {said[-1 if 'Traceback' in str(error) else 0][:200]}" if said else type(error).__name__


@contextmanager
def _environment(address: Address, token: str) -> Iterator[None]:
    """What Ray reads when it is loaded: asks for the token, sends nothing home, ships no folder of ours; its own cluster stays on loopback."""
    said = {
        "RAY_AUTH_MODE": "token",
        "RAY_AUTH_TOKEN": token,
        "RAY_USAGE_STATS_ENABLED": "0",
        "RAY_ENABLE_UV_RUN_RUNTIME_ENV": "0",
        "RAY_DEFAULT_PYTHON_VERSION_MATCH_LEVEL": "minor",
        # Off, Ray's processes use 127.0.0.1 alone, on every system; on, they listen on all addresses of the machine.
        **({"RAY_ENABLE_WINDOWS_OR_OSX_CLUSTER": "0"} if address.own or is_loopback_alone(address) else {}),
    }
    before = {name: os.environ.get(name) for name in said}
    os.environ.update(said)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value


@contextmanager
def _folder(address: Address) -> Iterator[str]:
    """Where a cluster of our own keeps its logs and sockets; "" where Ray's default has to do."""
    if not address.own or os.name == "nt":
        yield ""
        return
    home = tempfile.gettempdir()
    if os.path.basename(home).startswith(SCRATCH) and len(home) <= _PATH_MOST:  # a command's own, which goes with it
        yield home
        return
    folder = new_folder(SCRATCH, "/tmp")
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
