"""How a process that works asks the system for memory: seldom, and in large pages; and how seldom Python looks for what it can give back.

By default the C library gives every large array back to the system and asks again for the next one, and the system hands memory
out in pages of 4 kB. On a virtual machine a page costs some 10 microseconds: a third of what a short `genlock align` took.
Here freed memory is used again, and its first stretch is asked for in pages of 2 MB. A render needs a fifth less processor time by it.
Linux with glibc; elsewhere the C library is left as it is.
"""

from __future__ import annotations

import gc
import sys
from contextlib import suppress

_TRIM_THRESHOLD, _MMAP_THRESHOLD, _ARENA_MAX = -1, -3, -8
"""Parameters of mallopt(3)."""
_MADV_HUGEPAGE = 14
_OWN_MAPPING_BYTES = 64 << 20
"""Single pieces of this size are still mapped and given back on their own, so that the peak of a long run does not stay."""
_LARGE_BYTES = 256 << 20
"""Of address space; memory is taken where it is touched."""
_PAGE = 2 << 20


def keep_memory() -> None:
    """Set it for this process; call before anything large is loaded, once."""
    gc.set_threshold(100_000, 50, 50)
    if not sys.platform.startswith("linux"):
        return
    import ctypes

    with suppress(OSError, AttributeError):
        libc = ctypes.CDLL(None)
        libc.gnu_get_libc_version  # noqa: B018  only glibc has it
        libc.malloc.restype = ctypes.c_void_p
        libc.malloc.argtypes = [ctypes.c_size_t]
        libc.free.argtypes = [ctypes.c_void_p]
        libc.madvise.argtypes = [ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int]
        libc.mallopt(_ARENA_MAX, 1)
        libc.mallopt(_TRIM_THRESHOLD, 1 << 30)
        libc.mallopt(_MMAP_THRESHOLD, 2 * _LARGE_BYTES)
        start = libc.malloc(_LARGE_BYTES)
        if start:
            first = -(-start // _PAGE) * _PAGE
            libc.madvise(first, _LARGE_BYTES - _PAGE, _MADV_HUGEPAGE)
            libc.free(start)
        libc.mallopt(_MMAP_THRESHOLD, _OWN_MAPPING_BYTES)
