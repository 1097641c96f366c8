"""One measurement, and how it is taken."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from statistics import median
from typing import Any


@dataclass(frozen=True)
class Figure:
    """``value`` in ``unit`` over ``n`` things; ``ratio``: our time over that of ``against``, in this run.

    A ratio of 3 says: three times as long as that. Below 1 it is quicker.
    """

    name: str
    value: float
    unit: str
    ratio: float
    against: str
    n: int

    def as_dict(self) -> dict[str, Any]:
        rounded = float(f"{self.value:.4g}")
        return {
            "name": self.name,
            "value": int(rounded) if rounded >= 1000 else rounded,
            "unit": self.unit,
            "ratio": float(f"{self.ratio:.3g}"),
            "against": self.against,
            "n": self.n,
        }


def seconds(work: Callable[[], object], times: int = 3) -> float:
    """Median wall time of ``work``; a first, untimed round warms caches where there are several."""
    if times > 1:
        work()
    taken = []
    for _ in range(times):
        started = time.perf_counter()
        work()
        taken.append(time.perf_counter() - started)
    return median(taken)
