"""The column that names a charge's key is added to, and removed from, a table that refuses changes."""

import pytest
from django.db import connection

from accounts.models import User
from billing import triggers
from billing.models import Entry
from tests.support.database import earlier_schema
from tests.support.people import give_money


@pytest.mark.django_db(transaction=True)
def test_entries_and_triggers_are_there_before_and_after(alice: User) -> None:
    entry = give_money(alice, 5_00)
    with earlier_schema("billing", "0006_lists_proofs_and_days") as models:
        assert triggers.missing_triggers(connection) == []
        assert models.get_model("billing", "Entry").objects.get().amount == 5_00
    assert triggers.missing_triggers(connection) == []
    kept = Entry.objects.get()
    assert (kept.pk, kept.amount, kept.api_key_id) == (entry.pk, 5_00, None)
