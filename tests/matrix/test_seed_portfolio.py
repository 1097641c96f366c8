"""The synthetic portfolio: repeatable, plausible, and written as if people had answered."""

from io import StringIO

import numpy as np
import pytest
from django.core.management import CommandError, call_command
from django.test import Client

from assessments.models import Participant, Sheet, Workshop
from assessments.queries import current_instrument
from assessments.services.seeding import Seeded, seed_portfolio
from assessments.synthetic import draw_block, draw_digits
from connected.models import Firm, Membership, Role, Segment, User
from connected.permissions import Actor, operator
from connected.queries import workspaces
from connected.services import add_member
from connected.tenancy import in_workspace
from matrix.models import StandingPlacement
from matrix.queries import models
from matrix.services import claim_chunk, score_claimed, start_run
from tests import factories

# The command has the owner's login look at the new tables.
both = pytest.mark.django_db(databases=["default", "owner"])


def answers() -> list[tuple[str, str, str, str, list[int | None], list[bool]]]:
    names = ("segment__firm__name", "segment__offering", "segment__name", "participant__name")
    return sorted(Sheet.objects.values_list(*names, "answers", "given"), key=str)


def test_makes_what_it_says(owner: Actor) -> None:
    assert seed_portfolio(by=owner, segments=50, raters=4) == Seeded(3, 50, 200)
    found = [model.objects.count() for model in (Firm, Workshop, Segment, Participant, Sheet)]
    assert found == [3, 3, 50, 12, 200]


def test_the_same_seed_gives_the_same_data(owner: Actor) -> None:
    seed_portfolio(by=owner, segments=30, seed=7)
    other = factories.workspace()
    with in_workspace(other.workspace_id):
        seed_portfolio(by=other, segments=30, seed=7)
        theirs = answers()
    assert answers() == theirs


def test_another_seed_gives_other_data(owner: Actor) -> None:
    assert draw_block(1, 0, 50).segments != draw_block(2, 0, 50).segments


def test_seeding_again_leaves_what_is_there(owner: Actor) -> None:
    seed_portfolio(by=owner, segments=32)
    before = answers()
    assert seed_portfolio(by=owner, segments=32) == Seeded()
    assert seed_portfolio(by=owner, segments=60).firms == 1
    assert set(map(str, before)) <= set(map(str, answers()))


def test_a_larger_portfolio_begins_with_the_smaller(db: None) -> None:
    instrument = current_instrument()
    small, large = draw_block(3, 0, 40), draw_block(3, 0, 80)
    assert large.segments[:40] == small.segments
    assert (draw_digits(large, instrument, 3, 0, 3)[:40] == draw_digits(small, instrument, 3, 0, 3)).all()


def test_answers_are_what_the_instrument_takes(db: None) -> None:
    instrument = current_instrument()
    digits = draw_digits(draw_block(1, 0, 2000), instrument, 1, 0, 3)
    for item in instrument.items:
        said = set(np.unique(digits[:, :, item.position]).tolist())
        allowed = {ord(str(value)) for value in item.values} | {ord("-")}
        assert said <= (allowed | {ord(".")} if item.condition else allowed)


def test_firms_have_names_of_their_own(db: None) -> None:
    names = [firm.name for number in range(12) for firm in draw_block(1, number, 10_000).firms]
    assert len(set(names)) == len(names) == 6000


def test_the_matrix_of_it_looks_real(owner: Actor) -> None:
    """Every quadrant, relationship and architecture is there, none is everything."""
    seed_portfolio(by=owner, segments=1000)
    run = start_run(by=owner)
    assert models.in_force() == run.model
    for chunk_id in run.chunks.values_list("pk", flat=True):
        claim = claim_chunk(workspace_id=owner.workspace_id, chunk_id=chunk_id)
        assert claim is not None
        score_claimed(claim=claim)
    rows = StandingPlacement.objects.filter(workspace_id=owner.workspace_id)
    assert rows.count() == 1000
    for name, kinds in (("quadrant", 4), ("primary_relationship", 4), ("primary_architecture", 5)):
        found = [value for value in rows.values_list(name, flat=True) if value is not None]
        shares = [found.count(kind) / 1000 for kind in set(found)]
        assert len(shares) == kinds, name
        assert max(shares) < 0.65, (name, shares)
        assert min(shares) > 0.02, (name, shares)


@both
def test_the_command_makes_the_workspace() -> None:
    said = StringIO()
    call_command("seed_portfolio", workspace="large", segments=20, stdout=said)
    assert "large: 2 firms, 20 segments, 60 sheets" in said.getvalue()
    with in_workspace(workspaces()["large"]):
        assert Segment.objects.count() == 20
        assert Membership.objects.get().user.email == "owner@large.test"
    assert not User.objects.get(email="owner@large.test").has_usable_password()


@both
def test_the_command_takes_a_workspace_that_is_there() -> None:
    actor = factories.workspace()
    call_command("seed_portfolio", workspace=actor.workspace_slug, segments=5, stdout=StringIO())
    with in_workspace(operator(actor.workspace_slug).workspace_id):
        assert Segment.objects.count() == 5


def opens(slug: str, email: str) -> int:
    client = Client()
    client.force_login(User.objects.get(email=email))
    return client.get(f"/w/{slug}/").status_code


@both
def test_the_command_tells_who_may_open_it() -> None:
    said = StringIO()
    call_command("seed_portfolio", workspace="large", segments=5, stdout=said)
    assert "owner@large.test owns it and has no password" in said.getvalue()
    assert "manage.py changepassword owner@large.test" in said.getvalue()


@both
def test_a_password_can_be_given_as_the_command_says(monkeypatch: pytest.MonkeyPatch) -> None:
    call_command("seed_portfolio", workspace="large", segments=5, stdout=StringIO())
    monkeypatch.setattr("getpass.getpass", lambda prompt: "correct horse battery")
    call_command("changepassword", "owner@large.test", stdout=StringIO())
    assert Client().login(username="owner@large.test", password="correct horse battery")
    assert opens("large", "owner@large.test") == 200


@both
@pytest.mark.parametrize("before", [None, Role.MANAGER])
def test_the_command_makes_a_member_an_owner_too(before: Role | None) -> None:
    User.objects.create_user("ann@sample.test", "correct horse battery", name="Ann")
    actor = factories.workspace()
    if before:
        with in_workspace(actor.workspace_id):
            add_member(by=actor, email="ann@sample.test", name="Ann", role=before)
    said, slug = StringIO(), actor.workspace_slug
    call_command("seed_portfolio", workspace=slug, segments=5, owner="Ann@sample.test", stdout=said)
    assert f"open /w/{slug}/, signed in as " in said.getvalue()
    assert "ann@sample.test" in said.getvalue()
    assert opens(slug, "ann@sample.test") == 200
    with in_workspace(actor.workspace_id):
        assert Membership.objects.get(user__email="ann@sample.test").role == Role.OWNER


@both
def test_the_command_makes_nothing_for_an_owner_nobody_knows() -> None:
    with pytest.raises(CommandError, match="Nobody signs in as nobody@"):
        call_command("seed_portfolio", workspace="large", segments=5, owner="nobody@sample.test")
    assert "large" not in workspaces()


@pytest.mark.parametrize(
    "wrong", [{"segments": 0}, {"segments": 5, "raters": 0}, {"segments": 5, "seed": -1}]
)
def test_odd_numbers_are_refused(db: None, wrong: dict[str, int]) -> None:
    with pytest.raises(CommandError):
        call_command("seed_portfolio", workspace="odd", **wrong)
