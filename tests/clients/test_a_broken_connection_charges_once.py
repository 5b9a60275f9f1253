"""The client repeats what may be repeated, with the same key, and nothing else."""

import time
from decimal import Decimal

import pytest

from creditscore_client import (
    Client,
    ConnectionFailed,
    ServiceFailure,
    TooManyRequests,
    records,
)
from predictions.models import Prediction
from tests.clients.conftest import Connect
from tests.support.faulty_proxy import Fault, FaultyProxy, answer, lose_the_answer, lose_the_request
from tests.support.processes import free_port

FAULTS = {
    "the answer is lost": [lose_the_answer],
    "the request is lost": [lose_the_request],
    "the answer is lost twice": [lose_the_answer, lose_the_answer],
    "bad gateway": [answer(502, b"<html>")],
    "gateway timeout": [answer(504)],
    "unavailable": [answer(503, Retry_After="1")],
    "limited": [answer(429, Retry_After="0")],
    "an answer of something else": [answer(200, b"<html>welcome to the hotel's network")],
}


@pytest.mark.parametrize("faults", FAULTS.values(), ids=FAULTS.keys())
def test_an_order(connect: Connect, proxy: FaultyProxy, loan: records.Applicant, faults: list[Fault]) -> None:
    client = connect(proxy.url)
    client.account.balance()
    proxy.seen.clear()
    proxy.faults = list(faults)
    ordered = client.predictions.order("logistic-regression", loan, wait=0)
    assert Prediction.objects.get().pk == ordered.id
    assert client.account.balance().balance == Decimal("1000.00") - ordered.price
    keys = [headers["Idempotency-Key"] for method, _path, headers in proxy.seen if method == "POST"]
    assert len(keys) == len(faults) + 1
    assert len(set(keys)) == 1


def test_a_key_of_the_caller_makes_an_order_once(client_of_alice: Client, loan: records.Applicant) -> None:
    """Also in another run of the program."""
    first, again = (
        client_of_alice.predictions.order("logistic-regression", loan, key="contract-118", wait=0)
        for _run in range(2)
    )
    assert first.id == again.id


def test_patience_ends(connect: Connect, proxy: FaultyProxy, loan: records.Applicant) -> None:
    client = connect(proxy.url, patience=0.5)
    client.account.balance()
    proxy.faults = [lose_the_request] * 20
    with pytest.raises(ConnectionFailed):
        client.predictions.order("logistic-regression", loan)
    assert len(proxy.faults) > 10
    proxy.faults = [answer(429, b'{"code": "too_many_orders"}', Retry_After="3600")]
    started = time.monotonic()
    with pytest.raises(TooManyRequests) as limit:
        client.predictions.order("logistic-regression", loan)
    assert (limit.value.code, limit.value.retry_after) == ("too_many_orders", 3600)
    assert time.monotonic() - started < 60, "it does not wait an hour"


def test_what_counts_is_not_asked_twice(
    connect: Connect, proxy: FaultyProxy, loan: records.Applicant
) -> None:
    """A what-if answer is one of those that a prediction includes."""
    client = connect(proxy.url)
    ordered = client.predictions.order("logistic-regression", loan, wait=0)
    for fault, error in ((lose_the_answer, ConnectionFailed), (answer(502), ServiceFailure)):
        proxy.faults, proxy.seen = [fault], []
        with pytest.raises(error):
            client.predictions.what_if(ordered.id, {"loan_amnt": 1000})
        assert len(proxy.seen) == 1


def test_a_service_that_is_not_there(loan: records.Applicant) -> None:
    client = Client(f"http://127.0.0.1:{free_port()}", patience=0.2)
    with pytest.raises(ConnectionFailed):
        client.models.all()


def test_a_redirect_is_not_followed(connect: Connect, proxy: FaultyProxy) -> None:
    """It would take the token to another address."""
    client = connect(proxy.url)
    client.account.balance()
    proxy.faults, proxy.seen = [answer(302, Location=f"{proxy.url}/elsewhere/")], []
    with pytest.raises(Exception, match="302"):
        client.account.balance()
    assert len(proxy.seen) == 1
