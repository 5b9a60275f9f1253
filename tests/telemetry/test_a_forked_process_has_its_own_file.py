"""Processes that come from one another count apart, and who comes later counts on where others ended."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from django.conf import settings

from tests.support.metrics import TOKEN

PROGRAM = """
import os
from telemetry import files, metrics

metrics.mailed("sent")
for _number in range(3):
    if os.fork() == 0:
        for _count in range(100):
            metrics.mailed("sent")
        os._exit(0)
    metrics.mailed("sent")
for _number in range(3):
    os.wait()
print(files.place())
"""
SUM = """
from prometheus_client import CollectorRegistry
from prometheus_client.multiprocess import MultiProcessCollector
registry = CollectorRegistry()
MultiProcessCollector(registry)
print(int(registry.get_sample_value("creditscore_mails_total", {"result": "sent"})))
"""


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    return os.environ | {
        "DJANGO_SETTINGS_MODULE": "creditscore.settings",
        "METRICS_TOKEN": TOKEN,
        "METRICS_DIR": str(tmp_path),
        "PROMETHEUS_MULTIPROC_DIR": str(tmp_path),
    }


def run(program: str, environment: dict[str, str]) -> str:
    return subprocess.run(
        [sys.executable, "-c", program],
        cwd=settings.BASE_DIR,
        env=environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    ).stdout


def test_sums_are_exact_and_files_few(environment: dict[str, str], tmp_path: Path) -> None:
    assert run(PROGRAM, environment) == "0\n"
    assert run(SUM, environment) == "304\n"
    files = len(list(tmp_path.glob("*.db")))
    assert 2 <= files <= 4
    for _again in range(2):
        assert run(PROGRAM, environment) == "0\n"
    assert run(SUM, environment) == f"{3 * 304}\n"
    assert len(list(tmp_path.glob("*.db"))) <= 4
