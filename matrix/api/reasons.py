"""Why a placement changed, and what would move it: as plain values, and their shapes for the schema."""

from typing import Any

from rest_framework.serializers import (
    BooleanField,
    CharField,
    DictField,
    FloatField,
    IntegerField,
    JSONField,
    ListField,
    Serializer,
)

from matrix.findings import change as change_words
from matrix.findings import moves as move_words
from matrix.models import PlacementBase
from matrix.proofs import Proof
from matrix.queries.comparable import Break
from matrix.queries.earns import earned
from matrix.scoring import Change, Move, Moved, Outcome, Turn, Ways


def change_body(
    before: PlacementBase | None, after: PlacementBase, found: Change | None, gap: Break | None
) -> dict[str, Any]:
    """Empty lists where there is no earlier placement, or one of another questionnaire."""
    return {
        "segment": after.segment_id,
        "before": _end(before),
        "after": _end(after),
        "comparable": gap is None,
        "incomparable_because": gap.words if gap else None,
        "said": [change_words.headline(found), *change_words.sentences(found)] if found else [],
        "steps": [
            {
                "kind": step.kind,
                "item": step.item,
                "before": step.before,
                "after": step.after,
                "chosen": list(step.chosen) if step.chosen else None,
            }
            for step in (found.steps if found else ())
        ],
        "scores": [_moved(score) for score in (found.scores if found else ())],
        "labels": [_turn(turn) for turn in (found.turns if found else ())],
    }


def _end(placement: PlacementBase | None) -> dict[str, Any] | None:
    if placement is None:
        return None
    return {
        "placement": placement.pk,
        "run": placement.run_id,
        "computed_at": placement.computed_at,
        "model": str(placement.model.code) + f".v{placement.model.version}",
        "fingerprint": placement.fingerprint,
    }


def _moved(score: Moved) -> dict[str, Any]:
    return {
        "kind": score.kind,
        "code": score.code,
        "before": score.before,
        "after": score.after,
        "parts": list(score.parts) if score.parts or score.before is not None is not score.after else None,
    }


def _turn(turn: Turn) -> dict[str, Any]:
    return {
        "name": turn.name,
        "code": turn.code,
        "before": turn.before,
        "after": turn.after,
        "step": turn.step,
        "because": [
            {
                "what": reason.what,
                "code": reason.code,
                "before": reason.before,
                "after": reason.after,
                "line_before": float(reason.line_before),
                "line_after": float(reason.line_after),
                "up": bool(reason.up),
            }
            for reason in turn.reasons
        ],
    }


def ways_body(placement: PlacementBase, proof: Proof, ways: Ways, building: Ways | None) -> dict[str, Any]:
    """The smallest way, and beside one that gives something up the smallest that does not."""
    return {
        "placement": placement.pk,
        "segment": placement.segment_id,
        "target": ways.target.code,
        "today": _stands(proof.receipt.outcome),
        **_way(proof, ways),
        "without_giving_up": _way(proof, building) if building else None,
    }


def _way(proof: Proof, ways: Ways) -> dict[str, Any]:
    return {
        "reached": ways.reached.value,
        "said": [move_words.headline(ways), move_words.explained(ways)],
        "exact": ways.exact,
        "steps": ways.steps,
        "gives_up": ways.gives_up,
        "barred": list(ways.barred),
        "moves": [_move(proof, move) for move in ways.moves],
        "then": _stands(ways.then),
    }


def _move(proof: Proof, move: Move) -> dict[str, Any]:
    by = earned(proof.questionnaire, move.item, move.after)
    return {
        "item": move.item,
        "title": proof.questionnaire.item(move.item).title,
        "before": move.before,
        "after": move.after,
        "chosen": list(move.chosen) if move.chosen else None,
        "steps": move.steps,
        "gives_up": move.gives_up,
        "earned_by": by.text,
        "where": by.where,
    }


def _stands(found: Outcome) -> dict[str, Any]:
    return {
        "present": list(found.present),
        "primary_relationship": found.primary_relationship,
        "primary_architecture": found.primary_architecture,
        "relationships": found.relationships,
        "architectures": found.architectures,
        "interact": found.interact,
        "customize": found.customize,
        "quadrant": found.quadrant,
    }


class _Step(Serializer[Any]):
    kind = CharField(help_text="answer, participants, touchpoints, questions, weights or gates")
    item = CharField(allow_null=True)
    before = FloatField(allow_null=True, help_text="Mean of the item, or number of people.")
    after = FloatField(allow_null=True)
    chosen = ListField(child=CharField(allow_null=True), allow_null=True, help_text="Of a choice.")


class _Moved(Serializer[Any]):
    kind = CharField(help_text="As in receipts; held: interact after its cap; coverage; agreement")
    code = CharField()
    before = FloatField(allow_null=True)
    after = FloatField(allow_null=True)
    parts = ListField(
        child=FloatField(), allow_null=True, help_text="What each step adds; null where an end is not known."
    )


class _Turned(Serializer[Any]):
    name = CharField()
    code = CharField(allow_null=True)
    before = JSONField(allow_null=True)
    after = JSONField(allow_null=True)
    step = IntegerField(help_text="Place in `steps` of the one that turned it last.")
    because = JSONField(help_text="What crossed which line.")


class ChangeBody(Serializer[Any]):
    segment = IntegerField()
    before = JSONField(allow_null=True, help_text="placement, run, computed_at, model and fingerprint")
    after = JSONField(help_text="The same of the later one.")
    comparable = BooleanField(
        help_text="False: by another questionnaire, or weighed, gated or cut otherwise; figures of before "
        "and after are not one series."
    )
    incomparable_because = CharField(allow_null=True)
    said = ListField(child=CharField(), help_text="In sentences.")
    steps = ListField(child=_Step())
    scores = ListField(child=_Moved())
    labels = ListField(child=_Turned())

    class Meta:
        ref_name = "PlacementChange"


class _MoveBody(Serializer[Any]):
    item = CharField()
    title = CharField()
    before = FloatField(allow_null=True, help_text="Mean today; null of a choice, or when unanswered.")
    after = IntegerField(help_text="0-4, or 1-5 of a choice.")
    chosen = ListField(child=CharField(allow_null=True), allow_null=True, help_text="Of a choice.")
    steps = FloatField()
    gives_up = BooleanField(help_text="Less is done for the customer than today.")
    earned_by = CharField(help_text="The change of touchpoints that would earn the answer.")
    where = CharField(help_text="Step of the journey.")


class _WayBody(Serializer[Any]):
    reached = CharField(help_text="there, found, barred or none")
    said = ListField(child=CharField(), help_text="In sentences.")
    exact = BooleanField(help_text="No smaller set of changes gets there.")
    steps = FloatField(help_text="Of the scale, over all changes.")
    gives_up = BooleanField()
    barred = ListField(child=CharField(), help_text="Relationships left out for lack of consent.")
    moves = ListField(child=_MoveBody())
    then = DictField(help_text="Where it would stand.")


class WaysBody(_WayBody):
    placement = IntegerField()
    segment = IntegerField()
    target = CharField()
    today = DictField(help_text="Where it stands.")
    without_giving_up = _WayBody(allow_null=True)


__all__ = ["ChangeBody", "WaysBody", "change_body", "ways_body"]
