"""genlock's own parsers under coverage-guided fuzzing (atheris, libFuzzer) for a bounded time; exit 1 where one does what it never may.

    pip install genlock[fuzz]                                     Python 3.11 and 3.12; elsewhere it says so, and ends with 0
    python bench/fuzz/atheris_run.py --seconds 60                 every reader in turn, from the committed corpus
    python bench/fuzz/atheris_run.py --only edl nk --keep found   what ends badly is kept there; bring it into tests/hostile/corpus, made small
"""

from __future__ import annotations

import argparse
import importlib
import importlib.util
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

CORPUS = Path(__file__).resolve().parents[2] / "tests" / "hostile" / "corpus"
_MEMORY_MB, _ONE_S = 3000, 5


def main() -> int:
    """Every reader in a process of its own: libFuzzer ends its process."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=int, default=60, help="for all readers together")
    parser.add_argument("--only", nargs="+", default=[])
    parser.add_argument("--keep", default="fuzz-found")
    parser.add_argument("--reader", help=argparse.SUPPRESS)
    args, rest = parser.parse_known_args()
    if importlib.util.find_spec("atheris") is None:
        print("atheris is not installed (pip install genlock[fuzz]; it has no build for some Pythons): nothing was fuzzed")
        return 0
    if args.reader:
        return _fuzz(args.reader, rest)
    names = [path.name for path in sorted(CORPUS.iterdir()) if path.is_dir() and (not args.only or path.name in args.only)]
    bad = [name for name in names if _in_process(name, max(1, args.seconds // len(names)), Path(args.keep))]
    print(f"{len(names)} readers, {', '.join(bad)} bad" if bad else f"{len(names)} readers, none did what it may not")
    return 1 if bad else 0


def _in_process(name: str, seconds: int, keep: Path) -> bool:
    """Whether it ended badly."""
    keep.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="genlock-atheris-") as grown:
        shutil.copytree(CORPUS / name, Path(grown) / "corpus")
        limits = [f"-max_total_time={seconds}", f"-rss_limit_mb={_MEMORY_MB}", f"-timeout={_ONE_S}", "-max_len=20000"]
        command = [sys.executable, __file__, "--reader", name, *limits, f"-artifact_prefix={keep}/{name}-", str(Path(grown) / "corpus")]
        environment = {**os.environ, "TMPDIR": grown}
        done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace", env=environment)
    rows = done.stdout.splitlines()
    print(f"{name:12} {next((row for row in reversed(rows) if row.startswith(('Done', 'stat::', 'Executed'))), 'ended early')}")
    if done.returncode:
        print("\n".join(rows[-40:]))
    return done.returncode != 0


def _fuzz(reader: str, words: list[str]) -> int:
    atheris = importlib.import_module("atheris")
    with atheris.instrument_imports(include=["genlock"]):
        from genlock.bench.fuzz.readers import tried

    atheris.Setup([sys.argv[0], *words], lambda body: tried(reader, body) and None)
    atheris.Fuzz()
    return 0


if __name__ == "__main__":
    sys.exit(main())
