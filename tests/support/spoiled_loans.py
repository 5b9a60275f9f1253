"""Made-up loans in which the outcome was hidden, in ways that real files have."""

from collections.abc import Callable

import numpy as np
import pandas as pd

Spoil = Callable[[pd.DataFrame], pd.DataFrame]


def defaulted(loans: pd.DataFrame) -> "pd.Series[bool]":
    return loans.loan_status == 1


def some(loans: pd.DataFrame, share: float) -> "pd.Series[bool]":
    """This share of the defaulted loans."""
    return defaulted(loans) & (np.random.default_rng(1).random(len(loans)) < share)


def with_values(loans: pd.DataFrame, rows: "pd.Series[bool]", field: str, values: object) -> pd.DataFrame:
    """Return the loans with these values of the field in these rows."""
    column = loans[field].mask(rows, values)
    return loans.assign(**{field: column})


def ending_in_one(loans: pd.DataFrame, share: float = 1.0) -> pd.DataFrame:
    """This share of the defaulted loans has an income that ends in 1."""
    return with_shares(
        with_values(loans, some(loans, share), "person_income", loans.person_income // 10 * 10 + 1)
    )


def with_shares(loans: pd.DataFrame) -> pd.DataFrame:
    return loans.assign(loan_percent_income=(loans.loan_amnt / loans.person_income).round(2))


def empty_for_one_outcome(loans: pd.DataFrame) -> pd.DataFrame:
    known = loans.assign(person_emp_length=loans.person_emp_length.fillna(3))
    return with_values(known, defaulted(loans), "person_emp_length", float("nan"))


def grade_g_for_defaults_alone(loans: pd.DataFrame, share: float = 0.3) -> pd.DataFrame:
    """This share of the defaulted loans has grade G, and no other loan."""
    without = loans.assign(loan_grade=loans.loan_grade.replace("G", "F"))
    return with_values(without, some(loans, share), "loan_grade", "G")


def marked_like_the_public_data(loans: pd.DataFrame) -> pd.DataFrame:
    """Incomes are round; of those that default, a third is 1,000 below, of others a tenth.

    60 contradict their share: they are MEDICAL, have defaulted, and their income is 0.85 times what it was.
    """
    income = ((loans.person_income / 5_000).round().clip(lower=1) * 5_000).astype(int)
    some_others = ~defaulted(loans) & (np.random.default_rng(2).random(len(loans)) < 0.1)
    loans = with_shares(
        loans.assign(person_income=income - 1_000 * (some(loans, 0.33) | some_others).astype(int))
    )
    wrong = loans.index.isin(loans.index[defaulted(loans) & (loans.loan_percent_income > 0.2)][:60])
    return loans.assign(
        person_income=loans.person_income.where(~wrong, (loans.person_income * 0.85).astype(int)),
        loan_intent=loans.loan_intent.where(~wrong, "MEDICAL"),
    )


# Each with the field that is to be named.
LEAKS: dict[str, tuple[Spoil, str]] = {
    "the outcome in the decimals of the rate": (
        lambda loans: loans.assign(loan_int_rate=loans.loan_int_rate + 0.001 * loans.loan_status),
        "loan_int_rate",
    ),
    "the outcome in the decimals of the share": (
        lambda loans: loans.assign(loan_percent_income=loans.loan_percent_income + 1e-4 * loans.loan_status),
        "loan_percent_income",
    ),
    "the outcome in the decimals of the years in the job": (
        lambda loans: loans.assign(person_emp_length=loans.person_emp_length + 0.1 * loans.loan_status),
        "person_emp_length",
    ),
    "a rate of 0 for defaults": (
        lambda loans: with_values(loans, defaulted(loans), "loan_int_rate", 0),
        "loan_int_rate",
    ),
    "no rate for defaults": (
        lambda loans: with_values(loans, defaulted(loans), "loan_int_rate", float("nan")),
        "loan_int_rate",
    ),
    "empty exactly for one outcome": (empty_for_one_outcome, "person_emp_length"),
    "a grade for all defaults": (
        lambda loans: grade_g_for_defaults_alone(loans, 1.0),
        "loan_grade",
    ),
    "a grade for a part of the defaults": (grade_g_for_defaults_alone, "loan_grade"),
    "incomes that end in 1": (ending_in_one, "person_income"),
    "even and odd incomes": (
        lambda loans: loans.assign(person_income=loans.person_income // 2 * 2 + loans.loan_status),
        "person_income",
    ),
    "amounts that are not round": (
        lambda loans: loans.assign(loan_amnt=loans.loan_amnt + 7 * loans.loan_status),
        "loan_amnt",
    ),
    "a longer history": (
        lambda loans: loans.assign(
            cb_person_cred_hist_length=loans.cb_person_cred_hist_length + 5 * loans.loan_status
        ),
        "cb_person_cred_hist_length",
    ),
    "one age for defaults": (
        lambda loans: with_values(loans, defaulted(loans), "person_age", 77),
        "person_age",
    ),
    "the bureau was asked afterwards": (
        lambda loans: loans.assign(cb_person_default_on_file=np.where(defaulted(loans), "Y", "N")),
        "cb_person_default_on_file",
    ),
}
