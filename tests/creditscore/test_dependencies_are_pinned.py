"""Every package that is installed has one version and its hashes, and the service gets none of the tools."""

import re
from pathlib import Path

import pytest
from django.conf import settings

FOLDER = Path(settings.BASE_DIR) / "requirements"
LOCKS = ["broker.txt", "dev.txt", "mutants.txt", "serve.txt"]
TOOLS = {"pytest", "ruff", "mypy", "playwright"}


def requirements(file: Path) -> list[str]:
    """The requirements of a lock file, each in one line with its options."""
    lines = [line for line in file.read_text().splitlines() if not line.lstrip().startswith("#")]
    return [line for line in "\n".join(lines).replace("\\\n", " ").splitlines() if line.strip()]


@pytest.mark.parametrize("lock", LOCKS)
def test_by_version_and_hash(lock: str) -> None:
    found = requirements(FOLDER / lock)
    assert found
    for line in found:
        assert re.match(r"[\w.-]+(\[[\w,-]+\])?==\S+ ", line), line
        assert "--hash=sha256:" in line, line


def names(lock: str) -> set[str]:
    return {re.split(r"[\[=]", line)[0] for line in requirements(FOLDER / lock)}


def test_the_service_has_no_tools() -> None:
    assert names("dev.txt") >= TOOLS | names("serve.txt")
    assert not names("serve.txt") & TOOLS


def test_the_service_has_what_its_trainer_needs() -> None:
    assert names("serve.txt") >= {"pandas", "scikit-learn", "scipy", "threadpoolctl"}


@pytest.mark.parametrize("file", ["Dockerfile", "Makefile"])
def test_they_are_installed_with_their_hashes(file: str) -> None:
    lines = (Path(settings.BASE_DIR) / file).read_text().splitlines()
    commands = [line for line in lines if re.match(r"[^#]*\bpip\b.* install ", line)]
    assert commands
    assert all("--require-hashes" in line for line in commands)
