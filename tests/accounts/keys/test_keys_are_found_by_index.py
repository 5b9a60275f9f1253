"""What the authentication of a request costs with any number of keys."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.keys import services as keys
from accounts.models import ApiKey, User
from tests.support.keys import KeyFor
from tests.support.plans import captured_reads, plan_as_for_many_rows


@pytest.mark.django_db
def test_one_query_reads_key_and_user_by_the_beginning(alice: User, bob: User, new_key: KeyFor) -> None:
    ApiKey.objects.bulk_create(
        ApiKey(user=bob, name="one of many", prefix=f"cs_{number:012}", key_hash="0" * 64, scopes=[])
        for number in range(300)
    )
    new = new_key(alice)
    plan_as_for_many_rows()
    with captured_reads() as reads:
        key = keys.authenticate(new.secret.encode())
        assert key.user == alice
    [read] = reads
    assert {"sqlite": "prefix=?", "postgresql": "accounts_apikey_prefix_"}[connection.vendor] in read.plan
    assert "SCAN" not in read.plan.upper().replace("INDEX SCAN", "")


@pytest.mark.django_db
def test_later_requests_cost_that_query_alone(alice: User, new_key: KeyFor) -> None:
    new = new_key(alice)
    keys.authenticate(new.secret.encode())
    with CaptureQueriesContext(connection) as queries:
        keys.authenticate(new.secret.encode())
    assert len(queries) == 1


def test_what_cannot_be_a_key_is_not_looked_up(db: None) -> None:
    with CaptureQueriesContext(connection) as queries:
        for text in ("cs_", "cs_x", f"cs_{'a' * 12}_{'b' * 42}", f"cs_{'a' * 12}_{'b' * 44}", "cs_é"):
            with pytest.raises(keys.InvalidKey):
                keys.authenticate(text.encode())
    assert len(queries) == 0
