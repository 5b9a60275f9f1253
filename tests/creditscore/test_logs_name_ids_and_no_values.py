"""A journey through page and API, with every refusal and fault, and what all roles have logged of it.

A prediction is followed by its id from the order to its explanation. Nothing that somebody has typed, no key
and no address is in any line.
"""

import json
import time
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone

from accounts.models import User
from creditscore.celery import app
from predictions import tasks
from predictions.jobs import worker as scoring
from predictions.models import Prediction, ScoringModel
from predictions.orders.predictions import order_prediction
from predictions.scoring.schema import Applicant
from tests.support.people import give_money
from tests.support.processes import CeleryProcess
from tests.support.surfer import Surfer
from tests.support.web import WebServer

pytestmark = pytest.mark.django_db(transaction=True)
NAME, EMAIL, PASSWORD = "Namov-4411", "mailov-5522@example.org", "Passwordov-6633!"
WRONG, LABEL, VALUE, KEY = "Wrongov-7744", "Labelov-8855", "Valueov-9966", "Keyov-1177"
INCOME = 7_712_345
SECRETS = [NAME, EMAIL, "mailov", PASSWORD, WRONG, LABEL, VALUE, KEY, str(INCOME)]
GIVEN = "0123456789abcdef0123456789abcdef"
SECONDS = 120


@dataclass
class Roles:
    """Running roles whose logs are JSON."""

    web: WebServer
    worker: CeleryProcess
    surfer: Surfer

    @property
    def printed(self) -> str:
        return self.web.printed + self.worker.log.read_text()

    @property
    def lines(self) -> list[dict[str, Any]]:
        """Every line of every log, in the order of their times."""
        # Celery itself prints what it thinks of the user root, and that it stops.
        worker = [line for line in self.worker.log.read_text().splitlines() if line.startswith("{")]
        lines: list[dict[str, Any]] = [json.loads(line) for line in [*self.web.printed.splitlines(), *worker]]
        return sorted(lines, key=lambda line: str(line["time"]))

    def about(self, prediction: str) -> list[tuple[str, str]]:
        """The role and the step of each line about a prediction."""
        return [
            (line["role"], line["message"].removeprefix(f"prediction {prediction} "))
            for line in self.lines
            if line.get("prediction_id") == prediction
        ]

    def wait_for(self, found: Callable[[], object]) -> None:
        deadline = time.monotonic() + SECONDS
        while not found():
            assert time.monotonic() < deadline, self.printed
            time.sleep(0.1)


@pytest.fixture
def unfit(alice: User, catalog: None, applicant: Applicant) -> Prediction:
    """An order whose values no model can read."""
    return queued(alice, applicant, {"person_age": VALUE})


@pytest.fixture
def abandoned(alice: User, catalog: None, applicant: Applicant) -> Prediction:
    """An order that a worker has claimed before it died."""
    prediction = queued(alice, applicant)
    scoring.claim(Prediction.objects.filter(pk=prediction.pk), 1)
    Prediction.objects.filter(pk=prediction.pk).update(claimed_at=timezone.now() - timedelta(hours=1))
    return prediction


def queued(user: User, applicant: Applicant, stored: dict[str, object] | None = None) -> Prediction:
    give_money(user, 10_00)
    model = ScoringModel.objects.get(slug="logistic-regression")
    key = uuid.uuid4().hex
    prediction = order_prediction(user=user, model=model, applicant=applicant, request_key=key).prediction
    if stored:
        Prediction.objects.filter(pk=prediction.pk).update(applicant=stored)
    return prediction


@pytest.fixture
def roles(
    unfit: Prediction, abandoned: Prediction, refusing_mail_server: str, tmp_path: Path
) -> Iterator[Roles]:
    environment = {"LOG_FORMAT": "json", "EMAIL_URL": refusing_mail_server, "WELCOME_CREDIT": "500.00"}
    name = f"celery@{uuid.uuid4()}"
    command = ("--quiet", "worker", "--hostname", name, "--concurrency", "1")
    worker = CeleryProcess(tmp_path / "worker.log", *command, **environment)
    web = WebServer(tmp_path / "web.log", **environment)
    running = Roles(web, worker, Surfer(web.port))
    running.wait_for(lambda: app.control.ping(destination=[name], timeout=0.3))
    yield running
    worker.stop()
    web.stop()
    print(running.printed)


