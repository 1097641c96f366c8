"""One measurement, and how it is taken."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from statistics import median
from typing import Any


@dataclass(frozen=True)
class Figure:
    """``value`` in ``unit`` over ``n`` things; ``ratio``: our time over that of ``against``, in this run.

    A ratio of 3 says: three times as long as that. Below 1 it is quicker. None: not measured, ``against``
    says why.
    """

    name: str
    value: float | None
    unit: str
    ratio: float | None
    against: str
    n: int

    failed: bool = False

    @classmethod
    def failure(cls, group: str, error: Exception) -> "Figure":
        """A group that ended early, and why."""
        return cls(
            f"{group}: failed", None, "", None, f"{type(error).__name__}: {error}"[:300], 0, failed=True
        )

    def as_dict(self) -> dict[str, Any]:
        return {
            "name": self.name,
            "value": _rounded(self.value, 4),
            "unit": self.unit,
            "ratio": _rounded(self.ratio, 3),
            "against": self.against,
            "n": self.n,
        }


def _rounded(value: float | None, digits: int) -> float | int | None:
    if value is None:
        return None
    rounded = float(f"{value:.{digits}g}")
    return int(rounded) if rounded >= 1000 else rounded


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
