"""Which field must hold what in a world whose every value can be recognised.

A field of a tenant model is recognisable (its rows of the other workspace hold a sign), or stands here
with the reason why it cannot be.
"""

from collections.abc import Iterator

from django.contrib.postgres.fields import ArrayField
from django.db import models

from tests.isolation.world import tenant_models

_SCALE = "a small range every workspace uses"
_RECKONED = "reckoned from answers; that others do not count is tested by taking them away"
_COUNTED = "counted by the machinery"
EXCUSED: dict[str, str] = {
    "connected.Touchpoint.importance": _SCALE,
    "connected.Touchpoint.pain": _SCALE,
    "connected.KeptAnswer.status": "a number of HTTP",
    "connected.Webhook.events": "kinds every workspace knows",
    "connected.Webhook.failures": _COUNTED,
    "connected.Delivery.kind": "kinds every workspace knows",
    "connected.Delivery.attempts": _COUNTED,
    "connected.Delivery.status": "a number of HTTP",
    "assessments.Workshop.round": _SCALE,
    "assessments.Sheet.round": _SCALE,
    "assessments.Sheet.answers": _SCALE,
    "assessments.Sheet.given": "yes or no",
    "assessments.Sheet.wants": _SCALE,
    "assessments.Sheet.version": _COUNTED,
    **{f"assessments.Upgrade.{name}": _COUNTED for name in ("sheets", "carried", "kept", "returned")},
    "assessments.KeptSheet.round": _SCALE,
    "assessments.KeptSheet.answers": _SCALE,
    "assessments.KeptSheet.given": "yes or no",
    "assessments.KeptSheet.version": _COUNTED,
    "assessments.KeptSheet.wants": _SCALE,
    **{
        f"assessments.ImportJob.{name}": _COUNTED
        for name in ("size", "share", "counts", "problem_count", "attempts", "tries_left")
    },
    "assessments.ImportPart.index": _COUNTED,
    "matrix.ModelDraft.version": _COUNTED,
    "matrix.Run.total": _COUNTED,
    "matrix.Run.generation": _COUNTED,
    "matrix.Run.changes": _RECKONED,
    "matrix.Generation.generation": _COUNTED,
    "matrix.Move.placement": _COUNTED,
    "matrix.Stale.attempts": _COUNTED,
    "matrix.Stale.reason": "written when a segment cannot be scored, which none here is",
    "matrix.CubeState.segments": _COUNTED,
    "matrix.CubeState.data": _RECKONED,
    "matrix.Headcount.segments": _COUNTED,
    "matrix.Sums.last": _COUNTED,
    "matrix.Sums.seen": _COUNTED,
    "matrix.Placement.generation": _COUNTED,
    "matrix.Placement.derived": _RECKONED,
    "matrix.Chunk.index": _COUNTED,
    "matrix.Chunk.size": _COUNTED,
    "matrix.Chunk.attempts": _COUNTED,
    "matrix.Chunk.placed": _COUNTED,
    "matrix.Chunk.elsewhere": _COUNTED,
    "matrix.Placement.raters": _COUNTED,
    "matrix.Placement.tally": _RECKONED,
    "matrix.Placement.form": "full or short",
    "matrix.Placement.confidence_cell": _RECKONED,
    "matrix.Placement.confidence_quadrant": _RECKONED,
    **{
        f"matrix.Placement.{name}": _RECKONED
        for name in (
            *("rd", "co", "cb", "ae", "pr", "rt", "mm", "cw", "pp", "present", "gates", "intrusive"),
            *("agree_rd", "agree_co", "agree_cb", "agree_ae", "agreement", "coverage", "quadrant"),
            *("want_rd", "want_co", "want_cb", "want_ae", "primary_relationship", "primary_architecture"),
            *("identify", "differentiate", "interact", "customize"),
        )
    },
    **{
        f"matrix.Change.{name}": _RECKONED
        for name in (
            *("sign", "raters", "present", "primary_relationship", "primary_architecture", "quadrant"),
            *(
                "interact",
                "customize",
                "rd",
                "co",
                "cb",
                "ae",
                "agree_rd",
                "agree_co",
                "agree_cb",
                "agree_ae",
                "want_rd",
                "want_co",
                "want_cb",
                "want_ae",
                "intrusive",
                "model_id",
                "confidence_cell",
            ),
        )
    },
}
_SAYING = (models.CharField, models.TextField, models.JSONField, models.BinaryField, ArrayField)
_COUNTING = (models.IntegerField, models.FloatField, models.DecimalField)


def saying() -> Iterator[tuple[str, type[models.Model], "models.Field[object, object]"]]:
    """Every field of a tenant model that holds words or numbers of its own; choices hold neither."""
    for model in tenant_models():
        for field in model._meta.local_fields:
            speaks = isinstance(field, (*_SAYING, *_COUNTING)) and not field.primary_key
            if speaks and not field.choices:
                yield f"{model._meta.app_label}.{model.__name__}.{field.name}", model, field
