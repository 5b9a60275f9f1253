"""`docs/api/quickstart.md` and the page at /docs/quickstart/: what they show works, exactly as it stands."""

import os
import re
import shutil
import subprocess
import sys

import pytest
from django.conf import settings
from django.template.loader import render_to_string
from django.test import Client
from django.urls import reverse
from pytest_django.live_server_helper import LiveServer

from accounts.models import User
from predictions import tasks
from predictions.models import Prediction
from tests.support.html import Page
from tests.support.orders import OrderFor
from tests.support.people import give_money
from tests.support.processes import Worker, wait_for

DOCUMENT = (settings.BASE_DIR / "docs/api/quickstart.md").read_text()
BLOCKS = re.findall(r"^```(\w+)\n(.*?)^```$", DOCUMENT, re.MULTILINE | re.DOTALL)
LOCAL = "http://127.0.0.1:8000/api/v1"
# The blocks in their order, and the elements of the page that show them.
FILES = {
    "shell": "key.sh.txt",
    "curl": "order.sh.txt",
    "python": "order.py.txt",
    "javascript": "order.js.txt",
}
SOURCE = 1
SETUP, CURL, PYTHON, JAVASCRIPT = range(4)


def run(command: list[str], source: str, environment: dict[str, str]) -> str:
    return subprocess.run(
        command,
        input=source,
        env=os.environ | environment,
        capture_output=True,
        text=True,
        check=True,
        timeout=120,
    ).stdout


@pytest.fixture
def environment(
    live_server: LiveServer, catalog: None, worker: Worker, alice: User, order: OrderFor
) -> dict[str, str]:
    """What the first block leaves for the others. The worker has begun to score.

    Its start may take longer than what the documents wait.
    """
    give_money(alice, 100_00)
    first = order(alice)
    tasks.notify_workers()
    wait_for(lambda: Prediction.objects.filter(pk=first.pk, status="succeeded").exists())
    api = {"API": f"{live_server.url}/api/v1"}
    printed = run(["/bin/sh", "-e"], BLOCKS[SETUP][SOURCE] + 'printf "\\n%s" "$API_KEY"', api)
    return api | {"API_KEY": printed.splitlines()[-1]}


def test_with_curl(environment: dict[str, str]) -> None:
    assert '"status":"succeeded"' in run(["/bin/sh", "-e"], BLOCKS[CURL][SOURCE], environment)


def test_with_python(environment: dict[str, str]) -> None:
    assert re.fullmatch(
        r"succeeded 0\.\d+\n", run([sys.executable, "-"], BLOCKS[PYTHON][SOURCE], environment)
    )


def test_with_javascript(environment: dict[str, str]) -> None:
    node = shutil.which("node")
    if node is None:
        pytest.skip("no Node.js: apt-get install nodejs")
    command = [node, "--input-type=module", "-"]
    assert re.fullmatch(r"succeeded 0\.\d+\n", run(command, BLOCKS[JAVASCRIPT][SOURCE], environment))


def test_the_document_and_the_page_show_the_same(client: Client, db: None) -> None:
    assert [kind for kind, _source in BLOCKS] == ["sh", "sh", "python", "javascript"]
    page = Page(client.get(reverse("reference:quickstart")))
    for (_kind, source), (element, name) in zip(BLOCKS, FILES.items(), strict=True):
        assert source == render_to_string(f"reference/quickstart/{name}", {"api_root": LOCAL})
        assert page.by_id(element).text.strip() == source.replace(LOCAL, "http://testserver/api/v1").strip()
