"""Reason codes: what cost an applicant the most approval, said with the applicant's own facts.

A code never changes its meaning; its text is an English message id with `params`. Numbers in `params`
are plain numbers, so that whoever shows them can write them as the reader's language does.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from predictions.scoring.schema import SHARE_FIELD, Applicant, gettext_noop

_ = gettext_noop

MAX_REASONS = 4
MIN_COST = 0.01  # Below a point of probability nothing is worth telling.


@dataclass(frozen=True)
class Reason:
    """Why approval is lower: `text` % `params` is a sentence."""

    code: str
    field: str
    text: str
    params: Mapping[str, int | float | str]


_HOME = {
    "RENT": _("The home is rented."),
    "OWN": _("The home is owned."),
    "MORTGAGE": _("The home has a mortgage."),
    "OTHER": _("The home is neither rented, owned nor mortgaged."),
}
_INTENT = {
    "PERSONAL": _("The loan is for personal use."),
    "EDUCATION": _("The loan is for education."),
    "MEDICAL": _("The loan is for medical care."),
    "VENTURE": _("The loan is for a business venture."),
    "HOMEIMPROVEMENT": _("The loan is for home improvement."),
    "DEBTCONSOLIDATION": _("The loan is to repay other debts."),
}
_ON_FILE = {
    "Y": _("The credit bureau knows of an earlier default."),
    "N": _("The credit bureau knows of no earlier default."),
}
_BY_CHOICE = {
    "person_home_ownership": _HOME,
    "loan_intent": _INTENT,
    "cb_person_default_on_file": _ON_FILE,
}
_BY_VALUE = {
    "person_age": _("The person is %(value)s years old."),
    "person_income": _("The yearly income is %(value)s USD."),
    "person_emp_length": _("Years in the present employment: %(value)s."),
    "loan_grade": _("The lender graded the loan %(value)s; A is the best grade, G the worst."),
    "loan_amnt": _("The loan of %(value)s USD is %(share)s%% of yearly income."),
    "loan_int_rate": _("The interest rate is %(value)s%% a year."),
    "cb_person_cred_hist_length": _("Length of the credit history in years: %(value)s."),
}
CODES = {
    "person_age": "AGE",
    "person_income": "INCOME",
    "person_home_ownership": "HOME",
    "person_emp_length": "EMPLOYMENT",
    "loan_intent": "PURPOSE",
    "loan_grade": "GRADE",
    "loan_amnt": "LOAN_TO_INCOME",
    "loan_int_rate": "RATE",
    "cb_person_default_on_file": "DEFAULT_ON_FILE",
    "cb_person_cred_hist_length": "CREDIT_HISTORY",
}
_UNKNOWN = {
    "person_emp_length": ("EMPLOYMENT_UNKNOWN", _("The time in employment is not given.")),
    "loan_int_rate": ("RATE_UNKNOWN", _("The interest rate is not given.")),
}


def reasons(applicant: Applicant, contributions: Mapping[str, float]) -> tuple[Reason, ...]:
    """At most four, the costliest first; empty when nothing lowers the approval noticeably.

    `contributions` gives the Shapley value of each free field, in probability of approval.
    """
    costly = sorted(
        (field for field, value in contributions.items() if value <= -MIN_COST),
        key=lambda field: contributions[field],
    )
    return tuple(_reason(applicant, field) for field in costly[:MAX_REASONS])


def _reason(applicant: Applicant, field: str) -> Reason:
    value = applicant[field]
    if value is None:
        code, text = _UNKNOWN[field]
        return Reason(code, field, text, {})
    code = CODES[field]
    if field in _BY_CHOICE:
        return Reason(code, field, _BY_CHOICE[field][str(value)], {})
    if field == "loan_amnt":
        share = applicant[SHARE_FIELD]
        assert isinstance(share, float)
        return Reason(code, field, _BY_VALUE[field], {"value": _plain(value), "share": _percent(share)})
    return Reason(code, field, _BY_VALUE[field], {"value": _plain(value)})


def _percent(share: float) -> int | float:
    """Whole percents; below ten percent one decimal, so that 0.4 % does not read 0 %."""
    return round(share * 100) if share >= 0.1 else round(share * 100, 1)


def _plain(value: int | float | str) -> int | float | str:
    return int(value) if isinstance(value, float) and value.is_integer() else value
