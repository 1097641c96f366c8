"""Coming in, choosing a workspace, paper."""

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django import Settings

from connected.services import create_workspace
from tests import factories

pytestmark = pytest.mark.django_db


def test_right_password_leads_home(client: Client) -> None:
    user = factories.person()
    answer = client.post(reverse("sign-in"), {"username": user.email, "password": factories.PASSWORD})
    assert answer.headers["Location"] == reverse("home")


def test_address_may_be_typed_in_capitals(client: Client) -> None:
    user = factories.person()
    values = {"username": user.email.upper(), "password": factories.PASSWORD}
    assert client.post(reverse("sign-in"), values).status_code == 302


def test_wrong_password_keeps_the_address(client: Client) -> None:
    user = factories.person()
    page = client.post(reverse("sign-in"), {"username": user.email, "password": "wrong"}).content.decode()
    assert user.email in page
    assert "do not match" in page


def test_ten_wrong_passwords_close_the_door(client: Client) -> None:
    user = factories.person()
    for _ in range(10):
        client.post(reverse("sign-in"), {"username": user.email, "password": "wrong"})
    answer = client.post(reverse("sign-in"), {"username": user.email, "password": factories.PASSWORD})
    assert "Too many tries" in answer.content.decode()


def test_sample_sign_ins_show_only_with_the_sample(client: Client) -> None:
    address = reverse("sign-in")
    assert "consultant@sample.test" not in client.get(address).content.decode()
    create_workspace(slug="sample", name="Sample", owner=factories.person())
    assert "consultant@sample.test" in client.get(address).content.decode()


def test_sample_sign_ins_never_show_when_the_setting_is_off(client: Client, settings: Settings) -> None:
    settings.SAMPLE = False
    create_workspace(slug="sample", name="Sample", owner=factories.person())
    assert "sample.test" not in client.get(reverse("sign-in")).content.decode()


def test_home_without_a_workspace_says_what_to_do(client: Client) -> None:
    user = factories.person()
    client.force_login(user)
    page = client.get(reverse("home")).content.decode()
    assert "No workspace yet" in page
    assert user.email in page


def test_home_with_one_workspace_goes_there(client: Client) -> None:
    user = factories.person()
    create_workspace(slug="only", name="Only", owner=user)
    client.force_login(user)
    assert client.get(reverse("home")).headers["Location"] == reverse("portfolio", args=["only"])


def test_home_with_two_workspaces_offers_both(client: Client) -> None:
    user = factories.person()
    for slug in ("one", "two"):
        create_workspace(slug=slug, name=f"Workspace {slug}", owner=user)
    client.force_login(user)
    page = client.get(reverse("home")).content.decode()
    assert "Workspace one" in page
    assert "Workspace two" in page


def test_theme_is_kept_and_shown_without_script(client: Client) -> None:
    here = f"http://testserver{reverse('sign-in')}"
    answer = client.post(reverse("theme"), {"theme": "dark"}, headers={"Referer": here})
    assert answer.headers["Location"] == here
    assert '<html lang="en" data-theme="dark">' in client.get(reverse("sign-in")).content.decode()


def test_theme_follows_the_system_again(client: Client) -> None:
    client.post(reverse("theme"), {"theme": "dark"})
    client.post(reverse("theme"), {"theme": ""})
    assert "data-theme=" not in client.get(reverse("sign-in")).content.decode()


def test_theme_leads_nowhere_else(client: Client) -> None:
    answer = client.post(reverse("theme"), headers={"Referer": "https://elsewhere.test/"})
    assert answer.headers["Location"] == "/"


def test_a_made_up_theme_is_nothing(client: Client) -> None:
    client.cookies["theme"] = 'x" onload="'
    assert "onload" not in client.get(reverse("sign-in")).content.decode()


def test_signing_out_needs_a_post(client: Client) -> None:
    client.force_login(factories.person())
    assert client.get(reverse("sign-out")).status_code == 405


def test_a_wrong_address_says_what_to_do(client: Client) -> None:
    client.force_login(factories.person())
    page = client.get("/no/such/page/")
    assert page.status_code == 404
    assert "To the start" in page.content.decode()


def test_health_is_only_read() -> None:
    answer = Client(enforce_csrf_checks=True).post("/healthz")
    assert (answer.status_code, answer["Allow"]) == (405, "GET, HEAD")
