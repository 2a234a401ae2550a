"""VMAF, measured by an FFmpeg that has libvmaf (Netflix's own code, model vmaf_v0.6.1), where one is found.

One process a run of frames. Both pictures go through its standard input, one above the other, so one pipe is enough on every
system; the figures come back in a file in a folder of their own. No shell is involved, and no name of a user's file.
"""

from __future__ import annotations

import functools
import json
import os
import shutil
import subprocess
import tempfile
from pathlib import Path
from types import TracebackType

import numpy as np

from ..errors import GenlockError

LEAST_PX = 64
"""VMAF looks at four scales; a smaller picture says nothing."""
_LOG = "vmaf.json"
_PATIENCE_S = 120


def find_ffmpeg() -> str | None:
    """An FFmpeg with libvmaf: $GENLOCK_FFMPEG, the one on PATH, or that of the imageio-ffmpeg wheel; None where there is none."""
    for candidate in (os.environ.get("GENLOCK_FFMPEG", ""), _on_path(), _in_wheel()):
        if candidate and os.path.isabs(candidate) and has_vmaf(candidate):
            return candidate
    return None


def _on_path() -> str:
    """Never the one that happens to lie in the working folder, which Windows would look into first."""
    found = shutil.which("ffmpeg") or ""
    folders = [os.path.normcase(part) for part in os.environ.get("PATH", "").split(os.pathsep) if os.path.isabs(part)]
    return found if os.path.normcase(os.path.dirname(found)) in folders else ""


def _in_wheel() -> str:
    try:
        import imageio_ffmpeg
    except ImportError:
        return ""
    try:
        return os.path.abspath(str(imageio_ffmpeg.get_ffmpeg_exe()))
    except (RuntimeError, OSError):
        return ""


@functools.lru_cache(maxsize=8)
def has_vmaf(ffmpeg: str) -> bool:
    """Whether an FFmpeg starts and has the filter."""
    try:
        told = subprocess.run([ffmpeg, "-hide_banner", "-filters"], capture_output=True, stdin=subprocess.DEVNULL, timeout=_PATIENCE_S)
    except (OSError, subprocess.TimeoutExpired):
        return False
    return told.returncode == 0 and b" libvmaf " in told.stdout


class Vmaf:
    """One run of frames through VMAF.

    size_wh  of both pictures; an odd last column or row is left out
    deep     10 bits instead of 8
    Used as a context manager; scores() ends the run. Raises GenlockError where FFmpeg does not do its part.
    """

    def __init__(self, ffmpeg: str, size_wh: tuple[int, int], deep: bool = False, threads: int = 2) -> None:
        self.size_wh = size_wh[0] // 2 * 2, size_wh[1] // 2 * 2
        self._deep = deep
        self._counts: list[bool] = []
        self._folder = Path(tempfile.mkdtemp(prefix="genlock-vmaf-"))
        self._said = open(self._folder / "said.txt", "w+b")
        try:
            self._process = subprocess.Popen(
                [ffmpeg, *self._arguments(threads)], cwd=self._folder, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=self._said
            )
        except OSError as error:
            self._tidy()
            raise GenlockError(f"{ffmpeg} does not start: {error.strerror or error}", "leave VMAF out with --vmaf off") from error

    def __enter__(self) -> Vmaf:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()

    def show(self, picture: np.ndarray, ref: np.ndarray, counts: bool = True) -> None:
        """The next frame: (h, w) luma of both in levels of 0 to 255.

        counts  False for frames that are there only because VMAF compares a frame's motion with its neighbours
        """
        assert self._process.stdin is not None
        try:
            for block in self._frame(picture, ref):
                self._process.stdin.write(block)
        except OSError as error:
            raise self._failed() from error
        self._counts.append(counts)

    def scores(self) -> list[float]:
        """VMAF of each frame that counts, in order, 0 to 100."""
        assert self._process.stdin is not None
        try:
            self._process.stdin.close()
            self._process.wait(timeout=_PATIENCE_S)
            body = json.loads((self._folder / _LOG).read_text(encoding="utf-8"))
            told = [float(frame["metrics"]["vmaf"]) for frame in body["frames"]]
        except (OSError, ValueError, KeyError, TypeError, subprocess.TimeoutExpired) as error:
            raise self._failed() from error
        if len(told) != len(self._counts):
            raise self._failed()
        return [value for value, counts in zip(told, self._counts, strict=True) if counts]

    def close(self) -> None:
        """End the process, if it still runs, and leave nothing behind."""
        if self._process.poll() is None:
            self._process.kill()
        self._process.wait()
        if self._process.stdin is not None and not self._process.stdin.closed:
            try:
                self._process.stdin.close()
            except OSError:
                pass  # the process went away with something still to be read
        self._tidy()

    def _tidy(self) -> None:
        self._said.close()
        shutil.rmtree(self._folder, ignore_errors=True)

    def _arguments(self, threads: int) -> list[str]:
        w, h = self.size_wh
        graph = (
            f"[0:v]split[a][b];[a]crop={w}:{h}:0:0[picture];[b]crop={w}:{h}:0:{h}[ref];"
            f"[picture][ref]libvmaf=log_fmt=json:log_path={_LOG}:n_threads={threads}"
        )
        return [
            "-hide_banner", "-loglevel", "error", "-protocol_whitelist", "pipe",
            "-f", "rawvideo", "-pixel_format", "yuv420p10le" if self._deep else "yuv420p", "-video_size", f"{w}x{2 * h}", "-framerate", "25",
            "-i", "pipe:0", "-lavfi", graph, "-f", "null", "-",
        ]  # fmt: skip

    def _frame(self, picture: np.ndarray, ref: np.ndarray) -> list[bytes]:
        w, h = self.size_wh
        scale, top, kind = (4, 1023, np.dtype("<u2")) if self._deep else (1, 255, np.dtype(np.uint8))
        both = np.concatenate([picture[:h, :w], ref[:h, :w]]).astype(np.float32)
        luma = np.clip(both * scale + 0.5, 0, top).astype(kind)
        return [luma.tobytes(), np.full(w * h, 128 * scale, kind).tobytes()]

    def _failed(self) -> GenlockError:
        if self._process.poll() is None:
            self._process.kill()
        self._process.wait()
        self._said.seek(0)
        said = self._said.read(4000).decode("utf-8", "replace").strip().splitlines()
        return GenlockError(f"FFmpeg did not measure VMAF: {said[-1] if said else 'it ended without a word'}", "leave it out with --vmaf off")
