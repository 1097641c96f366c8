"""The matrix: many placements as 4×5 cells, and the quadrant's points."""

from math import isnan
from typing import Any, Final

from django.db.models import QuerySet
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import exceptions
from rest_framework.request import Request
from rest_framework.response import Response

from connected.api.resources import Listed
from connected.permissions import Actor
from matrix.api.filters import PlacementFilters, find
from matrix.api.shapes import MatrixBody
from matrix.models import StandingPlacement
from matrix.permissions import visible_placements
from matrix.queries.heat import Field, read_rows
from matrix.scoring import ARCHITECTURES, NONE_PRESENT, QUADRANTS, RELATIONSHIPS, Heat, Weight, heat

MOST_POINTS: Final = 5000


class MatrixViews(Listed):
    model = StandingPlacement
    serializer_class = MatrixBody
    filterset_class = PlacementFilters
    pagination_class = None
    parameters = (*PlacementFilters.base_filters, "weight")

    def visible(self, actor: Actor) -> "QuerySet[Any]":
        return visible_placements(actor)

    @extend_schema(
        tags=["Placements"],
        summary="Read the matrix",
        description="Counts and levels of the 4×5 cells and the points of the quadrant, over the placements "
        "in force that match.",
        parameters=[
            OpenApiParameter(
                "weight", str, enum=list(Weight), description="What a segment counts by in levels; nothing."
            ),
        ],
        filters=True,
        responses=MatrixBody,
    )
    def read_matrix(self, request: Request) -> Response:
        word = request.query_params.get("weight", Weight.NOTHING)
        if word not in list(Weight):
            raise exceptions.ValidationError({"weight": f"Give one of {', '.join(Weight)}."})
        field = read_rows(find(request).rows)
        return Response(_body(field, heat(field.places(Weight(word))), word))


def _body(field: Field, picture: Heat, weight: str) -> dict[str, Any]:
    quadrants = {code: int((field.quadrant == at).sum()) for at, code in enumerate(QUADRANTS, 1)}
    return {
        "weight": weight,
        "segments": len(field),
        "standing": _standing(field),
        "baseline": int((field.row == NONE_PRESENT).sum()),
        "mixed": picture.mixed,
        "unplaced": picture.unplaced,
        "unweighted": picture.unweighted,
        "cells": [
            _cell(picture, row, at) for row in range(len(RELATIONSHIPS)) for at in range(len(ARCHITECTURES))
        ],
        "quadrants": {**quadrants, "unknown": len(field) - sum(quadrants.values())},
        "points": [_point(field, at) for at in range(min(len(field), MOST_POINTS))],
        "points_left_out": max(0, len(field) - MOST_POINTS),
    }


def _standing(field: Field) -> dict[str, int]:
    """Every segment once."""
    baseline = field.row == NONE_PRESENT
    cells = (field.row >= 0) & (field.column >= 0)
    mixed = ~baseline & (field.column == NONE_PRESENT)
    return {
        "cells": int(cells.sum()),
        "baseline": int(baseline.sum()),
        "mixed": int(mixed.sum()),
        "unknown": int((~(baseline | cells | mixed)).sum()),
    }


def _cell(picture: Heat, row: int, at: int) -> dict[str, Any]:
    return {
        "relationship": list(RELATIONSHIPS)[row],
        "architecture": list(ARCHITECTURES)[at],
        "segments": int(picture.segments[row, at]),
        "present": int(picture.present[row, at]),
        "level": _known(picture.level[row, at]),
        "counted": int(picture.counted[row, at]),
        "raters": int(picture.raters[row, at]),
        "weight": float(picture.weight[row, at]),
        "agreement": _known(picture.agreement[row, at]),
        "too_few": bool(picture.too_few[row, at]),
    }


def _point(field: Field, at: int) -> dict[str, Any]:
    quadrant = int(field.quadrant[at])
    return {
        "segment": int(field.ids[at]),
        "firm": int(field.firms[at]),
        "interact": _known(field.interact[at]),
        "customize": _known(field.customize[at]),
        "quadrant": f"Q{quadrant}" if quadrant else None,
        "borderline": bool(field.borderline[at]) if quadrant else None,
    }


def _known(value: float) -> float | None:
    return None if isnan(value) else float(value)
