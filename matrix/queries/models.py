"""Scoring models: by name, in force, and parsed."""

from functools import lru_cache

from assessments.instrument import Instrument as Questionnaire
from matrix.models import Generation, ScoringModel
from matrix.scoring import Model


@lru_cache(maxsize=32)
def _parsed(fingerprint: str, pk: int) -> tuple[Model, Questionnaire]:
    row = ScoringModel.objects.select_related("instrument").get(pk=pk)
    questionnaire = Questionnaire.from_json(row.instrument.definition)
    return Model.from_json(row.definition, questionnaire), questionnaire


def parsed(row: ScoringModel) -> Model:
    """The scoring core's model of a stored version, parsed once a process: versions are immutable."""
    return _parsed(row.fingerprint, row.pk)[0]


def questionnaire(row: ScoringModel) -> Questionnaire:
    """The parsed questionnaire a model reads."""
    return _parsed(row.fingerprint, row.pk)[1]


def named(code: str) -> ScoringModel:
    """The newest version of ``CODE``, or exactly ``CODE.vN``. Raises LookupError naming what there is."""
    name, _, version = code.partition(".v")
    found = ScoringModel.objects.filter(code__iexact=name).order_by("-version")
    if version:
        found = found.filter(version=int(version)) if version.isdigit() else found.none()
    if (model := found.select_related("instrument").first()) is None:
        there = ", ".join(f"{each.code}.v{each.version}" for each in ScoringModel.objects.all())
        raise LookupError(f"No scoring model “{code}”. There are: {there or 'none'}.")
    return model


def of_questionnaire(instrument_id: int) -> ScoringModel | None:
    """The model that scores a questionnaire here: the one in force, else the newest of that questionnaire."""
    force = in_force()
    if force.instrument_id == instrument_id:
        return force
    found = ScoringModel.objects.filter(instrument_id=instrument_id).select_related("instrument")
    return found.order_by("-version").first()


def in_force() -> ScoringModel:
    """The model this workspace's placements stand on: that of its generation, else the newest loaded."""
    generation = Generation.objects.select_related("run__model__instrument").first()
    if generation is not None:
        model: ScoringModel = generation.run.model
        return model
    newest = (
        ScoringModel.objects.select_related("instrument").order_by("-instrument__version", "-version").first()
    )
    if newest is None:
        raise LookupError("No scoring model is loaded: run `manage.py load_versions`.")
    return newest


__all__ = ["in_force", "named", "of_questionnaire", "parsed", "questionnaire"]
