"""The scoring models there are, and what differs between two."""

from collections.abc import Callable
from contextlib import suppress
from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from connected.permissions import Asked
from matrix.findings import versions as words
from matrix.models import ScoringModel
from matrix.permissions import see_model, visible_drafts
from matrix.queries import models as reading
from matrix.scoring.forks import CONFIDENCE
from matrix.scoring.versions import differences


@require_GET
def models(request: Asked, workspace: str) -> HttpResponse:
    """Every version and which is in force here; for those who may edit, the drafts as well."""
    rows = list(ScoringModel.objects.select_related("instrument"))
    context = {
        "shared": [row for row in rows if row.owner_id is None],
        "own": [row for row in rows if row.owner_id is not None],
        "drafts": visible_drafts(request.actor),
        "force": reading.in_force(),
    }
    return render(request, "matrix/models.html", context)


@require_GET
def model(request: Asked, workspace: str, model: int) -> HttpResponse:
    """What differs between a version and another: the one before it, unless asked otherwise."""
    row = see_model(request.actor, model)
    rows = {each.pk: each for each in ScoringModel.objects.select_related("instrument")}
    given = request.GET.get("against", "")
    against = rows.get(int(given)) if given.isdecimal() else _before(row, list(rows.values()))
    context: dict[str, Any] = {
        "row": row,
        "against": against,
        "others": [other for other in rows.values() if other.pk != row.pk],
        "force": reading.in_force(),
        "sure": CONFIDENCE in row.definition,
    }
    if against is not None:
        lines = words.lines(differences(against.definition, row.definition), titles(row, against))
        context |= {"lines": lines, "headline": words.headline(len(lines), str(against), str(row))}
    return render(request, "matrix/model.html", context)


def _before(row: ScoringModel, rows: list[ScoringModel]) -> ScoringModel | None:
    """The version before it, of the same owner; for the first of an own code, what it was forked from."""
    earlier = [
        other
        for other in rows
        if (other.code, other.owner_id) == (row.code, row.owner_id) and other.version < row.version
    ]
    return max(earlier, key=lambda other: other.version, default=row.base)


def titles(*rows: ScoringModel) -> Callable[[str], str]:
    """An item's title in the first questionnaire that has it; its code where none has."""

    def title(code: str) -> str:
        for row in rows:
            with suppress(KeyError):
                return reading.questionnaire(row).item(code).title
        return code

    return title
