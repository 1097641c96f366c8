"""The editor of scoring models: typed, tried, told what is wrong, published."""

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from connected.models import Role
from connected.permissions import Actor
from matrix.models import ModelDraft, Run, ScoringModel
from matrix.services import fork_model
from tests import factories
from tests.matrix.test_runs_pages import address, signed_in
from tests.matrix.worlds import GUEST, assessed

pytestmark = pytest.mark.django_db
V2 = 2


@pytest.fixture
def draft(owner: Actor) -> ModelDraft:
    assessed(owner, [GUEST] * 3)
    base = ScoringModel.objects.get(code="cs-1", version=V2)
    return fork_model(by=owner, model_id=base.pk)


@pytest.fixture
def client(owner: Actor) -> Client:
    return signed_in(owner)


def shown(client: Client, owner: Actor, draft: ModelDraft) -> str:
    return client.get(address(owner, "draft", draft.pk)).content.decode()


def save(client: Client, owner: Actor, draft: ModelDraft, **values: str) -> str:
    """What is shown after saving, wherever that leads."""
    typed = {"version": "1"} | {name.replace("__", "/"): value for name, value in values.items()}
    return client.post(address(owner, "draft", draft.pk), typed, follow=True).content.decode()


def test_forking_leads_to_the_editor(owner: Actor, client: Client) -> None:
    base = ScoringModel.objects.get(code="cs-1", version=V2)
    answer = client.post(address(owner, "model-fork", base.pk))
    assert answer["Location"] == address(owner, "draft", ModelDraft.objects.get().pk)


def test_the_editor_has_a_field_for_each_weight_beside_its_question(
    owner: Actor, client: Client, draft: ModelDraft
) -> None:
    page = shown(client, owner, draft)
    assert "How much effort does it take to order and pay once the customer has decided?" in page
    assert 'name="relationships/RD/loads/R1" value="0.8"' in page


def test_what_is_changed_shows_the_base_beside_it(owner: Actor, client: Client, draft: ModelDraft) -> None:
    page = save(client, owner, draft, relationships__RD__loads__R1="0,6", relationships__CO__loads__R5="")
    assert 'name="relationships/RD/loads/R1" value="0.6"' in page
    assert "base 0.8" in page
    assert "2 changed" in page
    assert 'name="relationships/CO/loads/R5" value=""' in page


def test_an_item_is_added_to_a_dimension(owner: Actor, client: Client, draft: ModelDraft) -> None:
    page = save(client, owner, draft, **{"wanted__CB__+": "P6", "wanted__CB__+__weight": "0.3"})
    assert 'name="wanted/CB/P6" value="0.3"' in page


def test_a_weight_without_an_item_is_kept_and_told_at_its_field(
    owner: Actor, client: Client, draft: ModelDraft
) -> None:
    page = save(client, owner, draft, **{"wanted__CB__+": "", "wanted__CB__+__weight": "0.3"})
    assert "A weight without an item counts nothing. Choose the item, or empty the weight." in page
    assert 'name="wanted/CB/+/weight" value="0.3"' in page
    assert "coach behavior: add an item" in page


def test_all_that_is_wrong_is_told_at_its_field_and_kept(
    owner: Actor, client: Client, draft: ModelDraft
) -> None:
    page = save(client, owner, draft, quadrant__cut="9", presence__cut="much", quadrant__band="nan")
    assert "Three things to mend" in page
    assert "9 is out of range: it must be from 0 to 4." in page
    assert "“much” is not a number." in page
    assert 'name="presence/cut" value="much"' in page
    assert page.partition('<aside class="trial"')[0].count('<p class="error">') == 3


def test_the_preview_follows_what_is_typed_and_writes_nothing(
    owner: Actor, client: Client, draft: ModelDraft
) -> None:
    before = ModelDraft.objects.get()
    page = client.post(address(owner, "draft-preview", draft.pk), {"presence/cut": "0.95"}).content.decode()
    assert "1 of 1 segments would move to another cell" in page
    assert "tried on every segment here: 1 of 1 with answers" in page
    after = ModelDraft.objects.get()
    assert (after.definition, after.version) == (before.definition, before.version)


def test_the_preview_names_what_is_wrong_instead(owner: Actor, client: Client, draft: ModelDraft) -> None:
    page = client.post(address(owner, "draft-preview", draft.pk), {"presence/cut": "x"}).content.decode()
    assert "One thing to mend before it can be scored with" in page
    assert 'href="#f-presence_cut"' in page


