"""Which environment variables the service reads, taken from its files."""

import ast
import re
from pathlib import Path

from django.conf import settings

ROOT = Path(settings.BASE_DIR)
# A default that is computed when the service starts, for example a path.
COMPUTED = object()


def variables() -> dict[str, object]:
    """Every variable with its default: a text, "" for none, or `COMPUTED`.

    For a variable that several files read, the settings decide, then gunicorn's.
    """
    found = _in_compose() | _in_python(ROOT / "gunicorn.conf.py")
    for file in (ROOT / "creditscore/settings").glob("*.py"):
        found |= _in_python(file)
    return found


def example_variables() -> dict[str, str]:
    """What `.env.example` lists, with the values that stand there."""
    return dict(re.findall(r"^#([A-Z_]+)=(.*)$", (ROOT / ".env.example").read_text(), re.MULTILINE))


def _in_python(file: Path) -> dict[str, object]:
    """The calls `env.…("NAME", default)`, `os.environ.get("NAME", default)`, `whole("NAME", default, …)`
    and `secret("NAME")`.
    """
    found: dict[str, object] = {}
    for call in ast.walk(ast.parse(file.read_text())):
        if isinstance(call, ast.Call) and _reads_variable(call.func):
            name, *defaults = [*call.args, *(word.value for word in call.keywords)]
            if isinstance(name, ast.Constant):
                found[str(name.value)] = _text(defaults[0]) if defaults else ""
    return found


def _reads_variable(function: ast.expr) -> bool:
    called = ast.unparse(function)
    return called.startswith("env.") or called in ("os.environ.get", "secret", "whole")


def _text(default: ast.expr) -> object:
    """The default as it would be written into the environment."""
    try:
        value = ast.literal_eval(default)
    except ValueError:
        return COMPUTED
    if isinstance(value, bool):
        return str(int(value))
    return ",".join(value) if isinstance(value, list) else str(value)


def _in_compose() -> dict[str, object]:
    """`${NAME}`, `${NAME:-default}`, `${NAME:?message}`, and names that are passed on as they are."""
    text = (ROOT / "docker-compose.yml").read_text()
    found: dict[str, object] = dict.fromkeys(re.findall(r"^ +([A-Z_]+):$", text, re.MULTILINE), "")
    found.update(re.findall(r"\$\{([A-Z_]+)(?::-([^}]*)|:\?[^}]*)?\}", text))
    return found
