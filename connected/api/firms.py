"""Firms: the companies under assessment."""

import django_filters
from rest_framework.serializers import ModelSerializer

from connected import services
from connected.api.lists import ChangedSinceFilter
from connected.api.resources import Resource, Verbs, described, example
from connected.models import Firm
from connected.permissions import visible_firms


class FirmBody(ModelSerializer[Firm]):
    class Meta:
        model = Firm
        fields = ("id", "name", "industry", "need", "refuses", "created_at", "updated_at")


class FirmFilters(django_filters.FilterSet):  # type: ignore[misc]
    name = django_filters.CharFilter(lookup_expr="iexact", help_text="This name, capitals aside.")
    industry = django_filters.CharFilter(lookup_expr="iexact", help_text="This industry, capitals aside.")
    changed_since = ChangedSinceFilter()


@described(
    "Firms",
    "a firm",
    "firms",
    example(name="Artsy", industry="Art", need="Live with art one loves", refuses="Selling prints"),
    list="Managers see the firms granted to them; a firm that may not be seen answers 404 everywhere.",
    destroy="Deletes its segments, journeys, workshops and placements too.",
)
class FirmViews(Resource):
    model = Firm
    serializer_class = FirmBody
    filterset_class = FirmFilters
    verbs = Verbs(
        visible=visible_firms,
        add=services.add_firm,
        change=services.change_firm,
        drop=services.drop_firm,
        add_all=services.add_firms,
        key="firm_id",
    )
