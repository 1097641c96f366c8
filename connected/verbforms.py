"""What the forms of the domain share: they read and show, the verb they call decides.

What a verb refuses is put beside its field.
"""

import json
from collections.abc import Callable, Mapping
from copy import copy
from decimal import Decimal
from typing import Any, TypeVar

from django import forms
from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.db import transaction

Result = TypeVar("Result")


class VerbMixin(forms.BaseForm):
    """A form whose values go to one verb of the services."""

    # Where a refusal that names no field is shown.
    beside: str | None = None

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            if field.required:
                field.error_messages["required"] = "Please fill this in."
            # A browser would cut longer text without a word; the server refuses it in words.
            field.widget.attrs.pop("maxlength", None)

    def given(self) -> dict[str, Any] | None:
        """What of the valid form goes to the verb; None when some of it needs another look."""
        return self.cleaned_data

    def call(self, verb: Callable[..., Result], **known: Any) -> Result | None:
        """Call ``verb`` with what was typed; None when it, or the form itself, refuses."""
        if self.is_valid() and (given := self.given()) is not None:
            try:
                with transaction.atomic():
                    return verb(**known, **given)
            except ValidationError as refusal:
                self.refuse(refusal)
        self.look(next((name for name in self.fields if name in self.errors), None))
        return None

    @property
    def wrong(self) -> list[forms.BoundField]:
        """The fields that need another look, in the order of the page."""
        return [field for field in self if field.errors]

    def look(self, name: str | None) -> None:
        """Let the cursor begin in this field, and in no other."""
        for field in self.fields.values():
            field.widget.attrs.pop("autofocus", None)
        if name in self.fields:
            self.fields[name].widget.attrs["autofocus"] = True

    def refuse(self, refusal: ValidationError) -> None:
        if not hasattr(refusal, "error_dict"):
            self.add_error(self.beside, refusal)
            return
        for name, errors in refusal.error_dict.items():
            place = self.beside if name == NON_FIELD_ERRORS or name not in self.fields else name
            self.add_error(place, errors)


class RowForm(VerbMixin, forms.ModelForm):  # type: ignore[type-arg]
    """A form of one row that several people may have open: nobody undoes what another saved meanwhile.

    The form carries what it showed. Only what was changed in it is saved; what another has changed too is
    shown and asked once more.
    """

    def __init__(self, *args: Any, instance: Any = None, **kwargs: Any) -> None:
        # What was typed goes into the form's own: the rest of the page shows the row as it is saved.
        super().__init__(*args, instance=copy(instance), **kwargs)
        if self.instance.pk is not None:
            self.fields["was"] = forms.CharField(
                required=False, widget=forms.HiddenInput, initial=json.dumps(self._told(self.initial))
            )

    def _told(self, row: Mapping[str, Any]) -> dict[str, str]:
        return {name: _plain(row.get(name)) for name in self._meta.fields or ()}

    def _now(self) -> dict[str, str]:
        """What the row says, and goes on saying until this request has ended."""
        rows = self._meta.model.objects.select_for_update(no_key=True)
        row = rows.filter(pk=self.instance.pk).first()
        # One that has gone is the verb's to tell.
        return self._told(self.initial if row is None else forms.model_to_dict(row, self._meta.fields))

    def given(self) -> dict[str, Any] | None:
        values = dict(self.cleaned_data)
        was = _shown(values.pop("was", ""))
        if was is None:
            return values
        now = self._now()
        mine = {name: value for name, value in values.items() if _plain(value) != was.get(name)}
        clash = [name for name in mine if now[name] not in (was.get(name), _plain(mine[name]))]
        for name in clash:
            self.add_error(name, self._meanwhile(name, now[name]))
        if clash:
            typed = {name: self.data.get(name) for name in self.data}
            self.data = {**typed, self.add_prefix("was"): json.dumps(now)}
            return None
        return mine

    def _meanwhile(self, name: str, now: str) -> str:
        words = dict(getattr(self.fields[name], "choices", ()))
        says = f"It says “{words.get(now, now)}” now" if now else "It is empty now"
        return f"Somebody has changed this meanwhile. {says}. Save again to keep yours."


def _plain(value: Any) -> str:
    """A value as text, alike for what a row holds, what a form showed and what came back."""
    if value is None:
        return ""
    if isinstance(value, Decimal):
        return f"{value.normalize():f}"
    return "\n".join(str(value).strip().splitlines())


def _shown(was: str) -> dict[str, str] | None:
    """What the form showed; None where that did not come along."""
    try:
        found = json.loads(was)
    except ValueError:
        return None
    return found if isinstance(found, dict) else None
