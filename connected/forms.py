"""What people type about firms, segments, touchpoints, members and tokens, in the words of the domain."""

from datetime import datetime, timedelta
from typing import Any, ClassVar

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import Choices
from django.utils import timezone

from connected.models import EVENTS, Firm, Role, Scope, Segment, Touchpoint, touchpoints
from connected.models.firms import written_currency
from connected.verbforms import RowForm, VerbMixin


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
        try:
            return written_currency(self.cleaned_data["currency"])
        except ValueError as odd:
            raise ValidationError(str(odd)) from odd

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
