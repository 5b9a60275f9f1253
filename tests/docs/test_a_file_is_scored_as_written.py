"""The commands in `docs/api/files.md` send, pay and download a file, exactly as they stand."""

import csv
import os
import re
import subprocess
from pathlib import Path

from django.conf import settings
from pytest_django.live_server_helper import LiveServer

from accounts.models import User
from predictions.models import Batch
from tests.support.keys import KeyFor
from tests.support.people import give_money
from tests.support.processes import Worker

DOCUMENT = (settings.BASE_DIR / "docs/api/files.md").read_text()
[COMMANDS] = re.findall(r"^```sh\n(.*?)^```$", DOCUMENT, re.MULTILINE | re.DOTALL)
# What the quickstart leaves of its daily limit after its three orders.
LEFT = 200_00


def test_it_is_scored(
    live_server: LiveServer, catalog: None, worker: Worker, alice: User, new_key: KeyFor, tmp_path: Path
) -> None:
    give_money(alice, LEFT)
    key = new_key(alice, ["read", "predict"], daily_limit=LEFT)
    api = {"API": f"{live_server.url}/api/v1", "API_KEY": key.secret}
    subprocess.run(
        ["/bin/sh", "-e"],
        input=COMMANDS,
        env=os.environ | api,
        cwd=tmp_path,
        text=True,
        check=True,
        timeout=180,
    )
    assert Batch.objects.get().status == "completed"
    with (tmp_path / "results.csv").open() as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == 2
    assert all(0 < float(row["approval_probability"]) < 1 for row in rows)
    assert rows[1]["reason_1"]
