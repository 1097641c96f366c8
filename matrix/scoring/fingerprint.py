"""What a score was reckoned from, as sixteen digits: same inputs under the same model give the same ones."""

from hashlib import sha256

import numpy as np
from numpy.typing import NDArray

from matrix.scoring.agreement import LEVELS
from matrix.scoring.model import Model


def fingerprint(
    row: NDArray[np.uint16],
    model: Model,
    raters: int,
    asked: NDArray[np.bool_] | None = None,
    derived: NDArray[np.float64] | None = None,
) -> str:
    """Sixteen hexadecimal digits that stand for these inputs under this model."""
    asked_of = np.ones(model.width, dtype=bool) if asked is None else asked
    instead = None if derived is None else derived[None]
    return fingerprints(row[None], model, np.array([raters]), asked_of[None], instead)[0]


def fingerprints(
    hist: NDArray[np.uint16],
    model: Model,
    raters: NDArray[np.int64],
    asked: NDArray[np.bool_],
    derived: NDArray[np.float64] | None = None,
) -> list[str]:
    """The same for tallies (n, items, 5), raters (n,), asked and derived (n, items)."""
    begun = sha256(model.fingerprint.encode())
    whole = np.concatenate(
        [
            np.ascontiguousarray(hist.reshape(len(hist), model.width * LEVELS), dtype="<u2").view(np.uint8),
            np.ascontiguousarray(raters[:, None], dtype="<i8").view(np.uint8),
            np.packbits(asked, axis=1),
        ],
        axis=1,
    )
    width, rows, found = whole.shape[1], memoryview(whole.tobytes()), []
    stands_in = [False] * len(hist) if derived is None else (derived == derived).any(axis=1).tolist()
    for at, other in zip(range(0, len(rows), width), stands_in, strict=True):
        digest = begun.copy()
        digest.update(rows[at : at + width])
        if other and derived is not None:
            digest.update(np.ascontiguousarray(derived[at // width], dtype="<f4").tobytes())
        found.append(digest.hexdigest()[:16])
    return found
