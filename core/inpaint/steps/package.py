"""What goes with the film: out/grid.mp4, out/report.html, out/manifest.json, and a proof of what was not touched."""

from __future__ import annotations

from typing import Any

import numpy as np

from ...media.info import ReadOptions
from ...media.plates import Form, PictureInfo, PlateOptions, open_plates
from ...media.write import WriteSettings
from ..finish import OUT, Finish, output_rel
from ..package.grid import cell_wh, grid
from ..package.manifest import manifest, settings
from ..package.page import page
from ..package.proof import proof_of
from ..package.trios import trios
from ..project import Project
from ..project.atomic import json_bytes, read_json
from .bench import Bench
from .filming import Timed, write_film
from .step import Step

GRID, REPORT, MANIFEST = f"{OUT}/grid.mp4", f"{OUT}/report.html", f"{OUT}/manifest.json"
_ANEW = "The film is larger than the shot: all of its pixels were made anew."


def _given(project: Project) -> Any:
    return settings(project)


def _run(bench: Bench) -> None:
    project = bench.project
    if project.config.output.grid:
        _grid(bench)
    proof = _proof(bench)
    if proof.get("alike") and proof["worst"] > 0:
        bench.tell(f"outside the mask the film differs from the shot by up to {proof['worst']:g}: its codec is lossy")
    body = manifest(project, _made(bench), proof, _notes(project))
    checks = body["checks"]
    shown = trios(project, [row["keyframe"] for row in body["keyframes"]], [row["keyframe"] for row in checks if row["flagged"]])
    bench.save_bytes(REPORT, page(body, shown).encode("utf-8"))
    bench.save_bytes(MANIFEST, json_bytes(body))


def _made(bench: Bench) -> dict[str, str]:
    """SHA-256 of the films and the grid, by their places."""
    project = bench.project
    found: dict[str, str] = {}
    for step in ("video", "interpolate"):
        files = read_json(project.path("state", "files", f"{step}.json"), {})
        found |= {rel: one["sha256"] for rel, one in files.items() if project.path(rel).exists()}
    return {**dict(sorted(found.items())), **{rel: one.sha256 for rel, one in bench.made.items() if rel == GRID}}


def _notes(project: Project) -> dict[str, list[str]]:
    """What the steps said; the project's place on this disk is left out."""
    state = read_json(project.path("state", "steps.json"), {})
    here = str(project.root)
    return {name: [text.replace(here, ".") for text in done.get("notes", ())] for name, done in state.items() if name != "package"}


def _proof(bench: Bench) -> dict[str, Any]:
    project = bench.project
    if project.config.upscale.times > 1:
        return {"alike": False, "why": _ANEW}
    table = project.config.input
    path = str(project.path(output_rel(project)))
    as_stored = PlateOptions(ReadOptions(rate=table.rate), upright=False)
    with project.plates(upright=False) as shot, open_plates(path, as_stored) as film:
        return proof_of(shot, film, project.span, project.mask, bench.progress.part(0.6, 0.3)).to_json()


def _grid(bench: Bench) -> None:
    project = bench.project
    finish, pts = Finish(project), project.pts
    look = project.look
    wide, high = cell_wh(finish.frames.size_hw)
    with project.plates() as plates:
        source = plates.info
    info = PictureInfo(2 * wide, 2 * high, Form("yuv", 8, sub_wh=(2, 2)), source.rate, source.time_base, frames=len(pts))

    def pictures(begin: int) -> Timed:
        for at in range(begin, len(pts)):
            bench.progress.at(0.6 * at / len(pts), "before and after")
            number = project.span[at]
            before, after, mask = finish.of(number)
            yield np.ascontiguousarray(grid(look.seen(before), look.seen(after), mask, f"{number}")), pts[at], None

    write_film(bench, GRID, info, pictures, WriteSettings(codec="h264", quality="standard"), [], quiet=True)


STEP = Step(
    "package", "packing", ("extract", "mask", "keyframes", "select", "composite", "check", "enhance", "upscale", "video", "interpolate"), _run,
    given=_given,
)  # fmt: skip
