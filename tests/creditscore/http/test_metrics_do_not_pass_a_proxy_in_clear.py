from pathlib import Path

import pytest
from django.test import Client
from pytest_django import Settings

from tests.support.metrics import TOKEN

TO_HTTP = {"X-Forwarded-Proto": "http"}
TO_HTTPS = {"X-Forwarded-Proto": "https"}


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("https", "headers", "status"),
    [(True, TO_HTTP, 403), (True, TO_HTTPS, 200), (True, {}, 200), (False, TO_HTTP, 200)],
)
def test_the_token_travels_by_https_or_within_the_network(
    settings: Settings,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    https: bool,
    headers: dict[str, str],
    status: int,
) -> None:
    monkeypatch.setenv("PROMETHEUS_MULTIPROC_DIR", str(tmp_path))
    settings.METRICS_TOKEN = TOKEN
    settings.SECURE_SSL_REDIRECT = https
    settings.SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    answer = Client().get("/metrics", headers=headers | {"Authorization": f"Bearer {TOKEN}"})
    assert answer.status_code == status
    assert (b"creditscore_ready" in answer.content) == (status == 200)
