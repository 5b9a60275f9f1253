import pytest
from django.conf import settings
from django.contrib.auth import SESSION_KEY
from django.test import Client
from django.urls import reverse

from accounts.models import AccountSession as Session
from accounts.models import User
from predictions.models import Prediction
from tests.support.addresses import ADMIN, API, OWN, PUBLIC, page_of
from tests.support.orders import Bought
from tests.support.people import PASSWORD, ApiClientFor

LOGIN, REGISTER, LOGOUT = "/account/login/", "/account/register/", "/account/logout/"
ALICE = {"username": "alice", "password": PASSWORD}
CAROL = {"username": "carol", "email": "carol@example.org", "password": "kettle-ocean-42"}


def session_key(client: Client) -> str:
    return client.cookies[settings.SESSION_COOKIE_NAME].value


@pytest.mark.parametrize(("address", "sent"), [(LOGIN, ALICE), (REGISTER, CAROL)])
def test_a_session_that_somebody_else_has_prepared_is_not_logged_in(
    alice: User, address: str, sent: dict[str, str]
) -> None:
    victim = Client()
    session = victim.session
    session["prepared"] = True
    session.save()
    prepared = session_key(victim)
    assert victim.post(address, sent).status_code == 302
    assert session_key(victim) != prepared
    assert not Session.objects.filter(session_key=prepared).exists()
    attacker = Client()
    attacker.cookies[settings.SESSION_COOKIE_NAME] = prepared
    assert attacker.get("/dashboard/").status_code == 302


def test_another_user_inherits_nothing_from_a_session(alice: User, bob: User) -> None:
    client = Client()
    client.post(LOGIN, ALICE)
    session = client.session
    session["form_draft"] = {"owner": str(alice.pk), "address": "/", "inputs": {"label": "Ivanov"}}
    session.save()
    before = session_key(client)
    client.force_login(bob)
    assert session_key(client) != before
    assert "form_draft" not in client.session
    assert client.session[SESSION_KEY] == str(bob.pk)


@pytest.mark.parametrize(("address", "sent"), [(LOGIN, ALICE), (REGISTER, CAROL)])
def test_another_site_cannot_log_a_visitor_in(alice: User, address: str, sent: dict[str, str]) -> None:
    """An attacker's account in a victim's browser would collect what the victim enters."""
    visitor = Client(enforce_csrf_checks=True)
    assert visitor.post(address, sent).status_code == 403
    visitor.get(address)
    token = visitor.cookies[settings.CSRF_COOKIE_NAME].value
    forged = {"Origin": "https://evil.example"}
    assert visitor.post(address, sent | {"csrfmiddlewaretoken": token}, headers=forged).status_code == 403
    assert settings.SESSION_COOKIE_NAME not in visitor.cookies
    assert visitor.post(address, sent | {"csrfmiddlewaretoken": token}).status_code == 302


def test_the_token_endpoint_begins_no_session(alice: User) -> None:
    client = Client()
    answer = client.post("/api/v1/auth/token/", ALICE, content_type="application/json")
    assert answer.status_code == 200
    assert not client.cookies
    assert "no-store" in answer["Cache-Control"]


def test_logging_out_ends_the_session_on_the_server(alice: User) -> None:
    client = Client()
    client.post(LOGIN, ALICE)
    stolen = session_key(client)
    client.post(LOGOUT)
    assert not Session.objects.filter(session_key=stolen).exists()
    thief = Client()
    thief.cookies[settings.SESSION_COOKIE_NAME] = stolen
    assert thief.get("/dashboard/").status_code == 302


def test_nothing_of_an_account_is_stored_by_browsers_or_proxies(
    alices: Client, alice: User, operator: User, api: ApiClientFor, bought: Bought
) -> None:
    """Otherwise the back button would show it after the log-out."""
    prediction: Prediction = bought()
    # The catalog and its documentation are the same for everybody.
    own_api = [address for address in API if address not in (reverse("api:models"), reverse("docs"))]
    operators = Client()
    operators.force_login(operator)
    for client, addresses in (
        # Public pages show the balance of whoever is logged in.
        (alices, [*PUBLIC, *OWN, *own_api, page_of(prediction), "/predictions/history.csv"]),
        (operators, ADMIN),
        (api(alice), [*own_api, f"/api/v1/predictions/{prediction.pk}/", "/api/v1/balance/"]),
    ):
        for address in addresses:
            answer = client.get(address)
            assert {"no-store", "private"} <= set(answer["Cache-Control"].split(", ")), address