def test_each_field_is_told_anew_while_one_types(owner: Actor, client: Client, draft: ModelDraft) -> None:
    page = client.post(address(owner, "draft-preview", draft.pk), {"presence/cut": "x"}).content.decode()
    said = '<div class="said" id="said-f-presence_cut" hx-swap-oob="true"><small>base 0.4</small>'
    assert f'{said}<p class="error">“x” is not a number.' in page


def test_the_page_says_when_confidence_is_lost(owner: Actor, client: Client, draft: ModelDraft) -> None:
    lost = "Confidence is not given under this model until it is calibrated"
    assert lost not in shown(client, owner, draft)
    assert lost in save(client, owner, draft, quadrant__cut="1.5")


def test_who_saves_late_sees_both_and_loses_nothing(owner: Actor, client: Client, draft: ModelDraft) -> None:
    save(client, owner, draft, quadrant__cut="1.5")
    late = client.post(address(owner, "draft", draft.pk), {"version": "1", "quadrant/cut": "1.7"})
    page = late.content.decode()
    assert late.status_code == 409
    assert 'name="quadrant/cut" value="1.7"' in page
    assert "saved meanwhile: 1.5" in page
    assert 'name="version" value="2"' in page


def test_publishing_shows_what_differs_and_suggests_a_name(
    owner: Actor, client: Client, draft: ModelDraft
) -> None:
    page = save(client, owner, draft, quadrant__cut="1.5", go="publish")
    assert "2 differences from cs-1 v2" in page
    assert f'value="cs-1-{owner.workspace_slug}"' in page


def test_published_it_offers_a_proposal_and_runs_under_its_name(
    owner: Actor, client: Client, draft: ModelDraft
) -> None:
    form = {"version": "1", "code": "parks", "title": "For parks", "note": "Why so"}
    page = client.post(address(owner, "draft-publish", draft.pk), form, follow=True).content.decode()
    assert "Re-score as a proposal" in page
    assert "Why so" in page
    client.post(address(owner, "run-start"), {"model": "parks.v1"})
    assert Run.objects.get().model.name == "parks.v1"


def test_a_bad_code_is_told_at_its_field(owner: Actor, client: Client, draft: ModelDraft) -> None:
    form = {"version": "1", "code": "cs-1", "title": "For parks"}
    answer = client.post(address(owner, "draft-publish", draft.pk), form)
    assert answer.status_code == 422
    assert "cs-1 is a model everybody has" in answer.content.decode()


def test_a_faulty_draft_leads_back_to_the_editor(owner: Actor, client: Client, draft: ModelDraft) -> None:
    save(client, owner, draft, quadrant__cut="9")
    page = client.get(address(owner, "draft-publish", draft.pk), follow=True).content.decode()
    assert "needs mending first" in page


def test_publishing_what_somebody_changed_meanwhile_leads_back(
    owner: Actor, client: Client, draft: ModelDraft
) -> None:
    save(client, owner, draft, quadrant__cut="1.5")
    form = {"version": "1", "code": "parks", "title": "For parks"}
    page = client.post(address(owner, "draft-publish", draft.pk), form, follow=True).content.decode()
    assert "Someone else saved this draft in the meantime." in page
    assert not ScoringModel.objects.filter(code="parks").exists()


def test_a_draft_is_thrown_away(owner: Actor, client: Client, draft: ModelDraft) -> None:
    page = client.post(address(owner, "draft-drop", draft.pk), follow=True).content.decode()
    assert "The draft is gone" in page


def test_a_manager_reads_versions_and_sees_no_draft(owner: Actor, draft: ModelDraft) -> None:
    manager = signed_in(factories.member(owner, Role.MANAGER))
    page = manager.get(address(owner, "models")).content.decode()
    assert ("Fork" in page, "draft" in page.partition("<main")[2]) == (False, False)
    assert manager.get(address(owner, "draft", draft.pk)).status_code == 403


def test_the_preview_asks_the_database_the_same_however_many_segments_there_are(
    owner: Actor, client: Client, draft: ModelDraft
) -> None:
    def asked() -> int:
        with CaptureQueriesContext(
            connection,
        ) as found:
            client.post(address(owner, "draft-preview", draft.pk), {"presence/cut": "0.95"})
        return len(found)

    asked()
    few = asked()
    for _ in range(5):
        assessed(owner, [GUEST])
    assert asked() == few
