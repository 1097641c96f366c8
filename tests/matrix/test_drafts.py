"""Models of a workspace's own: forked, edited, published for good, and nobody else's."""

from collections.abc import Callable
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import DatabaseError, connection, transaction
from django.http import Http404

from connected.models import Role
from connected.permissions import Actor
from connected.tenancy import in_workspace
from matrix import frames
from matrix.models import ModelDraft, Run, ScoringModel, Stale, StandingPlacement
from matrix.queries import models
from matrix.scoring import Model
from matrix.services import (
    DraftChanged,
    FaultyDraft,
    approve_run,
    drop_draft,
    fork_model,
    publish_draft,
    rescore_stale,
    save_draft,
    start_run,
)
from tests import factories
from tests.matrix.test_runs import work_off
from tests.matrix.worlds import GUEST, assessed

pytestmark = pytest.mark.django_db


@pytest.fixture
def draft(owner: Actor) -> ModelDraft:
    return fork_model(by=owner, model_id=models.in_force().pk)


def saved(by: Actor, draft: ModelDraft, **values: str) -> ModelDraft:
    typed = {name.replace("__", "/"): value for name, value in values.items()}
    return save_draft(by=by, draft_id=draft.pk, version=draft.version, values=typed)


def published(by: Actor, draft: ModelDraft, code: str = "parks", **more: str) -> ScoringModel:
    given = {"title": "For parks", **more}
    return publish_draft(by=by, draft_id=draft.pk, version=draft.version, code=code, **given)


def test_a_fork_begins_as_its_base(owner: Actor, draft: ModelDraft) -> None:
    assert draft.definition["quadrant"] == draft.base.definition["quadrant"]
    assert (draft.title, draft.version, draft.created_by_id) == (draft.base.title, 1, owner.user_id)


def test_what_is_typed_is_kept_right_or_wrong(owner: Actor, draft: ModelDraft) -> None:
    draft = saved(owner, draft, quadrant__cut="1,5", presence__cut="much", title=" Parks  here ")
    kept = ModelDraft.objects.get().definition
    assert (kept["quadrant"]["cut"], kept["presence"]["cut"], draft.title) == (1.5, "much", "Parks here")
    assert draft.version == 2


def test_saving_over_somebody_else_is_refused_with_what_stands(owner: Actor, draft: ModelDraft) -> None:
    saved(owner, draft, quadrant__cut="1.5")
    with pytest.raises(DraftChanged) as told:
        saved(owner, draft, quadrant__cut="1.6")
    assert told.value.current.definition["quadrant"]["cut"] == 1.5


def test_a_faulty_draft_is_not_published_and_not_lost(owner: Actor, draft: ModelDraft) -> None:
    draft = saved(owner, draft, quadrant__cut="9", presence__cut="much")
    with pytest.raises(FaultyDraft) as told, transaction.atomic():
        published(owner, draft)
    assert {fault.path for fault in told.value.faults} == {("quadrant", "cut"), ("presence", "cut")}
    assert ModelDraft.objects.get().definition["presence"]["cut"] == "much"


def test_publishing_makes_a_version_and_the_draft_goes(owner: Actor, draft: ModelDraft) -> None:
    base = draft.base
    made = published(owner, saved(owner, draft, quadrant__cut="1.5"), note="After the spring workshops")
    assert (made.name, made.title, made.note) == ("parks.v1", "For parks", "After the spring workshops")
    assert (made.owner_id, made.base, made.published_by) == (owner.workspace_id, base, owner.name)
    assert models.parsed(made).quadrant_cut == 1.5
    assert not ModelDraft.objects.exists()


def test_the_next_of_a_code_is_the_next_number(owner: Actor, draft: ModelDraft) -> None:
    first = published(owner, draft)
    again = fork_model(by=owner, model_id=first.pk)
    assert published(owner, again).name == "parks.v2"
    assert models.named("parks").version == 2
    assert models.named("PARKS.v1") == first


@pytest.mark.parametrize("code", ["cs-1", "CS-1", "", "two words", "a" * 21, "-a", "a--b", "a.v1", "é"])
def test_a_code_that_cannot_be_used_is_refused(owner: Actor, draft: ModelDraft, code: str) -> None:
    with pytest.raises(ValidationError) as told:
        published(owner, draft, code=code)
    assert list(told.value.message_dict) == ["code"]


def test_a_title_is_needed(owner: Actor, draft: ModelDraft) -> None:
    with pytest.raises(ValidationError, match="title"):
        published(owner, draft, title=" ")


def test_other_weights_drop_the_calibration(owner: Actor, draft: ModelDraft) -> None:
    made = published(owner, saved(owner, draft, relationships__CO__loads__R4="0.5"))
    assert models.parsed(made).confidence is None


def test_a_fork_that_places_alike_keeps_the_calibration(owner: Actor, draft: ModelDraft) -> None:
    made = published(owner, saved(owner, draft, wanted__RD__P2="0.5"))
    assert models.parsed(made).confidence is not None


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE matrix_scoringmodel SET title = 'Other' WHERE id = %s",
        "DELETE FROM matrix_scoringmodel WHERE id = %s",
    ],
)
def test_the_database_lets_nobody_change_what_is_published(
    owner: Actor, draft: ModelDraft, change: str
) -> None:
    made = published(owner, draft)
    with pytest.raises(DatabaseError, match="permission denied"), transaction.atomic():
        connection.cursor().execute(change, [made.pk])


def _copied(made: ScoringModel, **other: Any) -> dict[str, Any]:
    names = ("code", "version", "title", "instrument", "definition", "fingerprint")
    return {name: getattr(made, name) for name in names} | other