def call_api(surfer: Surfer, applicant: Applicant) -> tuple[str, Any]:
    """Sign up, log in, fail in every way, and order; return the user's id and the order's answer."""
    account = {"username": NAME, "email": EMAIL, "password": PASSWORD}
    status, user, _headers = surfer.call("auth/register/", account)
    assert status == 201
    for bad in (
        {**account, "username": f"{NAME}@"},
        {"username": EMAIL, "password": WRONG},
        {"username": PASSWORD, "password": NAME},
    ):
        path = "auth/register/" if "email" in bad else "auth/token/"
        assert surfer.call(path, bad)[0] in (401, 422)
    status, pair, _headers = surfer.call("auth/token/", {"username": EMAIL, "password": PASSWORD})
    assert status == 200
    token, others = f"Bearer {pair['access']}", f"Bearer {WRONG}"
    order = {"model": "catboost", "label": LABEL, "applicant": {**applicant, "person_income": INCOME}}
    order["applicant"] = {**order["applicant"], "loan_percent_income": None}  # type: ignore[dict-item]
    for body in (
        {**order, "applicant": {**applicant, "person_age": VALUE}},
        {**order, VALUE: VALUE},
        {**order, "model": VALUE},
        f'{{"{VALUE}": '.encode(),
    ):
        assert surfer.call("predictions/", body, Authorization=token)[0] in (400, 422)
    assert surfer.call("predictions/", order, Authorization=others)[0] == 401
    answer = surfer.call("predictions/", order, Authorization=token, Idempotency_Key=KEY, X_Request_ID=GIVEN)
    assert answer[0] == 202
    assert answer[2]["X-Request-ID"] == GIVEN
    forged = surfer.get("/api/v1/me/", Authorization=token, X_Request_ID=EMAIL)[2]["X-Request-ID"]
    assert uuid.UUID(forged)
    return str(user["id"]), answer[1]


def use_pages(surfer: Surfer) -> None:
    """Fail to log in, log in, order with a wrong value, search, ask for a password reset, get lost."""
    for name, password, status in ((EMAIL, WRONG, 422), (WRONG, PASSWORD, 422), (NAME, PASSWORD, 200)):
        assert surfer.submit("/account/login/", username=name, password=password)[0] == status
    form = f"/predictions/new/?form={uuid.uuid4()}"
    assert surfer.submit(form, model="catboost", person_income=VALUE, label=LABEL)[0] == 422
    assert surfer.get(f"/predictions/?label={LABEL}")[0] == 200
    assert surfer.get(f"/{VALUE}/{KEY}")[0] == 404
    assert surfer.submit("/account/reset/", email=EMAIL)[0] == 200


def test_a_journey(
    roles: Roles, unfit: Prediction, abandoned: Prediction, applicant: Applicant, alice: User
) -> None:
    user, order = call_api(roles.surfer, applicant)
    use_pages(roles.surfer)
    tasks.monitor.delay()
    bought = order["id"]
    roles.wait_for(lambda: ("worker", "stored") in roles.about(bought))
    # The page asks for the explanation.
    assert roles.surfer.get(f"/predictions/{bought}/")[0] == 200
    roles.wait_for(lambda: ("worker", "explained") in roles.about(bought))
    roles.wait_for(lambda: ("worker", "stored") in roles.about(str(abandoned.pk)))
    roles.wait_for(lambda: "mail_reset_links" in roles.printed)
    # A page about values that nothing can read is an unexpected error.
    Prediction.objects.filter(pk=bought).update(applicant={"person_age": VALUE})
    assert roles.surfer.get(f"/predictions/{bought}/")[0] == 500

    lines, printed = roles.lines, roles.printed.casefold()
    assert not [secret for secret in SECRETS if secret.casefold() in printed]
    assert "bearer" not in printed
    assert "eyj" not in printed, "the beginning of a token"

    steps = [("web", "ordered"), ("worker", "claimed"), ("worker", "scored"), ("worker", "stored")]
    assert roles.about(bought) == [*steps, ("worker", "explained")]
    assert roles.about(str(unfit.pk)) == [("worker", "claimed"), ("worker", "failed and refunded")]
    assert roles.about(str(abandoned.pk))[:4] == [("worker", "requeued"), *steps[1:]]
    [ordered] = [line for line in lines if line.get("prediction_id") == bought and line["role"] == "web"]
    assert (ordered["request_id"], ordered["user_id"], ordered["model"]) == (GIVEN, user, "catboost")

    [access] = [line for line in lines if line.get("request_id") == GIVEN and "route" in line]
    told = {name: access[name] for name in ("route", "method", "status", "user_id", "level")}
    assert told == {
        "route": "api:predictions",
        "method": "POST",
        "status": 202,
        "user_id": user,
        "level": "INFO",
    }
    assert access["ms"] > 0
    written = datetime.fromisoformat(access["time"])
    assert written.tzinfo == UTC
    assert abs(datetime.now(UTC) - written) < timedelta(minutes=10)

    # The mail that could not be sent belongs to the request of the form.
    [failed] = [line for line in lines if "mail_reset_links" in line["message"]]
    [asked] = [line for line in lines if line.get("route") == "accounts:reset" and line["method"] == "POST"]
    assert (failed["request_id"], failed["role"]) == (asked["request_id"], "worker")
    assert "SMTPRecipientsRefused" in failed["exception"]
    [crash] = [line for line in lines if line["logger"] == "django.request"]
    assert crash["message"] == "Internal Server Error: predictions/<id:pk>/"
    assert "predictions/site/results.py" in crash["exception"]
    # Who is refused, and from where.
    refusals = [line for line in lines if line["message"] == "log-in refused: invalid_credentials"]
    assert {line["network"] for line in refusals} == {"127.0.0.1"}
    assert [line["user_id"] for line in refusals].count(user) == 2
    assert [line["user_id"] for line in refusals].count("") == 2
    assert [line for line in lines if line["message"] == f"user {user} logged in"]
