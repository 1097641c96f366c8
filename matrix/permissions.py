"""May you see this placement, this run?"""

from datetime import datetime

from django.db.models import Q, QuerySet
from django.http import Http404

from connected.permissions import Actor, firm_filter, must_edit
from matrix.models import GoneSegment, ModelDraft, Placement, Run, ScoringModel, StandingPlacement
from matrix.queries import past, placements


def visible_placements(actor: Actor) -> "QuerySet[StandingPlacement]":
    """Placements in force of the firms the actor may see."""
    return placements.standing(actor.firms)


def visible_past(actor: Actor, moment: datetime) -> "QuerySet[Placement]":
    """Those that were in force then, of the firms the actor may see today."""
    return past.stood(moment, actor.firms)


def visible_gone(actor: Actor, rows: "QuerySet[GoneSegment]") -> "QuerySet[GoneSegment]":
    """Those of firms the actor may see today: a grant goes with its firm."""
    return rows.filter(firm_filter(actor, "firm"))


def see_placement(actor: Actor, placement_id: int) -> Placement:
    """Any placement, in force or of old, of a firm the actor may see; its tally included."""
    rows = Placement.objects.select_related("segment__firm", "model__instrument", "run")
    if actor.firms is not None:
        rows = rows.filter(segment__firm_id__in=actor.firms)
    if (placement := rows.filter(pk=placement_id).first()) is None:
        raise Http404("No such placement.")
    return placement


def see_model(actor: Actor, model_id: int) -> ScoringModel:
    """A version everyone has, or one of this workspace: every member may read how scores are made."""
    rows = ScoringModel.objects.select_related("instrument", "base")
    if (model := rows.filter(pk=model_id).first()) is None:
        raise Http404("No such model.")
    return model


def visible_drafts(actor: Actor) -> "QuerySet[ModelDraft]":
    """Drafts are for those who may publish them."""
    rows = ModelDraft.objects.select_related("base__instrument", "edited_by")
    return rows if actor.may_edit else rows.none()


def edit_draft(actor: Actor, draft_id: int) -> ModelDraft:
    must_edit(actor)
    if (draft := visible_drafts(actor).filter(pk=draft_id).first()) is None:
        raise Http404("No such draft.")
    return draft


def visible_runs(actor: Actor) -> "QuerySet[Run]":
    """A manager sees runs over firms granted to them; runs over the whole workspace are not theirs."""
    rows = Run.objects.select_related("model", "firm", "created_by", "decided_by")
    return rows if actor.firms is None else rows.filter(Q(firm_id__in=actor.firms))


def see_run(actor: Actor, run_id: int) -> Run:
    if (run := visible_runs(actor).filter(pk=run_id).first()) is None:
        raise Http404("No such run.")
    return run


def edit_run(actor: Actor, run_id: int) -> Run:
    run = see_run(actor, run_id)
    must_edit(actor)
    return run
