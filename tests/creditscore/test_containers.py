"""The container files, without a container engine: each role's command and health check are run.

The database and broker are those of the tests; all other settings are those of the compose file.
"""

import contextlib
import http.client
import os
import re
import time
from pathlib import Path

import pytest
from django.conf import settings
from django.test import Client
from django_celery_beat.models import IntervalSchedule, PeriodicTask

from accounts.models import User
from creditscore.run.keys import KEYS
from predictions.models import ScoringModel
from tests.support.containers import (
    COMPOSE,
    DOCKERFILE,
    PRODUCTION,
    SERVICES,
    TRIAL,
    Container,
    environment_of,
)
from tests.support.processes import READY_SECONDS

ROLES = ["web", "worker", "explainer", "bulk", "trainer", "mailer", "clock"]


@pytest.mark.django_db(transaction=True)
def test_migrate_ends_with_a_catalog_and_a_schedule(tmp_path: Path) -> None:
    result = Container("migrate", tmp_path).run(*SERVICES["migrate"]["command"])
    assert result.returncode == 0, result.stderr
    assert ScoringModel.objects.count() == 3
    assert PeriodicTask.objects.filter(task="predictions.tasks.monitor").exists()


@pytest.mark.parametrize("container", ["web"], indirect=True)
def test_web_serves_pages_and_hashed_files_behind_a_proxy(container: Container) -> None:
    collect = container.run("python", "manage.py", "collectstatic", "--noinput")
    assert collect.returncode == 0, collect.stderr
    assert container.check().returncode == 1
    container.start()
    container.wait_healthy()

    status, _, page = fetch(container.port, "/", proxied())
    assert status == 200
    assert "This is a trial" not in page
    styles = set(re.findall(r'href="(/static/[^"]+\.css)"', page))
    assert styles
    for style in styles:
        assert re.search(r"\.[0-9a-f]{12}\.css$", style), style
        assert fetch(container.port, style, proxied())[0] == 200
    # Without the proxy's word for it, a request is not taken for a secure one.
    assert fetch(container.port, "/", proxied("http"))[:2] == (301, "https://creditscore.example/")
    assert container.stop() == 0


@pytest.mark.parametrize("container", [("web", TRIAL)], indirect=True)
def test_a_trial_serves_pages_without_https_and_says_that_it_is_one(container: Container) -> None:
    container.start()
    container.wait_healthy()
    for language, text in (("en", "This is a trial."), ("ru", "Это пробный запуск.")):
        headers = {"Host": "127.0.0.1:8000", "Accept-Language": language}
        status, _, page = fetch(container.port, "/", headers)
        assert status == 200
        assert text in page
        assert {"en": "payments are not real", "ru": "платежи ненастоящие"}[language] in page
    style = re.findall(r'href="(/static/[^"]+\.css)"', page)[0]
    assert fetch(container.port, style, headers)[0] == 200

    printed = container.run("python", "manage.py", "operator_password")
    assert printed.returncode == 0, printed.stderr
    password = printed.stdout.split()[-1]
    operator = User.objects.get(username="operator")
    assert operator.is_superuser
    assert operator.must_change_password
    assert operator.check_password(password)
    assert container.stop() == 0


@pytest.mark.parametrize("container", [("mailer", TRIAL)], indirect=True)
def test_a_trial_prints_its_mails(container: Container, alice: User) -> None:
    container.start()
    container.wait_healthy()
    assert Client().post("/account/reset/", {"email": alice.email}).status_code == 302
    deadline = time.monotonic() + READY_SECONDS
    while "/account/reset/" not in container.log.read_text():
        assert time.monotonic() < deadline, container.log.read_text()
        time.sleep(0.1)
    assert "http://127.0.0.1:" in container.log.read_text()


@pytest.mark.parametrize("container", ["worker", "explainer", "bulk"], indirect=True)
def test_workers_are_healthy_while_they_answer(container: Container) -> None:
    container.start()
    container.wait_healthy()
    assert container.process
    # On a slow machine it still loads its models, and is ended when its time is over.
    assert container.stop() in (0, os.EX_SOFTWARE)
    result = container.check()
    assert result.returncode == 1
    assert "does not answer" in result.stderr


@pytest.mark.parametrize("container", ["clock"], indirect=True)
def test_clock_is_healthy_while_the_monitor_is_sent_out(container: Container) -> None:
    assert "last run was at None" in container.check().stderr
    # The first run comes after one interval.
    IntervalSchedule.objects.filter(every=settings.MONITOR_SECONDS).update(every=1)
    container.start()
    container.wait_healthy()
    assert container.stop() == 0
    PeriodicTask.objects.filter(task="predictions.tasks.monitor").update(last_run_at="2026-01-01T00:00Z")
    assert "last run was at 2026-01-01" in container.check().stderr
    PeriodicTask.objects.update(enabled=False)
    assert container.check().returncode == 0


