"""What people type about firms, segments, touchpoints, members and tokens, in the words of the domain.

A form reads and shows; the verb it calls decides. What a verb refuses is put beside its field.
"""

import json
from collections.abc import Callable
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any, ClassVar, TypeVar

from django import forms
from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.db import transaction
from django.db.models import Choices
from django.utils import timezone

from connected.models import EVENTS, Firm, Role, Scope, Segment, Touchpoint, touchpoints

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

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.pk is not None:
            self.fields["was"] = forms.CharField(
                required=False, widget=forms.HiddenInput, initial=json.dumps(self._now())
            )

    def _now(self) -> dict[str, str]:
        return {name: _plain(self.initial.get(name)) for name in self._meta.fields or ()}

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


class FirmForm(RowForm):
    beside = "name"

    class Meta:
        model = Firm
        fields = ["name", "industry", "need", "refuses"]
        help_texts = {
            "name": "As its customers know it.",
            "industry": "For filters and comparisons, such as “theme parks and resorts”.",
            "need": "Not what it can do but what people need it for: “time together away from routine”.",
            "refuses": "What it will not do even when asked. A focus that refuses nothing is none.",
        }
        widgets = {"need": forms.Textarea(attrs={"rows": 3}), "refuses": forms.Textarea(attrs={"rows": 3})}


class SegmentForm(RowForm):
    beside = "name"
    # Of any length here: what is too long is refused in words, not by its length.
    currency = forms.CharField(
        required=False,
        help_text="Three letters, such as EUR.",
        widget=forms.TextInput(attrs={"autocapitalize": "characters", "size": 3}),
    )

    class Meta:
        model = Segment
        fields = ["name", "offering", "situation", "customers", "revenue", "currency", "consent", "source"]
        labels = {
            "consent": "Would they consent to being coached or served automatically?",
            "revenue": "Revenue a year",
        }
        help_texts = {
            "name": "People who want the same relationship: “guest with a wristband”, “annual passholder”.",
            "offering": "One product or service. The same people with another offering are another segment.",
            "situation": "Only where it changes what they want: routine, urgent, high-stakes.",
            "customers": "How many there are. Used to weight the portfolio.",
            "revenue": "What they bring in a year, for the same reason.",
            "consent": "“No” keeps coach behavior and automatic execution from being recommended.",
            "source": "Report, page or person, with the year.",
        }
        widgets = {
            "source": forms.Textarea(attrs={"rows": 2}),
            # Text, not numbers: a field of numbers turns “12k” into 12 without a word.
            "customers": forms.TextInput(attrs={"inputmode": "numeric"}),
            "revenue": forms.TextInput(attrs={"inputmode": "decimal"}),
            "consent": forms.RadioSelect(attrs={"class": "choices"}),
        }
        error_messages = {
            "customers": {"invalid": "Write a whole number in digits only, such as 12000."},
            "revenue": {"invalid": "Write a number in digits only, such as 1200000 or 1200000.50."},
        }

    def clean_currency(self) -> str:
        currency = str(self.cleaned_data["currency"]).strip().upper()
        if currency and not (len(currency) == 3 and currency.isascii() and currency.isalpha()):
            raise ValidationError("Write the currency as three letters, such as EUR.")
        return currency

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if (
            cleaned.get("revenue") is not None
            and not cleaned.get("currency")
            and "currency" not in self.errors
        ):
            self.add_error("currency", "Revenue needs a currency, such as EUR.")
        return cleaned


LEVELS = [("", "–"), *((str(level), str(level)) for level in range(5))]


def _level(label: str, help_text: str) -> forms.TypedChoiceField:
    return forms.TypedChoiceField(
        label=label,
        help_text=help_text,
        choices=LEVELS,
        required=False,
        coerce=int,
        empty_value=None,
        widget=forms.RadioSelect(attrs={"class": "choices"}),
    )


NOT_STATED = ("", "Not stated")


def _yes_no(label: str) -> forms.TypedChoiceField:
    return forms.TypedChoiceField(
        label=label,
        choices=[NOT_STATED, ("True", "Yes"), ("False", "No")],
        required=False,
        coerce=lambda said: said == "True",
        empty_value=None,
        widget=forms.RadioSelect(attrs={"class": "choices"}),
    )


