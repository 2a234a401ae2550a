"""Which cluster --on means. Nothing beyond this machine is ever found by itself: a remote cluster has to be named.

    local               a cluster of this job's own, on this machine alone, gone when the job ends
    auto                the cluster that runs on this machine (RAY_ADDRESS, or the one that `ray start` began last)
    HOST:PORT           a cluster that this machine is a node of; the port is that of its head, mostly 6379
    ray://HOST:PORT     a cluster from a machine outside it, by Ray Client; the port is mostly 10001
"""

from __future__ import annotations

import ipaddress
import os
import socket
import sys
import tempfile
from dataclasses import dataclass

from ...core.errors import UsageError
from .errors import RayError

_HOW = "write local, auto, HOST:PORT or ray://HOST:PORT"


@dataclass(frozen=True)
class Address:
    """Where a cluster is."""

    host: str
    """"" for a cluster of this job's own."""
    port: int = 0
    client: bool = False
    """By Ray Client, from outside."""

    @property
    def own(self) -> bool:
        """Whether the job brings its cluster with it."""
        return not self.host

    @property
    def place(self) -> str:
        """As gRPC and Ray take it."""
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"

    def __str__(self) -> str:
        return "local" if self.own else f"ray://{self.place}" if self.client else self.place


def parse(text: str) -> Address:
    """The address that --on says. Raises UsageError; RayError where `auto` finds no cluster, or one on another machine."""
    if text == "local":
        return Address("")
    if text == "auto":
        return _found()
    client = text.startswith("ray://")
    host, colon, port = text.removeprefix("ray://").rpartition(":")
    host = host.removeprefix("[").removesuffix("]")
    if not (colon and _is_host(host) and port.isascii() and port.isdigit() and 0 < int(port[:6]) < 65536):
        raise UsageError(f"{text!r} is no address of a Ray cluster", _HOW)
    return Address(host, int(port), client)


def _is_host(host: str) -> bool:
    return bool(host) and all(sign.isalnum() or sign in "-._:%" for sign in host)


def _found() -> Address:
    """What `auto` means: the cluster that Ray itself would find, as long as it is on this machine."""
    said = os.environ.get("RAY_ADDRESS", "")
    if said in ("", "auto", "local"):
        said = _begun_here()
    if not said:
        raise RayError("no Ray cluster runs on this machine", "start one with: ray start --head; or name one: --on HOST:PORT")
    address = parse(said)
    if not is_here(address.host):
        raise RayError(f"the Ray cluster that is found is at {address}, which is another machine", f"if it is the right one, name it: --on {address}")
    return address


def _begun_here() -> str:
    """The address that `ray start` has left on this machine, where Ray looks for it; "" where there is none."""
    home = os.environ.get("RAY_TMPDIR") or (sys.platform.startswith("linux") and os.environ.get("TMPDIR"))
    home = home or (tempfile.gettempdir() if os.name == "nt" else "/tmp")
    try:
        with open(os.path.join(home, "ray", "ray_current_cluster"), encoding="utf-8") as file:
            return file.read(300).strip()
    except (OSError, UnicodeDecodeError):
        return ""


def is_here(host: str) -> bool:
    """Whether a host is this machine: a loopback address, or one that a socket of ours can be bound to."""
    try:
        found = socket.getaddrinfo(host, 0, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        return False
    return all(ipaddress.ip_address(str(place[0]).partition("%")[0]).is_loopback or _can_bind(family, place) for family, _, _, _, place in found)


def _can_bind(family: int, place: tuple[object, ...]) -> bool:
    try:
        with socket.socket(family, socket.SOCK_STREAM) as probe:
            probe.bind(place)
    except OSError:
        return False
    return True


def is_loopback_alone(address: Address) -> bool:
    """Whether a cluster is named by a loopback address and is reached by none of this machine's others; Ray takes one of those unless told."""
    try:
        if address.own or address.client or not ipaddress.ip_address(address.host.replace("localhost", "127.0.0.1")).is_loopback:
            return False
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:  # nothing is sent: it only asks which way it would go
            probe.connect(("8.8.8.8", 53))
            outside = probe.getsockname()[0]
    except (ValueError, OSError):
        return False
    try:
        with socket.create_connection((outside, address.port), timeout=2.0):
            return False
    except OSError:
        return True
