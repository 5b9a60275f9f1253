"""References to upper apps that import-linter, which checks imports, cannot detect.

Strings in Python and templates: dotted paths, names of models and URLs, templates, tag libraries.
Templates outside of an app's folders are the service's, and may name every app.
"""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import settings

ROOT = Path(settings.BASE_DIR)
# Each app names itself and those before it. With its folders of templates.
APPS = {
    "accounts": ["accounts"],
    "billing": ["billing", "admin/billing"],
    "predictions": ["predictions", "admin/predictions"],
    "creditscore": [],
}
LOWER = ["accounts", "billing"]
LOAD = re.compile(r"{%-?\s*load\s+(.*?)\s*-?%}")


def upper_apps(app: str) -> list[str]:
    names = list(APPS)
    return names[names.index(app) + 1 :]


def naming(app: str) -> re.Pattern[str]:
    """`predictions:new`, `predictions/new.html`, `predictions.tasks`, or `predictions` with nothing else."""
    upper = upper_apps(app)
    starts = "|".join({*upper, *(folder for name in upper for folder in APPS[name])})
    return re.compile(rf"(?<![\w.-])(?:{starts})(?:[/_]|:(?!\s)|\.\w)|\A(?:{'|'.join(upper)})\Z")


def libraries(app: str) -> set[str]:
    return {path.stem for path in (ROOT / app / "templatetags").glob("*.py")} - {"__init__"}


def in_python(app: str, source: str) -> list[str]:
    """The strings, docstrings as well, that name an upper app."""
    return [
        node.value
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and naming(app).search(node.value)
    ]


def in_template(app: str, source: str) -> list[str]:
    """The lines that name an upper app or load a tag library of one."""
    above = set().union(*(libraries(name) for name in upper_apps(app)))
    return [
        line
        for line in source.splitlines()
        if naming(app).search(line) or any(above & set(load.split()) for load in LOAD.findall(line))
    ]


def python_files(app: str) -> Iterator[Path]:
    return (ROOT / app).rglob("*.py")


def template_files(app: str) -> Iterator[Path]:
    for folder in APPS[app]:
        yield from (path for path in (ROOT / "templates" / folder).rglob("*") if path.is_file())


@pytest.mark.parametrize("app", LOWER)
def test_in_its_code(app: str) -> None:
    found = {str(path): in_python(app, path.read_text()) for path in python_files(app)}
    assert len(found) > 10
    assert not {path: names for path, names in found.items() if names}


@pytest.mark.parametrize("app", LOWER)
def test_in_its_templates(app: str) -> None:
    found = {str(path): in_template(app, path.read_text()) for path in template_files(app)}
    assert found
    assert not {path: lines for path, lines in found.items() if lines}


def test_every_folder_of_templates_has_its_app() -> None:
    folders = {path.name for path in (ROOT / "templates").iterdir() if path.is_dir()}
    of_libraries = {"rest_framework"}
    of_the_service = {"admin", "forms", "reference"}
    assert folders == of_libraries | of_the_service | {
        folder for owned in APPS.values() for folder in owned if "/" not in folder
    }


@pytest.mark.parametrize(
    "source",
    [
        'reverse("predictions:new")',
        'redirect(f"predictions:{name}")',
        'import_string("predictions.tasks.monitor")',
        'render(request, "predictions/new.html")',
        'render(request, "predictions/comparisons/new.html")',
        'ForeignKey("predictions.Prediction")',
        'apps.get_model("predictions", "Prediction")',
        'execute("SELECT 1 FROM predictions_prediction")',
        'import_module("creditscore.celery")',
    ],
)
def test_a_path_in_code_is_found(source: str) -> None:
    for app in LOWER:
        assert in_python(app, source)


@pytest.mark.parametrize(
    "source",
    [
        "<a href=\"{% url 'predictions:new' %}\">",
        "{% url 'predictions:detail' pk=1 as there %}",
        '{% include "predictions/_horizon.html" %}',
        '{% include "predictions/comparisons/_part.html" with one=two %}',
        "{% load i18n formats %}",
        "{% load percent from formats %}",
        '<a href="/predictions/">',
    ],
)
def test_a_path_in_a_template_is_found(source: str) -> None:
    for app in LOWER:
        assert in_template(app, source)


def test_accounts_does_not_name_billing_either() -> None:
    assert in_python("accounts", 'reverse("billing:top-up")')
    assert in_template("accounts", "{% load i18n money %}")
    assert not in_template("billing", "{% load i18n money %}")


@pytest.mark.parametrize(
    "text", ["Your balance and your predictions. It takes", "12 predictions: all", "predictions"]
)
def test_prose_is_no_path(text: str) -> None:
    assert not in_template("billing", f"<p>{text}</p>")
