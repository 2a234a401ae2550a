"""Sums that do not depend on threads."""

from __future__ import annotations

import pytest
import torch

from genlock.core.space.flow.sums import total


@pytest.mark.parametrize("shape", [(1, 2, 3, 5), (1, 2, 131, 251), (1, 2, 270, 481)])
def test_the_same_with_any_number_of_threads(shape: tuple[int, ...]) -> None:
    values = torch.rand(shape, generator=torch.Generator().manual_seed(3)) - 0.3
    before, found = torch.get_num_threads(), set()
    try:
        for threads in (1, 2, 3, 8):
            torch.set_num_threads(threads)
            found.add(float(total(values)))
    finally:
        torch.set_num_threads(before)
    assert len(found) == 1
    assert found.pop() == pytest.approx(float(values.double().sum()), rel=1e-5)