@pytest.mark.parametrize("name", SERVICES)
def test_services_are_confined(name: str) -> None:
    service = SERVICES[name]
    assert service["read_only"]
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert "privileged" not in service
    # A one-shot's health is its exit code.
    assert service["healthcheck"].get("test") or service["restart"] == "no"
    published = name == "web"
    assert ("ports" in service) is published
    networks = service.get("networks", [])
    assert ("frontend" in networks) is published
    assert ("outbound" in networks) is (name == "mailer")
    assert networks or service["network_mode"] == "none"


def test_the_image_runs_as_nobody_in_particular_and_keeps_no_secret() -> None:
    stages = re.split(r"^FROM ", DOCKERFILE, flags=re.M)
    assert len(stages) == 3, "a build stage, and one that has none of its tools"
    assert re.search(r"^USER \d+:\d+$", stages[-1], re.M)
    assert not re.search(r"^(ENV|ARG).*(KEY|PASSWORD)", DOCKERFILE, re.M)
    assert "pip" not in stages[-1]


@pytest.mark.parametrize("name", SERVICES)
def test_no_running_container_has_a_secret_in_its_environment(name: str) -> None:
    """An engine shows it to everyone who may ask it. The keys' container has ended when others begin."""
    given = PRODUCTION | {"METRICS_TOKEN": "m" * 20, "SENTRY_DSN": "https://key@sentry.example/1"}
    environment = environment_of(name, given) if "environment" in SERVICES[name] else {}
    secrets = {value for key, value in given.items() if key in {*KEYS, "METRICS_TOKEN", "SENTRY_DSN"}}
    shown = {secret for secret in secrets for value in environment.values() if secret in value}
    assert shown == (secrets if name == "keys" else set())


def test_everybody_waits_for_the_keys_and_only_they_can_change_them() -> None:
    assert "keys" in COMPOSE["volumes"]
    for name, service in SERVICES.items():
        mounted = [volume for volume in service.get("volumes", []) if volume.startswith("keys:")]
        if name == "keys":
            assert mounted == ["keys:/keys"]
        elif name == "redis":
            assert not mounted
        else:
            assert mounted == ["keys:/keys:ro"]
            assert service["depends_on"]["keys"] == {"condition": "service_completed_successfully"}
    # Its group may read one file, the password of the database.
    assert SERVICES["postgres"]["group_add"] == [re.findall(r"^USER \d+:(\d+)$", DOCKERFILE, re.M)[0]]


def test_the_trainer_alone_writes_versions_and_all_roles_read_them() -> None:
    assert "versions" in COMPOSE["volumes"]
    for role in [*ROLES, "migrate"]:
        mounted = [volume for volume in SERVICES[role]["volumes"] if volume.startswith("versions:")]
        assert mounted == ["versions:/versions" if role == "trainer" else "versions:/versions:ro"]
    assert "VERSIONS_DIR=/versions" in DOCKERFILE


@pytest.mark.parametrize("missing", [name for name in PRODUCTION if name != "PRODUCTION"])
def test_production_does_not_start_without(missing: str, tmp_path: Path) -> None:
    given = {name: value for name, value in PRODUCTION.items() if name != missing}
    with pytest.raises(AssertionError, match=f"are missing: {missing}"):
        Container("web", tmp_path, given)


def test_a_proxy_is_expected_in_production_alone() -> None:
    for given, expected in ((TRIAL, "0"), (PRODUCTION, "1"), (PRODUCTION | {"NUM_PROXIES": "2"}, "2")):
        assert environment_of("web", given)["NUM_PROXIES"] == expected


def proxied(scheme: str = "https") -> dict[str, str]:
    """The headers of a proxy that asks on behalf of a browser."""
    return {"Host": "creditscore.example", "X-Forwarded-Proto": scheme, "X-Forwarded-For": "192.0.2.1"}


def fetch(port: int, path: str, headers: dict[str, str]) -> tuple[int, str | None, str]:
    """Status, redirect and body."""
    with contextlib.closing(http.client.HTTPConnection("127.0.0.1", port, timeout=10)) as connection:
        connection.request("GET", path, headers=headers)
        answer = connection.getresponse()
        return answer.status, answer.getheader("Location"), answer.read().decode()


@pytest.mark.parametrize("role", ROLES)
def test_the_temporary_folder_is_bounded(role: str) -> None:
    assert [folder for folder in SERVICES[role]["tmpfs"] if re.fullmatch(r"/tmp:size=\d+m", folder)]
