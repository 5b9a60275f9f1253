"""How the database would find the rows of a statement."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple

from django.db import connection


class Statement(NamedTuple):
    """`plan` is that of the moment of sending, with its parameters and what is set for its transaction."""

    sql: str
    params: Any
    plan: str


@contextmanager
def captured_reads() -> Iterator[list[Statement]]:
    """The SELECT statements that are sent inside, from tables."""
    reads: list[Statement] = []
    explain = {"sqlite": "EXPLAIN QUERY PLAN", "postgresql": "EXPLAIN"}[connection.vendor]

    def note(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        if sql.startswith("SELECT") and " FROM " in sql:
            with connection.cursor() as cursor:
                cursor.execute(f"{explain} {sql}", params)
                reads.append(Statement(sql, params, "\n".join(str(row[-1]) for row in cursor.fetchall())))
        return execute(sql, params, many, context)

    with connection.execute_wrapper(note):
        yield reads


def plan_as_for_many_rows() -> None:
    """Read the statistics, and keep PostgreSQL from reading tables whole because they have few pages."""
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
        if connection.vendor == "postgresql":
            for way in ("seqscan", "bitmapscan", "hashjoin", "mergejoin"):
                cursor.execute(f"SET LOCAL enable_{way} = off")
