"""What people choose before a run."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.db.models import QuerySet

from connected.models import Firm
from connected.verbforms import VerbMixin

MOST_OPTIONS = 200


class RunForm(forms.Form):
    """Which firm to re-score, none means all; under which model, none means the one in force.

    Firms are chosen from a list, or named where they are very many.
    """

    firm: forms.Field = forms.ModelChoiceField(
        queryset=None, required=False, empty_label="All firms", label="Re-score"
    )

    model = forms.ChoiceField(required=False, label="By the model")

    def __init__(
        self, *args: Any, firms: "QuerySet[Firm]", models: Sequence[tuple[str, str]], **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        chosen = self.fields["model"]
        assert isinstance(chosen, forms.ChoiceField)
        chosen.choices = models
        if firms[MOST_OPTIONS:].exists():
            self.fields["firm"] = NamedFirm(firms)
        else:
            field = self.fields["firm"]
            assert isinstance(field, forms.ModelChoiceField)
            field.queryset = firms


class NamedFirm(forms.CharField):
    """A firm by its whole name; cleans to the firm."""

    def __init__(self, firms: "QuerySet[Firm]") -> None:
        hint = forms.TextInput(attrs={"placeholder": "All firms, or the name of one"})
        super().__init__(required=False, max_length=120, label="Re-score", widget=hint)
        self.firms = firms

    def clean(self, value: Any) -> Firm | None:
        if not (name := super().clean(value)):
            return None
        if (firm := self.firms.filter(name__iexact=name).first()) is None:
            raise forms.ValidationError(f"There is no firm named “{name}”.")
        return firm


class PublishForm(VerbMixin, forms.Form):
    """What a draft is to be called. ``version``: the draft as it was seen."""

    title = forms.CharField(max_length=120, help_text="What it is for, in a few words.")
    code = forms.CharField(
        max_length=20,
        help_text="How runs name it. A code of yours that is there already gets its next version.",
    )
    note = forms.CharField(
        required=False,
        max_length=2000,
        label="Why",
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="For whoever wonders later what was changed, and on what evidence.",
    )
    version = forms.IntegerField(widget=forms.HiddenInput)
    beside = "code"
