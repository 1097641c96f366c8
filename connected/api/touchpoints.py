"""Touchpoints: every contact of a segment's journey."""

import django_filters
from rest_framework.serializers import ModelSerializer

from connected import services
from connected.api.lists import ChangedSinceFilter, IdFilter, YesNoFilter
from connected.api.resources import IdField, Resource, Verbs, described, example
from connected.models import Touchpoint
from connected.models.touchpoints import Initiator, Medium, Phase, Step
from connected.permissions import visible_touchpoints

# Choices nobody is taken to have made: what each says.
_SILENT = {
    "initiator": "Who begins it",
    "trigger": "What sets it off",
    "decides": "Who decides",
    "direction": "Whether both can speak",
    "content": "For whom it is made",
    "supplier": "Who supplies it",
    "latency": "How soon it follows",
    "part": "Part of the experience",
}


class TouchpointBody(ModelSerializer[Touchpoint]):
    segment = IdField(source="segment_id", help_text="The segment it belongs to; stays as it was made.")

    class Meta:
        model = Touchpoint
        exclude = ("workspace",)
        extra_kwargs = {
            "position": {"min_value": 0, "help_text": "Place in the journey from 0; without it, at the end."},
            "step": {"help_text": "Step of the journey."},
            "importance": {"help_text": "0-4; null is not known."},
            "pain": {"help_text": "0-4; null is not known."},
            "identified": {"help_text": "The customer is recognised here; null is not stated."},
            "carries_context": {
                "help_text": "It resumes where the last contact stopped; null is not stated."
            },
            **{name: {"help_text": f"{words}; empty text is not stated."} for name, words in _SILENT.items()},
        }


class TouchpointFilters(django_filters.FilterSet):  # type: ignore[misc]
    segment = IdFilter(field_name="segment_id", help_text="The journey of this segment.")
    firm = IdFilter(field_name="segment__firm_id", help_text="All journeys of this firm.")
    step = django_filters.ChoiceFilter(choices=Step.choices, help_text="Step of the journey.")
    phase = django_filters.ChoiceFilter(choices=Phase.choices, help_text="Phase of the plan.")
    initiator = django_filters.ChoiceFilter(choices=Initiator.choices, help_text="Who begins it.")
    medium = django_filters.ChoiceFilter(choices=Medium.choices, help_text="Personal, physical or digital.")
    signature = YesNoFilter(help_text="Signature experiences, or all others.")
    changed_since = ChangedSinceFilter()


@described(
    "Touchpoints",
    "a touchpoint",
    "touchpoints",
    example(
        segment=1,
        step="request",
        name="Works chosen from past likes",
        initiator="firm",
        decides="shortlist",
        content="individual",
        identified=True,
        importance=4,
        pain=1,
    ),
    create="Goes to the end of the journey unless a position is given.",
)
class TouchpointViews(Resource):
    model = Touchpoint
    serializer_class = TouchpointBody
    filterset_class = TouchpointFilters
    verbs = Verbs(
        visible=visible_touchpoints,
        add=services.add_touchpoint,
        change=services.change_touchpoint,
        drop=services.drop_touchpoint,
        add_all=services.add_touchpoints,
        key="touchpoint_id",
        parent="segment",
    )
