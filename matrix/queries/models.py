"""Scoring models: by name, in force, and parsed."""

from collections.abc import Sequence
from functools import lru_cache

from django.db.models import F, Max, QuerySet

from assessments.instrument import Instrument as Questionnaire
from assessments.models import Sheet
from matrix.models import Generation, Overlay, Run, ScoringModel
from matrix.scoring import Model


@lru_cache(maxsize=32)
def _parsed(fingerprint: str, pk: int) -> tuple[Model, Questionnaire]:
    row = ScoringModel.objects.select_related("instrument").get(pk=pk)
    questionnaire = Questionnaire.from_json(row.instrument.definition)
    return Model.from_json(row.definition, questionnaire), questionnaire


def parsed(row: ScoringModel) -> Model:
    """The scoring core's model of a stored version, parsed once a process: versions are immutable."""
    return _parsed(row.fingerprint, row.pk)[0]


def present_cuts() -> dict[int, float]:
    """The level from which a relationship is present, by model: that of its file, unparsed, in one query."""
    found = ScoringModel.objects.values_list("pk", "definition__presence__cut")
    return {pk: float(cut) for pk, cut in found}


def questionnaire(row: ScoringModel) -> Questionnaire:
    """The parsed questionnaire a model reads."""
    return _parsed(row.fingerprint, row.pk)[1]


def named(code: str) -> ScoringModel:
    """The newest version of ``CODE``, or exactly ``CODE.vN``. Raises LookupError naming what there is."""
    name, _, version = code.partition(".v")
    # A workspace's own code goes before a shared one that came later.
    found = ScoringModel.objects.filter(code__iexact=name).order_by(
        F("owner").asc(nulls_last=True), "-version"
    )
    if version:
        found = found.filter(version=int(version)) if version.isdigit() else found.none()
    if (model := found.select_related("instrument").first()) is None:
        there = ", ".join(each.name for each in ScoringModel.objects.all())
        raise LookupError(f"No scoring model “{code}”. There are: {there or 'none'}.")
    return model


def shared() -> "QuerySet[ScoringModel]":
    """The versions everyone has. One published here is chosen by name and never by being the newest."""
    return ScoringModel.objects.filter(owner=None).select_related("instrument")


def own_version(code: str) -> int:
    """The number the next version of a code of this workspace's own would have."""
    newest: int | None = (
        ScoringModel.objects.exclude(owner=None).filter(code=code).aggregate(newest=Max("version"))["newest"]
    )
    return (newest or 0) + 1


def of_questionnaire(instrument_id: int) -> ScoringModel | None:
    """The model that scores a questionnaire here: in force, else last in force, else the newest shared."""
    force = in_force()
    if force.instrument_id == instrument_id:
        return force
    stood = Generation.objects.filter(run__model__instrument_id=instrument_id)
    if (last := stood.select_related("run__model__instrument").first()) is not None:
        model: ScoringModel = last.run.model
        return model
    return shared().filter(instrument_id=instrument_id).order_by("-version").first()


def of_other_questionnaires(model: ScoringModel, segment_ids: Sequence[int]) -> list[ScoringModel]:
    """The models of the questionnaires, other than this model's, that these segments were asked."""
    if not segment_ids:
        return []
    asked = Sheet.objects.filter(segment__in=segment_ids).order_by()
    asked = asked.exclude(workshop__instrument_id=model.instrument_id)
    found = asked.values_list("workshop__instrument_id", flat=True).distinct()
    return [other for pk in sorted(found) if (other := of_questionnaire(pk)) is not None]


def in_force() -> ScoringModel:
    """The model this workspace's placements stand on; where none stands, the newest shared one.

    That of its generation; before there is one, that of its live re-scores: loading another version
    changes nothing by itself.
    """
    if (model := _standing_on()) is not None:
        return model
    # A questionnaire asked by choice only never becomes anybody's by being loaded.
    asked = shared().exclude(instrument__definition__contains={"by_choice": True})
    newest = asked.order_by("-instrument__version", "-version").first()
    if newest is None:
        raise LookupError("No scoring model is loaded: run `manage.py load_versions`.")
    return newest


def differs(model: ScoringModel) -> bool:
    """Whether placements by this model would stand among, or instead of, placements by another."""
    standing = _standing_on()
    return standing is not None and standing.pk != model.pk


def _standing_on() -> ScoringModel | None:
    newest = Generation.objects.select_related("run__model__instrument")
    # Every page asks, and reads the definitions parsed: see _parsed.
    newest = newest.defer("run__model__definition", "run__model__instrument__definition")
    if (generation := newest.first()) is not None:
        model: ScoringModel = generation.run.model
        return model
    # A firm's run approved under another model says nothing of the other firms.
    laid = Overlay.objects.filter(placement__generation=0).order_by("segment_id")
    # Nor does a workshop that was moved on to another questionnaire, of all others.
    laid = laid.exclude(placement__model__instrument__definition__contains={"by_choice": True})
    own = laid.exclude(placement__run__decision="approved")
    first = own.values_list("placement__model_id", flat=True).first() or (
        laid.values_list("placement__model_id", flat=True).first()
    )
    if first is None:
        return None
    return ScoringModel.objects.select_related("instrument").get(pk=first)


def choices() -> list[tuple[str, str]]:
    """The models a run may be started under, as name and words; first "", the one in force."""
    force = in_force()
    others = ScoringModel.objects.exclude(pk=force.pk)
    named = [(row.name, f"{row} (as a proposal)") for row in others]
    return [("", f"{force}, in force"), *named]


def listening() -> list[ScoringModel]:
    """The models whose placements are in force, or may come in force without being scored anew."""
    kept = Run.objects.exclude(decision="discarded")
    others = ScoringModel.objects.filter(pk__in=kept.values("model_id")).select_related("instrument")
    return [in_force(), *others]


__all__ = [
    "choices",
    "differs",
    "in_force",
    "listening",
    "named",
    "of_other_questionnaires",
    "of_questionnaire",
    "own_version",
    "parsed",
    "present_cuts",
    "questionnaire",
    "shared",
]
