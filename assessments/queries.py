"""Reading questionnaires, workshops and how far their sheets have come."""

from collections.abc import Mapping
from functools import lru_cache

from assessments import models
from assessments.instrument import Instrument, Item, asks
from assessments.models import Form, Sheet, Workshop


def current_version(code: str = "cs-1") -> models.Instrument:
    """The newest version of a questionnaire. Raises LookupError when none has been loaded."""
    version = models.Instrument.objects.filter(code=code).order_by("-version").first()
    if version is None:
        raise LookupError(f"No questionnaire {code} is loaded: run “python manage.py load_versions”.")
    return version


@lru_cache(maxsize=64)
def _read(version_id: int) -> Instrument:
    # Versions never change, and the app's role may not write them: one reading serves the process.
    return Instrument.from_json(models.Instrument.objects.get(pk=version_id).definition)


def current_instrument() -> Instrument:
    """The questionnaire new workshops are asked."""
    return _read(current_version().pk)


def instrument_of(workshop: Workshop) -> Instrument:
    """The questionnaire version a workshop was started with."""
    return _read(workshop.instrument_id)


def items_of(workshop: Workshop) -> tuple[Item, ...]:
    """The items a workshop may ask, in order: all, or those of the short form."""
    instrument = instrument_of(workshop)
    return instrument.short_items if workshop.form == Form.SHORT else instrument.items


def answers_of(instrument: Instrument, sheet: Sheet | None) -> dict[str, int | None]:
    """What a sheet answers, by item code. "Do not know" is None; what is not answered is absent."""
    if sheet is None:
        return {}
    given = (item for item in instrument.items if sheet.given[item.position])
    return {item.code: sheet.answers[item.position] for item in given}


def asked(items: tuple[Item, ...], answers: Mapping[str, int | None]) -> tuple[Item, ...]:
    """The items this sheet's answers call for: a follow-up only when its condition is met."""
    return tuple(item for item in items if asks(item, answers))
