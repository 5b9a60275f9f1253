"""New purposes, new fields, another order: models on sale give the same numbers to the last bit."""

import json
from pathlib import Path
from typing import Any

import pytest

from predictions.scoring.artifacts import current
from predictions.scoring.explain import explain
from predictions.scoring.predict import score
from predictions.scoring.schema import SHARE_FIELD, Applicant
from tests.support.changed_schema import ROOT, changed_code, run
from tests.support.loans import made_up_applicants

SOLD = ROOT / "ml_artifacts"
SLUGS = ("logistic-regression", "random-forest", "catboost")
MEDICAL = 'Choice("MEDICAL"'
NEW_PURPOSE = 'Choice("WEDDING", _("Wedding"), _("The loan is for a wedding.")),\n            '
INCOME = '    NumberField(\n        name="person_income",'
NEW_FIELD = """    NumberField(
        name="dependents", group="person", label="", help="", unit="", integer=True,
        minimum=0, maximum=20, trained_from=0, trained_to=5, example=1,
    ),
"""
CHANGES = {
    "a purpose in the middle": {MEDICAL: NEW_PURPOSE + MEDICAL},
    "another order": {'"ABCDEFG"': '"GFEDCBA"', 'Choice("RENT"': 'Choice("CASTLE", "", ""), Choice("RENT"'},
    "a field": {INCOME: NEW_FIELD + INCOME},
}
# Prints the probabilities and one explanation, and which field of the last applicant each model refuses.
PROGRAM = """
import json, sys
from pathlib import Path
from predictions.scoring.artifacts import current, load
from predictions.scoring.explain import explain
from predictions.scoring.parsing import InvalidApplicant, parse_applicant
from predictions.scoring.predict import score
from predictions.scoring.schema import FIELDS_BY_NAME
folder, slugs, raw = Path(sys.argv[1]), sys.argv[3:], json.loads(Path(sys.argv[2]).read_text())
extra = {"dependents": 1} if "dependents" in FIELDS_BY_NAME else {}
applicants = [parse_applicant({**one, **extra}) for one in raw]
found = {}
for slug in slugs:
    ref = current(folder, slug)
    explained = explain(folder, ref, applicants[0])
    found[slug] = {
        "approval": score(folder, ref, applicants).tolist(),
        "base": explained.base,
        "moved": {part.field: part.contribution for part in explained.contributions},
        "refused": [],
    }
    for name, value in (("loan_intent", "WEDDING"), ("person_home_ownership", "CASTLE")):
        if value not in FIELDS_BY_NAME[name].values:
            continue
        changed = parse_applicant({**raw[0], **extra, name: value})
        try:
            load(folder, ref).columns.check(changed)
        except InvalidApplicant as invalid:
            found[slug]["refused"] += [(bad.field, bad.code) for bad in invalid.problems]
        try:
            score(folder, ref, [changed])
        except ValueError:
            found[slug]["refused"].append("not scored")
print(json.dumps(found))
"""


@pytest.fixture(scope="module")
def applicants() -> list[Applicant]:
    return made_up_applicants(200)


@pytest.fixture(scope="module")
def after(applicants: list[Applicant], tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, Any]]:
    """What the sold models answer after each of `CHANGES`."""
    found = {}
    for name, changes in CHANGES.items():
        folder = tmp_path_factory.mktemp("changed")
        code = changed_code(folder / "code", changes)
        free = [{key: value for key, value in one.items() if key != SHARE_FIELD} for one in applicants]
        (folder / "applicants.json").write_text(json.dumps(free))
        answer = run(code, "-c", PROGRAM, str(SOLD), str(folder / "applicants.json"), *SLUGS)
        found[name] = json.loads(answer.stdout)
    return found


@pytest.mark.parametrize("slug", SLUGS)
@pytest.mark.parametrize("change", CHANGES)
def test_numbers_stay_to_the_last_bit(
    change: str, slug: str, applicants: list[Applicant], after: dict[str, dict[str, Any]]
) -> None:
    ref, answer = current(SOLD, slug), after[change][slug]
    assert answer["approval"] == score(SOLD, ref, applicants).tolist()
    explained = explain(SOLD, ref, applicants[0])
    before = {part.field: part.contribution for part in explained.contributions}
    assert answer["base"] == explained.base
    assert answer["moved"] == before | ({"dependents": 0.0} if change == "a field" else {})


@pytest.mark.parametrize("slug", SLUGS)
@pytest.mark.parametrize(
    ("change", "field"),
    [("a purpose in the middle", "loan_intent"), ("another order", "person_home_ownership")],
)
def test_a_new_value_is_refused_and_never_scored(
    change: str, field: str, slug: str, after: dict[str, dict[str, Any]]
) -> None:
    assert after[change][slug]["refused"] == [[field, "not_supported_by_model"], "not scored"]


def test_a_file_gets_an_error_for_a_new_value(applicants: list[Applicant], tmp_path: Path) -> None:
    code = changed_code(tmp_path / "code", CHANGES["a purpose in the middle"])
    rows = [applicants[0], applicants[0] | {"loan_intent": "WEDDING"}]
    lines = [
        ",".join(applicants[0]),
        *(",".join("" if v is None else str(v) for v in row.values()) for row in rows),
    ]
    (tmp_path / "in.csv").write_text("\n".join(lines))
    run(
        code, "-m", "predictions.scoring", "score", "--model", "catboost", "--artifacts", str(SOLD),
        str(tmp_path / "in.csv"), str(tmp_path / "out.csv"), status=1,
    )  # fmt: skip
    _header, scored, refused = (tmp_path / "out.csv").read_text().splitlines()
    assert scored.endswith(",")
    assert ",,line 3: loan_intent: This model was not trained on this value." in refused
