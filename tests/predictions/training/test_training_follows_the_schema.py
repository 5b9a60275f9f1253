"""Training follows a changed bound or a new purpose in the schema."""

import json
from pathlib import Path
from typing import Any, cast

import pytest

from predictions.scoring.schema import FIELDS_BY_NAME, NumberField
from predictions.training.synthetic import synthetic_frame
from tests.support.changed_schema import changed_code, run

SLUGS = ("logistic-regression", "random-forest", "catboost")
ADULT = f"minimum={cast(NumberField, FIELDS_BY_NAME['person_age']).minimum}"
MEDICAL = 'Choice("MEDICAL"'
NEW_PURPOSE = 'Choice("WEDDING", _("Wedding"), _("The loan is for a wedding.")),\n            '
# Prints the probability that each model gives to the example with the changes.
SCORE = """
import json, sys
from pathlib import Path
from predictions.scoring.artifacts import current
from predictions.scoring.parsing import parse_applicant
from predictions.scoring.predict import score
from predictions.scoring.schema import EXAMPLE
folder, applicant = Path(sys.argv[1]), parse_applicant({**EXAMPLE, **json.loads(sys.argv[2])})
print(json.dumps([score(folder, current(folder, slug), [applicant])[0] for slug in sys.argv[3:]]))
"""


def trained(code: Path) -> Path:
    run(code, "-m", "predictions.training.__main__", "--quick", "--out", "trained")
    return code / "trained"


def content(folder: Path, slug: str, name: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((folder / slug / "2.0.0" / name).read_bytes())
    return found


def scores(code: Path, changes: dict[str, object]) -> list[float]:
    answer: list[float] = json.loads(run(code, "-c", SCORE, "trained", json.dumps(changes), *SLUGS).stdout)
    return answer


@pytest.mark.parametrize(
    ("minimum", "bands"), [(21, ["21-24", "25-34", "35-44"]), (30, ["30-34", "35-44", "45-61"])]
)
def test_a_higher_minimum_age_trains_and_scores(minimum: int, bands: list[str], tmp_path: Path) -> None:
    code = changed_code(tmp_path / "code", {ADULT: f"minimum={minimum}"})
    folder = trained(code)
    for slug in SLUGS:
        card = content(folder, slug, "card.json")
        assert card["data"]["rows"] == card["data"]["rows_used"]
        assert card["ranges"]["person_age"]["minimum"] >= minimum
        assert [band["name"] for band in card["fairness"]["bands"]][:3] == bands
        assert card["fairness"]["age_moves"] == 0
        assert all(
            one["person_age"] >= minimum for one in content(folder, slug, "background.json")["applicants"]
        )
    assert all(0 < approval < 1 for approval in scores(code, {"person_age": minimum + 8}))


def test_rows_below_the_minimum_age_are_refused_with_the_bound(tmp_path: Path) -> None:
    code = changed_code(tmp_path / "code", {ADULT: "minimum=25"})
    synthetic_frame(2_000).to_csv(code / "loans.csv", index=False)
    refused = run(code, "-m", "predictions.training.__main__", "loans.csv", "--out", "trained", status=2)
    assert "of the rows are outside the bounds" in refused.stderr
    assert "person_age, which must be 25 to 100" in refused.stderr
    assert not (code / "trained").exists()


def test_a_new_purpose_trains_and_scores(tmp_path: Path) -> None:
    code = changed_code(tmp_path / "code", {MEDICAL: NEW_PURPOSE + MEDICAL})
    folder = trained(code)
    for slug in SLUGS:
        kept = {field["name"]: field for field in content(folder, slug, "schema.json")["fields"]}
        choices = kept["loan_intent"]["choices"]
        assert choices.index("WEDDING") + 1 == choices.index("MEDICAL")
        assert content(folder, slug, "card.json")["frequencies"]["loan_intent"]["WEDDING"] > 0.05
    assert all(0 < approval < 1 for approval in scores(code, {"loan_intent": "WEDDING"}))
