"""`docs/api/errors.md` has every problem of the API with its status and its text in both languages."""

from django.conf import settings
from django.utils import translation

from creditscore.reference.problem_kinds import ProblemKind, all_kinds
from tests.support.declared_answers import schema
from tests.support.markdown import CODE, tables

DOCUMENT = (settings.BASE_DIR / "docs/api/errors.md").read_text()


def row(kind: ProblemKind) -> list[str]:
    with translation.override("ru"):
        russian = str(kind.detail)
    with translation.override("en"):
        return [f"`{kind.code}`", str(kind.status), str(kind.detail), russian]


def test_every_problem_has_its_row() -> None:
    wanted = [row(kind) for kind in all_kinds()]
    written = tables(DOCUMENT)[0].rows
    assert "\n".join(map(str, written)) == "\n".join(map(str, wanted))
    assert len(wanted) > 20


def test_every_code_of_a_field_has_its_row() -> None:
    declared: set[str] = set()
    for operations in schema()["paths"].values():
        for operation in operations.values():
            content = operation["responses"]["422"]["content"]["application/problem+json"]
            members = content["schema"]["allOf"][1]["properties"]
            declared |= set(members["errors"]["items"]["properties"]["code"]["enum"])
    written = [CODE.findall(cells[0]) for cells in tables(DOCUMENT)[1].rows]
    assert sorted(code for codes in written for code in codes) == sorted(declared)
    assert all(english and russian for _codes, english, russian in tables(DOCUMENT)[1].rows)
