"""The web role is killed after a sale and before its answer; once it is back, it answers the same key."""

import json
import time
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from django.core.management import call_command

from accounts import tokens
from accounts.models import User
from billing.models import Entry
from billing.services import wallet_of
from predictions.models import Prediction
from predictions.scoring.schema import Applicant
from tests.support.people import give_money
from tests.support.web import WebServer

ANSWER_SECONDS = 15


def order(web: WebServer, user_token: str, applicant: Applicant, prefer: str) -> tuple[int, str, str]:
    """The status of the answer, the id of the order, and whether it says that it was given before."""
    headers = {
        "Authorization": f"Bearer {user_token}",
        "Content-Type": "application/json",
        "Idempotency-Key": "key",
        "Prefer": prefer,
    }
    body = json.dumps({"model": "logistic-regression", "applicant": applicant}).encode()
    request = urllib.request.Request(f"http://127.0.0.1:{web.port}/api/v1/predictions/", body, headers)
    with urllib.request.urlopen(request, timeout=ANSWER_SECONDS) as answer:
        return answer.status, json.load(answer)["id"], answer.headers.get("Idempotent-Replayed", "")


@pytest.mark.django_db(transaction=True)
def test_the_order_is_answered_when_the_server_is_back(
    alice: User, applicant: Applicant, catalog: None, broker_url: str, tmp_path: Path
) -> None:
    give_money(alice, 100_00)
    token = tokens.issue(alice).access
    web = WebServer(tmp_path / "killed.log", WEB_CONCURRENCY="1")
    with ThreadPoolExecutor(1) as pool:
        # There is no worker, so this request is not answered for ten seconds.
        first = pool.submit(order, web, token, applicant, "wait=10")
        while not (Prediction.objects.exists() or first.done()):
            time.sleep(0.01)
        web.kill()
        with pytest.raises(OSError, match=r"without response|reset"):
            first.result()

    web = WebServer(tmp_path / "back.log", WEB_CONCURRENCY="1")
    try:
        pk = str(Prediction.objects.get().pk)
        assert order(web, token, applicant, "") == (202, pk, "true")
        assert order(web, token, applicant, "") == (202, pk, "true")
    finally:
        web.kill()
    assert Entry.objects.filter(kind="charge").count() == 1
    assert wallet_of(alice).balance == 90_00
    call_command("check_ledger")
