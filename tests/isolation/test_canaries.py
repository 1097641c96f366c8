"""The world speaks: every field that could carry something of the others does."""

import pytest

from connected.tenancy import in_workspace
from tests.isolation.canaries import EXCUSED, saying
from tests.isolation.world import World, tenant_models


@pytest.fixture
def theirs(inhabited: World, django_db_blocker: pytest.FixtureRequest):  # type: ignore[no-untyped-def]
    with django_db_blocker.unblock(), in_workspace(inhabited.workspaces["their"]):  # type: ignore[attr-defined]
        yield inhabited.realms["theirs"]


def test_the_other_workspace_has_a_row_of_everything(theirs: object) -> None:
    empty = [model.__name__ for model in tenant_models() if not model._default_manager.exists()]
    assert empty == []


def test_every_word_and_number_of_theirs_is_a_canary(theirs) -> None:  # type: ignore[no-untyped-def]
    silent = []
    for name, model, field in saying():
        values = [_text(value) for value in model._default_manager.values_list(field.attname, flat=True)]
        if name not in EXCUSED and not any(sign in value for sign in theirs.signs for value in values):
            silent.append(name)
    assert silent == [], "give them a canary in world.py, or a reason in canaries.py"


def _text(value: object) -> str:
    return bytes(value).decode("utf-8", "replace") if isinstance(value, memoryview) else str(value)


def test_excuses_are_for_fields_there_are() -> None:
    assert set(EXCUSED) <= {name for name, _, _ in saying()}


def test_our_world_has_no_sign_of_theirs(inhabited: World) -> None:
    ours = inhabited.realms["granted"].signs | inhabited.realms["hidden"].signs
    assert not ours & inhabited.realms["theirs"].signs
