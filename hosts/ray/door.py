"""Knocks at a cluster before anything else is done with it: is one there, does it ask for a token, is ours the right one, is it of our versions.

Ray's own connecting tries a closed door for half a minute, says little, and would go in where nobody guards it. The questions are Ray's own
(CheckAlive and InternalKVGet of its head, ClusterInfo of Ray Client), written out as the bytes that they are in protobuf.
"""

from __future__ import annotations

import json
import re
import sys
import time
from collections.abc import Callable
from typing import Any

from .address import Address
from .errors import RayError

_PATIENCE_S = 8.0
_APART_S, _GONE_S = 4.0, 15.0
_NO_PROXY = (("grpc.enable_http_proxy", 0),)
_ALIVE = ("/ray.rpc.NodeInfoGcsService/CheckAlive", b"")
_PING = ("/ray.rpc.RayletDriver/ClusterInfo", b"\x08\x06")
_VERSIONS = ("/ray.rpc.InternalKVGcsService/InternalKVGet", b"\x0a\x10CLUSTER_METADATA\x12\x07cluster")
_Ask = Callable[[tuple[str, bytes], str], bytes]
"""One question to the cluster, with this token, "" being none."""


def knock(address: Address, token: str) -> None:
    """Raises RayError unless a cluster of our versions answers there, to this token, and to nobody without."""
    import grpc

    with grpc.insecure_channel(address.place, _NO_PROXY) as channel:
        ask = _asking(channel)
        question = _PING if address.client else _ALIVE
        if _answers(ask, question, "", address, grpc):
            raise RayError(f"the Ray cluster at {address} lets in whoever asks, without a token", "start every node of it with RAY_AUTH_MODE=token")
        if not _answers(ask, question, token, address, grpc):
            raise RayError(f"the Ray cluster at {address} does not know this token", "set RAY_AUTH_TOKEN to the one it was started with")
        if not address.client:
            _compare(_versions(ask, token), address)


class Pulse:
    """Whether the head is still there. Ray itself waits a minute for one that is gone, and then ends the process, without a word to anybody."""

    def __init__(self, address: Address, token: str) -> None:
        self._address, self._token = address, token
        self._asked = self._heard = time.monotonic()
        self.gone = False

    def check(self) -> None:
        """Ask now and then. Raises RayError once there has been no answer for some time."""
        if time.monotonic() - self._asked > _APART_S:
            self.insist(_GONE_S)

    def insist(self, patience_s: float = 0.0) -> None:
        """Ask at once. Raises RayError where there has been no answer for longer than that; a cluster of our own does not go alone."""
        if self._address.own:
            return
        self._asked = time.monotonic()
        try:
            knock(self._address, self._token)
            self._heard = time.monotonic()
        except RayError as error:
            if self._asked - self._heard < patience_s:
                return
            self.gone = True
            what = f"the Ray cluster at {self._address} is gone: its head does not answer"
            raise RayError(what, "run the job again: what is made is kept") from error


def _asking(channel: Any) -> _Ask:
    def as_it_is(body: bytes) -> bytes:
        return body

    def ask(question: tuple[str, bytes], token: str) -> bytes:
        method, body = question
        call = channel.unary_unary(method, request_serializer=as_it_is, response_deserializer=as_it_is)
        told = (("authorization", f"Bearer {token}"),) if token else ()
        return bytes(call(body, timeout=_PATIENCE_S, metadata=told))

    return ask


def _answers(ask: _Ask, question: tuple[str, bytes], token: str, address: Address, grpc: Any) -> bool:
    """Whether the cluster answers to a token. Raises RayError where nothing there answers as a cluster does."""
    try:
        ask(question, token)
    except grpc.RpcError as error:
        if error.code() in (grpc.StatusCode.UNAUTHENTICATED, grpc.StatusCode.PERMISSION_DENIED):
            return False
        if error.code() in (grpc.StatusCode.UNAVAILABLE, grpc.StatusCode.DEADLINE_EXCEEDED):
            raise RayError(f"no Ray cluster answers at {address}", "check the address, and that the cluster runs") from error
        other = "HOST:PORT with the head's port, mostly 6379" if address.client else "ray://HOST:PORT with the port of Ray Client, mostly 10001"
        raise RayError(f"what answers at {address} is not what it should be", f"perhaps it is {other}") from error
    return True


def _versions(ask: _Ask, token: str) -> dict[str, str]:
    """What the head says of itself, a JSON object in its answer; empty where it says nothing that can be read."""
    try:
        found = re.search(rb"\{[^{}]*\}", ask(_VERSIONS, token))
        body = json.loads(found[0]) if found else {}
    except Exception:  # Ray compares them too, if less kindly
        return {}
    return {name: str(body.get(f"{name}_version", "")) for name in ("ray", "python")}


def _compare(theirs: dict[str, str], address: Address) -> None:
    import ray

    ours = {"ray": ray.__version__, "python": sys.version.split()[0]}
    for name, said in theirs.items():
        parts = 3 if name == "ray" else 2
        if said and said.split(".")[:parts] != ours[name].split(".")[:parts]:
            what = f"the head of the cluster at {address} has {name.capitalize()} {said}, and here it is {ours[name]}"
            raise RayError(what, "use one version everywhere")