@pytest.mark.parametrize("whose", ["everybody", "another"])
def test_the_database_lets_nobody_publish_for_others(owner: Actor, draft: ModelDraft, whose: str) -> None:
    made = published(owner, draft)
    to = None if whose == "everybody" else factories.workspace().workspace_id
    with pytest.raises(DatabaseError, match="row-level security"), transaction.atomic():
        ScoringModel.objects.create(**_copied(made, owner_id=to, version=9))


def test_nobody_else_sees_a_published_model_nor_learns_of_its_code(owner: Actor, draft: ModelDraft) -> None:
    mine = published(owner, draft)
    other = factories.workspace()
    with in_workspace(other.workspace_id, user_id=other.user_id):
        with pytest.raises(LookupError) as told:
            models.named("parks")
        assert "parks" not in str(told.value).partition("There are")[2]
        with pytest.raises(Http404):
            fork_model(by=other, model_id=mine.pk)
        assert not ScoringModel._base_manager.filter(pk=mine.pk).exists()
        theirs = published(other, fork_model(by=other, model_id=models.in_force().pk))
        assert theirs.name == "parks.v1"
    assert models.named("parks") == mine


def test_a_run_cannot_refer_to_a_model_of_another_workspace(owner: Actor, draft: ModelDraft) -> None:
    mine = published(owner, draft)
    other = factories.workspace()
    refused = pytest.raises(DatabaseError, match="row-level security")
    with in_workspace(other.workspace_id, user_id=other.user_id), refused, transaction.atomic():
        Run.objects.create(workspace_id=other.workspace_id, model_id=mine.pk)


def test_a_published_model_is_in_force_only_where_it_was_approved(owner: Actor, draft: ModelDraft) -> None:
    before = models.in_force()
    made = published(owner, draft)
    assert models.in_force() == before
    assert models.of_questionnaire(made.instrument_id) == before


def test_a_published_model_goes_all_the_way_into_force(owner: Actor, draft: ModelDraft) -> None:
    segment = assessed(owner, [GUEST] * 3)
    rescore_stale(workspace_id=owner.workspace_id)
    Stale.objects.all().delete()
    made = published(owner, saved(owner, draft, presence__cut="0.95"))
    run = work_off(start_run(by=owner, model_code=made.name))
    assert run.changes is not None
    assert (run.decision, run.changes["segments"], run.changes["cell_changed"]) == ("candidate", 1, 1)
    approve_run(by=owner, run_id=run.pk)
    assert models.in_force() == made
    standing = StandingPlacement.objects.get(segment=segment)
    assert (standing.model_id, standing.baseline, standing.confidence_cell) == (made.pk, True, None)


def test_a_draft_is_thrown_away(owner: Actor, draft: ModelDraft) -> None:
    drop_draft(by=owner, draft_id=draft.pk)
    assert not ModelDraft.objects.exists()


@pytest.mark.parametrize("verb", ["fork", "save", "drop", "publish"])
def test_a_manager_may_not(owner: Actor, draft: ModelDraft, verb: str) -> None:
    manager = factories.member(owner, Role.MANAGER)
    verbs: dict[str, Callable[[], object]] = {
        "fork": lambda: fork_model(by=manager, model_id=draft.base_id),
        "save": lambda: saved(manager, draft),
        "drop": lambda: drop_draft(by=manager, draft_id=draft.pk),
        "publish": lambda: published(manager, draft),
    }
    with pytest.raises(PermissionDenied):
        verbs[verb]()


def test_a_draft_of_another_workspace_is_not_there(owner: Actor, draft: ModelDraft) -> None:
    other = factories.workspace()
    with in_workspace(other.workspace_id, user_id=other.user_id), pytest.raises(Http404):
        drop_draft(by=other, draft_id=draft.pk)


def test_trying_out_says_what_would_change(owner: Actor, draft: ModelDraft) -> None:
    assessed(owner, [GUEST] * 3)
    factories.segment(owner, factories.firm(owner).pk)
    tried = frames.try_out(owner.workspace_id, _core(draft, 0.95), draft.base)
    assert (tried.tried, tried.whole) == (2, True)
    assert (tried.changes["segments"], tried.changes["cell_changed"]) == (1, 1)


def test_trying_out_writes_nothing(owner: Actor, draft: ModelDraft) -> None:
    assessed(owner, [GUEST] * 3)
    with connection.cursor() as cursor:
        cursor.execute("SET TRANSACTION READ ONLY")
    assert frames.try_out(owner.workspace_id, _core(draft, 0.4), draft.base).changes["unchanged"] == 1


def test_trying_out_takes_so_many_evenly(owner: Actor, draft: ModelDraft) -> None:
    segments = [assessed(owner, [GUEST]).pk for _ in range(6)]
    found = frames.try_out(owner.workspace_id, _core(draft, 0.95), draft.base, most=3)
    assert (found.tried, found.whole, found.changes["segments"]) == (3, False, 3)
    shown = frames.try_out(owner.workspace_id, _changed_levels(draft), draft.base, most=3).changes["movers"]
    assert sorted(each["segment"] for each in shown) == [segments[0], segments[2], segments[5]]


def _core(draft: ModelDraft, cut: float) -> Model:
    presence = {**draft.base.definition["presence"], "cut": cut}
    return Model.from_json({**draft.base.definition, "presence": presence}, models.questionnaire(draft.base))


def _changed_levels(draft: ModelDraft) -> Model:
    definition = {**draft.base.definition, "relationships": {**draft.base.definition["relationships"]}}
    definition["relationships"]["RD"] = {"loads": {"R1": 1}}
    return Model.from_json(definition, models.questionnaire(draft.base))
