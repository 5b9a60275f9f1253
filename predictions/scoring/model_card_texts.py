"""The texts that customers read in a model card, by the keys in `card.json`.

They are English message ids, and pages translate them.
"""

from predictions.scoring.schema import gettext_noop

_ = gettext_noop

METHODS: dict[str, str] = {
    "scorecard": _(
        "Logistic regression on grouped values. Each factor gives points; their total gives the probability."
    ),
    "forest": _(
        "Many decision trees, each trained on a different sample of loans. Their average is calibrated."
    ),
    "boosting": _("Many small decision trees, each correcting the previous ones. Their sum is calibrated."),
}

HOW_MEASURED = _(
    "Cross-fitted: no loan was scored by a model or calibration that had seen it. Ranges "
    "are 95% bootstrap intervals. The model on sale is trained on all loans."
)

DATA_SOURCE = _("The public Credit Risk Dataset (Kaggle, author laotse): loans with known outcomes.")
DATA_LICENSE = _("CC0 1.0, public domain.")
OWN_DATA = _("Loans with known outcomes that the operator of this service has provided.")

LIMITS: dict[str, str] = {
    "lender_set": _(
        "The lender set the grade and the rate, so the score partly reflects the lender’s decision."
    ),
    "accepted_only": _("The data covers granted loans only, not declined applicants."),
    "origin": _(
        "Public, undocumented data: no country, no years, some patterns look artificial. Test "
        "the model on your own loans first."
    ),
    "income_steps": _(
        "In this data, similar incomes sometimes have very different outcomes. Using this "
        "makes the model more accurate here but less stable: see Stability."
    ),
    "age_unused": _(
        "Age is checked but not scored. Other facts, such as the length of the credit history, "
        "may still reflect it."
    ),
    "free_model": _(
        "A free model of the same kind ranks these loans better, but only by an artifact in "
        "the incomes of this data: when incomes move by 2%, the advantage is gone."
    ),
    "purpose": _(
        "For consumer loans of 500 to 35,000 USD. Not for businesses, mortgages or credit "
        "lines, and not as the only basis for a refusal."
    ),
    "age": _(
        "Applicants 62 and older are scored at the age the model favors most, so their age is not a "
        "disadvantage."
    ),
    "missing": _(
        "An unknown interest rate or job length is scored as unknown. Leaving out a known "
        "value can change the result."
    ),
    "quick": _("This version was trained with little effort, to try out how it is done. Do not sell it."),
    "not_a_decision": _("A probability is not a decision or advice. It does not replace a credit check."),
}

# The limits of versions 2 that were trained on the public data. Those of versions 1 are in their cards.
LIMITS_NOW = (
    "purpose",
    "lender_set",
    "accepted_only",
    "origin",
    "free_model",
    "age_unused",
    "missing",
    "not_a_decision",
)

OWNER = _(
    "The operator of this service, who checks the model against outcomes and decides when it is replaced."
)

# What changed with each recipe, the latest first.
CHANGE_LOG: dict[int, str] = {
    2: _(
        "Better facts no longer lower the probability, or hardly ever. Incomes that move by 2% "
        "hardly change the quality. Age has no effect. Contradictory rows are left out of "
        "training and calibration."
    ),
    1: _("The first version: trees without fixed directions, which also use the age."),
}

CHANGES: dict[str, str] = {
    "income_up_1_percent": _("Income 1% higher"),
    "income_up_5_percent": _("Income 5% higher"),
    "income_up_10_percent": _("Income 10% higher"),
    "amount_down_10_percent": _("Loan amount 10% lower"),
    "rate_down_1_point": _("Interest rate 1 percentage point lower"),
    "grade_one_better": _("Loan grade one better"),
    "no_default_on_file": _("Previous default: No instead of Yes"),
    "employment_one_year_longer": _("One year longer in the job"),
    "history_one_year_longer": _("Credit history one year longer"),
}

# Of versions that were trained on other data.
LIMITS_OF_OWN_DATA = tuple(key for key in LIMITS_NOW if key not in ("origin", "free_model"))
