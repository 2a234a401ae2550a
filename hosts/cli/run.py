"""Run a job folder: do what its request.json says, tell events.jsonl how it goes, write result.json.

  genlock run JOB
  genlock run JOB --workers 4      on four processes; one a core, if not given, where that pays
  genlock run JOB --piece 2/8      one of eight shares, on this machine or another
  genlock run JOB --merge          join what the shares have made
  genlock run JOB --on ray://farm:10001

A host or a farm writes the folder; docs/jobs.md says what is in it. A file named cancel in the folder stops the job.
"""

from __future__ import annotations

import argparse

from ..worker.shares import NoShare, Share, run_merge, run_share
from .parsing import add_common
from .pooling import add_workers
from .say import complain
from .session import Run, carry_on


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What the command takes."""
    parser.add_argument("folder", metavar="JOB", help="the folder with request.json")
    shares = parser.add_mutually_exclusive_group()
    shares.add_argument("--piece", metavar="K/N", help="make the K-th of N shares of the job, and no output; what stands already is left as it is")
    shares.add_argument("--merge", action="store_true", help="check and join what the shares have made; refuse where some of it is missing")
    shares.add_argument(
        "--on", metavar="CLUSTER", help="have shares made on a Ray cluster: local (of this job's own), auto (the one that runs here), HOST:PORT, ray://HOST:PORT"
    )
    of_gpu = "with --on: how much of a GPU a worker needs, where the job asks for one (%(default)g)"
    parser.add_argument("--gpu", metavar="PART", type=float, default=1.0, help=of_gpu)
    add_workers(parser, retries=True)
    add_common(parser, job=False)


def main(args: argparse.Namespace) -> int:
    """Carry it out; returns the exit status."""
    if args.folder == "-":
        from .serving import serve

        return serve()
    if args.merge:
        return carry_on(args.folder, args, lambda wanted, hear: run_merge(args.folder, wanted, hear))
    if args.on is not None:
        return carry_on(args.folder, args, _on_ray(args))
    if args.piece is None:
        return carry_on(args.folder, args)
    try:
        share = Share.parse(args.piece)
    except NoShare as error:
        complain(str(error))
        return error.exit_status
    return carry_on(args.folder, args, lambda wanted, hear: run_share(args.folder, share, wanted, hear), share)


def _on_ray(args: argparse.Namespace) -> Run:
    """The way of a job on a Ray cluster; Ray itself is loaded once the job runs."""
    from ..ray.job import run_on
    from ..worker.pool.crew import Rules

    rules = Rules() if args.retries is None else Rules(retries=args.retries)
    return lambda wanted, hear: run_on(args.folder, args.on, wanted, hear, args.workers or 0, args.gpu, rules)
