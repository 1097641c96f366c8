"""What people choose before a run."""

from typing import Any

from django import forms
from django.db.models import QuerySet

from connected.models import Firm


class RunForm(forms.Form):
    """Which firm to re-score; none means all of them."""

    firm: "forms.ModelChoiceField[Firm]" = forms.ModelChoiceField(
        queryset=None, required=False, empty_label="all firms", label="Firms"
    )

    def __init__(self, *args: Any, firms: "QuerySet[Firm]", **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["firm"]
        assert isinstance(field, forms.ModelChoiceField)
        field.queryset = firms
