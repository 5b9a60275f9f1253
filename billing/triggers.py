"""Database triggers that reject changes and deletion of ledger entries.

A migration that rebuilds the table on SQLite drops them and must call `install_triggers` again.
`check_ledger` reports missing triggers.
"""

from django.db.backends.base.base import BaseDatabaseWrapper

TABLE = "billing_entry"
REFUSAL = "ledger entries are immutable"

_SQLITE = {
    f"{TABLE}_no_{verb.lower()}": f"""
        CREATE TRIGGER {TABLE}_no_{verb.lower()} BEFORE {verb} ON {TABLE}
        BEGIN SELECT RAISE(ABORT, '{REFUSAL}'); END"""
    for verb in ("UPDATE", "DELETE")
}
_POSTGRESQL = {
    f"{TABLE}_immutable": f"""
        CREATE OR REPLACE FUNCTION {TABLE}_refuse() RETURNS trigger LANGUAGE plpgsql AS
        $$ BEGIN RAISE EXCEPTION '{REFUSAL}' USING ERRCODE = 'integrity_constraint_violation'; END $$;
        CREATE TRIGGER {TABLE}_immutable BEFORE UPDATE OR DELETE ON {TABLE}
        FOR EACH ROW EXECUTE FUNCTION {TABLE}_refuse()""",
    f"{TABLE}_no_truncate": f"""
        CREATE TRIGGER {TABLE}_no_truncate BEFORE TRUNCATE ON {TABLE}
        FOR EACH STATEMENT EXECUTE FUNCTION {TABLE}_refuse()""",
}
_EXISTING = {
    "sqlite": "SELECT name FROM sqlite_master WHERE type = 'trigger' AND tbl_name = %s",
    "postgresql": """SELECT tgname FROM pg_trigger JOIN pg_class ON pg_class.oid = tgrelid
                     WHERE relname = %s AND tgenabled = 'O' AND NOT tgisinternal""",
}


def _triggers(connection: BaseDatabaseWrapper) -> dict[str, str]:
    return {"sqlite": _SQLITE, "postgresql": _POSTGRESQL}[connection.vendor]


def missing_triggers(connection: BaseDatabaseWrapper) -> list[str]:
    """Return the names of triggers that the database lacks."""
    with connection.cursor() as cursor:
        cursor.execute(_EXISTING[connection.vendor], [TABLE])
        existing = {name for (name,) in cursor.fetchall()}
    return [name for name in _triggers(connection) if name not in existing]


def install_triggers(connection: BaseDatabaseWrapper) -> None:
    missing = missing_triggers(connection)
    with connection.cursor() as cursor:
        for name in missing:
            cursor.execute(_triggers(connection)[name])


def remove_triggers(connection: BaseDatabaseWrapper) -> None:
    """For reversing the migration, and for tests that tamper with entries."""
    on_table = f" ON {TABLE}" if connection.vendor == "postgresql" else ""
    with connection.cursor() as cursor:
        for name in _triggers(connection):
            cursor.execute(f"DROP TRIGGER IF EXISTS {name}{on_table}")
