"""What is stored and shown of a key: never the key, and its hash nowhere but in its row."""

import hashlib
import logging
import re

import pytest
from rest_framework.test import APIClient

from accounts.keys import services as keys
from accounts.models import ApiKey, User
from tests.support.keys import KeyFor, me, program
from tests.support.people import ApiClientFor


def test_it_has_256_random_bits_and_a_beginning_to_recognize_it_by(alice: User, new_key: KeyFor) -> None:
    assert len(keys.ALPHABET) ** keys.SECRET_LENGTH >= 2**256
    first, second = new_key(alice), new_key(alice)
    for new in (first, second):
        assert re.fullmatch(r"cs_[0-9A-Za-z]{12}_[0-9A-Za-z]{43}", new.secret)
        assert new.secret.startswith(f"{new.key.prefix}_")
    assert len({first.secret, second.secret, first.key.prefix, second.key.prefix}) == 4


def test_only_one_sha256_is_stored(alice: User, new_key: KeyFor) -> None:
    new = new_key(alice)
    row = ApiKey.objects.filter(pk=new.key.pk).values().get()
    assert row["key_hash"] == hashlib.sha256(new.secret.encode()).hexdigest()
    secret = new.secret.rpartition("_")[2]
    assert not [name for name, value in row.items() if secret in str(value)]
    assert row["key_hash"] not in str(row["id"])


def test_the_key_is_in_the_first_answer_only(alice: User, api: ApiClientFor) -> None:
    client = api(alice)
    body = {"name": "loan desk", "scopes": ["read"]}
    created = client.post("/api/v1/api-keys/", body, format="json")
    assert created.status_code == 201
    assert "no-store" in created["Cache-Control"]
    listed = client.get("/api/v1/api-keys/").json()["results"]
    assert listed == [{name: value for name, value in created.json().items() if name != "key"}]
    assert ApiKey.objects.get().key_hash not in created.content.decode()


def test_logs_name_the_id_and_nothing_of_the_key(
    alice: User, new_key: KeyFor, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    caplog.set_level(logging.DEBUG, "creditscore.http.observed")
    new = new_key(alice)
    replaced = keys.rotate(new.key, keys.MAX_GRACE)
    assert replaced
    me(new)
    me(f"{new.key.prefix}_{'x' * 43}")
    program(new).post("/api/v1/top-ups/", {"amount": "x"}, format="json")
    keys.revoke(ApiKey.objects.all())
    me(new)
    told = "\n".join(f"{record.getMessage()} {vars(record)}" for record in caplog.records)
    assert f"'api_key_id': '{new.key.pk}'" in told, "the line of a request names its key"
    for one in (new, replaced):
        assert one.secret.rpartition("_")[2] not in told
        assert one.key.key_hash not in told


def test_the_request_has_its_user_and_its_key(alice: User, new_key: KeyFor) -> None:
    new = new_key(alice)
    answer = me(new)
    assert (answer.status_code, answer.json()["username"]) == (200, "alice")
    request = answer.renderer_context["request"]  # type: ignore[attr-defined]
    assert (request.user, request.auth) == (alice, new.key)


def test_an_id_or_a_hash_is_no_key(alice: User, new_key: KeyFor) -> None:
    new = new_key(alice)
    for text in (
        str(new.key.pk),
        new.key.key_hash,
        new.key.prefix,
        f"{new.key.prefix}_{new.key.key_hash[:43]}",
    ):
        assert APIClient().get("/api/v1/me/", HTTP_AUTHORIZATION=f"Bearer {text}").status_code == 401
