"""What people choose before a run."""

from typing import Any

from django import forms
from django.db.models import QuerySet

from connected.models import Firm

MOST_OPTIONS = 200


class RunForm(forms.Form):
    """Which firm to re-score; none means all. Chosen from a list, or named where they are very many."""

    firm: forms.Field = forms.ModelChoiceField(
        queryset=None, required=False, empty_label="all firms", label="Firms"
    )

    def __init__(self, *args: Any, firms: "QuerySet[Firm]", **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if firms[MOST_OPTIONS:].exists():
            self.fields["firm"] = NamedFirm(firms)
        else:
            field = self.fields["firm"]
            assert isinstance(field, forms.ModelChoiceField)
            field.queryset = firms


class NamedFirm(forms.CharField):
    """A firm by its whole name; cleans to the firm."""

    def __init__(self, firms: "QuerySet[Firm]") -> None:
        hint = forms.TextInput(attrs={"placeholder": "all firms, or the name of one"})
        super().__init__(required=False, max_length=120, label="Firms", widget=hint)
        self.firms = firms

    def clean(self, value: Any) -> Firm | None:
        if not (name := super().clean(value)):
            return None
        if (firm := self.firms.filter(name__iexact=name).first()) is None:
            raise forms.ValidationError(f"There is no firm named “{name}”.")
        return firm
