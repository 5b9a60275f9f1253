"""Fields that give the outcome away are refused by name; marks and contradictions are told."""

import os
from pathlib import Path

import pandas as pd
import pytest

from predictions.scoring.data_texts import text_of
from predictions.scoring.model_card import read_model_card
from predictions.training.data import BadData, Data, check_frame, read_data
from predictions.training.synthetic import synthetic_frame
from tests.support.loans import SLUGS
from tests.support.spoiled_loans import (
    LEAKS,
    ending_in_one,
    grade_g_for_defaults_alone,
    marked_like_the_public_data,
    some,
    with_values,
)


def texts(data: Data) -> str:
    return "\n".join(text_of(found) for found in data.found)


@pytest.mark.parametrize("rows", [700, 5_000])
@pytest.mark.parametrize("leak", LEAKS)
def test_a_field_that_gives_the_outcome_away_is_named(leak: str, rows: int) -> None:
    spoil, field = LEAKS[leak]
    with pytest.raises(BadData) as refused:
        check_frame(spoil(synthetic_frame(rows, 7)), "test")
    assert str(refused.value).startswith(f"{field} gives the outcome away: ")
    assert refused.value.refusal["params"]["field"] == field


@pytest.mark.parametrize("rows", [500, 5_000])
@pytest.mark.parametrize("seed", range(5))
def test_plain_data_have_nothing_of_it(rows: int, seed: int) -> None:
    found = check_frame(synthetic_frame(rows, seed), "test").found
    assert [one["code"] for one in found] == ["rows", "clean"]


def test_the_order_of_the_rows_is_no_leak() -> None:
    found = check_frame(synthetic_frame(5_000).sort_values("loan_status"), "test").found
    assert [one["code"] for one in found] == ["rows", "clean"]


def test_a_mark_on_some_is_told_with_its_strength_and_examples() -> None:
    data = check_frame(ending_in_one(synthetic_frame(5_000), 0.4), "test")
    (mark, *_others) = [one for one in data.found if one["code"] == "mark"]
    assert mark["params"]["field"] == "person_income"
    assert mark["params"]["where"] == {"last_digit": "1"}
    examples = mark["params"]["examples"]
    assert isinstance(examples, list)
    assert examples
    assert all(value % 10 == 1 for value in examples)
    assert "person_income carries a mark: of the" in texts(data)
    assert "the forest learns from incomes that were moved" in texts(data)


def test_what_the_public_data_set_has_is_told_in_made_up_data() -> None:
    told = texts(check_frame(marked_like_the_public_data(synthetic_frame(6_000)), "test"))
    assert "60 rows are left out: loan_percent_income contradicts loan_amnt and person_income" in told
    assert "Of these, 100.0% defaulted" in told
    assert "100.0% have loan_intent MEDICAL" in told
    assert "person_income is about 0.85 times" in told
    assert "person_income carries a mark" in told
    assert "4,000 above a multiple of 5,000" in told


@pytest.mark.parametrize("slug", SLUGS)
def test_the_cards_of_the_sold_versions_tell_what_the_public_data_set_has(slug: str, sold: Path) -> None:
    told = "\n".join(text_of(found) for found in read_model_card(sold, slug)["found"])
    for text in (
        "304 rows are left out: loan_percent_income contradicts loan_amnt and person_income",
        "100.0% have loan_intent MEDICAL",
        "person_income carries a mark: of the 2,358 rows that are 4,000 above a multiple of 5,000",
        "34,000",
        "that are multiples of 5,000",
    ):
        assert text in told


if "PUBLIC_DATA" in os.environ:

    def test_the_public_data_set_itself_is_trained_with_what_was_found(sold: Path) -> None:
        """`PUBLIC_DATA` is the path of the file, which is not in this repository."""
        data = read_data(Path(os.environ["PUBLIC_DATA"]))
        assert {one["code"] for one in data.found} >= {"contradictory", "contradictory_alike", "mark"}
        card = read_model_card(sold, SLUGS[0])
        if data.sha256 == card["data"]["sha256"]:
            assert data.found == card["found"]


def test_empty_cells_and_choices_that_tell_much_of_a_few_rows_are_told() -> None:
    loans = synthetic_frame(10_000, 7)
    partly = with_values(loans, some(loans, 0.5), "loan_int_rate", float("nan"))
    assert "rows without a value in loan_int_rate" in texts(check_frame(partly, "test"))
    few = grade_g_for_defaults_alone(loans, 0.05)
    assert "rows with the value G in loan_grade, 100.0% defaulted" in texts(check_frame(few, "test"))


def test_rows_with_both_outcomes_are_counted_and_many_are_refused() -> None:
    loans = synthetic_frame(2_000)
    other = loans.assign(loan_status=1 - loans.loan_status)
    told = texts(check_frame(pd.concat([loans, other.head(50)], ignore_index=True), "test"))
    assert "100 rows have the same facts as a row with the other outcome, such as lines 2, 2002" in told
    with pytest.raises(BadData, match="the facts say nothing of the outcome"):
        check_frame(pd.concat([loans, other], ignore_index=True), "test")


def test_what_is_left_out_is_told_and_also_beside_a_refusal() -> None:
    loans = synthetic_frame(2_000)
    loans.loc[:4, "person_age"] = 144
    told = texts(check_frame(pd.concat([loans, loans.tail(30)], ignore_index=True), "test"))
    assert "5 rows are left out: person_age is not from 18 to 100 (144)" in told
    assert "30 rows repeat another one exactly" in told
    assert "2,030 rows were read, 2,025 are used" in told
    spoil, _field = LEAKS["one age for defaults"]
    with pytest.raises(BadData) as refused:
        check_frame(pd.concat([spoil(loans), spoil(loans).head(30)], ignore_index=True), "test")
    assert [one["code"] for one in refused.value.found] == ["repeated"]
