"""`python -m benchmarks.fitting`: fit the `confidence` part of a scoring model; JSON on stdout.

For whoever changes weights, gates or cuts: put what it prints into the next version of the model's file, then
`python -m benchmarks calibration` says how well the claims hold in rooms the fit has not seen. Two steps. How
much raters differ: each number of `scales` and `choices` is moved up and down for as long as the likelihood
of what came out right rises. Then the curves: of all that never fall, those with the smallest squared
difference between claim and what came out.
"""

import argparse
import json
import sys
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from assessments.instrument import SCALE_MAX, Instrument
from benchmarks.calibration import MODEL, Claims, claims, shipped
from benchmarks.workshops import FITTED, Simulated, simulated
from matrix.scoring import Model
from matrix.scoring.calibration import Calibration, Curve, Noise

Floats = NDArray[np.float64]

SEED: Final = 1
KNOTS: Final = tuple(step / 10 for step in range(11))
_AS_RECKONED: Final = Curve((0.0, 1.0), (0.0, 1.0), (0.0, 1.0))
_START: Final = Calibration(
    Noise(0.7, 30.0, 8.0, 0.25, 1.6, 1.2), Noise(0.3, 8.0, 2.0, 0.6, 0.2, 0.4), _AS_RECKONED, _AS_RECKONED
)
# No claim is surer than the first; with one rater alone, than the second. A curve with little to go by stays
# near what was reckoned.
_MOST: Final = 0.99
_MOST_OF_ONE: Final = 0.95
_PULL: Final = 1e-3


def fitted(instrument: Instrument, model: Model, segments: int, sweeps: int = 4) -> dict[str, Any]:
    """The `confidence` part for this model, ready for its file."""
    rooms = simulated(SEED, segments, FITTED, instrument, model)
    calibration = _scattered(model, rooms, sweeps)
    cell, quadrant = claims(rooms, replace(model, confidence=calibration))
    return {
        "scales": asdict(calibration.scales),
        "choices": asdict(calibration.choices),
        "cell": curve(cell),
        "quadrant": curve(quadrant),
    }


def _scattered(model: Model, rooms: Simulated, sweeps: int) -> Calibration:
    found, best = _START, _surprise(_START, model, rooms)
    for sweep in range(sweeps):
        step = 1 + 0.5 / 2**sweep
        for kind in ("scales", "choices"):
            for name in asdict(getattr(found, kind)):
                for by in (step, 1 / step):
                    tried = _moved(found, kind, name, by, model)
                    if (surprise := _surprise(tried, model, rooms)) < best - 1e-6:
                        found, best = tried, surprise
        print(f"sweep {sweep + 1}: {best:.5f}", file=sys.stderr)
    return found


def _moved(now: Calibration, kind: str, name: str, by: float, model: Model) -> Calibration:
    noise = getattr(now, kind)
    top = {"together": 1.0}.get(name, SCALE_MAX if kind == "scales" else 1.0)
    if "pooling" in name:
        top = 1000.0
    moved = float(f"{min(getattr(noise, name) * by, top):.3g}")
    return replace(now, **{kind: replace(noise, **{name: moved})})


def _surprise(calibration: Calibration, model: Model, rooms: Simulated) -> float:
    """Minus the mean logarithm of what was reckoned for what came out, cell and quadrant together."""
    total = 0.0
    for made in claims(rooms, replace(model, confidence=calibration)):
        held = np.where(made.right, made.claimed, 1 - made.claimed)
        total -= float(np.log(np.clip(held, 0.01, None)).mean())
    return total


def curve(made: Claims) -> dict[str, list[float]]:
    """The two curves through `KNOTS` that never fall and miss least, by projected gradients."""
    knots, size = np.array(KNOTS), len(KNOTS)
    hats = np.stack([np.interp(made.claimed, knots, row) for row in np.eye(size)], axis=1)
    share = 1 / made.answers[:, None]
    weights = np.hstack([hats * share, hats * (1 - share)])
    aim = np.concatenate([np.minimum(knots, _MOST_OF_ONE), np.minimum(knots, _MOST)])
    square = weights.T @ weights / len(weights) + _PULL * np.eye(2 * size)
    drawn = weights.T @ made.right / len(weights) + _PULL * aim
    step, now = 1 / float(np.linalg.eigvalsh(square)[-1]), aim
    for _ in range(20_000):
        moved = now - step * (square @ now - drawn)
        now = np.concatenate([rising(moved[:size], _MOST_OF_ONE), rising(moved[size:], _MOST)])
    one, many = (np.round(half, 3).tolist() for half in (now[:size], now[size:]))
    return {"reckoned": list(KNOTS), "one": one, "many": many}


def rising(values: Floats, most: float) -> Floats:
    """The nearest values that never fall, from 0 to the most (pool adjacent violators)."""
    runs: list[tuple[float, int]] = []
    for value in values.tolist():
        runs.append((value, 1))
        while len(runs) > 1 and runs[-2][0] > runs[-1][0]:
            (high, before), (low, after) = runs[-2], runs[-1]
            runs[-2:] = [((high * before + low * after) / (before + after), before + after)]
    flat = np.concatenate([np.full(count, value) for value, count in runs])
    found: Floats = np.clip(flat, 0.0, most)
    return found


def main() -> None:
    asked = argparse.ArgumentParser(
        prog="python -m benchmarks.fitting", description=(__doc__ or "").splitlines()[0]
    )
    asked.add_argument("--segments", type=int, default=30_000)
    asked.add_argument(
        "--model", type=Path, default=MODEL, help="file of the scoring model (default: shipped)"
    )
    said = asked.parse_args()
    json.dump(fitted(*shipped(said.model), said.segments), sys.stdout, indent=2)


if __name__ == "__main__":
    main()
