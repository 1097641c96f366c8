"""Questionnaire files become immutable versions."""

import hashlib
import json
from pathlib import Path
from typing import Any

from django.db import transaction

from assessments import models
from assessments.instrument import Instrument

FOLDER = Path(__file__).resolve().parent.parent / "data" / "instruments"


class ChangedVersion(Exception):
    """A published version was edited; the message says what to do instead."""


def fingerprint(definition: dict[str, Any]) -> str:
    """SHA-256 of the definition, whatever its spacing or the order of its keys."""
    written = json.dumps(definition, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(written.encode()).hexdigest()


def load_instrument(definition: dict[str, Any], *, using: str = "owner") -> models.Instrument:
    """Store a questionnaire as the version it says it is; loading it again changes nothing.

    Raises InstrumentError for a faulty definition and ChangedVersion when that version reads otherwise.
    """
    instrument = Instrument.from_json(definition)
    mark = fingerprint(definition)
    with transaction.atomic(using=using):
        version, _ = models.Instrument.objects.using(using).get_or_create(
            code=instrument.code,
            version=instrument.version,
            defaults={"title": instrument.title, "definition": definition, "fingerprint": mark},
        )
    if version.fingerprint != mark:
        raise ChangedVersion(
            f"{instrument.code} version {instrument.version} was loaded with other content. Sheets follow "
            "its order of items, so a version never changes: undo the edit, or give it the next number."
        )
    return version


def load_instruments(folder: Path = FOLDER, *, using: str = "owner") -> list[models.Instrument]:
    """Every file of the folder, by name; all or none."""
    with transaction.atomic(using=using):
        files = sorted(folder.glob("*.json"))
        return [load_instrument(json.loads(file.read_text(encoding="utf-8")), using=using) for file in files]
