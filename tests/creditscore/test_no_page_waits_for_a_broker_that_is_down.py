"""Every page answers soon while the broker, which is also the cache, is down or frozen."""

import time
from collections.abc import Callable, Iterator
from typing import Any, TypeAlias

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import User
from billing.services import new_request_key, wallet_of
from predictions.jobs import worker
from predictions.models import Comparison, Prediction
from predictions.orders import comparisons
from predictions.scoring.schema import Applicant
from tests.support.addresses import OWN, PUBLIC
from tests.support.broker import Broker
from tests.support.customers import Form
from tests.support.html import HTMX, Page
from tests.support.orders import Bought
from tests.support.people import PASSWORD, give_money
from tests.support.reviews import press_pay

# Orders notify the workers after their commit.
pytestmark = pytest.mark.django_db(transaction=True)
# A silent server is waited for half a second each time; a page may try it twice, and not once a model.
AT_MOST_TRIES = 2
# Without a limit the wait is 40 s or more.
HUNG_SECONDS = 10


@pytest.fixture(params=["dead", "frozen"])
def silent(request: pytest.FixtureRequest, own_broker: Broker) -> Iterator[None]:
    """The broker does not answer."""
    if request.param == "dead":
        own_broker.stop()
        yield
    else:
        with own_broker.frozen():
            yield


Soon: TypeAlias = Callable[..., Any]


@pytest.fixture
def soon(caplog: pytest.LogCaptureFixture) -> Soon:
    """`soon(client.get, …)`: the answer, which has not been waited for again and again."""

    def ask(method: Callable[..., Any], address: str, *arguments: Any, **named: Any) -> Any:
        caplog.clear()
        began = time.monotonic()
        answer = method(address, *arguments, **named)
        took = time.monotonic() - began
        tries = [record for record in caplog.records if "does not answer" in record.getMessage()]
        print(f"{took:.2f} s, {len(tries)} tries, {answer.status_code} {address}")
        assert len(tries) <= AT_MOST_TRIES, tries
        assert took < HUNG_SECONDS, f"{address} took {took:.2f} s"
        return answer

    return ask


@pytest.fixture
def results(
    alices: Client, alice: User, bought: Bought, applicant: Applicant
) -> tuple[Prediction, Prediction, Comparison]:
    """A result, a comparison, both unexplained, and an order that waits; made before the fault."""
    give_money(alice, 1000_00)
    compared = comparisons.order_comparison(user=alice, applicant=applicant, request_key=new_request_key())
    done = bought()
    worker.score_queued()
    return done, bought(run=False), compared


def test_every_page_is_there(
    alices: Client, results: tuple[Prediction, Prediction, Comparison], soon: Soon, silent: None
) -> None:
    done, waiting, compared = results
    stranger = Client()
    for address in PUBLIC:
        assert soon(stranger.get, address).status_code in (200, 404)
    for address in OWN:
        assert soon(alices.get, address).status_code == 200
    for address in (
        reverse("predictions:detail", args=[done.pk]),
        reverse("predictions:detail", args=[done.pk]) + "?curves=1",
        reverse("predictions:detail", args=[waiting.pk]),
        reverse("predictions:comparison", args=[compared.pk]),
    ):
        assert soon(alices.get, address).status_code == 200
    shown = Page(soon(alices.get, reverse("predictions:detail", args=[done.pk])))
    # The page has requested the explanation, so nothing has changed.
    poll = shown.by_id("explanation").attributes["hx-get"]
    assert soon(alices.get, poll, headers=HTMX).status_code == 204
    curves = reverse("predictions:curves", args=[done.pk])
    assert soon(alices.get, curves, headers=HTMX).status_code == 200
    assert soon(alices.get, "/healthz").json()["broker"] == "down"


def test_every_question_is_answered(
    alices: Client, results: tuple[Prediction, Prediction, Comparison], soon: Soon, silent: None
) -> None:
    done, _waiting, _compared = results
    for part, sent in (
        ("what-if", {"loan_amnt": "1234"}),
        ("loan-reduction", {"goal": "90"}),
        ("verification", {}),
    ):
        address = reverse(f"predictions:{part}", args=[done.pk])
        assert soon(alices.post, address, sent, headers=HTMX).status_code == 200
        assert soon(alices.post, address, sent).status_code == 200


def test_everything_can_be_ordered_paid_and_canceled(
    alices: Client, alice: User, form: Form, soon: Soon, silent: None
) -> None:
    give_money(alice, 1000_00)
    ordered = soon(alices.post, reverse("predictions:new"), form)
    assert soon(alices.get, ordered["Location"]).status_code == 200
    before = wallet_of(alice).balance
    assert soon(alices.post, ordered["Location"] + "cancel/").status_code == 302
    assert wallet_of(alice).balance == before + 10_00
    quote = comparisons.quote().price
    again = form | {"price": quote, "request_key": new_request_key()}
    compared = soon(alices.post, reverse("predictions:comparison-new"), again)
    compared = press_pay(alices, soon(alices.get, compared["Location"]))
    assert compared.status_code == 302
    assert soon(alices.get, compared["Location"]).status_code == 200
    sent = {"amount": "5", "request_key": new_request_key()}
    assert soon(alices.post, reverse("billing:top-up"), sent).status_code == 302
    assert soon(alices.post, reverse("accounts:tokens")).status_code == 200


def test_people_get_in_and_out(client: Client, alice: User, catalog: None, soon: Soon, silent: None) -> None:
    login, register = reverse("accounts:login"), reverse("accounts:register")
    assert soon(client.post, login, {"username": "alice", "password": "wrong"}).status_code == 422
    assert soon(client.post, login, {"username": "alice", "password": PASSWORD}).status_code == 302
    changed = {"old_password": PASSWORD, "new_password": "kettle-ocean-42"}
    assert soon(client.post, reverse("accounts:password"), changed).status_code == 302
    assert soon(client.post, reverse("accounts:logout")).status_code == 302
    carol = {"username": "carol", "email": "carol@example.org", "password": "kettle-ocean-43"}
    assert soon(client.post, register, carol).status_code == 302
    # Without a broker no worker can be asked for the mail.
    assert soon(Client().post, reverse("accounts:reset"), {"email": "carol@example.org"}).status_code == 503
