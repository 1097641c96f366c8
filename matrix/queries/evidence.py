"""What the comparison of asked and derived reads: journeys, the rules to read them by, and answers."""

from collections.abc import Iterable, Mapping, Sequence

import numpy as np
from django.db.models import QuerySet

from assessments.models import Participant, Sheet, Workshop
from connected.models import Touchpoint
from connected.queries import in_journey_order
from matrix.models import ScoringModel
from matrix.queries.models import parsed, shared
from matrix.scoring import STATED, Answers, Touchpoints


def deriving(model: ScoringModel) -> ScoringModel | None:
    """The model whose rules read journeys: this one, else the newest shared one of its questionnaire."""
    # The definition itself is not read: pages leave it in the database, and it is parsed once a process.
    if parsed(model).derive is not None:
        return model
    with_rules = shared().filter(instrument_id=model.instrument_id, definition__has_key="derive")
    return with_rules.order_by("-version").first()


def journeys(ids: Iterable[int]) -> dict[int, list[Touchpoint]]:
    """The touchpoints of segments, each in journey order. One query."""
    found: dict[int, list[Touchpoint]] = {pk: [] for pk in ids}
    for row in Touchpoint.objects.filter(segment_id__in=list(found)).order_by():
        found[row.segment_id].append(row)
    return {pk: in_journey_order(rows) for pk, rows in found.items()}


def touchpoints_of(each: Sequence[Sequence[Touchpoint]]) -> Touchpoints:
    """Journeys as the scoring core reads them."""
    rows = [(owner, row) for owner, rows in enumerate(each) for row in rows]
    return Touchpoints(
        owner=np.array([owner for owner, _ in rows], dtype=np.int64),
        codes={name: np.array([_code(row, name) for _, row in rows], dtype=np.int8) for name in STATED},
        signature=np.array([row.signature for _, row in rows], dtype=bool),
        segments=len(each),
    )


def _code(row: Touchpoint, name: str) -> int:
    """The place of what is stated among its words; silence is -1."""
    stated = getattr(row, name)
    if stated is None or stated == "":
        return -1
    return int(stated) if isinstance(stated, bool) else STATED[name].index(stated)


def answers_in(
    workshop: Workshop, participants: "QuerySet[Participant]", ids: Sequence[int], width: int
) -> Answers:
    """The last sheet of each of these participants about each of these segments. One query."""
    rows = Sheet.objects.filter(
        workshop=workshop, participant__in=participants.order_by(), segment_id__in=list(ids)
    )
    last: Mapping[tuple[int, int], list[int | None]] = {
        (segment, participant): answers
        for segment, participant, answers in rows.order_by("round").values_list(
            "segment_id", "participant_id", "answers"
        )
        if len(answers) == width
    }
    values = [[-1 if value is None else value for value in answers] for answers in last.values()]
    return Answers(
        np.array(values, dtype=np.int16).reshape(len(values), width),
        np.array([segment for segment, _ in last], dtype=np.int64),
    )
