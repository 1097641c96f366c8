"""Segments: one offering for one customer group, in one situation where it matters."""

import django_filters
from django.core.validators import RegexValidator
from drf_spectacular.utils import extend_schema_field
from rest_framework.serializers import DecimalField, ModelSerializer

from connected import services
from connected.api.lists import ChangedSinceFilter, IdFilter
from connected.api.resources import IdField, Resource, Verbs, described, example
from connected.models import Consent, Segment
from connected.models.firms import NO_CURRENCY
from connected.permissions import visible_segments


@extend_schema_field(
    {"type": "string", "format": "decimal", "pattern": r"^\d{1,16}(\.\d{1,2})?$", "nullable": True}
)
class Money(DecimalField):
    """Text, so that no cent is lost."""


class SegmentBody(ModelSerializer[Segment]):
    firm = IdField(source="firm_id", help_text="The firm it belongs to; stays as it was made.")
    revenue = Money(
        max_digits=18,
        decimal_places=2,
        min_value=0,
        allow_null=True,
        required=False,
        help_text="Revenue a year as decimal text, needs a currency; null is not known.",
    )

    class Meta:
        model = Segment
        fields = (
            "id",
            "firm",
            "name",
            "offering",
            "situation",
            "customers",
            "revenue",
            "currency",
            "consent",
            "source",
            "created_at",
            "updated_at",
        )
        extra_kwargs = {
            "name": {"help_text": "The customer group."},
            "customers": {"help_text": "How many customers; null is not known."},
            "currency": {
                "help_text": "Three letters, such as EUR.",
                "validators": [RegexValidator("^[A-Za-z]{3}$", NO_CURRENCY)],
            },
            "consent": {"help_text": "Whether these customers consent to coaching and automatic execution."},
        }


class SegmentFilters(django_filters.FilterSet):  # type: ignore[misc]
    firm = IdFilter(field_name="firm_id", help_text="Segments of this firm.")
    name = django_filters.CharFilter(lookup_expr="iexact", help_text="This customer group, capitals aside.")
    offering = django_filters.CharFilter(lookup_expr="iexact", help_text="This offering, capitals aside.")
    situation = django_filters.CharFilter(lookup_expr="iexact", help_text="This situation, capitals aside.")
    consent = django_filters.ChoiceFilter(choices=Consent.choices, help_text="The consent gate.")
    changed_since = ChangedSinceFilter()


@described(
    "Segments",
    "a segment",
    "segments",
    example(
        firm=1,
        name="Collectors",
        offering="Marketplace",
        situation="First purchase",
        customers=250000,
        revenue="1200000.00",
        currency="EUR",
        consent="unsure",
    ),
    create="The unit of assessment: one offering for one customer group, in one situation if it matters.",
    destroy="Deletes its journey, sheets and placements too.",
)
class SegmentViews(Resource):
    model = Segment
    serializer_class = SegmentBody
    filterset_class = SegmentFilters
    verbs = Verbs(
        visible=visible_segments,
        add=services.add_segment,
        change=services.change_segment,
        drop=services.drop_segment,
        add_all=services.add_segments,
        key="segment_id",
        parent="firm",
    )
