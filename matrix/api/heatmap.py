"""The matrix: many placements as 4×5 cells, and the quadrant's points."""

from dataclasses import dataclass
from math import isnan
from typing import Any, Final

from django.db.models import QuerySet
from django.http import HttpResponseBase
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import exceptions
from rest_framework.request import Request
from rest_framework.response import Response

from connected.api.access import actor_of
from connected.api.resources import Listed
from connected.permissions import Actor
from matrix import frames
from matrix.api import etags
from matrix.api.filters import Found, PlacementFilters, find
from matrix.api.shapes import MatrixBody
from matrix.frames.cube import read as read_cube
from matrix.models import StandingPlacement
from matrix.permissions import visible_placements
from matrix.queries.heat import Field, density
from matrix.queries.placements import place_of
from matrix.scoring import ARCHITECTURES, QUADRANTS, RELATIONSHIPS, CellFits, Cube, Heat, Weight

MOST_POINTS: Final = 5000
# What the sums of a workspace can be narrowed to.
_IN_THE_CUBE: Final = {"cell", "quadrant"}


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
        "in force that match. Above 5,000 of them `density` stands for the points.",
        parameters=[
            OpenApiParameter(
                "weight", str, enum=list(Weight), description="What a segment counts by in levels; nothing."
            ),
        ],
        filters=True,
        responses=MatrixBody,
    )
    def read_matrix(self, request: Request) -> HttpResponseBase:
        word = request.query_params.get("weight", Weight.NOTHING)
        if word not in list(Weight):
            raise exceptions.ValidationError({"weight": f"Give one of {', '.join(Weight)}."})
        if known := etags.unchanged(request):
            return known
        found = find(request)
        return Response(_body(_look(request, found), Weight(word)), headers=etags.mark(request, found))


@dataclass(frozen=True)
class _Seen:
    """Sums over all that match; `field` holds them one by one, or nothing where `density` stands for them."""

    cube: Cube
    field: Field | None
    density: list[list[int]] | None


def _look(request: Request, found: Found) -> _Seen:
    """From the workspace's sums where they know what is asked for, else from the rows."""
    if (kept := _kept(request)) is not None:
        is_part = request.query_params.keys() & _IN_THE_CUBE
        return _Seen(kept, None, density(found.rows) if is_part else kept.density.tolist())
    is_some = request.query_params.keys() & {"firm", "segment"} or actor_of(request).firms is not None
    rows = frames.narrowed(found.rows, found.segments) if is_some else found.rows
    summed, field = frames.sum_up(rows, MOST_POINTS)
    return (
        _Seen(summed, None, summed.density.tolist())
        if len(summed) > len(field)
        else _Seen(summed, field, None)
    )


def _kept(request: Request) -> Cube | None:
    """The sums of a workspace the caller sees whole, narrowed to a cell or a quadrant at most.

    None where there are none, where something else is asked, and where points are told one by one.
    """
    asked = request.query_params
    if asked.keys() - {*_IN_THE_CUBE, "weight"} or actor_of(request).firms is not None:
        return None
    if (whole := read_cube()) is None:
        return None
    kept = whole.cube
    if "cell" in asked:
        row, column = place_of(asked["cell"].strip())
        kept = kept.where(lambda groups: groups.stands_in(row, column))
    if "quadrant" in asked:
        at = list(QUADRANTS).index(asked["quadrant"].upper()) + 1
        kept = kept.where(lambda groups: groups.quadrant == at)
    return kept if len(kept) > MOST_POINTS else None


def _body(seen: _Seen, by: Weight) -> dict[str, Any]:
    cube, picture, field = seen.cube, seen.cube.heat(by), seen.field
    quadrants, number, fits = cube.quadrants(), len(cube), cube.fits()
    return {
        "weight": by.value,
        "segments": number,
        "standing": cube.standing(),
        "baseline": cube.baseline,
        "mixed": picture.mixed,
        "unplaced": picture.unplaced,
        "unweighted": picture.unweighted,
        "cells": [
            _cell(picture, fits, row, at)
            for row in range(len(RELATIONSHIPS))
            for at in range(len(ARCHITECTURES))
        ],
        "quadrants": {**quadrants, "unknown": number - sum(quadrants.values())},
        "points": [] if field is None else [_point(field, at) for at in range(len(field))],
        "points_left_out": number if field is None else 0,
        "density": seen.density,
    }


def _cell(picture: Heat, fits: CellFits, row: int, at: int) -> dict[str, Any]:
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
        "wants_known": int(fits.known[row, at]),
        "under_served": int(fits.more[row, at]),
        "intrusive": int(fits.less[row, at]),
        "confidence_known": int(fits.sure[row, at]),
        "likely_here": float(fits.belongs[row, at]) if fits.sure[row, at] else None,
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
