"""A database of an earlier version holds complete refresh tokens. None of them is left after `migrate`."""

from pathlib import Path

import pytest
from django.contrib.auth.models import Permission
from django.contrib.contenttypes.models import ContentType
from django.db import connection

from accounts.models import User
from tests.support.database import earlier_schema

APP = "token_blacklist"
TOKEN = "eyJ0b2tlbiI6InRoaXMtaXMtYS1yZWZyZXNoLXRva2VuIn0"
# As the app that is gone created them; the ID is the same kind as that of `User`.
TABLES = (
    """CREATE TABLE token_blacklist_outstandingtoken (id bigint PRIMARY KEY, token text NOT NULL,
    user_id {user_id} REFERENCES accounts_user (id))""",
    """CREATE TABLE token_blacklist_blacklistedtoken (id bigint PRIMARY KEY,
    token_id bigint REFERENCES token_blacklist_outstandingtoken (id))""",
)


@pytest.mark.django_db(transaction=True)
def test_no_token_is_left(alice: User) -> None:
    with earlier_schema("accounts", "0003_token_families"):
        kind = ContentType.objects.create(app_label=APP, model="outstandingtoken")
        permission = Permission.objects.create(content_type=kind, codename="view", name="view")
        alice.user_permissions.add(permission)
        with connection.cursor() as cursor:
            if connection.vendor == "sqlite":
                # Some builds of SQLite overwrite what is deleted, others do not.
                cursor.execute("PRAGMA secure_delete = OFF")
            for table in TABLES:
                cursor.execute(table.format(user_id=User._meta.pk.db_type(connection)))
            user_id = User._meta.pk.get_db_prep_value(alice.pk, connection)
            for number in range(100):
                cursor.execute(
                    "INSERT INTO token_blacklist_outstandingtoken VALUES (%s, %s, %s)",
                    [number, f"{TOKEN}{number}" * 20, user_id],
                )
            cursor.execute("INSERT INTO token_blacklist_blacklistedtoken VALUES (1, 1)")
        assert TOKEN in content_of_files() or connection.vendor != "sqlite"

    assert not [table for table in connection.introspection.table_names() if APP in table]
    assert TOKEN not in content_of_files()
    assert not ContentType.objects.filter(app_label=APP).exists()
    assert not alice.user_permissions.exists()
    assert User.objects.get() == alice


def content_of_files() -> str:
    """What is in SQLite's files, deleted rows included; "" for another database."""
    if connection.vendor != "sqlite":
        return ""
    file = Path(connection.settings_dict["NAME"])
    return "".join(part.read_bytes().decode("latin-1") for part in sorted(file.parent.glob(f"{file.name}*")))
