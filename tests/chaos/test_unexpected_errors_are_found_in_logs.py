"""The web role's log: each answer 500 with its exception, whatever else is written there."""

from pathlib import Path
from textwrap import indent

from tests.chaos.logs import unexpected_errors

ERROR = "2026-01-01 10:00:01,000 ERROR django.request: Internal Server Error:"
ID = "3f2504e0-4f89-41d3-9a0c-0305e82c3301"
TRACEBACK = """\
Traceback (most recent call last):
  File "x.py", line 1, in connect
sqlite3.OperationalError: database is locked

The above exception was the direct cause of the following exception:

Traceback (most recent call last):
  File "y.py", line 2, in view
django.db.utils.OperationalError: connection failed
DETAIL:  The database system is starting up
"""


def logged(*parts: str) -> str:
    return "".join(f"{part}\n" for part in parts)


def test_each_error_has_its_exception(tmp_path: Path) -> None:
    log = tmp_path / "web.log"
    log.write_text(
        logged(
            "2026-01-01 10:00:00,000 WARNING predictions.jobs.monitor: monitor: queued 3",
            f"{ERROR} /predictions/{ID}/cancel/",
            indent(TRACEBACK, "  ", lambda _line: True).removesuffix("\n"),
            "2026-01-01 10:00:02,000 ERROR predictions.tasks: message not published",
            f"{ERROR} /dashboard/",
            "  Traceback (most recent call last):",
            "  ValueError: 1",
        )
    )
    assert list(unexpected_errors(log)) == [
        "Internal Server Error: /predictions/…/cancel/: django.db.utils.OperationalError: connection failed",
        "Internal Server Error: /dashboard/: ValueError: 1",
    ]
