"""What the checks of training data have found, as texts: by the keys in findings, cards and stored reports.

They are English message ids, and pages translate them. See `training.findings`.
"""

from collections.abc import Callable, Sequence
from typing import NotRequired, TypedDict

from predictions.scoring.schema import gettext_noop

_ = gettext_noop

# A number, a text, several of them, or which rows are meant: a key of `ROWS` and its value.
Param = int | float | str | Sequence[int | float | str] | dict[str, str]


class Found(TypedDict):
    """One thing that was found. Parameters that end in `_rate` are shares from 0 to 1."""

    code: str
    params: dict[str, Param]
    # Whether the data are refused for it.
    refuses: NotRequired[bool]


# Which rows are meant, after "of the rows".
ROWS: dict[str, str] = {
    "value": _("with the value %(value)s"),
    "empty": _("without a value"),
    "given": _("with a value"),
    "decimals": _("with %(value)s decimal places"),
    "last_digit": _("with the last digit %(value)s"),
    "fraction": _("with .%(value)s after the point"),
    "ending": _("that end in %(value)s"),
    "steps": _("that are %(value)s above a multiple of 5,000"),
    "multiple": _("that are multiples of 5,000"),
}

# What of a field tells the outcome.
WHATS: dict[str, str] = {
    "value": _("its value"),
    "empty": _("whether it is empty"),
    "decimals": _("the number of its decimal places"),
    "last_digit": _("its last digit"),
    "fraction": _("what is after its point"),
    "ending": _("its last three digits"),
    "steps": _("how far it is from a multiple of 5,000"),
    "exact": _("its exact value"),
}

TEXTS: dict[str, str] = {
    # What was read.
    "rows": _("%(read)s rows were read, %(used)s are used. Of these, %(defaulted_rate)s defaulted."),
    "clean": _("No field gives the outcome away, and no mark was found."),
    # What was left out, and what is odd.
    "outside": _(
        "%(rows)s rows are left out: %(field)s is not from %(minimum)s to %(maximum)s (%(examples)s)."
    ),
    "over_age": _("%(rows)s rows are left out: %(field)s is more than the age (%(examples)s)."),
    "contradictory": _(
        "%(rows)s rows are left out: loan_percent_income contradicts loan_amnt and person_income. Of these, "
        "%(rate)s defaulted, of the others %(other_rate)s."
    ),
    "contradictory_alike": _(
        "Of the rows left out for this contradiction, %(rate)s have %(field)s %(value)s, of the others "
        "%(other_rate)s."
    ),
    "contradictory_factor": _(
        "In these rows, person_income is about %(factor)s times what loan_percent_income says. It looks as "
        "if incomes had been changed after the outcome was known."
    ),
    "repeated": _("%(rows)s rows repeat another one exactly. Such rows are never on both sides of a split."),
    "both_outcomes": _(
        "%(rows)s rows have the same facts as a row with the other outcome, such as lines %(examples)s."
    ),
    "mark": _(
        "%(field)s carries a mark: of the %(rows)s rows %(where)s (%(examples)s), %(rate)s defaulted; of "
        "rows with similar values, %(expected_rate)s did. Find out where this comes from."
    ),
    "remedy": _(
        "A mark is worth nothing for new applicants. So the forest learns from incomes that were moved a "
        "bit, and the fixed directions of the other models leave little room "
        "for it: see Stability in the card."
    ),
    "odd_group": _(
        "Of the %(rows)s rows %(where)s in %(field)s, %(rate)s defaulted, of the others %(other_rate)s. Is "
        "this known before the outcome is?"
    ),
    # Why data are refused.
    "unreadable": _("The file cannot be read as a CSV file: %(reason)s."),
    "empty_file": _("The file is empty."),
    "missing_columns": _("missing columns: %(columns)s"),
    "unknown_columns": _("unknown columns: %(columns)s. Remove them"),
    "repeated_columns": _("these columns come twice: %(columns)s"),
    "too_few_rows": _(
        "%(rows)s rows are too few, at least %(minimum)s are needed: with fewer, the figures of the model "
        "card would be chance"
    ),
    "empty_labels": _("loan_status is empty in %(rows)s rows. Remove the rows whose outcome is not known"),
    "strange_labels": _(
        "loan_status must contain 0 and 1 (1 is a default, 0 a repaid loan), but contains %(examples)s"
    ),
    "one_outcome": _(
        "loan_status must contain 0 and 1, but is %(value)s in all rows. Both repaid and defaulted loans are "
        "needed"
    ),
    "few_of_outcome": _(
        "only %(rows)s rows have loan_status %(value)s, at least %(minimum)s are needed: with fewer, a model "
        "cannot be told from chance"
    ),
    "not_a_choice": _("%(field)s contains %(examples)s but must be one of %(choices)s"),
    "not_numbers": _("%(field)s must contain numbers, but contains texts such as %(examples)s"),
    "empty_cells": _("%(field)s has %(rows)s empty cells"),
    "too_many_outside": _(
        "%(rate)s of the rows are outside the bounds of the fields, most of them because of %(field)s, which "
        "must be %(minimum)s to %(maximum)s: are the units right? Remove rows that the service would refuse"
    ),
    "wrong_shares": _(
        "loan_percent_income is not loan_amnt / person_income in %(rate)s of the rows: are the units right?"
    ),
    "contradictory_rows": _(
        "%(rate)s of the rows have the same facts as a row with the other outcome, such as lines "
        "%(examples)s: the facts say nothing of the outcome"
    ),
    "not_covered": _("the rows do not cover grade A, grades D to G, and both kinds of bureau record"),
    "inverted": _("loan_status seems to be inverted: 1 must mean a default, and grade A must default least"),
    "leak": _(
        "%(field)s gives the outcome away: %(what)s alone tells it with an AUC of %(auc)s, more than "
        "%(limit)s (0.5 is chance, 1 is certain). Of the %(rows)s rows %(where)s, %(rate)s defaulted, of the "
        "others %(other_rate)s. Remove what was filled in after the outcome was known"
    ),
    "leak_group": _(
        "%(field)s gives the outcome away: of the %(rows)s rows %(where)s, %(rate)s defaulted. They are "
        "%(share_rate)s of all rows with this outcome. Remove what was filled in after the outcome was known"
    ),
}


def _number(value: int | float) -> str:
    return f"{value:,.0f}" if float(value).is_integer() else f"{value:g}"


def text_of(
    found: Found,
    translate: Callable[[str], str] = str,
    number: Callable[[int | float], str] = _number,
    percent: Callable[[float], str] = "{:.1%}".format,
) -> str:
    """Return the text of what was found, in the language that these functions write."""

    def shown(name: str, value: Param) -> str:
        if isinstance(value, dict):
            (key, what), *_others = value.items()
            return translate(ROWS[key]) % {"value": what}
        if isinstance(value, str):
            return translate(WHATS[value]) if name == "what" else value
        if isinstance(value, Sequence):
            return ", ".join(shown(name, each) for each in value)
        return percent(value) if name.endswith("_rate") or name == "rate" else number(value)

    return translate(TEXTS[found["code"]]) % {
        name: shown(name, value) for name, value in found["params"].items()
    }
