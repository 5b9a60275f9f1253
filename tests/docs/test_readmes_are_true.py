"""The other tables of the READMEs, and that both READMEs have the same parts."""

import pytest

from predictions.models import ScoringModel
from tests.support.configuration import ROOT
from tests.support.markdown import CODE, Table, code_blocks, headings, tables

READMES = ["README.md", "README.ru.md"]
# Local data and tools' caches are no part of the repository.
IGNORED = {line.strip("/") for line in (ROOT / ".gitignore").read_text().splitlines()}


def tables_of(readme: str) -> tuple[Table, Table, Table]:
    """Models, variables, folders. Raises `ValueError` when there are more or fewer tables."""
    models, variables, folders = tables((ROOT / readme).read_text())
    return models, variables, folders


@pytest.mark.parametrize("readme", READMES)
def test_the_models_are_those_of_the_catalog(readme: str, catalog: None) -> None:
    models, _variables, _folders = tables_of(readme)
    assert [(slug.strip("`"), price.replace(",", ".")) for slug, price, _text in models.rows] == [
        (model.slug, f"{model.price / 100:.2f}") for model in ScoringModel.objects.order_by("position")
    ]


@pytest.mark.parametrize("readme", READMES)
def test_the_folders_are_those_of_the_repository(readme: str) -> None:
    _models, _variables, folders = tables_of(readme)
    present = {entry.name for entry in ROOT.iterdir() if entry.is_dir() and not entry.name.startswith(".")}
    named = [code for row in folders.rows for code in CODE.findall(row[0])]
    assert sorted(named) == sorted(f"{name}/" for name in present - IGNORED)


def test_both_readmes_have_the_same_parts() -> None:
    english, russian = ((ROOT / readme).read_text() for readme in READMES)
    assert headings(english) == headings(russian)
    assert code_blocks(english) == code_blocks(russian)
    for one, other in zip(tables(english), tables(russian), strict=True):
        assert [row[0] for row in one.rows] == [row[0] for row in other.rows]
