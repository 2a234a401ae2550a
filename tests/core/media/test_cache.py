"""The cache: one entry a key whoever writes it, bounded, and safe to lose at any moment."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest

from genlock.core.errors import OutputError
from genlock.core.media.cache import Cache, default_root, digest, digest_of_many


def entry(cache: Cache, key: str, size: int = 100, body: bytes = b"x") -> Path:
    made = cache.begin()
    (made / "thumbs.bin").write_bytes(body * size)
    return cache.commit(made, key)


def age(folder: Path, seconds: float) -> None:
    then = time.time() - seconds
    os.utime(folder, (then, then))


def test_an_entry_is_found_once_it_is_whole(tmp_path):
    cache = Cache(tmp_path)
    made = cache.begin()
    assert cache.find("key") is None
    (made / "a").write_text("1")
    final = cache.commit(made, "key")
    assert cache.find("key") == final and (final / "a").read_text() == "1" and not made.exists()


def test_who_is_first_wins(tmp_path):
    cache = Cache(tmp_path)
    first, second = cache.begin(), cache.begin()
    (first / "a").write_text("first")
    (second / "a").write_text("second")
    assert cache.commit(first, "key") == cache.commit(second, "key")
    assert (tmp_path / "key" / "a").read_text() == "first"
    assert [path.name for path in tmp_path.iterdir()] == ["key"]


RACE = """
import sys, time, pathlib
from genlock.core.media.cache import Cache
cache, me = Cache(pathlib.Path(sys.argv[1])), sys.argv[2]
print("ready", flush=True)
sys.stdin.readline()
for n in range(40):
    made = cache.begin()
    (made / "a").write_text(me)
    (made / "b").write_text(me)
    final = cache.commit(made, f"key{n}")
    assert (final / "a").read_text() == (final / "b").read_text()
print("done", flush=True)
"""


def test_two_processes_write_the_same_keys(tmp_path):
    """Forty races: each entry is one process's alone, both go on, nothing half made is left."""
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    racers = [subprocess.Popen([sys.executable, "-c", RACE, str(tmp_path), me], text=True, **pipes) for me in ("one", "two")]
    for racer in racers:
        assert racer.stdout is not None and racer.stdout.readline() == "ready\n"
    for racer in racers:
        assert racer.stdin is not None
        racer.stdin.write("go\n")
        racer.stdin.flush()
    for racer in racers:
        out, err = racer.communicate(timeout=60)
        assert (racer.returncode, out) == (0, "done\n"), err
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted(f"key{n}" for n in range(40))


def test_trimming_keeps_what_was_used_last(tmp_path):
    cache = Cache(tmp_path, max_bytes=250)
    for n, key in enumerate(("old", "middle")):
        age(entry(cache, key), 1000 - 100 * n)
    assert cache.find("old") is not None  # used now, so no longer the oldest
    entry(cache, "new")
    assert {path.name for path in tmp_path.iterdir()} == {"old", "new"}


def test_the_entry_in_hand_is_never_trimmed(tmp_path):
    cache = Cache(tmp_path, max_bytes=50)
    entry(cache, "small", 10)
    assert entry(cache, "large", 500).is_dir()
    assert [path.name for path in tmp_path.iterdir()] == ["large"]


def test_what_a_killed_process_left_goes_and_what_is_being_written_stays_however_old(tmp_path):
    """A clock that jumps a year, or analysis that takes a week, ends nobody's work."""
    cache = Cache(tmp_path)
    ours = cache.begin()
    age(ours, 400 * 86400)
    code = f"import os; from genlock.core.media.cache import Cache; print(Cache({str(tmp_path)!r}).begin(), flush=True); os.kill(os.getpid(), 9)"
    theirs = Path(subprocess.run([sys.executable, "-c", code], capture_output=True, text=True).stdout.strip())
    assert theirs.is_dir() and theirs.parent == tmp_path
    age(theirs, -400 * 86400)
    entry(cache, "key")
    assert ours.exists() and not theirs.exists()


