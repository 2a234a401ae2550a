"""Take something out of a shot, or change it, step by step; what is done is never done twice.

  genlock inpaint init shot010 --video plate.mov --mask matte.mov     make a project
  genlock inpaint run shot010                                         run it; again, and only what changed is made anew
  genlock inpaint shot010                                             the same
  genlock inpaint status shot010                                      what is done, and what waits for you
  genlock inpaint pick shot010 24 3                                   of keyframe 24, use the picture of seed 3

The project is a folder: genlock.toml says what is done, and can be edited; out/ holds the film. Without a model the background is found in
the neighbouring frames. With your own Stable Diffusion (A1111, Forge, ComfyUI, diffusers), keyframes are painted and carried with the motion.
"""

from __future__ import annotations

import argparse

from ..worker.options import fields_of
from .parsing import add_common, add_settings, settings_given
from .say import answer, answer_json, tell
from .session import absolute, carry_out

ACTIONS = ("init", "run", "status", "pick")
_MARKS = {"done": "done", "stale": "to be made anew", "todo": "to do", "off": "-"}


def reworded(words: list[str]) -> list[str]:
    """`genlock inpaint PROJECT` runs it."""
    return words if not words or words[0] in ACTIONS or words[0].startswith("-") else ["run", *words]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What the command takes."""
    actions = parser.add_subparsers(dest="action", metavar="|".join(ACTIONS), required=True)
    made = [f for f in fields_of("inpaint") if f.name not in ("begin", "only", "trust")]
    init = actions.add_parser("init", description="Make a project for a shot.")
    init.add_argument("project", metavar="PROJECT", help="a new folder")
    init.add_argument("--video", metavar="V", required=True, help="the shot: a film, or a picture sequence such as plate.%%04d.exr")
    init.add_argument("--mask", metavar="M", default="", help="a matte, white or opaque where the picture changes: a film, a sequence or a still")
    add_settings(init, made)
    add_common(init, job=False)
    run = actions.add_parser("run", description="Run a project, as far as it is not done.")
    run.add_argument("project", metavar="PROJECT", help="the folder")
    run.add_argument("--from", dest="setting_begin", metavar="STEP", help="make this step and all after it anew")
    run.add_argument("--only", dest="setting_only", metavar="STEP", help="this step alone")
    run.add_argument(
        "--trust", dest="setting_trust", action="store_true", default=None, help="run the program that [inpaint.command] names: it will run as you"
    )
    add_common(run)
    status = actions.add_parser("status", description="Which steps are done, and what waits for you.")
    status.add_argument("project", metavar="PROJECT", help="the folder")
    add_common(status, job=False)
    pick = actions.add_parser("pick", description="Say what is used for a keyframe.")
    pick.add_argument("project", metavar="PROJECT", help="the folder")
    pick.add_argument("keyframe", metavar="FRAME", type=int, help="the keyframe, counted from 0, as status lists it")
    pick.add_argument("what", metavar="WHAT", help="a seed that was painted, of several batches SEED@DENOISE; drop; redo, or redo:SEED; clear")
    pick.add_argument("--note", default="", help="for whoever looks at it next")
    add_common(pick, job=False)


def main(args: argparse.Namespace) -> int:
    """Carry it out; returns the exit status."""
    if args.action == "run":
        return carry_out("inpaint", {"project": absolute(args.project)}, [], settings_given(args), args)
    from ..worker import inpaint_picks

    if args.action == "status":
        return _status(inpaint_picks.status(args.project), args)
    if args.action == "init":
        sentence, project = inpaint_picks.init(args.project, args.video, args.mask, settings_given(args))
        return _told(sentence, {"project": str(project.root)}, args)
    return _told(inpaint_picks.pick(args.project, args.keyframe, args.what, args.note), {"project": args.project, "keyframe": args.keyframe}, args)


def _told(sentence: str, figures: dict[str, object], args: argparse.Namespace) -> int:
    if args.json:
        answer_json({"exit_status": 0, "sentence": sentence, **figures})
    elif not args.quiet:
        answer(sentence)
    return 0


def _status(found: dict[str, object], args: argparse.Namespace) -> int:
    if args.json:
        answer_json({"exit_status": 0, **found})
        return 0
    steps, keyframes = found["steps"], found["keyframes"]
    assert isinstance(steps, list) and isinstance(keyframes, list)
    for step in steps:
        if step["state"] != "off":
            answer(f"{step['name']:12} {_MARKS[step['state']]}")
        if not args.quiet:
            for note in step["notes"] if step["state"] == "done" else ():
                tell(f"genlock: note: {note}")
    if keyframes:
        answer("")
        answer(f"{'keyframe':>8}  {'frames':13} {'why':8} {'painted':>7}  said")
    for row in keyframes:
        frames = f"{row['first']} to {row['last']}"
        painted = f"{row['painted']}" + (f", {row['failed']} failed" if row["failed"] else "")
        said = " ".join(filter(None, (row["action"] or "-", row["note"])))
        look = f"; look: {row['look']}" if row["look"] else ""
        answer(f"{row['keyframe']:>8}  {frames:13} {row['why']:8} {painted:>7}  {said}{look}")
    if found["next"]:
        answer("")
        answer(f"next: {found['next']}; genlock inpaint run {args.project}")
    return 0
