"""When a warm-up is over: a table of blocks."""

import pytest

from llenergymeasure.measurement.warmup import is_steady
from llenergymeasure.results.schema import Block


def blocks(
    times: list[float], powers: list[float] | None = None, heat: list[float] | None = None
) -> list[Block]:
    return [
        Block(
            passes=1,
            seconds_per_pass=seconds,
            power_w=powers[index] if powers else None,
            temperature_c=heat[index] if heat else None,
        )
        for index, seconds in enumerate(times)
    ]


NOISY = [1.2, 0.9, 1.1, 1.0, 0.95, 1.05, 1.1, 0.9]


@pytest.mark.parametrize(
    ("blocks", "steady"),
    [
        (blocks([]), False),
        (blocks([1.0, 1.0, 1.0]), False),  # the first is not looked at
        (blocks([5.0, 1.0, 1.0, 1.0]), True),
        (blocks([5.0, 1.0, 1.01, 1.02]), True),
        (blocks([5.0, 1.0, 1.0, 1.05]), False),
        (blocks([5.0, 3.0, 1.0, 1.0, 1.0]), True),
        (blocks([5.0, *NOISY]), True),  # noise, but no trend
        (blocks([5.0, *sorted(NOISY)]), False),
        (blocks([1.0] * 4, powers=[100, 300, 300, 300]), True),
        (blocks([1.0] * 4, powers=[100, 250, 280, 300]), False),
        (blocks([1.0] * 4, heat=[40, 60, 60.5, 61]), True),
        (blocks([1.0] * 4, heat=[40, 50, 55, 60]), False),
    ],
)
def test_when_a_warm_up_is_over(blocks: list[Block], steady: bool) -> None:
    assert is_steady(blocks) is steady