class TouchpointForm(RowForm):
    """Every attribute of a touchpoint in four groups; only the first is open."""

    beside = "name"
    importance = _level("Importance to them", "0 does not matter, 4 matters most, – not known.")
    pain = _level("Pain", "0 none, 4 unbearable, – not known.")
    identified = _yes_no("The customer is recognised as this customer")
    carries_context = _yes_no("It resumes where the last contact stopped")

    GROUPS = {
        "Who moves": ["initiator", "trigger", "decides", "direction", "latency", "supplier"],
        "Evidence": ["identified", "carries_context", "content", "data_captured", "consent_basis"],
        "Plan": ["signature", "metric", "metric_value", "phase", "part", "owner", "cost", "date"],
    }

    SILENT: ClassVar[dict[str, type[Choices]]] = {
        "initiator": touchpoints.Initiator,
        "trigger": touchpoints.Trigger,
        "decides": touchpoints.Decides,
        "direction": touchpoints.Direction,
        "latency": touchpoints.Latency,
        "supplier": touchpoints.Supplier,
        "content": touchpoints.Content,
        "part": touchpoints.Part,
    }

    class Meta:
        model = Touchpoint
        fields = [
            *("name", "description", "step", "medium", "importance", "pain"),
            *("initiator", "trigger", "decides", "direction", "latency", "supplier"),
            *("identified", "carries_context", "content", "data_captured", "consent_basis"),
            *("signature", "metric", "metric_value", "phase", "part", "owner", "cost", "date"),
        ]
        labels = {
            "name": "What happens",
            "description": "How",
            "initiator": "Who starts it",
            "trigger": "What sets it off",
            "latency": "How soon it follows",
            "supplier": "Who supplies it",
            "content": "What they get",
            "signature": "A signature experience",
            "metric_value": "Where the metric stands",
            "part": "Part of the experience",
        }
        help_texts = {
            "name": "From the customer’s side: “Stand in the queue”.",
            "description": "In one line: who does what, how long it takes.",
            "data_captured": "What is learned here about this person.",
            "consent_basis": "Purpose told, permission recorded, how it is withdrawn.",
            "signature": "One or two a phase, each with a key metric.",
            "metric": "Recall, close, repeat or referral.",
            "metric_value": "Such as “38 % accept”.",
            "date": "When it starts or changes.",
        }
        widgets = {
            "description": forms.Textarea(attrs={"rows": 2}),
            "medium": forms.RadioSelect(attrs={"class": "choices"}),
            "date": forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        }

    def __init__(self, *args: Any, open_at: str = "", **kwargs: Any) -> None:
        """``open_at`` names the field to begin with; its group is open."""
        super().__init__(*args, **kwargs)
        self.open_at = open_at if open_at in self.fields else ""
        for name, choices in self.SILENT.items():
            self.fields[name] = forms.ChoiceField(
                label=self.fields[name].label, choices=[NOT_STATED, *choices.choices], required=False
            )
        self.look(self.open_at or "name")

    @property
    def first(self) -> list[forms.BoundField]:
        """The fields one always sees."""
        grouped = {name for names in self.GROUPS.values() for name in names}
        return [self[name] for name in self.fields if name not in grouped]

    @property
    def groups(self) -> list[tuple[str, list[forms.BoundField], bool]]:
        """Title, fields and whether one of them is to be looked at, for each group that opens."""
        return [
            (
                title,
                fields := [self[name] for name in names],
                self.open_at in names or any(field.errors for field in fields),
            )
            for title, names in self.GROUPS.items()
        ]


class FirmDeleteForm(forms.Form):
    """The firm's name typed once more, when there is something to lose."""

    name = forms.CharField(
        label="Type the firm’s name to delete it", widget=forms.TextInput(attrs={"autocomplete": "off"})
    )

    def __init__(self, *args: Any, firm: Firm, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.firm = firm

    def clean_name(self) -> str:
        if self.cleaned_data["name"].strip() != self.firm.name:
            raise ValidationError(f"This is not the name. It is written: {self.firm.name}")
        return self.firm.name


class MemberForm(VerbMixin, forms.Form):
    beside = "email"
    email = forms.EmailField(label="E-mail", help_text="The address they sign in with.")
    name = forms.CharField(max_length=120)
    role = forms.ChoiceField(
        choices=Role.choices, initial=Role.CONSULTANT, widget=forms.RadioSelect(attrs={"class": "choices"})
    )
    password = forms.CharField(
        label="First password",
        required=False,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}, render_value=True),
        help_text="At least 12 characters; hand it over yourself. Who already signs in here keeps their own.",
    )

    def clean_password(self) -> str | None:
        return self.cleaned_data["password"] or None


class GrantForm(forms.Form):
    """Which firms a manager may look at."""

    firms: Any = forms.ModelMultipleChoiceField(
        queryset=None,
        required=False,
        widget=forms.CheckboxSelectMultiple(attrs={"class": "picks"}),
        label="Firms",
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["firms"].queryset = Firm.objects.all()  # type: ignore[attr-defined]


DAYS = {30: "30 days", 90: "90 days", 365: "a year", 0: "does not expire"}


class TokenForm(VerbMixin, forms.Form):
    name = forms.CharField(max_length=80, help_text="What it is for, such as “nightly report”.")
    scope = forms.ChoiceField(
        choices=Scope.choices, initial=Scope.READ, widget=forms.RadioSelect(attrs={"class": "choices"})
    )
    expires_at = forms.TypedChoiceField(
        label="Expires after",
        coerce=int,
        choices=list(DAYS.items()),
        initial=90,
        widget=forms.RadioSelect(attrs={"class": "choices"}),
    )

    def __init__(self, *args: Any, may_write: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not may_write:
            del self.fields["scope"]

    def clean_expires_at(self) -> datetime | None:
        days = self.cleaned_data["expires_at"]
        return timezone.now() + timedelta(days=days) if days else None


class WebhookForm(VerbMixin, forms.Form):
    url = forms.CharField(
        label="Address",
        help_text="Begins with https:// and is on the public internet.",
        widget=forms.URLInput(attrs={"inputmode": "url", "autocomplete": "off"}),
    )
    events = forms.MultipleChoiceField(
        label="Tell it when",
        choices=[(kind, f"{words} ({kind})") for kind, words in EVENTS.items()],
        initial=list(EVENTS),
        widget=forms.CheckboxSelectMultiple(attrs={"class": "choices"}),
    )
    name = forms.CharField(
        required=False, max_length=80, help_text="What it is for, such as “data warehouse”."
    )
