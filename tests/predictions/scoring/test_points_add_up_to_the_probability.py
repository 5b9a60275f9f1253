"""The published scorecard: adding up its points by hand gives exactly the sold probability.

The person here reads `model.json` and nothing else of the library.
"""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from predictions.scoring.artifacts import ArtifactError, columns, current
from predictions.scoring.points import Bin, add_up, point_tables
from predictions.scoring.predict import score
from predictions.scoring.schema import DIRECTIONS, FIELDS_BY_NAME, Applicant, ChoiceField, Value
from tests.support.loans import SOLD, made_up_applicants

SLUG = "logistic-regression"


@pytest.fixture(scope="module")
def table(sold: Path) -> dict[str, Any]:
    content: dict[str, Any] = json.loads((sold / SLUG / "2.0.0" / "model.json").read_bytes())
    return content


def row_of(axis: dict[str, Any], value: Value) -> int:
    """Which row of the printed table a person would put a finger on."""
    field = FIELDS_BY_NAME[axis["field"]]
    if isinstance(field, ChoiceField):
        return columns(SOLD, current(SOLD, SLUG))[field.name].choices.index(str(value))
    if value is None:
        return len(axis["cuts"]) + 1
    return sum(1 for cut in axis["cuts"] if float(value) >= cut)


def by_hand(table: dict[str, Any], applicant: Applicant) -> float:
    total = table["base"]
    for term in table["terms"]:
        cell = term["points"]
        for axis in term["axes"]:
            cell = cell[row_of(axis, applicant[axis["field"]])]
        total += cell
    probability: float = table["probabilities"][total - table["lowest"]]
    return probability


def test_adding_by_hand_gives_the_same_bits(table: dict[str, Any], sold: Path) -> None:
    applicants = made_up_applicants(2_000)
    served = score(sold, current(sold, SLUG), applicants).tolist()
    assert [by_hand(table, applicant) for applicant in applicants] == served


def test_more_points_never_mean_less_approval(table: dict[str, Any]) -> None:
    probabilities = table["probabilities"]
    assert probabilities == sorted(probabilities)
    assert 0 < probabilities[0] < 0.01
    assert 0.99 < probabilities[-1] < 1


def test_every_table_bends_only_the_sensible_way(table: dict[str, Any]) -> None:
    """Holds for applicants that no test thinks of: a sum of monotone tables is monotone."""
    directed = set()
    for term in table["terms"]:
        points = np.array(term["points"])
        for number, axis in enumerate(term["axes"]):
            if not (direction := DIRECTIONS.get(axis["field"])):
                continue
            # The bin of unknown values comes last and has no direction.
            known = len(axis["cuts"]) + 1 if axis["cuts"] else points.shape[number]
            assert (direction * np.diff(np.moveaxis(points, number, 0)[:known], axis=0) >= 0).all()
            directed.add(axis["field"])
    assert directed == set(DIRECTIONS) - {"loan_amnt"}  # It acts by the share of income alone.


def test_the_age_has_no_points(table: dict[str, Any]) -> None:
    assert "person_age" not in {axis["field"] for term in table["terms"] for axis in term["axes"]}


def test_the_sum_shown_to_people_is_the_one_by_hand(table: dict[str, Any], sold: Path) -> None:
    ref = current(sold, SLUG)
    for applicant in made_up_applicants(300):
        shown = add_up(sold, ref, applicant)
        assert shown.approval_probability == by_hand(table, applicant)
        assert shown.base + sum(part.points for part in shown.parts) == shown.total
        for part in shown.parts:
            for value, where in zip(part.values, part.bins, strict=True):
                assert holds(where, value)


def holds(where: Bin, value: Value) -> bool:
    if value is None:
        return where.unknown
    if isinstance(value, str):
        return where.choice == value
    return (where.low is None or where.low <= value) and (where.high is None or value < where.high)


def test_the_published_tables_are_those_of_the_file(table: dict[str, Any], sold: Path) -> None:
    tables = point_tables(sold, current(sold, SLUG))
    assert [one.points for one in tables] == [term["points"] for term in table["terms"]]
    for one in tables:
        assert np.array(one.points).shape == tuple(len(bins) for bins in one.bins)


def test_only_a_scorecard_has_points(sold: Path) -> None:
    with pytest.raises(ArtifactError, match="catboost is not a scorecard"):
        point_tables(sold, current(sold, "catboost"))
