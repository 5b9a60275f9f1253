"""Rotation: a second key, and both work until the chosen moment."""

from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.keys import services as keys
from accounts.models import ApiKey, User
from tests.support.keys import KeyFor, me
from tests.support.people import ApiClientFor


def test_both_work_until_the_grace_has_passed(alice: User, api: ApiClientFor, new_key: KeyFor) -> None:
    old = new_key(alice, ["read", "pay"], daily_limit=5_00, orders_per_minute=7)
    answer = api(alice).post(f"/api/v1/api-keys/{old.key.pk}/rotate/", {"grace_hours": 2}, format="json")
    assert answer.status_code == 201
    new = answer.json()
    assert (new["name"], new["scopes"], new["daily_limit"]) == ("loan desk", ["read", "pay"], "5.00")
    assert (new["orders_per_minute"], new["expires_at"]) == (7, None)
    assert [me(old).status_code, me(new["key"]).status_code] == [200, 200]
    old.key.refresh_from_db()
    assert old.key.expires_at
    left = old.key.expires_at - timezone.now()
    assert timedelta(minutes=119) < left <= timedelta(hours=2)
    ApiKey.objects.filter(pk=old.key.pk).update(expires_at=timezone.now())
    assert [me(old).status_code, me(new["key"]).status_code] == [401, 200]


def test_without_grace_the_old_one_stops_at_once(alice: User, new_key: KeyFor) -> None:
    old = new_key(alice)
    new = keys.rotate(old.key, timedelta())
    assert new
    assert [me(old).status_code, me(new).status_code] == [401, 200]


def test_a_grace_never_prolongs_a_key(alice: User, new_key: KeyFor) -> None:
    soon = timezone.now() + timedelta(minutes=5)
    old = new_key(alice, expires_at=soon)
    new = keys.rotate(old.key, timedelta(hours=1))
    old.key.refresh_from_db()
    assert old.key.expires_at == soon
    assert new
    assert new.key.expires_at
    assert timedelta(minutes=4) < new.key.expires_at - timezone.now() < timedelta(minutes=6)


def test_a_grace_shortens_a_long_life(alice: User, new_key: KeyFor) -> None:
    old = new_key(alice, expires_at=timezone.now() + timedelta(days=30))
    new = keys.rotate(old.key, timedelta(hours=1))
    old.key.refresh_from_db()
    assert old.key.expires_at
    assert old.key.expires_at - timezone.now() <= timedelta(hours=1)
    assert new
    assert new.key.expires_at
    assert new.key.expires_at - timezone.now() > timedelta(days=29)


def test_a_key_that_has_ended_has_no_successor(
    alice: User, bob: User, api: ApiClientFor, new_key: KeyFor
) -> None:
    old = new_key(alice)
    address = f"/api/v1/api-keys/{old.key.pk}/rotate/"
    assert api(bob).post(address, {}, format="json").status_code == 404
    keys.revoke(ApiKey.objects.all())
    assert api(alice).post(address, {}, format="json").status_code == 404
    assert keys.rotate(old.key, timedelta(hours=1)) is None
    assert ApiKey.objects.count() == 1, "no key is left of the attempts"


@pytest.mark.parametrize("grace", [-1, 721, "24", 1.5, True, None])
def test_graces_are_whole_hours_of_at_most_a_month(
    alice: User, api: ApiClientFor, new_key: KeyFor, grace: object
) -> None:
    address = f"/api/v1/api-keys/{new_key(alice).key.pk}/rotate/"
    answer = api(alice).post(address, {"grace_hours": grace}, format="json")
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, "grace_hours")
    assert ApiKey.objects.count() == 1
