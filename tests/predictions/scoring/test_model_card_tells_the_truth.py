"""The model card: complete, consistent in itself, out of sample, and within what the product promises."""

import json
from pathlib import Path

import numpy as np
import pytest

from predictions.scoring.artifacts import MANIFEST, ArtifactError, current
from predictions.scoring.measures import brier, ece, gini, ks, log_loss, roc_auc
from predictions.scoring.model_card import certain_fields, read_model_card
from predictions.scoring.model_card_texts import CHANGE_LOG, CHANGES, LIMITS, METHODS
from tests.support.loans import SLUGS

# ROC AUC at least, Brier score at most, calibration error at most, ROC AUC at least with 2% noise in incomes.
# The cross-fitted models learned from four fifths of the rows; what is sold learned from all.
PROMISED = {
    "logistic-regression": (0.918, 0.066, 0.011, 0.916),
    "random-forest": (0.927, 0.058, 0.011, 0.926),
    "catboost": (0.930, 0.055, 0.011, 0.927),
}
CERTAIN = ("logistic-regression", "catboost")


@pytest.mark.parametrize("slug", SLUGS)
def test_the_sold_models_are_as_good_as_promised(slug: str, sold: Path) -> None:
    card = read_model_card(sold, slug)
    auc, brier_score, calibration_error, noisy_auc = PROMISED[slug]
    assert card["metrics"]["roc_auc"] >= auc
    assert card["metrics"]["brier"] <= brier_score
    assert card["metrics"]["ece"] <= calibration_error
    assert [row["spread"] for row in card["stability"]["noise"]] == [0, 0.005, 0.02]
    assert card["stability"]["noise"][0]["roc_auc"] == card["metrics"]["roc_auc"]
    assert card["stability"]["noise"][-1]["roc_auc"] >= noisy_auc


@pytest.mark.parametrize("slug", SLUGS)
def test_every_figure_lies_within_its_interval(slug: str, sold: Path) -> None:
    card = read_model_card(sold, slug)
    assert set(card["metrics"]) == {"roc_auc", "gini", "ks", "brier", "log_loss", "ece"}
    for name, value in card["metrics"].items():
        low, high = card["intervals"][name]
        assert low < high
        assert isinstance(value, float)
        # Resampling noise adds to a calibration error, so its interval may lie above the value itself.
        assert value <= high
        assert value >= low or name == "ece"


@pytest.mark.parametrize("slug", SLUGS)
def test_the_parts_of_a_card_agree(slug: str, sold: Path) -> None:
    card = read_model_card(sold, slug)
    rows = card["data"]["rows_used"]
    for parts in card["slices"].values():
        assert sum(part["count"] for part in parts) == rows
    assert sum(part["count"] for part in card["reliability"]) == rows
    assert sum(card["distribution"]["approved"]) == pytest.approx(1, abs=1e-4)
    assert card["roc"][0] == [0.0, 0.0]
    assert card["roc"][-1] == [1.0, 1.0]
    assert np.trapezoid(*np.array(card["roc"]).T[::-1]) == pytest.approx(card["metrics"]["roc_auc"], abs=0.01)
    assert card["gains"][-1] == {"applicants": 1.0, "defaults": 1.0}
    rates = [row["approval_rate"] for row in card["thresholds"]]
    assert rates == sorted(rates, reverse=True)
    assert card["metrics"]["gini"] == pytest.approx(2 * card["metrics"]["roc_auc"] - 1, abs=1e-5)


@pytest.mark.parametrize("slug", SLUGS)
def test_keys_in_a_card_have_texts(slug: str, sold: Path) -> None:
    card = read_model_card(sold, slug)
    assert card["method"] in METHODS
    assert set(card["limits"]) <= set(LIMITS)
    assert {row["change"] for row in card["stability"]["directions"]} <= set(CHANGES)
    assert card["recipe"] in CHANGE_LOG


@pytest.mark.parametrize("slug", CERTAIN)
def test_what_is_certain_was_never_found_otherwise(slug: str, sold: Path) -> None:
    card = read_model_card(sold, slug)
    assert card["certainty"]["how"] == "construction"
    assert card["certainty"]["people"] == 100_000
    for row in (*card["stability"]["directions"], *card["certainty"]["search"]):
        assert (row["fell"], row["largest_fall"]) == (0, 0)
    assert certain_fields(sold, current(sold, slug)) == tuple(card["certainty"]["fields"])


