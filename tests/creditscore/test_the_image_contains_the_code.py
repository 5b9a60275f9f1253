"""`.dockerignore` lists what goes into the image, so every new package or module must be added to it.

Nothing else gets in: no history, no local data, no keys, no tests.
"""

from pathlib import Path

from django.conf import settings

ROOT = Path(settings.BASE_DIR)
NOT_SERVED = {"conftest.py", "tests"}


def test_every_top_level_package_and_module_is_in_the_image() -> None:
    code = {file.parent.name for file in ROOT.glob("*/__init__.py")} | {
        file.name for file in ROOT.glob("*.py")
    }
    included = {
        line[1:] for line in (ROOT / ".dockerignore").read_text().splitlines() if line.startswith("!")
    }
    assert {"creditscore", "manage.py", "gunicorn.conf.py"} <= code
    assert not code - NOT_SERVED - included


def test_nothing_else_is_in_the_image() -> None:
    lines = [line for line in (ROOT / ".dockerignore").read_text().splitlines() if not line.startswith("#")]
    assert lines[0] == "*"
    included = {line[1:] for line in lines if line.startswith("!")}
    assert not included & {".git", ".env", "var", "tests", "benchmarks", "clients", "docs"}
    assert "!." not in {line[:2] for line in lines}
