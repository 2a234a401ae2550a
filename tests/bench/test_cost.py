"""The model of costs: lines through points, and a table that follows from them by hand."""

from __future__ import annotations

import pytest

from genlock.bench.cost_model import FPS, MEGAPIXELS, Costs, Line, rows


def test_a_line_goes_through_points_of_one() -> None:
    line = Line.through([(0.25, 1.5), (1.0, 3.0), (2.0, 5.0)])
    assert (line.base_s, line.a_megapixel_s) == (pytest.approx(1.0), pytest.approx(2.0))
    assert line.at(3.0) == pytest.approx(7.0)


def test_no_part_of_it_is_below_zero() -> None:
    rising = Line.through([(1.0, 1.0), (2.0, 4.0)])  # through the origin: slope (1 + 8) / (1 + 4)
    assert (rising.base_s, rising.a_megapixel_s) == (0.0, pytest.approx(1.8))
    assert Line.through([(1.0, 4.0), (2.0, 2.0)]) == Line(3.0, 0.0)
    assert Line.through([(1.0, 0.0), (2.0, 0.0)]) == Line(0.0, 0.0)


def test_the_table() -> None:
    second = Line(0.0, 1 / MEGAPIXELS)  # a second of one core for each frame
    costs = Costs({"h264": second}, second, 0.5, second, second, 1000.0)
    _, film, season, archive = rows(costs)
    frames = 2 * 3600 * FPS
    assert film[1:6] == ("96", "96", "24", "48", "0.036")  # both versions decoded and analysed, one solved and rendered
    assert film[6] == f"{2 * frames * 1000 / 1e9:.3g}"
    eager = rows(Costs({"h264": second}, second, 0.5, second, second, 50_000.0))[1]
    assert eager[6] == f"{2 * frames * 10_000 / 1e9:.3g}"  # of long films smaller pictures are kept
    assert season[1:4] == ("432", "432", "108")
    assert archive[1:6] == ("-", "2,400,000", "-", "-", "450")
    assert archive[6] == "120"
