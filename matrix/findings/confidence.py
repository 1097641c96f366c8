"""How sure a placement is and how robust, in sentences a person reads correctly without statistics."""

from typing import Final

from matrix.findings.words import capital, number
from matrix.scoring import ARCHITECTURES, BASELINE, QUADRANTS, RELATIONSHIPS, Outcome
from matrix.scoring.robust import Cell, Robust, Stability

MEANING: Final = (
    "This often, many more people asked the same would put it there too; tried on simulated workshops."
)

UNTRIED: Final = "How sure this is cannot be said: its model has not been calibrated for it."


def in_ten(share: float) -> str:
    """About 7 in 10; the ends said as what they are, never as nought or certain."""
    if share >= 0.95:
        return "more than 9 in 10"
    tenths = round(10 * share)
    return f"about {tenths} in 10" if tenths else "less than 1 in 10"


def sure(found: Outcome) -> str:
    """The confidence of a placement as one sentence; empty when there is none."""
    cell, quadrant = found.confidence_cell, found.confidence_quadrant
    said = []
    if cell is not None:
        said.append(f"{in_ten(cell)} for the cell")
    if quadrant is not None:
        said.append(f"{in_ten(quadrant)} for the quadrant")
    return f"Confidence: {', '.join(said)}." if said else ""


def short(found: Outcome) -> str:
    """That of the cell alone, for lists; empty when there is none."""
    return "" if found.confidence_cell is None else f"Confidence {in_ten(found.confidence_cell)}"


def headline(robust: Robust) -> str:
    """What shaking says, at its weakest."""
    held = [
        share
        for each in (robust.weights, robust.raters)
        if each is not None
        for share in (each.cell, each.quadrant)
        if share is not None
    ]
    if not held:
        return "Too little is answered to try how robust it is"
    if min(held) >= 0.95:
        return "It stays where it is"
    return "It mostly stays where it is" if min(held) >= 0.7 else "It may well stand elsewhere"


def weights_said(robust: Robust) -> tuple[str, ...]:
    """What other weights would do."""
    return _said(robust.weights, robust.draws, "With every weight up to a fifth more or less")


def raters_said(robust: Robust) -> tuple[str, ...]:
    """What other raters would do."""
    if robust.raters is None:
        return ("With so few raters there is nobody to draw anew: what others would say cannot be tried.",)
    return _said(robust.raters, robust.draws, "With as many raters drawn anew from these answers")


def _said(found: Stability, draws: int, lead: str) -> tuple[str, ...]:
    said = []
    if found.cell is not None:
        kept = f"{lead}, the cell stays the same in {_times(found.cell, draws)}"
        said.append(
            kept + (f"; else it is most often {cell_words(found.cell_else[0])}." if found.cell_else else ".")
        )
        lead = "The quadrant"
    else:
        lead = f"{lead}, the quadrant"
    if found.quadrant is not None:
        kept = f"{lead} stays the same in {_times(found.quadrant, draws)}"
        where = QUADRANTS[found.quadrant_else[0]].name.lower() if found.quadrant_else else ""
        said.append(kept + (f"; else it is most often {where}." if where else "."))
    return tuple(said) or ("Too little is answered to say.",)


def _times(share: float, draws: int) -> str:
    often = round(share * draws)
    return f"all {draws} draws" if often == draws else f"{often} of {draws} draws"


def cell_words(cell: Cell) -> str:
    """curated offering × connected producer."""
    row = RELATIONSHIPS[cell[0]].name.lower() if cell[0] else BASELINE
    return f"{row} × {ARCHITECTURES[cell[1]].name.lower() if cell[1] else 'mixed supply'}"


def ellipse_note(drawn: int) -> str:
    """What the ellipses on a quadrant plot say; empty without any."""
    if not drawn:
        return ""
    what = "The ellipse shows" if drawn == 1 else f"{capital(number(drawn))} ellipses show"
    return (
        f"{what} how far off a point near a line may be: had many more people answered, two in three such "
        "points would lie inside theirs."
    )
