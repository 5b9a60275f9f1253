"""The admin's page of versions: what is on sale, since when, by whom and why, and the change in one step."""

import html
from pathlib import Path

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Permission
from django.test import Client
from django.urls import reverse

from accounts.models import User
from predictions.lifecycle import checks
from predictions.models import ScoringModel
from predictions.scoring import artifacts
from predictions.scoring.artifacts import ArtifactRef
from tests.support.people import ApiClientFor

SLUG = "logistic-regression"


def model_now() -> ScoringModel:
    return ScoringModel.objects.get(slug=SLUG)


def address() -> str:
    return reverse("admin:predictions_scoringmodel_versions", args=[model_now().pk])


def page(client: Client) -> str:
    return html.unescape(client.get(address()).content.decode())


def send(client: Client, version: str, *, seen: int, reason: str = "AUC 0.93 on our own loans") -> str:
    """Send the form of a version and return the page that says what became of it."""
    body = {"version": version, "seen": seen, "reason": reason}
    answer = client.post(address(), body, follow=True)
    return html.unescape(answer.content.decode())


@pytest.fixture
def admin_client(client: Client, operator: User, two_versions: ArtifactRef, catalog: None) -> Client:
    client.force_login(operator)
    return client


def test_a_change_and_the_way_back_are_shown_with_who_and_why(
    admin_client: Client, api: ApiClientFor, alice: User
) -> None:
    first = model_now().on_sale.version
    assert "Put 9.0.0 on sale" in page(admin_client)
    assert "Roll back" not in page(admin_client)
    shown = send(admin_client, "9.0.0", seen=1)
    assert "Version 9.0.0 is on sale." in shown
    assert f"Roll back to {first}" in shown
    assert "AUC 0.93 on our own loans" in shown
    assert api(alice).get(f"/api/v1/models/{SLUG}/").json()["version"] == "9.0.0"
    shown = send(admin_client, first, seen=2, reason="complaints")
    assert f"Version {first} is on sale." in shown
    assert "complaints" in shown
    assert [entry.change_message for entry in LogEntry.objects.order_by("pk")] == [
        "Version 9.0.0 put on sale: AUC 0.93 on our own loans",
        f"Version {first} put on sale: complaints",
    ]


def test_a_change_without_a_reason_or_from_an_old_page_is_none(admin_client: Client) -> None:
    assert "give a reason" in send(admin_client, "9.0.0", seen=1, reason="  ")
    assert "somebody else" in send(admin_client, "9.0.0", seen=0)
    assert "on sale already" in send(admin_client, model_now().on_sale.version, seen=1)
    assert model_now().periods.count() == 1
    assert not LogEntry.objects.exists()


def test_what_is_wrong_with_a_version_is_shown_and_refuses_it(
    admin_client: Client, own_copy: Path, two_versions: ArtifactRef
) -> None:
    assert "Will be checked within a minute" in page(admin_client)
    while checks.check_next():
        pass
    assert "Will be checked within a minute" not in page(admin_client)
    stored = artifacts.versions(own_copy, SLUG)
    assert page(admin_client).count("Loads and gives its golden scores") == len(stored)
    file = own_copy / SLUG / two_versions.version / "model.json"
    file.write_bytes(file.read_bytes() + b" ")
    assert "SHA-256" in page(admin_client)
    assert "This version cannot be used" in send(admin_client, "9.0.0", seen=1)
    assert model_now().periods.count() == 1


def test_it_takes_a_permission_of_its_own(
    client: Client, alice: User, two_versions: ArtifactRef, catalog: None
) -> None:
    alice.is_staff = True
    alice.save()
    client.force_login(alice)
    assert "You do not have permission to see models." in send(client, "9.0.0", seen=1)
    rights = Permission.objects.filter(content_type__app_label="predictions")
    alice.user_permissions.add(*rights.exclude(codename="promote_version"))
    assert "Put 9.0.0 on sale" not in page(client)
    assert "You do not have permission to put versions on sale." in send(client, "9.0.0", seen=1)
    assert model_now().periods.count() == 1
    alice.user_permissions.add(rights.get(codename="promote_version"))
    assert "Put 9.0.0 on sale" in page(client)
    assert "Version 9.0.0 is on sale." in send(client, "9.0.0", seen=1)


def test_the_card_of_any_version_is_there_for_operators_alone(
    admin_client: Client, alice: User, two_versions: ArtifactRef
) -> None:
    card = reverse("predictions:model-version", args=[SLUG, "9.0.0"])
    assert card in page(admin_client)
    shown = admin_client.get(card).content.decode()
    assert "Version 9.0.0 is not on sale." in shown
    assert two_versions.sha256 in shown
    assert admin_client.get(card.replace("9.0.0", "7.7.7")).status_code == 404
    reader = Client()
    assert reader.get(card).status_code == 404
    reader.force_login(alice)
    assert reader.get(card).status_code == 404


def test_customers_see_the_version_and_since_when(admin_client: Client) -> None:
    send(admin_client, "9.0.0", seen=1)
    shown = Client().get(reverse("predictions:model", args=[SLUG])).content.decode()
    period = model_now().on_sale
    assert "On sale since" in shown
    assert f'datetime="{period.since:%Y-%m-%dT%H:%M}' in shown
    assert period.artifact_sha256 in shown


def test_the_page_is_there_in_russian(admin_client: Client) -> None:
    admin_client.cookies["language"] = "ru"
    shown = admin_client.get(address(), headers={"Accept-Language": "ru"}).content.decode()
    assert "Что и\u00a0когда продавалось" in shown
    assert "Первая версия этой установки" in shown