def test_the_forest_tells_what_a_search_has_found_and_calls_nothing_certain(sold: Path) -> None:
    card = read_model_card(sold, "random-forest")
    assert card["certainty"]["how"] == "search"
    for row in (*card["stability"]["directions"], *card["certainty"]["search"]):
        assert row["fell_noticeably"] <= 0.05
    assert max(row["largest_fall"] for row in card["certainty"]["search"]) > 0
    assert certain_fields(sold, current(sold, "random-forest")) == ()


@pytest.mark.parametrize("slug", SLUGS)
def test_probabilities_agree_with_outcomes_also_for_medical_loans(slug: str, sold: Path) -> None:
    card = read_model_card(sold, slug)
    assert card["calibration"]["slope"] == pytest.approx(1, abs=0.15)
    assert card["calibration"]["intercept"] == pytest.approx(0, abs=0.25)
    assert 0 < card["calibration"]["ece_noise_floor"] < card["metrics"]["ece"] * 3
    (medical,) = (part for part in card["slices"]["loan_intent"] if part["name"] == "MEDICAL")
    assert abs(medical["z"]) < 2


def test_all_artifacts_together_stay_small_and_hold_no_pickle(sold: Path) -> None:
    files = [path for path in sold.rglob("*") if path.is_file()]
    assert sum(path.stat().st_size for path in files) <= 25_000_000
    assert {path.suffix for path in files} == {".json", ".onnx", ".cbm"}


def test_the_manifest_lists_every_file(sold: Path) -> None:
    listed = {MANIFEST}
    for slug, entry in json.loads((sold / MANIFEST).read_bytes())["models"].items():
        for version, about in entry["versions"].items():
            listed |= {f"{slug}/{version}/{name}" for name in about["files"]}
            assert about["data"]["rows"] == 26_103
            assert "catboost" in about["libraries"]
    assert listed == {path.relative_to(sold).as_posix() for path in sold.rglob("*") if path.is_file()}


def test_a_card_that_lacks_a_part_is_refused(trained: Path, tmp_path: Path) -> None:
    manifest = json.loads((trained / MANIFEST).read_bytes())
    place = tmp_path / "catboost" / "2.0.0"
    place.mkdir(parents=True)
    (place / "card.json").write_bytes(b"{}")
    files = manifest["models"]["catboost"]["versions"]["2.0.0"]["files"]
    files["card.json"] = "44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a"
    (tmp_path / MANIFEST).write_text(json.dumps(manifest))
    with pytest.raises(ArtifactError, match="lacks data, "):
        read_model_card(tmp_path, "catboost")


def test_measures_agree_with_values_worked_out_by_hand() -> None:
    approved = np.array([1.0, 1.0, 0.0, 1.0, 0.0])
    probability = np.array([0.9, 0.8, 0.7, 0.7, 0.1])
    assert roc_auc(approved, probability) == pytest.approx(5.5 / 6)
    assert gini(approved, probability) == pytest.approx(5 / 6)
    assert ks(approved, probability) == pytest.approx(2 / 3)
    assert brier(approved, probability) == pytest.approx((0.01 + 0.04 + 0.49 + 0.09 + 0.01) / 5)
    assert log_loss(approved, probability) == pytest.approx(
        -np.log([0.9, 0.8, 0.3, 0.7, 0.9]).mean(),
    )
    assert ece(np.tile(approved, 2), np.tile(probability, 2)) == pytest.approx(0.28, abs=0.15)


@pytest.mark.parametrize("slug", SLUGS)
def test_what_was_given_up_is_measured_on_the_same_people(slug: str, sold: Path) -> None:
    """Each figure has one of this version beside it, and the limits say what the figures do."""
    card = read_model_card(sold, slug)
    own, free = card["stability"], card["free"]
    assert [row["spread"] for row in free["noise"]] == [row["spread"] for row in own["noise"]]
    for here, there in zip(own["directions"], free["directions"], strict=True):
        assert (here["change"], here["applicants"]) == (there["change"], there["applicants"])
    better = free["noise"][0]["roc_auc"] > own["noise"][0]["roc_auc"]
    assert better is (slug != "logistic-regression")
    assert free["noise"][-1]["roc_auc"] < own["noise"][-1]["roc_auc"] + 0.002
    assert ("free_model" in card["limits"]) is better
    income = {row["change"]: row for row in free["directions"]}["income_up_5_percent"]
    assert income["fell_noticeably"] > 0.1


@pytest.mark.parametrize("slug", SLUGS)
def test_versions_from_before_are_not_compared(slug: str, sold: Path) -> None:
    assert "free" not in read_model_card(sold, slug, "1.0.0")
