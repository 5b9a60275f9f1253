"""What every test stands on. The fixtures are in `tests/support/`.

Gives the tests their own folder and broker database before Django reads its settings, so that no test
touches the data of a service that runs from the same tree.
"""

import os
import shutil
import tempfile
from pathlib import Path
from urllib.parse import urlsplit

import django
import pytest

_VAR_DIR = Path(tempfile.mkdtemp(prefix="creditscore-test-"))
os.environ["VAR_DIR"] = str(_VAR_DIR)
# WhiteNoise warns if this folder does not exist.
(_VAR_DIR / "static").mkdir()
os.environ["DJANGO_SETTINGS_MODULE"] = "creditscore.settings"
if "REDIS_URL" in os.environ:
    # Tests flush their broker database, so on a shared server they use the last one. With pytest-xdist
    # each process uses its own, counted down from the last.
    number = 15 - int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))
    os.environ["REDIS_URL"] = urlsplit(os.environ["REDIS_URL"])._replace(path=f"/{number}").geturl()
django.setup()
# The processes of pytest-xdist inherit the environment. With this variable they would read the settings
# before this file runs, and share one folder and one broker.
del os.environ["DJANGO_SETTINGS_MODULE"]

# Their assertions tell what differs, as those of the tests do.
pytest.register_assert_rewrite("tests.support")
pytest_plugins = [
    "tests.support.artifacts",
    "tests.support.batches",
    "tests.support.broker",
    "tests.support.clock",
    "tests.support.containers",
    "tests.support.crashes",
    "tests.support.customers",
    "tests.support.database",
    "tests.support.declared_answers",
    "tests.support.form_drafts",
    "tests.support.keys",
    "tests.support.local_service",
    "tests.support.log_ins",
    "tests.support.mail_servers",
    "tests.support.metrics",
    "tests.support.orders",
    "tests.support.outages",
    "tests.support.people",
    "tests.support.processes",
    "tests.support.receivers",
    "tests.support.sentry_server",
    "tests.support.site_texts",
    "tests.support.static_files",
    "tests.support.trainings",
    "tests.support.turns",
    "tests.support.web",
]


def pytest_unconfigure() -> None:
    shutil.rmtree(_VAR_DIR, ignore_errors=True)
