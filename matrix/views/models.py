"""The scoring models there are, and what differs between two."""

from collections.abc import Callable
from contextlib import suppress
from typing import Any

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from connected.permissions import Asked
from matrix.findings import versions as words
from matrix.models import ScoringModel
from matrix.queries import models as reading
from matrix.scoring.versions import differences


@require_GET
def models(request: Asked, workspace: str) -> HttpResponse:
    """Every version, and which is in force here."""
    rows = ScoringModel.objects.select_related("instrument")
    context = {"rows": list(rows), "force": reading.in_force()}
    return render(request, "matrix/models.html", context)


@require_GET
def model(request: Asked, workspace: str, model: int) -> HttpResponse:
    """What differs between a version and another: the one before it, unless asked otherwise."""
    rows = {row.pk: row for row in ScoringModel.objects.select_related("instrument")}
    if (row := rows.get(model)) is None:
        raise Http404("No such model.")
    given = request.GET.get("against", "")
    against = rows.get(int(given)) if given.isdecimal() else _before(row, list(rows.values()))
    context: dict[str, Any] = {
        "row": row,
        "against": against,
        "others": [other for other in rows.values() if other.pk != row.pk],
        "force": reading.in_force(),
    }
    if against is not None:
        lines = words.lines(differences(against.definition, row.definition), _titles(row, against))
        context |= {"lines": lines, "headline": words.headline(len(lines), str(against), str(row))}
    return render(request, "matrix/model.html", context)


def _before(row: ScoringModel, rows: list[ScoringModel]) -> ScoringModel | None:
    earlier = [other for other in rows if other.code == row.code and other.version < row.version]
    return max(earlier, key=lambda other: other.version, default=None)


def _titles(*rows: ScoringModel) -> Callable[[str], str]:
    """An item's title in the first questionnaire that has it; its code where none has."""

    def title(code: str) -> str:
        for row in rows:
            with suppress(KeyError):
                return reading.questionnaire(row).item(code).title
        return code

    return title
