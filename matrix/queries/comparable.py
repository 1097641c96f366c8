"""Where figures of two models, or of two questionnaires, cannot be set against each other, and why."""

from dataclasses import dataclass
from functools import lru_cache

from assessments.queries import crosswalk_between
from matrix.findings.versions import other_questionnaire, other_rules
from matrix.models import ScoringModel
from matrix.queries import models
from matrix.scoring.versions import differences

# Confidence stands beside the scores; what touchpoints say counts only where a model uses it.
_BESIDE = ("instrument", "confidence")


@dataclass(frozen=True)
class Break:
    """Why no difference is reckoned across it. ``questionnaire``: other questions, not only other weights."""

    words: str
    questionnaire: bool


def broken(before: ScoringModel, after: ScoringModel) -> Break | None:
    """What lies between figures of an earlier model and of a later one; None where they are comparable."""
    return None if before.pk == after.pk else _broken(before.pk, after.pk)


@lru_cache(maxsize=256)
def _broken(before_id: int, after_id: int) -> Break | None:
    # Published models and questionnaires never change.
    rows = ScoringModel.objects.select_related("instrument").in_bulk([before_id, after_id])
    before, after = rows[before_id], rows[after_id]
    if before.instrument_id != after.instrument_id:
        return Break(_questions(before, after), questionnaire=True)
    used = any(_derives(row) for row in (before, after))
    found = differences(before.definition, after.definition)
    sections = [
        each.place[0]
        for each in found
        if each.place[0] not in _BESIDE and (used or each.place[0] != "derive")
    ]
    return Break(other_rules(str(before), str(after), sections), questionnaire=False) if sections else None


def _derives(row: ScoringModel) -> bool:
    derive = models.parsed(row).derive
    return derive is not None and bool(derive.used)


def _questions(before: ScoringModel, after: ScoringModel) -> str:
    one, other = before.instrument, after.instrument
    found = crosswalk_between(one.pk, other.pk)
    total = len(models.questionnaire(after))
    anew = total - len(found.carried) if found else None
    return other_questionnaire((one.code, one.version), (other.code, other.version), anew, total)


__all__ = ["Break", "broken"]
