"""What would move a segment: a target is chosen, and the smallest set of changed answers is shown."""

from dataclasses import dataclass
from typing import Any

from django.http import HttpResponse
from django.shortcuts import render

from connected.models import Segment
from connected.permissions import Asked, see_segment
from matrix.findings import moves as findings
from matrix.findings.segment import consent_note
from matrix.proofs import Proof, proof_of, ways_of
from matrix.queries import pages
from matrix.queries.earns import earned
from matrix.scoring import (
    ARCHETYPES,
    ARCHITECTURES,
    QUADRANTS,
    RELATIONSHIPS,
    Move,
    Outcome,
    Reached,
    Target,
    Ways,
    wished,
)


@dataclass(frozen=True)
class Pick:
    """A target that can be chosen. `here`: it stands there now; `also`: present there, not leading."""

    code: str
    name: str
    line: str
    picked: bool
    here: bool
    also: bool = False


@dataclass(frozen=True)
class Line:
    """One changed answer: today, then, and what would earn it."""

    item: str
    title: str
    today: str
    then: str
    gives_up: bool
    earning: str


@dataclass(frozen=True)
class Route:
    """A way as a page lays it out."""

    headline: str
    explained: str
    lines: tuple[Line, ...]
    figures: tuple[tuple[str, str, str], ...]
    today: str
    then: str
    steps: float


def moves(request: Asked, workspace: str, segment: int) -> HttpResponse:
    """A page of its own; to htmx only the part that changes, to stand inside the segment's page."""
    row = see_segment(request.actor, segment)
    inside = bool(request.htmx)
    context = {"actor": request.actor, "segment": row, "firm": row.firm, "inside": inside}
    context |= _context(row, request.GET.get("to", ""))
    return render(request, "matrix/parts/moves.html" if inside else "matrix/moves.html", context)


def _context(row: Segment, asked: str) -> dict[str, Any]:
    placement = pages.in_force(row)
    if placement is None:
        return {"placement": None}
    proof = proof_of(placement)
    found = proof.receipt.outcome
    wrong = ""
    try:
        target = Target.named(asked) if asked else wished(found)
    except ValueError as error:
        target, wrong = wished(found), str(error)
    ways, building = ways_of(proof, target, row.consent)
    return {
        "placement": placement,
        "wrong": wrong,
        "route": _route(proof, ways),
        "other": _route(proof, building) if building and building.reached is Reached.FOUND else None,
        "other_headline": findings.building(building),
        "consent_note": consent_note(row.consent),
        "matrix": _matrix(found, target),
        "quadrants": [
            Pick(code, f"{code} {each.name}", each.gloss, target.code == code, found.quadrant == code)
            for code, each in QUADRANTS.items()
        ],
        "columns": list(ARCHITECTURES.values()),
    }


def _matrix(found: Outcome, target: Target) -> list[tuple[str, list[Pick]]]:
    """Rows of the matrix to choose from."""
    here = (found.primary_relationship, found.primary_architecture)
    return [
        (
            row.name,
            [
                Pick(
                    f"{code}-{column}",
                    f"{row.name} × {ARCHITECTURES[column].name.lower()}",
                    ARCHETYPES[code, column].line,
                    target.code == f"{code}-{column}",
                    here == (code, column),
                    (code, column) in found.cells,
                )
                for column in ARCHITECTURES
            ],
        )
        for code, row in RELATIONSHIPS.items()
    ]


def _route(proof: Proof, ways: Ways) -> Route:
    before = proof.receipt.outcome
    return Route(
        findings.headline(ways),
        findings.explained(ways),
        tuple(_line(proof, move) for move in ways.moves),
        tuple(findings.figures(before, ways.then, ways.target)),
        findings.place(before, ways.target),
        findings.place(ways.then, ways.target),
        ways.steps,
    )


def _line(proof: Proof, move: Move) -> Line:
    by = earned(proof.questionnaire, move.item, move.after)
    return Line(
        move.item,
        proof.questionnaire.item(move.item).title,
        findings.today(move),
        findings.then(move),
        move.gives_up,
        findings.earning(move, by.text, by.where),
    )
