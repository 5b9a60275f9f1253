"""`.dockerignore` lists what goes into the image, so every new package or module must be added to it."""

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
