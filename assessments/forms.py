"""Forms of workshops. They read and tidy; the verbs decide."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from assessments.models import Form, Reveal
from assessments.queries import current_instrument, questionnaires
from connected.verbforms import VerbMixin

LONGEST_NAME, LONGEST_GROUP = 120, 60
SUGGESTED_GROUPS = ("board", "front line", "customers")


class WorkshopForm(VerbMixin, forms.Form):
    name = forms.CharField(max_length=120, help_text="For example the date and the team: “June, front line”.")
    instrument_version = forms.TypedChoiceField(
        label="Questionnaire",
        coerce=int,
        widget=forms.RadioSelect(attrs={"class": "choices"}),
        help_text="It can be changed while the workshop collects, and no answer is lost.",
    )
    form = forms.ChoiceField(
        label="Questions",
        initial=Form.FULL,
        widget=forms.RadioSelect(attrs={"class": "choices"}),
        help_text="Per person and segment. The short form places a segment; the full form also says why.",
    )
    reveal = forms.ChoiceField(
        label="Who sees single answers while they come in",
        choices=[(Reveal.OPEN, "Facilitators"), (Reveal.BLIND, "Nobody, until the discussion")],
        initial=Reveal.OPEN,
        widget=forms.RadioSelect(attrs={"class": "choices"}),
        help_text="Blind answers also stay out of every placement until the discussion begins.",
    )
    people = forms.CharField(
        label="Who answers",
        required=False,
        widget=forms.Textarea(
            attrs={"rows": 6, "placeholder": "Head of operations, board\nShift lead, front line"}
        ),
        help_text="One a line: name or role, comma, group. More can be added at any time.",
    )
    join = forms.BooleanField(label="I answer too", required=False, initial=True)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        asked = questionnaires()
        version, form = self.fields["instrument_version"], self.fields["form"]
        assert isinstance(version, forms.ChoiceField)
        assert isinstance(form, forms.ChoiceField)
        version.choices = [(each.version, f"Version {each.version}. {each.title}") for each in asked]
        version.initial = current_instrument().version
        form.choices = [
            (Form.FULL, f"Full: {counts_words({each.version: len(each) for each in asked})}"),
            (Form.SHORT, f"Short: {counts_words({each.version: len(each.short_form) for each in asked})}"),
        ]
        if len(asked) == 1:
            del self.fields["instrument_version"]

    def clean_people(self) -> list[tuple[str, str]]:
        """Lines as (name, group); empty ones are skipped, faulty ones named by their number."""
        found: dict[str, str] = {}
        for number, line in enumerate(self.cleaned_data["people"].splitlines(), 1):
            name, _, group = (part.strip() for part in line.partition(","))
            if not name and not group:
                continue
            _check_line(number, name, group, found)
            found[name] = group
        return list(found.items())


def counts_words(asked: dict[int, int]) -> str:
    """How many questions, by version; one number where all ask as many."""
    if len(set(asked.values())) == 1:
        return str(next(iter(asked.values())))
    return ", ".join(f"{count} in version {version}" for version, count in asked.items())


class ParticipantForm(VerbMixin, forms.Form):
    name = forms.CharField(label="Name or role", max_length=LONGEST_NAME)
    group = forms.CharField(
        max_length=LONGEST_GROUP,
        required=False,
        widget=forms.TextInput(attrs={"list": "groups-known", "autocomplete": "off"}),
    )
    user_id = forms.TypedChoiceField(label="Has an account", coerce=int, empty_value=None, required=False)

    def __init__(self, *args: Any, members: dict[int, str], grouped: bool = True, **kwargs: Any) -> None:
        """``grouped``: whether a group can still be given."""
        super().__init__(*args, **kwargs)
        self.members = members
        if not grouped:
            del self.fields["group"]
        self.fields["name"].required = not self.data.get("user_id")
        user = self.fields["user_id"]
        assert isinstance(user, forms.ChoiceField)
        user.choices = [("", "No: entered from paper"), *members.items()]

    def clean(self) -> dict[str, object]:
        """Someone with an account needs no name: it is on the account."""
        cleaned = dict(super().clean() or self.cleaned_data)
        cleaned["name"] = cleaned.get("name") or self.members.get(cleaned.get("user_id") or 0, "")
        return cleaned


def _check_line(number: int, name: str, group: str, found: dict[str, str]) -> None:
    if not name:
        raise ValidationError(f"Line {number} has a group but no name.")
    if name in found:
        raise ValidationError(f"Line {number}: “{name}” is there twice. Tell them apart, or leave one out.")
    if len(name) > LONGEST_NAME or len(group) > LONGEST_GROUP:
        raise ValidationError(
            f"Line {number} is too long: a name takes {LONGEST_NAME} characters, a group {LONGEST_GROUP}."
        )
