"""When coded pictures are decoded: worked out anew for the whole film, since each piece counted from its own beginning."""

from __future__ import annotations

from collections.abc import Sequence


def decoding_times(pts: Sequence[int], step: int) -> list[int]:
    """For each packet in the order of decoding, a time that rises and comes no later than the picture is shown.

    pts   when they are shown, all different
    step  ticks of a frame: pictures that are shown later than they are decoded need so much of a lead for each

    The k-th packet is decoded when the picture shown as number k - d is due, d being how far any packet comes ahead of its turn.
    """
    shown = sorted(pts)
    turn = {time: k for k, time in enumerate(shown)}
    ahead = max((k - turn[time] for k, time in enumerate(pts)), default=0)
    return [shown[k - ahead] if k >= ahead else shown[0] - (ahead - k) * step for k in range(len(pts))]
