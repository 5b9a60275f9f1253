"""How many files one order passes: ``python benchmarks/files_of_an_order.py``.

Orders once through the API and once through the form, in this process, with the worker's part, and prints
the project's own Python files in which anything was executed: what a reader has to open to follow an
order from the request to the page of its result. Files that every request passes are among them.
"""

import os
import shutil
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from types import FrameType

import django

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))
os.environ["DJANGO_SETTINGS_MODULE"] = "creditscore.settings"
os.environ["VAR_DIR"] = tempfile.mkdtemp(prefix="creditscore-files-")
Path(os.environ["VAR_DIR"], "static").mkdir()
# No broker is needed: the worker's part is called below.
os.environ["REDIS_URL"] = "redis://127.0.0.1:1/0"
django.setup()

from django.core.management import call_command
from django.test import Client
from django.test.utils import setup_databases, setup_test_environment, teardown_databases
from rest_framework.test import APIClient

from accounts.models import User
from billing.services import new_request_key, top_up
from predictions.jobs import worker
from predictions.scoring.schema import EXAMPLE

FORM = {name: str(value) for name, value in EXAMPLE.items()} | {"model": "logistic-regression"}


def api_order(user: User) -> None:
    client = APIClient()
    client.force_authenticate(user)
    order = {"model": "logistic-regression", "applicant": EXAMPLE}
    key = {"Idempotency-Key": new_request_key()}
    answer = client.post("/api/v1/predictions/", order, format="json", headers=key)
    worker.score_queued()
    assert client.get(answer["Location"]).json()["status"] == "succeeded"


def form_order(user: User) -> None:
    client = Client()
    client.force_login(user)
    client.get("/predictions/new/", follow=True)
    answer = client.post("/predictions/new/", FORM | {"request_key": new_request_key()})
    worker.score_queued()
    assert client.get(answer["Location"]).status_code == 200


def files_of(order: Callable[[User], None], user: User) -> list[str]:
    """The project's files with a function that `order` called; a first, unwatched one fills the caches."""
    passed: set[str] = set()

    def watch(frame: FrameType, event: str, _argument: object) -> None:
        path = Path(frame.f_code.co_filename)
        if event == "call" and path.is_relative_to(ROOT) and ".venv" not in path.parts:
            passed.add(str(path.relative_to(ROOT)))

    order(user)
    sys.setprofile(watch)
    try:
        order(user)
    finally:
        sys.setprofile(None)
    return sorted(passed - {str(Path(__file__).relative_to(ROOT))})


def main() -> None:
    setup_test_environment()
    databases = setup_databases(verbosity=0, interactive=False)
    try:
        call_command("provision")
        user = User.objects.create_user("alice", "alice@example.org")
        top_up(user=user, amount=1_000_00, request_key=new_request_key())
        for name, order in (("API order", api_order), ("form order", form_order)):
            files = files_of(order, user)
            print(f"{name}: {len(files)} files", *files, sep="\n  ")
    finally:
        teardown_databases(databases, verbosity=0)
        shutil.rmtree(os.environ["VAR_DIR"], ignore_errors=True)


if __name__ == "__main__":
    main()
