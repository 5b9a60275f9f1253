"""The READMEs and `.env.example` list exactly the variables that the service reads, with their defaults."""

import pytest

from tests.support import configuration
from tests.support.configuration import COMPUTED, ROOT
from tests.support.markdown import CODE, tables

READMES = ["README.md", "README.ru.md"]
NONE = "–"


@pytest.fixture(scope="module")
def variables() -> dict[str, object]:
    return configuration.variables()


def documented(readme: str) -> dict[str, str]:
    """The defaults in the table of variables. Raises `ValueError` for a name that stands twice."""
    table = tables((ROOT / readme).read_text())[1]
    rows = {name.strip("`"): default for name, default, _meaning in table.rows}
    if len(rows) != len(table.rows):
        raise ValueError(f"{readme} names a variable twice")
    return rows


def test_the_files_are_read(variables: dict[str, object]) -> None:
    """Guards the other tests here, which would pass if no settings were read."""
    assert len(variables) > 30
    assert variables["MAX_ATTEMPTS"] == "3"
    assert variables["PRODUCTION"] == "0"
    assert variables["ALLOWED_HOSTS"] == "localhost,127.0.0.1,[::1]"
    assert variables["SECRET_KEY"] == ""
    assert variables["WEB_THREADS"] == "8"
    assert variables["TAG"] == "latest"
    assert variables["ARTIFACTS_DIR"] is COMPUTED


@pytest.mark.parametrize("readme", READMES)
def test_the_table_has_every_variable_and_no_other(readme: str, variables: dict[str, object]) -> None:
    assert sorted(documented(readme)) == sorted(variables)


@pytest.mark.parametrize("readme", READMES)
def test_the_table_has_the_defaults(readme: str, variables: dict[str, object]) -> None:
    table = documented(readme)
    shown = {name: f"`{default}`" if default else NONE for name, default in variables.items()}
    assert {name: table[name] for name, default in variables.items() if default is not COMPUTED} == {
        name: shown[name] for name, default in variables.items() if default is not COMPUTED
    }
    for name, default in variables.items():
        if default is COMPUTED:
            assert table[name] != NONE, f"{name} has a default"


def test_the_example_has_every_variable_and_no_other(variables: dict[str, object]) -> None:
    assert sorted(configuration.example_variables()) == sorted(variables)


def test_the_example_has_the_defaults(variables: dict[str, object]) -> None:
    example = configuration.example_variables()
    known = {
        name: default for name, default in variables.items() if default is not COMPUTED and default != ""
    }
    assert {name: example[name] for name in known} == known


@pytest.mark.parametrize("readme", READMES)
def test_names_and_defaults_are_code(readme: str) -> None:
    for name, _default, _meaning in tables((ROOT / readme).read_text())[1].rows:
        assert CODE.fullmatch(name), name
