"""Firms and their segments."""

from django.core.exceptions import ValidationError
from django.core.validators import MinValueValidator
from django.db import models

from connected.models.tenant import Tenant
from connected.walls import TenantKey


class Firm(Tenant):
    """A company under assessment, with the need it serves and what it refuses to do."""

    name = models.CharField(max_length=120)
    industry = models.CharField(max_length=120, blank=True)
    need = models.TextField("human need it serves", max_length=1000, blank=True)
    refuses = models.TextField("what it refuses", max_length=1000, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        ordering = ["name", "id"]
        constraints = [
            models.UniqueConstraint(fields=["workspace", "id"], name="firm_tenant"),
            models.UniqueConstraint(
                fields=["workspace", "name"],
                name="firm_name_once",
                violation_error_message="This workspace already has a firm of that name.",
            ),
            models.CheckConstraint(condition=~models.Q(name=""), name="firm_has_name"),
        ]

    def __str__(self) -> str:
        return self.name


class Consent(models.TextChoices):
    """The consent gate: without consent coaching and automatic execution are not recommended."""

    YES = "yes", "Yes"
    NO = "no", "No"
    UNSURE = "unsure", "Unsure"


NO_CURRENCY = "Write the currency as three letters, such as EUR."


def written_currency(text: str) -> str:
    """In capital letters, or empty; ValueError in words for what is no code of three letters."""
    code = text.strip().upper()
    if code and not (len(code) == 3 and code.isascii() and code.isalpha()):
        raise ValueError(NO_CURRENCY)
    return code


class Segment(Tenant):
    """One offering for one customer group, in one situation if it matters: the unit of assessment."""

    firm = TenantKey(Firm, on_delete=models.CASCADE, related_name="segments")
    name = models.CharField("customer group", max_length=120)
    offering = models.CharField(max_length=160, blank=True)
    situation = models.CharField(max_length=120, blank=True)
    customers = models.BigIntegerField(null=True, blank=True, validators=[MinValueValidator(0)])
    revenue = models.DecimalField(
        "revenue a year",
        max_digits=18,
        decimal_places=2,
        null=True,
        blank=True,
        validators=[MinValueValidator(0)],
    )
    currency = models.CharField(max_length=3, blank=True)
    consent = models.CharField(max_length=6, choices=Consent.choices, default=Consent.UNSURE)
    source = models.TextField("where the figures come from", max_length=1000, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(fields=["workspace", "id"], name="segment_tenant"),
            models.UniqueConstraint(
                fields=["workspace", "firm", "offering", "name", "situation"],
                name="segment_once",
                violation_error_message="This firm already has that group for this offering and situation.",
            ),
            models.CheckConstraint(condition=~models.Q(name=""), name="segment_has_name"),
            models.CheckConstraint(condition=models.Q(customers__gte=0), name="segment_customers_range"),
            # Upper bound included: NaN sorts above every number in PostgreSQL.
            models.CheckConstraint(
                condition=models.Q(revenue__gte=0, revenue__lt=10**16), name="segment_revenue_range"
            ),
            models.CheckConstraint(
                condition=models.Q(consent__in=Consent.values), name="segment_consent_known"
            ),
            models.CheckConstraint(
                condition=models.Q(revenue__isnull=True) | ~models.Q(currency=""),
                name="segment_revenue_has_currency",
                violation_error_message="Revenue needs a currency, such as EUR.",
            ),
        ]

    def clean(self) -> None:
        try:
            self.currency = written_currency(self.currency)
        except ValueError as odd:
            raise ValidationError({"currency": str(odd)}) from odd

    def __str__(self) -> str:
        return self.name
