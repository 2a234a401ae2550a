"""A stand-in for ComfyUI: a queue, a history in memory, files that outlive it, a WebSocket; graphs are checked and run node by node.

Names, fields and replies are those of recorded.json, taken from a ComfyUI 0.3.64 at work; test_recorded.py holds this file to it.
"""

from __future__ import annotations

import json
import threading
import time
import uuid
from email.parser import BytesParser
from typing import Any

from .comfyui_nodes import Interrupted, Nodes, checked, schemas
from .listeners import Listeners
from .loopback import Answer, Fake, Request, as_json


class FakeComfyUI(Fake):
    """Switches: version, token (a header that must come), history_late_s, loses_outputs (how many runs), step_s, obeys_mask, sockets (none)."""

    def __init__(self) -> None:
        super().__init__()
        self.version = "0.3.64"
        self.token = ""
        self.history_late_s = self.step_s = 0.0
        self.loses_outputs = 0
        self.obeys_mask = self.sockets = True
        self.checkpoints = ["corrupt.safetensors", "inpaint.safetensors"]
        self.inputs: dict[str, bytes] = {}
        self.files: dict[tuple[str, str, str], bytes] = {}
        """By type, subfolder and name; they outlive restart()."""
        self.running: list[list[Any]] = []
        self.pending: list[list[Any]] = []
        self.history: dict[str, Any] = {}
        self.runs: list[str] = []
        """Every prompt that was begun, as often as it was."""
        self.interrupt = threading.Event()
        self.at_step = threading.Event()
        """Set once a sampler is at work."""
        self.listeners = Listeners()
        self.held = threading.Event()
        """Cleared: what is queued waits."""
        self.held.set()
        self._number = 0
        self._more = threading.Condition(self.lock)

    def __enter__(self) -> Any:
        super().__enter__()
        self._ends = False
        self._worker = threading.Thread(target=self._work, daemon=True)
        self._worker.start()
        return self

    def __exit__(self, *args: object) -> None:
        with self._more:
            self._ends = True
            self._more.notify()
        self.held.set()
        self.interrupt.set()
        self._worker.join(5)
        self.listeners.drop()
        super().__exit__(*args)

    def restart(self) -> None:
        """As after the program was ended and started again: files stay, the rest is forgotten."""
        with self.lock:
            self.history, self.pending, self.running = {}, [], []
        self.listeners.drop()

    def answer(self, request: Request) -> Answer | None:
        if self.token and request.headers.get("authorization") != self.token:
            return Answer(401, b"Unauthorized", "text/plain")
        if "origin" in request.headers:
            return Answer(403)
        path = request.path.removeprefix("/api")
        if path == "/ws" and request.method == "GET":
            if not self.sockets:
                return Answer(404)
            self.listeners.serve(request)
            return None
        parts = path.strip("/").split("/")
        name = f"{request.method} {parts[0]}"
        calls = {"GET history": self._history, "GET object_info": self._object_info, "POST upload": self._upload, "POST jobs": self._cancel}
        if name in calls and len(parts) >= 2:
            return calls[name](parts, request)
        plain = {"GET system_stats": self._stats, "GET queue": self._queue, "POST queue": self._delete}
        plain |= {"POST prompt": self._prompt, "GET view": self._view, "POST interrupt": self._interrupt}
        return plain[name](request) if name in plain and len(parts) == 1 else Answer(404, b"404: Not Found", "text/plain")

    def _stats(self, request: Request) -> Answer:
        return as_json({"system": {"os": "posix", "comfyui_version": self.version, "python_version": "3.11.7"}, "devices": []})

    def _history(self, parts: list[str], request: Request) -> Answer:
        with self.lock:
            found = self.history.get(parts[1])
            return as_json({parts[1]: found} if found else {})

    def _object_info(self, parts: list[str], request: Request) -> Answer:
        found = schemas(self.checkpoints).get(parts[1])
        return as_json({parts[1]: found} if found else {})

    def _queue(self, request: Request) -> Answer:
        with self.lock:
            return as_json({"queue_running": self.running, "queue_pending": self.pending})

    def _delete(self, request: Request) -> Answer:
        with self.lock:
            self.pending = [entry for entry in self.pending if entry[1] not in request.json().get("delete", [])]
        return Answer()

    def _interrupt(self, request: Request) -> Answer:
        wanted = json.loads(request.body or b"{}").get("prompt_id")
        if wanted is None:
            self.strange.append("an interrupt without an id ends whatever runs by then")
        with self.lock:
            if wanted is None or any(entry[1] == wanted for entry in self.running):
                self.interrupt.set()
        return Answer()

    def _cancel(self, parts: list[str], request: Request) -> Answer:
        if _numbers(self.version) < (0, 26) or not request.path.startswith("/api") or parts[2:] != ["cancel"]:
            return Answer(404, b"404: Not Found", "text/plain")
        with self.lock:
            self.pending = [entry for entry in self.pending if entry[1] != parts[1]]
            if any(entry[1] == parts[1] for entry in self.running):
                self.interrupt.set()
        return as_json({})

    def _upload(self, parts: list[str], request: Request) -> Answer:
        if parts[1:] != ["image"]:
            return Answer(404)
        message = BytesParser().parsebytes(b"Content-Type: " + request.headers["content-type"].encode() + b"\r\n\r\n" + request.body)
        fields = {part.get_param("name", header="content-disposition"): part for part in message.get_payload()}  # type: ignore[union-attr]
        values = {name: part.get_payload(decode=True) for name, part in fields.items()}  # type: ignore[union-attr]
        self.strange += [f"upload has a field {name}" for name in set(values) - {"image", "type", "subfolder", "overwrite"}]
        name, folder = fields["image"].get_filename(), values.get("subfolder", b"").decode()  # type: ignore[union-attr]
        stem, number = name.rpartition(".")[0], 0
        while values.get("overwrite") != b"true" and self.inputs.get(f"{folder}/{name}".lstrip("/"), values["image"]) != values["image"]:
            number += 1
            name = f"{stem} ({number}).png"
        self.inputs[f"{folder}/{name}".lstrip("/")] = values["image"]
        return as_json({"name": name, "subfolder": folder, "type": values.get("type", b"input").decode()})

    def _view(self, request: Request) -> Answer:
        where = request.query
        if ".." in where.get("filename", "") or ".." in where.get("subfolder", ""):
            return Answer(400)
        found = self.files.get((where.get("type", "output"), where.get("subfolder", ""), where["filename"]))
        return Answer(404) if found is None else Answer(body=found, kind="image/png")

    def _prompt(self, request: Request) -> Answer:
        body = request.json()
        self.strange += [f"prompt has a field {name}" for name in set(body) - {"prompt", "client_id", "prompt_id", "extra_data"}]
        prompt = body.get("prompt_id") or str(uuid.uuid4())
        if _numbers(self.version) >= (0, 36) and not _canonical(prompt):
            return as_json({"error": {"type": "invalid_prompt_id", "message": "no UUID", "details": "", "extra_info": {}}, "node_errors": {}}, 400)
        if "prompt" not in body:
            return as_json({"error": {"type": "no_prompt", "message": "No prompt provided", "details": "", "extra_info": {}}, "node_errors": {}}, 400)
        errors = checked(body["prompt"], self.checkpoints, self.inputs)
        if errors:
            error = {"type": "prompt_outputs_failed_validation", "message": "Prompt outputs failed validation", "details": "", "extra_info": {}}
            return as_json({"error": error, "node_errors": errors}, 400)
        with self._more:
            self._number += 1
            outputs = [number for number, node in body["prompt"].items() if node["class_type"] in ("SaveImage", "PreviewImage")]
            self.pending.append([self._number, prompt, body["prompt"], {"client_id": body.get("client_id")}, outputs])
            self._more.notify()
            return as_json({"prompt_id": prompt, "number": self._number, "node_errors": {}})

    def _work(self) -> None:
        while True:
            with self._more:
                self._more.wait_for(lambda: self._ends or self.pending)
            self.held.wait()
            with self.lock:
                if self._ends:
                    return
                if not self.pending:
                    continue
                entry = self.pending.pop(0)
                self.running.append(entry)
                self.interrupt.clear()
                self.runs.append(entry[1])
            self._run(entry)

    def _run(self, entry: list[Any]) -> None:
        _, prompt, graph, extra, _ = entry
        messages: list[Any] = []
        client = extra["client_id"]

        def tell(kind: str, **data: Any) -> None:
            whole = {"prompt_id": prompt, **data}
            if kind.startswith("execution_"):
                whole["timestamp"] = int(time.time() * 1000)
                messages.append([kind, whole])
            self.listeners.tell(client, {"type": kind, "data": whole})

        tell("execution_start")
        tell("execution_cached", nodes=[])
        nodes = Nodes(graph, self, tell)
        status = "success"
        try:
            outputs = nodes.outputs()
            tell("execution_success")
        except Interrupted as stopped:
            status, outputs = "error", {}
            tell("execution_interrupted", node_id=stopped.node, node_type=graph[stopped.node]["class_type"], executed=[])
        except RuntimeError as error:
            status, outputs, node = "error", {}, nodes.at
            told = {"exception_message": str(error), "exception_type": "RuntimeError", "traceback": [], "executed": []}
            tell("execution_error", node_id=node, node_type=graph[node]["class_type"], **told)
        with self.lock:
            forgotten = entry not in self.running
            self.running = [other for other in self.running if other is not entry]
        time.sleep(self.history_late_s)
        if self.loses_outputs and outputs:
            self.loses_outputs, outputs = self.loses_outputs - 1, {}
        with self.lock:
            if not forgotten:
                told = {"status_str": status, "completed": status == "success", "messages": messages}
                self.history[prompt] = {"prompt": entry, "outputs": outputs, "status": told, "meta": {}}
        tell("executing", node=None)


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in version.split(".")[:2])


def _canonical(text: str) -> bool:
    try:
        return str(uuid.UUID(text)) == text
    except ValueError:
        return False
