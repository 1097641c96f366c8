"""Touchpoints: every contact of a segment's journey, with what makes it evidence."""

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models

from connected.models.firms import Segment
from connected.models.tenant import Tenant
from connected.walls import TenantKey


class Step(models.TextChoices):
    """The four R's of the journey [Connected Strategy, ch. 1 and 4]."""

    RECOGNIZE = "recognize", "Recognize"
    REQUEST = "request", "Request"
    RESPOND = "respond", "Respond"
    REPEAT = "repeat", "Repeat"


class Phase(models.TextChoices):
    AWARENESS = "awareness", "Awareness"
    SELL = "sell", "Sell and nurture"
    USE = "use", "In use"
    EXTEND = "extend", "Extend or resell"


class Initiator(models.TextChoices):
    CUSTOMER = "customer", "Customer"
    FIRM = "firm", "Firm"
    SYSTEM = "system", "System"
    PEER = "peer", "Peer"


class Trigger(models.TextChoices):
    CUSTOMER_ACT = "customer_act", "Customer’s act"
    CALENDAR = "calendar", "Calendar"
    CAMPAIGN = "campaign", "Campaign"
    SENSED = "sensed", "Sensed state"


class Decides(models.TextChoices):
    CUSTOMER = "customer", "Customer"
    SHORTLIST = "shortlist", "Customer, from a shortlist"
    CONSENT = "consent", "Firm, under consent"


class Direction(models.TextChoices):
    ONE_WAY = "one_way", "One-way"
    TWO_WAY = "two_way", "Two-way"


class Content(models.TextChoices):
    SAME = "same", "Same for all"
    SEGMENT = "segment", "By segment"
    INDIVIDUAL = "individual", "Individual"


class Supplier(models.TextChoices):
    OWN = "own", "Own"
    PARTNER = "partner", "Partner firm"
    INDIVIDUAL = "individual", "Individual"
    MEMBER = "member", "Member"


class Latency(models.TextChoices):
    INSTANT = "instant", "At once"
    MINUTES = "minutes", "Minutes"
    HOURS = "hours", "Hours"
    DAYS = "days", "Days"
    WEEKS = "weeks", "Weeks"


class Medium(models.TextChoices):
    PERSONAL = "personal", "Personal"
    PHYSICAL = "physical", "Physical"
    DIGITAL = "digital", "Digital"


class Part(models.TextChoices):
    PRODUCT = "product", "Product"
    TRANSACTION = "transaction", "Transaction"
    INTERACTION = "interaction", "Interaction"


def _known(field: str, choices: type[models.TextChoices], *, silent: bool = False) -> models.CheckConstraint:
    """Only these values; ``silent`` also takes the empty text, which is: nobody has said."""
    allowed = ["", *choices.values] if silent else choices.values
    return models.CheckConstraint(
        condition=models.Q(**{f"{field}__in": allowed}), name=f"touchpoint_{field}_known"
    )


class Touchpoint(Tenant):
    """One contact between a segment and the firm, in journey order. Importance and pain are 0-4.

    What makes it evidence is not stated until someone states it: '' for a choice, None for yes or no and
    for importance and pain. Nothing is concluded from silence.
    """

    segment = TenantKey(Segment, on_delete=models.CASCADE, related_name="touchpoints")
    position = models.IntegerField(default=0)
    step = models.CharField(max_length=10, choices=Step.choices)
    phase = models.CharField(max_length=10, choices=Phase.choices, default=Phase.USE)
    name = models.CharField(max_length=120)
    description = models.CharField(max_length=400, blank=True)
    initiator = models.CharField(max_length=10, choices=Initiator.choices, blank=True)
    trigger = models.CharField(max_length=12, choices=Trigger.choices, blank=True)
    decides = models.CharField("who decides", max_length=10, choices=Decides.choices, blank=True)
    direction = models.CharField(max_length=8, choices=Direction.choices, blank=True)
    identified = models.BooleanField("customer identified", null=True, blank=True)
    carries_context = models.BooleanField("carries earlier context", null=True, blank=True)
    content = models.CharField("content level", max_length=10, choices=Content.choices, blank=True)
    supplier = models.CharField(max_length=10, choices=Supplier.choices, blank=True)
    data_captured = models.CharField(max_length=200, blank=True)
    consent_basis = models.CharField(max_length=200, blank=True)
    latency = models.CharField(max_length=8, choices=Latency.choices, blank=True)
    medium = models.CharField(max_length=8, choices=Medium.choices, default=Medium.DIGITAL)
    part = models.CharField("experience part", max_length=12, choices=Part.choices, blank=True)
    signature = models.BooleanField("signature experience", default=False)
    importance = models.SmallIntegerField(
        null=True, blank=True, validators=[MinValueValidator(0), MaxValueValidator(4)]
    )
    pain = models.SmallIntegerField(
        null=True, blank=True, validators=[MinValueValidator(0), MaxValueValidator(4)]
    )
    cost = models.CharField(max_length=80, blank=True)
    owner = models.CharField(max_length=80, blank=True)
    metric = models.CharField("key metric", max_length=120, blank=True)
    metric_value = models.CharField(max_length=80, blank=True)
    date = models.DateField(null=True, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        ordering = ["position", "id"]
        constraints = [
            models.UniqueConstraint(fields=["workspace", "id"], name="touchpoint_tenant"),
            models.CheckConstraint(condition=~models.Q(name=""), name="touchpoint_has_name"),
            models.CheckConstraint(
                condition=models.Q(importance__range=(0, 4)), name="touchpoint_importance_range"
            ),
            models.CheckConstraint(condition=models.Q(pain__range=(0, 4)), name="touchpoint_pain_range"),
            _known("step", Step),
            _known("phase", Phase),
            _known("initiator", Initiator, silent=True),
            _known("trigger", Trigger, silent=True),
            _known("decides", Decides, silent=True),
            _known("direction", Direction, silent=True),
            _known("content", Content, silent=True),
            _known("supplier", Supplier, silent=True),
            _known("latency", Latency, silent=True),
            _known("medium", Medium),
            _known("part", Part, silent=True),
        ]
        indexes = [models.Index(fields=["workspace", "segment", "position"], name="touchpoint_in_journey")]

    def __str__(self) -> str:
        return self.name
