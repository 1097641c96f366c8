"""Scoring-model files become immutable versions."""

import json
from pathlib import Path
from typing import Any

from django.db import transaction

from assessments.instrument import Instrument as Questionnaire
from assessments.models import Instrument
from matrix.models import ScoringModel
from matrix.scoring import Model, ModelError

FOLDER = Path(__file__).resolve().parent.parent / "data" / "models"


class ChangedModel(Exception):
    """A published model was edited; the message says what to do instead."""


def load_model(definition: dict[str, Any], *, using: str = "owner") -> ScoringModel:
    """Store a model as the version it says it is; loading it again changes nothing.

    Raises ModelError (place and reason) for a faulty one, ChangedModel when that version reads otherwise.
    """
    wanted: Any = definition.get("instrument") or {}
    instrument = (
        Instrument.objects.using(using).filter(code=wanted.get("code"), version=wanted.get("version")).first()
    )
    if instrument is None:
        raise ModelError(
            "instrument", f"no questionnaire {wanted.get('code')} version {wanted.get('version')} is loaded"
        )
    core = Model.from_json(definition, Questionnaire.from_json(instrument.definition))
    with transaction.atomic(using=using):
        row, _ = ScoringModel.objects.using(using).get_or_create(
            owner=None,
            code=core.code,
            version=core.version,
            defaults={
                "title": core.title,
                "definition": definition,
                "fingerprint": core.fingerprint,
                "instrument": instrument,
            },
        )
    if row.fingerprint != core.fingerprint:
        raise ChangedModel(
            f"{core.code} version {core.version} was loaded with other content. Placements stand on it, so a "
            "version never changes: undo the edit, or give it the next number."
        )
    return row


def load_models(folder: Path = FOLDER, *, using: str = "owner") -> list[ScoringModel]:
    """Every file of the folder, by name; all or none."""
    with transaction.atomic(using=using):
        return [
            load_model(json.loads(file.read_text(encoding="utf-8")), using=using)
            for file in sorted(folder.glob("*.json"))
        ]
