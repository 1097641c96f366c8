"""What people are asked and what they answer."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models.functions import Length

from connected.models import Firm, Segment, Tenant, User
from connected.states import Transitions
from connected.walls import TenantKey

WORKSHOP_STATES = Transitions(
    "workshop",
    {
        "preparing": ("collecting",),
        "collecting": ("discussing", "committed"),
        "discussing": ("collecting", "committed"),
        "committed": ("discussing",),
    },
)


class Instrument(models.Model):
    """One immutable version of a questionnaire, shared by all workspaces.

    ``definition`` is the data file as loaded; :func:`assessments.instrument.parse` reads it.
    """

    code = models.CharField(max_length=20)
    version = models.PositiveSmallIntegerField()
    title = models.CharField(max_length=120)
    definition = models.JSONField()
    fingerprint = models.CharField(max_length=64)
    loaded_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["code", "version"]
        constraints = [models.UniqueConstraint(fields=["code", "version"], name="instrument_version_once")]

    def __str__(self) -> str:
        return f"{self.code} v{self.version}"


class Form(models.TextChoices):
    FULL = "full", "Full"
    SHORT = "short", "Short"


class Reveal(models.TextChoices):
    """Who may see answers while a workshop collects: the facilitator, or nobody but their giver."""

    OPEN = "open", "Open to facilitators"
    BLIND = "blind", "Blind until discussed"


class Workshop(Tenant):
    """One assessment of one firm: who was asked what, in which rounds."""

    firm = TenantKey(Firm, on_delete=models.CASCADE, related_name="workshops")
    instrument = models.ForeignKey(Instrument, on_delete=models.PROTECT, related_name="+")
    name = models.CharField(max_length=120)
    state = models.CharField(
        max_length=12, default="collecting", choices=[(s, s) for s in WORKSHOP_STATES.table]
    )
    form = models.CharField(max_length=5, choices=Form.choices, default=Form.FULL)
    reveal = models.CharField(max_length=5, choices=Reveal.choices, default=Reveal.OPEN)
    round = models.PositiveSmallIntegerField(default=1)
    created_by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(fields=["workspace", "id"], name="workshop_tenant"),
            models.CheckConstraint(
                condition=models.Q(state__in=list(WORKSHOP_STATES.table)), name="workshop_state_known"
            ),
            models.CheckConstraint(condition=models.Q(form__in=Form.values), name="workshop_form_known"),
            models.CheckConstraint(
                condition=models.Q(reveal__in=Reveal.values), name="workshop_reveal_known"
            ),
            models.CheckConstraint(condition=models.Q(round__gte=1), name="workshop_round_from_one"),
        ]
        indexes = [models.Index(fields=["workspace", "firm", "-id"], name="workshop_of_firm")]

    def __str__(self) -> str:
        return self.name


class Participant(Tenant):
    """A person, or a role, who answers in one workshop. Needs no account."""

    workshop = TenantKey(Workshop, on_delete=models.CASCADE, related_name="participants")
    name = models.CharField(max_length=120)
    group = models.CharField(max_length=60, blank=True)
    user = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(fields=["workspace", "id"], name="participant_tenant"),
            models.UniqueConstraint(
                fields=["workspace", "workshop", "name"],
                name="participant_once",
                violation_error_message="Someone of that name already takes part.",
            ),
            models.CheckConstraint(condition=~models.Q(name=""), name="participant_has_name"),
        ]

    def __str__(self) -> str:
        return self.name


class Digits(models.Func):
    """Answers as text, a digit an item and ``-`` for one not known."""

    function = "assessments_digits"
    arity = 1


class Sheet(Tenant):
    """One participant's answers for one segment in one round.

    ``answers[p]`` is the answer at item position ``p`` of the workshop's instrument, null when not
    known; ``given[p]`` says whether the participant answered, "do not know" included. ``digits`` are the
    answers once more, as the database writes them: a text is read eight times quicker than an array.
    """

    workshop = TenantKey(Workshop, on_delete=models.CASCADE, related_name="sheets")
    participant = TenantKey(Participant, on_delete=models.CASCADE, related_name="sheets")
    segment = TenantKey(Segment, on_delete=models.CASCADE, related_name="sheets")
    round = models.PositiveSmallIntegerField(default=1)
    answers = ArrayField(models.SmallIntegerField(null=True))
    given = ArrayField(models.BooleanField())
    digits = models.GeneratedField(
        expression=Digits("answers"), output_field=models.TextField(), db_persist=True
    )
    evidence = models.JSONField(default=dict, blank=True)
    version = models.IntegerField(default=1)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(fields=["workspace", "id"], name="sheet_tenant"),
            models.UniqueConstraint(
                fields=["workspace", "segment", "workshop", "participant", "round"], name="sheet_once"
            ),
            models.CheckConstraint(condition=models.Q(round__gte=1), name="sheet_round_from_one"),
            models.CheckConstraint(
                condition=models.Q(answers__len=models.F("given__len")), name="sheet_arrays_match"
            ),
            # What is read is the digits: a number of two would shift all that follow.
            models.CheckConstraint(
                condition=models.Q(answers__len=Length("digits")), name="sheet_answers_are_digits"
            ),
        ]
        indexes = [models.Index(fields=["workspace", "participant", "round"], name="sheet_of_participant")]
