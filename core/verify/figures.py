"""What a verification found: claims that hold, fail or cannot be told, with the figures behind them."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from enum import Enum
from typing import Any

from ..alignment import Verdict


class State(str, Enum):
    """What became of a claim."""

    HOLDS = "holds"
    FAILS = "fails"
    OPEN = "cannot be told"


@dataclass(frozen=True)
class Claim:
    """One thing that the alignment says of one ref frame."""

    kind: str
    """match: this clip frame shows this ref frame; frame: it and not its neighbours; place: it lies where the matrix says;
    missing: no clip frame shows it."""
    ref_frame: int
    state: State
    words: str
    """Why, in a clause."""


@dataclass(frozen=True)
class Seen:
    """What was measured at one ref frame."""

    ref_frame: int
    clip_frame: int | None
    """As claimed; None where the ref frame is claimed to be missing."""
    correlation: float
    """Of the two pictures' detail where the clip is placed, -1 to 1; of a missing frame, that of the best candidate."""
    lead: float | None
    """By how much the claimed frame correlates better than the best of its neighbours, where the two differ; None without one."""
    rival: int | None
    """That neighbour, or a missing frame's best candidate."""
    shift_px: tuple[float, float] | None
    """Median shift, right and down, of the clip's content from where it should be, in ref pixels; None where nothing could be measured."""
    residual_px: float | None
    """Median length of the patches' shifts, in ref pixels."""
    residual_p95_px: float | None
    patches: int
    claims: tuple[Claim, ...]


@dataclass(frozen=True)
class RunCheck:
    """One run, over all its samples."""

    number: int
    """Counted from 1."""
    ref_first: int
    ref_count: int
    verdict: Verdict
    seen: tuple[Seen, ...]
    correlation: float | None
    """Median over the samples."""
    shift_px: tuple[float, float] | None
    residual_px: float | None
    residual_p95_px: float | None
    limit_px: float | None
    """A median residual above this fails."""

    @property
    def claims(self) -> tuple[Claim, ...]:
        """Of all samples."""
        return tuple(claim for seen in self.seen for claim in seen.claims)

    @property
    def state(self) -> State:
        """Fails where one claim does; holds where one holds and none fails."""
        states = {claim.state for claim in self.claims}
        return State.FAILS if State.FAILS in states else State.HOLDS if State.HOLDS in states else State.OPEN


@dataclass(frozen=True)
class Verification:
    """The whole pass."""

    runs: tuple[RunCheck, ...]
    changed: tuple[str, ...] = ()
    """Files whose content is not what was aligned."""
    unlooked: int = 0
    """Runs that no sample fell on."""
    version: str = ""

    @property
    def holds(self) -> bool:
        """No claim fails, something was looked at, and neither file has changed.

        Where nothing can be told, two black files for one, nothing speaks against the alignment: that holds too, and lines() says so.
        """
        return bool(self.runs) and not self.changed and all(run.state is not State.FAILS for run in self.runs)

    def count(self, state: State) -> int:
        """How many claims are in a state."""
        return sum(claim.state is state for run in self.runs for claim in run.claims)

    def to_json(self) -> dict[str, Any]:
        """A plain dictionary."""
        return {
            "genlock_verification": 1,
            "version": self.version,
            "holds": self.holds,
            "claims": {state.value: self.count(state) for state in State},
            "changed": list(self.changed),
            "unlooked": self.unlooked,
            "runs": [_run_json(run) for run in self.runs],
        }

    def lines(self) -> list[str]:
        """For people: the outcome, then a line a run, then what fails."""
        out = [self._headline()]
        out += [f"{path} has changed since it was aligned" for path in self.changed]
        out += [_run_line(run) for run in self.runs]
        out += [f"ref frame {claim.ref_frame}: {claim.words}" for run in self.runs for claim in run.claims if claim.state is State.FAILS]
        if self.unlooked:
            out.append(f"{self.unlooked} runs were not looked at; ask for more samples")
        return out

    def _headline(self) -> str:
        held, failed, left = (self.count(state) for state in (State.HOLDS, State.FAILS, State.OPEN))
        said = f"{held} claims hold, {failed} fail, {left} cannot be told"
        if self.holds:
            return f"The alignment holds: {said}." if held else f"Nothing speaks against the alignment, and nothing for it: {said}."
        if self.changed and not failed:
            return f"The alignment is of other files than these: {said}."
        return f"The alignment does not hold: {said}."


def _run_json(run: RunCheck) -> dict[str, Any]:
    body = asdict(run)
    body["verdict"] = run.verdict.value
    body["state"] = run.state.value
    for seen in body["seen"]:
        for claim in seen["claims"]:
            claim["state"] = claim["state"].value
    return body


def _run_line(run: RunCheck) -> str:
    where = f"run {run.number}, ref {run.ref_first}-{run.ref_first + run.ref_count - 1}, {run.verdict.value}: {run.state.value}"
    said = [f"{len(run.seen)} frames looked at"]
    if run.verdict is not Verdict.UNMATCHED and run.correlation is not None:
        said.append(f"correlation {run.correlation:.3f}")
    if run.residual_px is not None and run.residual_p95_px is not None:
        said.append(f"off by {run.residual_px:.2f} px in the median, {run.residual_p95_px:.2f} px at the 95th percentile")
    open_frames = sum(claim.state is State.OPEN and claim.kind == "frame" for claim in run.claims)
    if open_frames:
        said.append(f"{open_frames} look like their neighbours")
    return f"{where}; {', '.join(said)}"
