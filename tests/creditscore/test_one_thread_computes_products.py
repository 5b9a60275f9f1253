"""A process of the service computes with one thread: further ones would take the cores of orders."""

import subprocess
import sys

import pytest
from django.conf import settings

THREADS = """
import os
import creditscore
import numpy as np
np.ones((2_000, 1_024)) @ np.ones((1_024, 1_000))
print(len(os.listdir("/proc/self/task")))
"""


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere, threads are counted in other ways")
def test_a_large_product_starts_none() -> None:
    command = [sys.executable, "-c", THREADS]
    found = subprocess.run(command, capture_output=True, text=True, check=True, cwd=settings.BASE_DIR)
    assert found.stdout.split() == ["1"], found.stderr
