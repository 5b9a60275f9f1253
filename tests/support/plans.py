"""How the database would find the rows of a statement."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple

from django.db import connection


class Statement(NamedTuple):
    """`plan` is asked for with the parameters as they are sent, which can decide about a partial index."""

    sql: str
    params: Any

    @property
    def plan(self) -> str:
        explain = {"sqlite": "EXPLAIN QUERY PLAN", "postgresql": "EXPLAIN"}[connection.vendor]
        with connection.cursor() as cursor:
            cursor.execute(f"{explain} {self.sql}", self.params)
            return "\n".join(str(row[-1]) for row in cursor.fetchall())


@contextmanager
def captured_statements() -> Iterator[list[Statement]]:
    """The statements that are sent inside."""
    statements: list[Statement] = []

    def note(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        statements.append(Statement(sql, params))
        return execute(sql, params, many, context)

    with connection.execute_wrapper(note):
        yield statements


def plan_as_for_many_rows() -> None:
    """Read the statistics, and keep PostgreSQL from reading tables whole because they have few pages."""
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
        if connection.vendor == "postgresql":
            for way in ("seqscan", "bitmapscan", "hashjoin", "mergejoin"):
                cursor.execute(f"SET LOCAL enable_{way} = off")
