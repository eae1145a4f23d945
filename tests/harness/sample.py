"""Long sweeps: run whole by `make sweep`, sampled otherwise."""

import os
from collections.abc import Sequence
from typing import TypeVar

from hypothesis import HealthCheck, settings

WHOLE = bool(os.environ.get("SAFE_ROLLBACK_SWEEP"))

T = TypeVar("T")


def sampled(cases: Sequence[T], count: int) -> Sequence[T]:
    """All cases in a sweep; else about `count`, spread evenly, the first and the last among them."""
    if WHOLE or len(cases) <= count:
        return cases
    step = (len(cases) - 1) / max(1, count - 1)
    return [cases[round(position * step)] for position in range(count)]


def examples(count: int) -> settings:
    """So many generated cases, the same at each run; in a sweep twenty times as many, new ones each time."""
    return settings(
        max_examples=count * 20 if WHOLE else count,
        deadline=None,
        derandomize=not WHOLE,
        suppress_health_check=list(HealthCheck),
    )
