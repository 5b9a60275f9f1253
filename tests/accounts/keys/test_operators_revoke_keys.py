"""Operators see whose keys there are and when they were used; they revoke keys and never see or make one."""

from django.contrib.auth.models import Permission
from django.test import Client
from django.urls import reverse

from accounts.models import ApiKey, User
from tests.support.keys import KeyFor, me
from tests.support.people import Answer

LIST = reverse("admin:accounts_apikey_changelist")


def revoke(client: Client, key: ApiKey) -> Answer:
    answer: Answer = client.post(  # type: ignore[assignment]
        LIST, {"action": "revoke", "_selected_action": [str(key.pk)]}, follow=True
    )
    return answer


def test_they_see_everything_but_the_secret(
    client: Client, alice: User, operator: User, new_key: KeyFor
) -> None:
    new = new_key(alice, daily_limit=10_00)
    me(new)
    client.force_login(operator)
    for address in (LIST, reverse("admin:accounts_apikey_change", args=[new.key.pk])):
        text = client.get(address).content.decode()
        assert new.key.prefix in text
        assert "alice" in text
        assert new.secret not in text
        assert new.key.key_hash not in text


def test_they_find_keys_by_user_and_by_what_a_key_begins_with(
    client: Client, alice: User, bob: User, operator: User, new_key: KeyFor
) -> None:
    alices, bobs = new_key(alice).key, new_key(bob).key
    client.force_login(operator)
    for term in ("ALICE", alice.email, alices.prefix, str(alices.pk)):
        text = client.get(LIST, {"q": term}).content.decode()
        assert (alices.prefix in text, bobs.prefix in text) == (True, term == bobs.prefix), term


def test_they_revoke_at_once(client: Client, alice: User, operator: User, new_key: KeyFor) -> None:
    new, other = new_key(alice), new_key(alice)
    client.force_login(operator)
    assert "1 key revoked." in revoke(client, new.key).content.decode()
    assert [me(new).status_code, me(other).status_code] == [401, 200]
    new.key.refresh_from_db()
    ended = new.key.revoked_at
    assert "0 keys revoked." in revoke(client, new.key).content.decode()
    new.key.refresh_from_db()
    assert new.key.revoked_at == ended


def test_nobody_makes_changes_or_deletes_one_there(
    client: Client, alice: User, operator: User, new_key: KeyFor
) -> None:
    new = new_key(alice)
    client.force_login(operator)
    change = reverse("admin:accounts_apikey_change", args=[new.key.pk])
    assert client.get(reverse("admin:accounts_apikey_add")).status_code == 403
    assert (
        client.post(reverse("admin:accounts_apikey_delete", args=[new.key.pk]), {"post": "yes"}).status_code
        == 403
    )
    assert client.post(change, {"name": "other", "scopes": "[]"}).status_code == 403
    assert ApiKey.objects.values_list("name", "scopes").get() == ("loan desk", ["read", "predict", "pay"])


def test_a_permission_to_view_is_none_to_revoke(
    client: Client, alice: User, bob: User, new_key: KeyFor
) -> None:
    new = new_key(alice)
    User.objects.filter(pk=bob.pk).update(is_staff=True)
    bob.user_permissions.set(Permission.objects.filter(codename="view_apikey"))
    client.force_login(User.objects.get(pk=bob.pk))
    assert new.key.prefix in client.get(LIST).content.decode()
    revoke(client, new.key)
    assert me(new).status_code == 200