def test_half_done_entries_are_trimmed_unless_somebody_is_at_them(tmp_path):
    cache = Cache(tmp_path, max_bytes=250)
    for key in ("left", "held"):
        half = cache.take_up(key)
        (half / "thumbs.bin").write_bytes(b"x" * 200)
        if key == "left":
            cache.put_down(half, key)
            age(tmp_path / "half-left", 1000)
        else:
            age(half, 1000)
    entry(cache, "new")
    assert half.is_dir() and not (tmp_path / "half-left").exists()


def test_a_whole_entry_takes_half_ones_away(tmp_path):
    cache = Cache(tmp_path)
    half = cache.take_up("key")
    cache.put_down(half, "key")
    entry(cache, "key")
    assert [path.name for path in tmp_path.iterdir()] == ["key"]


def test_files_of_others_in_the_folder_do_no_harm(tmp_path):
    (tmp_path / "README").write_text("not an entry")
    cache = Cache(tmp_path, max_bytes=150)
    entry(cache, "a")
    entry(cache, "b")
    assert (tmp_path / "README").read_text() == "not an entry"


def test_folders_of_others_are_never_trimmed(tmp_path):
    """--cache may name a folder that holds a person's own, larger and older than all that is kept."""
    for name in ("holidays", "new-website"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "film.mov").write_bytes(b"x" * 5000)
        age(tmp_path / name, 900_000)
    cache = Cache(tmp_path, max_bytes=150)
    for key in ("a", "b"):
        entry(cache, key)
    assert {path.name for path in tmp_path.iterdir()} == {"holidays", "new-website", "b"}


def test_an_entry_deleted_under_us_is_not_found(tmp_path):
    cache = Cache(tmp_path)
    final = entry(cache, "key")
    shutil.rmtree(final)
    assert cache.find("key") is None
    assert entry(cache, "key").is_dir()


def test_off_leaves_nothing():
    cache = Cache(None)
    assert not cache.keeps
    final = entry(cache, "key")
    assert final.is_dir() and cache.find("key") == final
    cache.close()
    assert not cache.root.exists()


def test_kept_entries_outlive_the_object(tmp_path):
    cache = Cache(tmp_path / "deep" / "er")
    entry(cache, "key")
    cache.close()
    assert cache.keeps and Cache(tmp_path / "deep" / "er").find("key") is not None


def test_a_folder_that_cannot_be_made_is_said(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(OutputError, match="cannot be made"):
        Cache(tmp_path / "file" / "cache")


def test_where_it_lives(monkeypatch, tmp_path):
    monkeypatch.setenv("GENLOCK_CACHE", str(tmp_path / "here"))
    assert default_root() == tmp_path / "here"
    monkeypatch.delenv("GENLOCK_CACHE")
    assert default_root().name in ("genlock", "cache")


@pytest.mark.parametrize("size", [1, 1000, (1 << 22) + 12345])
def test_a_digest_is_of_content(tmp_path, size):
    """Not of name or time; and it changes with a byte at either end, with one more byte, and with one less."""
    body = bytearray(os.urandom(size))
    files = {}
    changed = {"same": body, "first": body.copy(), "last": body.copy(), "longer": body + b"\0", "shorter": body[:-1]}
    changed["first"][0] ^= 1
    changed["last"][-1] ^= 255
    for name, content in changed.items():
        (tmp_path / name).write_bytes(content)
        files[name] = digest(tmp_path / name)
    (tmp_path / "copy").write_bytes(body)
    age(tmp_path / "copy", 5000)
    assert digest(tmp_path / "copy") == files["same"]
    assert len({files[name] for name in changed}) == len(changed)


def test_a_digest_of_a_sequence(tmp_path):
    paths = [tmp_path / f"a.{n:04d}.png" for n in range(3)]
    for path in paths:
        path.write_bytes(path.name.encode())
        age(path, 100)
    before = digest_of_many(paths)
    assert digest_of_many(paths) == before
    assert digest_of_many(paths[:2]) != before
    paths[1].write_bytes(b"changed in the middle")
    assert digest_of_many(paths) != before


def test_a_missing_file_has_no_digest(tmp_path):
    with pytest.raises(OSError):
        digest(tmp_path / "none.mp4")
