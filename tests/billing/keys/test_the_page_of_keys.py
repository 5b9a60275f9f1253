"""Customers create, replace and revoke keys on a page, without JavaScript, and see what each one did."""

import re
from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from accounts.keys import services as keys
from accounts.models import ApiKey, User
from billing.models import KeyDay
from tests.support.html import Page
from tests.support.keys import KeyFor, me
from tests.support.people import Answer

PAGE = reverse("keys:keys")
FORM: dict[str, str] = {"name": "loan desk", "read": "on", "predict": "on"}


def rotate(client: Client, key: ApiKey, grace: str = "24") -> Answer:
    address = reverse("keys:rotate", args=[key.pk])
    answer: Answer = client.post(address, {"grace_hours": grace})  # type: ignore[assignment]
    return answer


def revoke(client: Client, key: ApiKey) -> Answer:
    answer: Answer = client.post(reverse("keys:revoke", args=[key.pk]), follow=True)  # type: ignore[assignment]
    return answer


def test_a_new_key_is_shown_once_and_works(reader: Client) -> None:
    answer = reader.post(PAGE, FORM)
    assert "no-store" in answer["Cache-Control"]
    page = Page(answer)
    secret = page.by_id("key").words
    assert me(secret).json()["username"] == "alice"
    assert (
        page.by_id("curl").words == f'curl http://testserver/api/v1/me/ -H "Authorization: Bearer {secret}"'
    )
    later = reader.get(PAGE).content.decode()
    assert secret not in later
    assert ApiKey.objects.get().key_hash not in later
    assert ApiKey.objects.get().prefix in later


def test_the_form_says_what_the_key_may_do(reader: Client) -> None:
    sent = {"pay": "on", "daily_limit": "1,250.50", "orders_per_minute": "60", "lifetime": "30"}
    assert reader.post(PAGE, {"name": "till", **sent}).status_code == 200
    key = ApiKey.objects.get()
    assert (key.name, key.scopes, key.daily_limit, key.orders_per_minute) == ("till", ["pay"], 1250_50, 60)
    assert key.expires_at
    assert timedelta(days=29) < key.expires_at - timezone.now() <= timedelta(days=30)
    ApiKey.objects.all().delete()
    russian = {**sent, "daily_limit": "1 250,50"}
    reader.post(PAGE, {"name": "касса", **russian}, headers={"Accept-Language": "ru"})
    assert ApiKey.objects.get().daily_limit == 1250_50


@pytest.mark.parametrize(("language", "names"), [("en", "Read, Predict"), ("ru", "Чтение, Прогнозы")])
def test_the_scopes_of_a_key_are_words(reader: Client, language: str, names: str) -> None:
    reader.post(PAGE, {"name": "desk", "read": "on", "predict": "on", "lifetime": "30"})
    page = reader.get(PAGE, headers={"Accept-Language": language}).content.decode()
    assert names in page
    assert "read, predict" not in page


@pytest.mark.parametrize("language", ["en", "ru"])
@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"name": ""}, "name"),
        ({"name": "x" * 101}, "name"),
        ({"read": "", "predict": ""}, "read"),
        ({"daily_limit": "0"}, "daily_limit"),
        ({"daily_limit": "much"}, "daily_limit"),
        ({"daily_limit": "10000000.01"}, "daily_limit"),
        ({"orders_per_minute": "0"}, "orders_per_minute"),
        ({"orders_per_minute": "1.5"}, "orders_per_minute"),
        ({"lifetime": "31"}, "lifetime"),
    ],
)
def test_wrong_values_are_named_beside_their_input(
    reader: Client, changes: dict[str, str], field: str, language: str
) -> None:
    answer = reader.post(PAGE, FORM | changes, headers={"Accept-Language": language})
    assert answer.status_code == 422
    error = Page(answer).by_id(f"id_{field}_error").words
    assert error.isascii() is (language == "en")
    assert not ApiKey.objects.exists()


def test_too_many_keys_are_refused(
    reader: Client, alice: User, new_key: KeyFor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(keys, "MAX_KEYS", 1)
    key = new_key(alice).key
    answer = reader.post(PAGE, FORM)
    assert answer.status_code == 409
    assert "An account can have 1 keys at most." in Page(answer).all("div", class_="summary")[0].words
    assert rotate(reader, key)["Location"] == PAGE
    assert ApiKey.objects.count() == 1


def test_a_key_is_replaced_and_both_work(reader: Client, alice: User, new_key: KeyFor) -> None:
    old = new_key(alice)
    secret = Page(rotate(reader, old.key)).by_id("key").words
    assert [me(old).status_code, me(secret).status_code] == [200, 200]
    old.key.refresh_from_db()
    assert old.key.expires_at
    assert rotate(reader, old.key, "5").status_code == 404, "not one of the choices"


def test_a_key_is_revoked(reader: Client, alice: User, new_key: KeyFor) -> None:
    new = new_key(alice)
    answer = revoke(reader, new.key)
    assert answer.redirect_chain == [(PAGE, 302)]
    assert "The key “loan desk” has been revoked." in answer.content.decode()
    assert me(new).status_code == 401
    assert revoke(reader, new.key).status_code == 404


def test_keys_of_others_are_not_there(reader: Client, bob: User, new_key: KeyFor) -> None:
    new = new_key(bob)
    assert new.key.prefix not in reader.get(PAGE).content.decode()
    assert rotate(reader, new.key).status_code == 404
    assert revoke(reader, new.key).status_code == 404
    assert me(new).status_code == 200


def test_each_key_tells_its_days(reader: Client, alice: User, new_key: KeyFor) -> None:
    limited, ended = new_key(alice, daily_limit=50_00).key, new_key(alice).key
    today = timezone.now().date()
    for key, age, spent in ((limited, 0, 12_00), (limited, 29, 7_00), (limited, 30, 5_00), (ended, 1, 3_00)):
        KeyDay.objects.create(api_key=key, date=today - timedelta(days=age), orders=2, spent=spent, errors=4)
    keys.revoke(ApiKey.objects.filter(pk=ended.pk))
    page = Page(reader.get(PAGE))
    text = re.sub(r"\s", " ", page.by_id("main").words)
    assert "12.00 USD of 50.00 USD" in text
    rows = [
        row.words.replace("\u00a0", " ").split(" ", 2)[2] for row in page.all("tr")[1:] if "USD" in row.words
    ]
    assert rows == ["2 12.00 USD 4", "2 7.00 USD 4", "2 3.00 USD 4"]
    assert "Ended keys" in text


def test_the_page_takes_a_fixed_number_of_queries(reader: Client, alice: User, new_key: KeyFor) -> None:
    reader.get(PAGE)
    counted = []
    for _number in range(3):
        key = new_key(alice).key
        KeyDay.objects.create(api_key=key, date=timezone.now().date(), orders=1, spent=1)
        with CaptureQueriesContext(connection) as queries:
            assert reader.get(PAGE).status_code == 200
        counted.append(len(queries))
    assert len(set(counted)) == 1


def test_names_are_no_markup(reader: Client) -> None:
    answer = reader.post(PAGE, FORM | {"name": "<script>alert(1)</script>"})
    assert "<script>alert(1)" not in answer.content.decode()
