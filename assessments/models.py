"""What people are asked and what they answer."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models.functions import Length, Now

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

# Checked: it has been tried, has written nothing, and waits for somebody's word.
IMPORT_STATES = Transitions(
    "large import",
    {
        "waiting": ("running", "cancelled"),
        "running": ("waiting", "checked", "done", "refused", "cancelled", "failed"),
        "checked": ("waiting", "cancelled"),
        "done": (),
        "refused": (),
        "cancelled": (),
        "failed": (),
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


class Crosswalk(models.Model):
    """What became of each item between two versions of a questionnaire; immutable, shared like them.

    ``definition`` is the data file as loaded; :class:`assessments.crosswalk.Crosswalk` reads it.
    """

    before = models.ForeignKey(Instrument, on_delete=models.PROTECT, related_name="ways_on")
    after = models.ForeignKey(Instrument, on_delete=models.PROTECT, related_name="ways_here")
    definition = models.JSONField()
    fingerprint = models.CharField(max_length=64)
    loaded_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["before", "after"]
        constraints = [models.UniqueConstraint(fields=["before", "after"], name="crosswalk_once")]

    def __str__(self) -> str:
        return f"{self.before} to {self.after}"


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
    # From its first discussion on nobody's group changes, and a group never again once someone was removed:
    # what was shown before and what is shown after would tell single answers.
    groups_closed_at = models.DateTimeField(null=True, blank=True, editable=False)
    groups_withdrawn = models.BooleanField(default=False, editable=False)
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
    ``wants``: what the segment wants in situations that are not routine, 0-4 by code such as ``P1.urgent``,
    null "do not know"; what was not answered is absent.
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
    wants = models.JSONField(
        default=dict, db_default=models.Value({}, output_field=models.JSONField()), blank=True
    )
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


class Upgrade(Tenant):
    """A workshop was moved from one version of its questionnaire to another, or back.

    Of the answers there were, ``carried`` went along and ``kept`` stayed with the version that was left;
    ``returned`` came back from what was kept of the other. ``sheets``: how many were rewritten.
    """

    workshop = TenantKey(Workshop, on_delete=models.CASCADE, related_name="upgrades")
    before = models.ForeignKey(Instrument, on_delete=models.PROTECT, related_name="+")
    after = models.ForeignKey(Instrument, on_delete=models.PROTECT, related_name="+")
    sheets = models.IntegerField()
    carried = models.IntegerField()
    kept = models.IntegerField()
    returned = models.IntegerField()
    created_by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["-id"]
        indexes = [models.Index(fields=["workspace", "workshop", "-id"], name="upgrade_of_workshop")]

    def __str__(self) -> str:
        return f"{self.before} to {self.after}"


class KeptSheet(Tenant):
    """What a sheet said, whole, under a version its workshop is not asked any more.

    Arrays by the positions of ``instrument``; ``version`` was the sheet's. Answers that a page still open
    on that version sends later are added here.
    """

    workshop = TenantKey(Workshop, on_delete=models.CASCADE, related_name="+")
    participant = TenantKey(Participant, on_delete=models.CASCADE, related_name="+")
    segment = TenantKey(Segment, on_delete=models.CASCADE, related_name="+")
    round = models.PositiveSmallIntegerField(default=1)
    instrument = models.ForeignKey(Instrument, on_delete=models.PROTECT, related_name="+")
    answers = ArrayField(models.SmallIntegerField(null=True))
    given = ArrayField(models.BooleanField())
    evidence = models.JSONField(default=dict, blank=True)
    wants = models.JSONField(default=dict, blank=True)
    version = models.IntegerField(default=0)
    kept_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["workspace", "participant", "segment", "round", "instrument"], name="kept_sheet_once"
            ),
            models.CheckConstraint(
                condition=models.Q(answers__len=models.F("given__len")), name="kept_sheet_arrays_match"
            ),
        ]
        indexes = [
            models.Index(fields=["workspace", "workshop", "instrument"], name="kept_sheet_of_workshop"),
            models.Index(fields=["workspace", "segment"], name="kept_sheet_of_segment"),
        ]


class ImportJob(Tenant):
    """A large answers file on its way in, worked off by a worker.

    ``writes`` false: it is only tried. ``share`` (0-1) is how much is done. ``counts`` are those of
    :class:`assessments.services.imports.Imported`; of ``problem_count`` bad rows the first are in
    ``problems``. A worker holds it until ``lease_until``, as the ``attempts``-th that ever did, and
    ``tries_left`` more may follow.
    """

    name = models.CharField(max_length=200)
    size = models.BigIntegerField(default=0)
    state = models.CharField(max_length=9, default="waiting", choices=[(s, s) for s in IMPORT_STATES.table])
    writes = models.BooleanField()
    share = models.FloatField(default=0)
    counts = models.JSONField(null=True)
    problems = models.JSONField(default=list)
    problem_count = models.IntegerField(default=0)
    reason = models.TextField(blank=True)
    attempts = models.IntegerField(default=0)
    tries_left = models.SmallIntegerField(default=3)
    lease_until = models.DateTimeField(null=True)
    published_at = models.DateTimeField(null=True)
    created_by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, related_name="+")
    created_at = models.DateTimeField(db_default=Now())
    ended_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(fields=["workspace", "id"], name="import_tenant"),
            models.CheckConstraint(
                condition=models.Q(state__in=list(IMPORT_STATES.table)), name="import_state_known"
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def is_over(self) -> bool:
        return not IMPORT_STATES.table[self.state]


class ImportPart(Tenant):
    """A piece of an import's file, packed by zlib; they are deleted when the import is over."""

    job = TenantKey(ImportJob, on_delete=models.CASCADE, related_name="parts")
    index = models.IntegerField()
    data = models.BinaryField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["workspace", "job", "index"], name="import_part_once")]
