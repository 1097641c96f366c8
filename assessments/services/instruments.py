"""Questionnaire files become immutable versions."""

import hashlib
import json
from pathlib import Path
from typing import Any

from django.db import transaction

from assessments import models
from assessments.crosswalk import Crosswalk, CrosswalkError
from assessments.instrument import Instrument

FOLDER = Path(__file__).resolve().parent.parent / "data" / "instruments"
CROSSWALKS = FOLDER.parent / "crosswalks"


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


def load_crosswalk(definition: dict[str, Any], *, using: str = "owner") -> models.Crosswalk:
    """Store what became of each item between two versions; loading it again changes nothing.

    Raises CrosswalkError for a faulty one, ChangedVersion when the two were joined otherwise before.
    """
    before, after = (_version(definition, end, using) for end in ("from", "to"))
    Crosswalk.from_json(
        definition, Instrument.from_json(before.definition), Instrument.from_json(after.definition)
    )
    mark = fingerprint(definition)
    with transaction.atomic(using=using):
        row, _ = models.Crosswalk.objects.using(using).get_or_create(
            before=before, after=after, defaults={"definition": definition, "fingerprint": mark}
        )
    if row.fingerprint != mark:
        raise ChangedVersion(
            f"The crosswalk from {before} to {after} was loaded with other content. Answers were carried "
            "over by it, so it never changes: undo the edit, or make the next version."
        )
    return row


def _version(definition: dict[str, Any], end: str, using: str) -> models.Instrument:
    code, number = definition.get("code"), definition.get(end)
    found = models.Instrument.objects.using(using).filter(code=str(code))
    version = found.filter(version=number).first() if isinstance(number, int) else None
    if version is None:
        raise CrosswalkError(f"crosswalk.{end}", f"no questionnaire {code} version {number} is loaded")
    return version


def load_crosswalks(folder: Path = CROSSWALKS, *, using: str = "owner") -> list[models.Crosswalk]:
    """Every file of the folder, by name; all or none. The questionnaires are loaded first."""
    with transaction.atomic(using=using):
        files = sorted(folder.glob("*.json"))
        return [load_crosswalk(json.loads(file.read_text(encoding="utf-8")), using=using) for file in files]
