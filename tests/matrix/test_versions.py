"""Scoring models: loaded once, never changed, found by name."""

import json

import pytest
from django.db import DatabaseError, transaction

from connected.tenancy import in_workspace
from matrix.models import ScoringModel
from matrix.queries import models
from matrix.scoring import ModelError
from matrix.services import ChangedModel, load_model
from matrix.services.models import FOLDER
from tests import factories

pytestmark = pytest.mark.django_db(databases=["default", "owner"])

CS1 = json.loads((FOLDER / "cs-1.v1.json").read_text())


def test_loading_again_changes_nothing() -> None:
    assert load_model(CS1).pk == ScoringModel.objects.get(code="cs-1", version=1).pk


def test_a_published_version_cannot_be_edited() -> None:
    changed = json.loads(json.dumps(CS1))
    changed["quadrant"]["cut"] = 1.5
    with pytest.raises(ChangedModel, match="next number"):
        load_model(changed)


def test_a_model_for_an_unknown_questionnaire_is_refused() -> None:
    with pytest.raises(ModelError, match="no questionnaire"):
        load_model({**CS1, "instrument": {"code": "cs-9", "version": 1}})


def test_the_app_s_role_may_only_read_models() -> None:
    with pytest.raises(DatabaseError, match="permission denied"), transaction.atomic():
        ScoringModel.objects.update(title="Mine now")


@pytest.mark.parametrize("code", ["cs-1", "CS-1", "CS-1.v1"])
def test_a_model_is_found_by_code_with_or_without_version(code: str) -> None:
    assert models.named(code).version == (1 if code.endswith("v1") else 2)


@pytest.mark.parametrize("code", ["cs-2", "cs-1.v9", "cs-1.vx", ""])
def test_a_model_there_is_not_is_named_with_those_there_are(code: str) -> None:
    with pytest.raises(LookupError, match=r"There are: cs-1\.v1"):
        models.named(code)


def test_the_model_of_a_questionnaire_asked_by_choice_is_nobody_s_by_itself() -> None:
    assert ScoringModel.objects.filter(code="cs-1-q2", instrument__version=2).exists()
    with in_workspace(factories.workspace().workspace_id):
        assert str(models.in_force()) == "cs-1 v2"
