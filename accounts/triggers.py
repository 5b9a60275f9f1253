"""Database triggers that refuse to change or delete rows, also for whoever goes past the code.

A migration that rebuilds the table on SQLite drops them and must install them again.
"""

from dataclasses import dataclass

from django.db.backends.base.base import BaseDatabaseWrapper

_EXISTING = {
    "sqlite": "SELECT name FROM sqlite_master WHERE type = 'trigger' AND tbl_name = %s",
    "postgresql": """SELECT tgname FROM pg_trigger JOIN pg_class ON pg_class.oid = tgrelid
                     WHERE relname = %s AND tgenabled = 'O' AND NOT tgisinternal""",
}


@dataclass(frozen=True)
class Guard:
    """What a table refuses, and with which text.

    `frozen` are the columns that no update may change; without them, no update is accepted. `once` is a
    column that may be emptied, and nothing else.
    """

    table: str
    refusal: str
    frozen: tuple[str, ...] = ()
    once: str = ""

    def missing(self, connection: BaseDatabaseWrapper) -> list[str]:
        """Return the names of triggers that the database lacks."""
        with connection.cursor() as cursor:
            cursor.execute(_EXISTING[connection.vendor], [self.table])
            existing = {name for (name,) in cursor.fetchall()}
        return [name for name in self._triggers(connection) if name not in existing]

    def install(self, connection: BaseDatabaseWrapper) -> None:
        missing = self.missing(connection)
        with connection.cursor() as cursor:
            for name in missing:
                cursor.execute(self._triggers(connection)[name])

    def remove(self, connection: BaseDatabaseWrapper) -> None:
        """For reversing a migration, and for tests that tamper with rows."""
        on_table = f" ON {self.table}" if connection.vendor == "postgresql" else ""
        with connection.cursor() as cursor:
            for name in self._triggers(connection):
                cursor.execute(f"DROP TRIGGER IF EXISTS {name}{on_table}")

    def _triggers(self, connection: BaseDatabaseWrapper) -> dict[str, str]:
        return self._for_sqlite() if connection.vendor == "sqlite" else self._for_postgresql()

    def _changes(self, differs: str) -> str:
        """Return the condition of refused updates, "" for all; `differs` compares, also with NULL."""
        conditions = [f"NEW.{column} {differs} OLD.{column}" for column in self.frozen]
        if self.once:
            conditions.append(f"NEW.{self.once} IS NOT NULL")
        return " OR ".join(conditions)

    def _for_sqlite(self) -> dict[str, str]:
        triggers = {}
        for verb, when in (("UPDATE", self._changes("IS NOT")), ("DELETE", "")):
            name = f"{self.table}_no_{verb.lower()}"
            triggers[name] = f"""
                CREATE TRIGGER {name} BEFORE {verb} ON {self.table} {f"WHEN {when}" if when else ""}
                BEGIN SELECT RAISE(ABORT, '{self.refusal}'); END"""
        return triggers

    def _for_postgresql(self) -> dict[str, str]:
        table, changes = self.table, self._changes("IS DISTINCT FROM")
        # The row that an update leaves is in NEW; what returns it lets the update pass.
        passes = f"IF TG_OP = 'UPDATE' AND NOT ({changes}) THEN RETURN NEW; END IF;" if changes else ""
        return {
            f"{table}_immutable": f"""
                CREATE OR REPLACE FUNCTION {table}_refuse() RETURNS trigger LANGUAGE plpgsql AS
                $$ BEGIN {passes}
                RAISE EXCEPTION '{self.refusal}' USING ERRCODE = 'integrity_constraint_violation'; END $$;
                CREATE TRIGGER {table}_immutable BEFORE UPDATE OR DELETE ON {table}
                FOR EACH ROW EXECUTE FUNCTION {table}_refuse()""",
            f"{table}_no_truncate": f"""
                CREATE TRIGGER {table}_no_truncate BEFORE TRUNCATE ON {table}
                FOR EACH STATEMENT EXECUTE FUNCTION {table}_refuse()""",
        }
