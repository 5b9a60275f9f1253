"""Unexpected errors of web and worker are reported to Sentry, if it is set, without any value."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from django.conf import settings
from django.test import Client

from accounts.models import User
from accounts.tasks import mail_reset_links
from predictions.models import Prediction
from tests.support.orders import Bought
from tests.support.processes import StartWorker
from tests.support.sentry_server import SentryServer
from tests.support.web import WebServer

VALUE, LABEL = "Valueov-9966", "Labelov-8855"
PROGRAM = "import django, sys; django.setup(); print('sentry_sdk' in sys.modules)"


@pytest.mark.django_db(transaction=True)
def test_an_error_of_a_page_and_one_of_a_task(
    alice: User,
    bought: Bought,
    start_worker: StartWorker,
    sentry_server: SentryServer,
    refusing_mail_server: str,
    tmp_path: Path,
) -> None:
    prediction = bought(label=LABEL)
    Prediction.objects.filter(pk=prediction.pk).update(applicant={"person_age": VALUE})
    client = Client()
    client.force_login(alice)
    cookie = f"{settings.SESSION_COOKIE_NAME}={client.cookies[settings.SESSION_COOKIE_NAME].value}"
    web = WebServer(tmp_path / "web.log", SENTRY_DSN=sentry_server.dsn, WEB_CONCURRENCY="1")
    try:
        page = f"/predictions/{prediction.pk}/?label={LABEL}"
        head = f"GET {page} HTTP/1.1\r\nHost: localhost\r\nCookie: {cookie}\r\nConnection: close\r\n\r\n"
        assert web.send(head.encode()).startswith(b"HTTP/1.1 500 ")
        [crash] = sentry_server.wait_for(1)
    finally:
        web.stop()
    assert crash["transaction"] == "/predictions/{pk}/"
    assert crash["tags"]["role"] == "web"
    assert len(crash["tags"]["request_id"]) == 32
    last = crash["exception"]["values"][-1]
    assert last["type"]
    files = [frame["abs_path"] for frame in last["stacktrace"]["frames"]]
    assert any(file.endswith("predictions/site/results.py") for file in files)

    start_worker(1, SENTRY_DSN=sentry_server.dsn, EMAIL_URL=refusing_mail_server)
    mail_reset_links.delay(alice.email, "en")
    failed = sentry_server.wait_for(2)[1]
    assert failed["exception"]["values"][-1]["type"] == "SMTPRecipientsRefused"
    assert failed["transaction"] == "accounts.tasks.mail_reset_links"

    received = "\n".join(sentry_server.raw)
    for secret in (VALUE, LABEL, alice.username, alice.email, cookie, "vars", "Cookie"):
        assert secret not in received
    assert len(sentry_server.events) == 2


@pytest.mark.parametrize(("dsn", "imported"), [("", "False"), ("http://public@127.0.0.1:1/1", "True")])
def test_it_is_imported_only_if_it_is_set(dsn: str, imported: str) -> None:
    environment = os.environ | {"DJANGO_SETTINGS_MODULE": "creditscore.settings", "SENTRY_DSN": dsn}
    result = subprocess.run(
        [sys.executable, "-c", PROGRAM],
        cwd=settings.BASE_DIR,
        env=environment,
        capture_output=True,
        text=True,
        check=True,
    )
    assert result.stdout.strip() == imported
