"""The first page of the admin has the figures of the day, what is missing, and tables for operators alone."""

import pytest
from django.contrib.auth.models import Permission
from django.test import Client
from django.urls import reverse

from accounts.models import SiteText, User
from billing.money import format_money
from predictions.jobs.worker import score_queued
from predictions.models import Prediction
from predictions.orders.predictions import cancel_prediction
from tests.support.html import Page
from tests.support.orders import OrderFor
from tests.support.people import give_money

INDEX = reverse("admin:index")


@pytest.fixture
def admin(operator: User, client: Client) -> Client:
    client.force_login(operator)
    return client


def test_it_counts_the_day_and_what_waits(admin: Client, alice: User, order: OrderFor) -> None:
    give_money(alice, 100_00)
    order(alice)
    score_queued()
    failed, canceled, _waiting = order(alice), order(alice), order(alice)
    cancel_prediction(canceled)
    Prediction.objects.filter(pk=failed.pk).update(
        status="failed", failure="scoring_failed", finished_at=failed.created_at
    )
    page = admin.get(INDEX).content.decode()
    today = page.split('<table class="today">', 1)[1].split("</table>", 1)[0]
    for label, value in {
        "Predictions today": "4",
        "Failed today": "1",
        "Predictions waiting": "1",
        "Refunds today": f"1 · {format_money(10_00)}",
        "Files in progress": "0",
    }.items():
        assert f">{label}</a></th><td>{value}</td>" in today


def test_it_says_which_texts_are_missing(admin: Client) -> None:
    add = reverse("admin:accounts_sitetext_add")
    SiteText.objects.create(kind="terms", language="en", text="x")
    (note,) = Page(admin.get(INDEX)).all("p", class_="errornote")
    assert "Privacy, Contact" in note.words
    assert "Terms" not in note.words
    assert add in Page(admin.get(INDEX)).links
    for kind in ("privacy", "contact"):
        SiteText.objects.create(kind=kind, language="en", text="x")
    assert not Page(admin.get(INDEX)).all("p", class_="errornote")


def test_it_has_its_own_title_and_only_tables_for_operators(admin: Client) -> None:
    page = Page(admin.get(INDEX))
    assert page.all("title")[0].words == "Administration | Creditscore administration"
    assert reverse("admin:django_celery_beat_periodictask_changelist") in page.links
    assert reverse("admin:django_celery_beat_solarschedule_changelist") not in page.links
    assert not [link for link in page.links if "celery_results" in link]


def test_a_clerk_sees_no_figure_of_what_is_closed_to_them(client: Client, bob: User) -> None:
    bob.is_staff = True
    bob.save()
    bob.user_permissions.set(Permission.objects.filter(codename="view_entry"))
    client.force_login(bob)
    words = client.get(INDEX).content.decode()
    assert "Refunds today" in words
    assert "Predictions today" not in words
    assert "Not written yet" not in words


def test_a_search_has_a_label_that_is_seen(admin: Client) -> None:
    page = Page(admin.get(reverse("admin:predictions_prediction_changelist")))
    (label,) = page.all("label", for_="searchbar")
    assert label.words == "Username, email or ID"
