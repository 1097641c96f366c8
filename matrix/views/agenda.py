"""A workshop's agenda: per segment where journey and answers are far apart, then where people disagree."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from assessments.models import Workshop
from assessments.permissions import is_revealed, readable_participants, see_workshop
from assessments.queries import instrument_of
from connected.models import Segment
from connected.permissions import Actor, Asked
from connected.queries import letters
from matrix.charts import Histogram, agree_word, histogram
from matrix.findings import evidence as findings
from matrix.queries import evidence, models, pages
from matrix.scoring import (
    RELATIONSHIPS,
    Compared,
    Model,
    Spread,
    Tally,
    compare,
    median,
    score,
    spread,
    tally,
)
from matrix.scoring import evidence as read

SEGMENTS, DISPUTED = 12, 5


@dataclass(frozen=True)
class Dispute:
    """An item on which people do not agree."""

    code: str
    title: str
    picture: Histogram
    n: int
    median: float
    value: float
    word: str
    agree: str


@dataclass(frozen=True)
class Gap:
    """An item whose answers and whose journey are far apart."""

    compared: Compared
    title: str


@dataclass(frozen=True)
class Topic:
    """What a segment brings to the discussion; `raters` whose answers it rests on."""

    segment: Segment
    letter: str
    name: str
    raters: int
    gaps: tuple[Gap, ...]
    disputes: tuple[Dispute, ...]


@require_GET
def agenda(request: Asked, workspace: str, workshop_id: int) -> HttpResponse:
    actor = request.actor
    workshop = see_workshop(actor, workshop_id)
    ids = sorted(Segment.objects.filter(firm=workshop.firm_id).values_list("pk", flat=True))
    page = Paginator(ids, SEGMENTS).get_page(request.GET.get("segments"))
    topics = _topics(actor, workshop, list(page.object_list), letters(ids)) if is_revealed(workshop) else []
    context = {
        "workshop": workshop,
        "firm": workshop.firm,
        "page": page,
        "topics": topics,
        "hidden": not is_revealed(workshop),
        "finding": findings.agenda_headline(
            sum(len(topic.gaps) for topic in topics), sum(len(topic.disputes) for topic in topics)
        ),
    }
    part = "matrix/parts/agenda.html" if request.htmx else "matrix/agenda.html"
    return render(request, part, context)


def _topics(actor: Actor, workshop: Workshop, ids: Sequence[int], marks: Mapping[int, str]) -> list[Topic]:
    """Only from the sheets that the reveal policy opens to the actor. The number of queries is fixed."""
    row = models.of_questionnaire(workshop.instrument_id)
    if row is None:
        return []
    ruled = evidence.deriving(row)
    core = models.parsed(ruled or row)
    counted = tally(evidence.answers_in(workshop, readable_participants(actor), ids, core.width), core)
    gaps = _gaps(core, counted, ids)
    titles = {item.code: item.title for item in instrument_of(workshop).items}
    names = pages.segment_names(workshop.firm_id)
    places = {int(pk): at for at, pk in enumerate(counted.ids)}
    found = []
    for segment in Segment.objects.filter(pk__in=ids).order_by("pk"):
        at = places.get(segment.pk)
        disputes = () if at is None else _disputes(core, counted.hist[at], titles)
        raters = 0 if at is None else int(counted.sheets[at])
        mine = tuple(Gap(each, findings.title_of(each.rule, titles)) for each in gaps.get(segment.pk, ()))
        found.append(Topic(segment, marks[segment.pk], names[segment.pk], raters, mine, disputes))
    return found


def _gaps(core: Model, counted: Tally, ids: Sequence[int]) -> dict[int, list[Compared]]:
    """Per segment what asks for evidence, widest first."""
    if core.derive is None:
        return {}
    described = evidence.journeys(ids)
    found = read(evidence.touchpoints_of([described[pk] for pk in ids]), core.derive)
    levels = score(counted.hist, core, counted.sheets).relationships
    gaps = {}
    for at, pk in enumerate(counted.ids):
        of = {
            code: None if np.isnan(v) else float(v) for code, v in zip(RELATIONSHIPS, levels[at], strict=True)
        }
        each = compare(found, list(ids).index(int(pk)), core, counted.hist[at], of)
        asks = [one for one in each if one.asks]
        gaps[int(pk)] = sorted(asks, key=lambda one: -abs(one.difference or 0))
    return gaps


def _disputes(core: Model, hist: Any, titles: Mapping[str, str]) -> tuple[Dispute, ...]:
    """Scale items with three answers or more, lowest agreement first; what people agree on is no topic."""
    found = []
    for at in core.scales:
        agreement = spread(hist[at])
        if agreement.value is not None and agreement.spread is not Spread.HIGH:
            code, word = core.items[at], agreement.spread.value
            agree = agree_word(agreement.value)
            picture, n = histogram(hist[at].tolist()), int(hist[at].sum())
            middle = float(median(hist[at]))
            found.append(Dispute(code, titles[code], picture, n, middle, agreement.value, word, agree))
    return tuple(sorted(found, key=lambda each: each.value)[:DISPUTED])
