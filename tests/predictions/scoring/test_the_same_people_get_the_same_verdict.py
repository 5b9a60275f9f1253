"""The stability index is finite, and says the same of the same people at a thousand rows and at a million."""

import math
from pathlib import Path

import numpy as np
import pytest

from predictions.scoring import artifacts
from predictions.scoring.artifacts import ArtifactError
from predictions.scoring.bins import DRIFTED, MIN_ROWS, WATCH, Bins, FieldBins, added, bins_of, shift
from predictions.scoring.models.protocol import LIVE
from predictions.scoring.schema import Applicant

SLUG = "logistic-regression"
SIZES = (1_000, 1_000_000)
# Ten bins; other people are in the last one more often.
FLAT = np.full(10, 0.1)


def sold_bins(folder: Path) -> Bins:
    bins = bins_of(folder, artifacts.current(folder, SLUG))
    assert bins
    return bins


def verdict(psi: float) -> str:
    return "drifted" if psi >= DRIFTED else "watch" if psi >= WATCH else "stable"


@pytest.mark.parametrize("rows", [MIN_ROWS, *SIZES])
def test_people_like_those_of_the_training_are_stable_in_every_field(sold: Path, rows: int) -> None:
    random = np.random.default_rng(1)
    for field in sold_bins(sold).fields:
        trained = sum(field.rows)
        shares = np.array(field.rows) / trained
        # Both are samples of the same people.
        pairs = zip(
            *(random.multinomial(size, shares, size=200).tolist() for size in (trained, rows)), strict=True
        )
        found = [shift(expected, actual) for expected, actual in pairs]
        assert {verdict(one.psi) for one in found} == {"stable"}, field.name
        # What is subtracted is what chance makes: on average nothing is left.
        assert abs(np.mean([one.raw - one.noise for one in found])) < 4 / rows + 1 / trained, field.name


@pytest.mark.parametrize(("moved", "expected"), [(0.05, "stable"), (0.165, "watch"), (0.45, "drifted")])
def test_other_people_get_the_same_verdict_at_any_number_of_rows(moved: float, expected: str) -> None:
    """Not too near to a threshold: a thousand rows tell 0.17 to about 0.05."""
    shares = FLAT * (1 - moved)
    shares[-1] += moved
    random = np.random.default_rng(2)
    for rows in SIZES:
        weeks = random.multinomial(rows, shares, size=20)
        assert {verdict(shift([10_000] * 10, week.tolist()).psi) for week in weeks} == {expected}


@pytest.mark.parametrize(
    ("expected", "actual"),
    [
        ([100, 100, 0], [0, 0, 500]),
        ([100, 100, 0], [200, 300, 0]),
        ([1, 1], [10**9, 0]),
        ([100, 100], [0, 0]),
        ([0, 0], [5, 5]),
    ],
)
def test_empty_bins_leave_it_finite(expected: list[int], actual: list[int]) -> None:
    found = shift(expected, actual)
    assert math.isfinite(found.raw)
    assert math.isfinite(found.noise)
    assert found.psi >= 0


def test_a_bin_that_is_empty_on_both_sides_changes_nothing() -> None:
    with_empty, without = shift([100, 300, 0], [50, 50, 0]), shift([100, 300], [50, 50])
    assert with_empty == without


def test_it_is_the_index_that_textbooks_have() -> None:
    """At a million rows, half a row more and the noise are of no account."""
    p, q = np.array([0.2, 0.3, 0.5]), np.array([0.3, 0.3, 0.4])
    found = shift((p * 1e6).astype(int).tolist(), (q * 1e6).astype(int).tolist())
    assert found.psi == pytest.approx(float(((q - p) * np.log(q / p)).sum()), abs=1e-5)


def test_a_value_is_in_one_bin_and_edges_begin_theirs() -> None:
    ages = FieldBins("person_age", (1, 1, 1, 0), edges=(20.0, 30.0))
    assert ages.count(np.array([19, 20, 29.9, 30, 99, np.nan])) == [1, 2, 2, 1]
    homes = FieldBins("person_home_ownership", (1, 1, 0), choices=("RENT", "OWN"))
    assert homes.count(np.array([0, 1, 1, np.nan, 7])) == [1, 2, 2]


def test_applicants_are_counted_as_their_matrix_is(sold: Path, strong: Applicant, weak: Applicant) -> None:
    bins = sold_bins(sold)
    unknown = {**strong, "person_emp_length": None, "loan_int_rate": None}
    people, approval = [strong, weak, unknown], np.array([0.9, 0.2, 0.8])
    counts = bins.count_applicants(people, approval)
    assert counts == bins.count(LIVE.to_raw(people), LIVE, approval)
    assert counts["loan_int_rate"][-1] == 1
    other = bins.count_applicants([{**weak, "loan_intent": "WEDDING"}], approval[:1])
    assert other["loan_intent"][-1] == 1
    assert added(counts, other)["score"] == [
        a + b for a, b in zip(counts["score"], other["score"], strict=True)
    ]
    assert added({}, other) == other


@pytest.mark.parametrize(
    "spoilt",
    [
        {"fields": []},
        {"fields": [{"name": "score", "rows": [1, 2], "edges": [0.5]}]},
        {"fields": [{"name": "score", "rows": [1, 2, 3, 0], "edges": [0.5, 0.4]}]},
        {"fields": [{"name": "score", "rows": [0, 0, 0], "edges": [0.5]}]},
        {"fields": [{"rows": [1, 2, 0], "edges": [0.5]}]},
    ],
)
def test_what_are_no_bins_is_refused(spoilt: dict[str, object], own_copy: Path) -> None:
    # Imported here, because most tests do not need it.
    from predictions.training.artifacts import add_file

    ref = artifacts.current(own_copy, SLUG)
    add_file(own_copy, ref, artifacts.BINS, spoilt)
    with pytest.raises(ArtifactError, match="The bins of logistic-regression"):
        bins_of(own_copy, ref)


def test_a_changed_file_is_refused_and_a_version_without_one_has_none(own_copy: Path) -> None:
    ref = artifacts.current(own_copy, SLUG)
    file = own_copy / SLUG / ref.version / artifacts.BINS
    file.write_text(file.read_text().replace("[", "[ ", 1))
    with pytest.raises(ArtifactError, match="SHA-256"):
        bins_of(own_copy, ref)
    manifest = own_copy / artifacts.MANIFEST
    manifest.write_text(manifest.read_text().replace(artifacts.BINS, "other.json"))
    assert bins_of(own_copy, ref) is None
