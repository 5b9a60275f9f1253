"""The examples of `clients/python/README.md` run as they stand, and its tables name what there is."""

import os
import re
import subprocess
import sys
from typing import Any

from django.conf import settings

import creditscore_client
from accounts.models import User
from creditscore_client import Client, webhooks
from tests.clients.conftest import Connect
from tests.support.markdown import CODE, tables
from tests.support.people import PASSWORD
from tests.support.processes import Worker

FOLDER = settings.BASE_DIR / "clients/python"
README = (FOLDER / "README.md").read_text()
ORDER, RECEIVE = re.findall(r"^```python\n(.*?)^```$", README, re.MULTILINE | re.DOTALL)


def test_the_order(connect: Connect, alice: User, live_server: Any, worker: Worker) -> None:
    own = {"SERVICE": live_server.url, "LOGIN": "alice", "PASSWORD": PASSWORD, "PYTHONPATH": str(FOLDER)}
    printed = subprocess.run(
        [sys.executable, "-c", ORDER],
        env=os.environ | own,
        capture_output=True,
        text=True,
        check=True,
        timeout=90,
    ).stdout
    assert re.match(r"succeeded 0\.\d+\n", printed)


def test_the_receiver_of_webhooks() -> None:
    there: dict[str, Any] = {}
    exec(RECEIVE, there)  # noqa: S102  # it is what the document shows
    assert there["receive"](b"{}", {}, "whsec_") == 400


def test_every_method_and_exception_is_named() -> None:
    methods, errors = tables(README)
    client = Client("http://127.0.0.1")
    for place, named in methods.rows:
        subject = CODE.findall(place)[0]
        if subject == "webhooks.verify":
            assert callable(webhooks.verify)
            continue
        there = getattr(client, subject.removeprefix("client."))
        assert sorted(CODE.findall(named)) == sorted(name for name in dir(there) if not name.startswith("_"))
    listed = {name for row in errors.rows for name in CODE.findall(row[0])}
    bases = {"ApiError", "CreditscoreError"}
    assert listed | bases == {
        name
        for name, kind in vars(creditscore_client).items()
        if isinstance(kind, type) and issubclass(kind, Exception)
    }
