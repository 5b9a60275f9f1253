"""Types of the model card, and the texts that customers read in it.

The numbers are in `card.json`, which refers to limits, methods and changes by key. The texts for these keys
are here as English message ids, and pages translate them.
"""

from pathlib import Path
from typing import Any, TypedDict, cast

from predictions.scoring import artifacts
from predictions.scoring.schema import gettext_noop

_ = gettext_noop


class Metrics(TypedDict):
    """Out-of-sample metrics. Higher `roc_auc`, `gini` and `ks` are better, lower others are better."""

    roc_auc: float
    gini: float
    ks: float
    brier: float
    log_loss: float
    ece: float


class ReliabilityBin(TypedDict):
    """Predicted and observed approval in one equal-count bin, with a 95% interval of the observed one."""

    count: int
    predicted: float
    observed: float
    observed_low: float
    observed_high: float


class Distribution(TypedDict):
    """Shares of the repaid and of the defaulted loans in each score bin; there is one more edge."""

    edges: list[float]
    approved: list[float]
    defaulted: list[float]


class GainsPoint(TypedDict):
    """The share of all defaults among the `applicants` share with the lowest scores."""

    applicants: float
    defaults: float


class Threshold(TypedDict):
    """The effect of approving at `threshold` or above. The rate of an empty group is None."""

    threshold: float
    approval_rate: float
    default_rate_of_approved: float | None
    default_rate_of_refused: float | None


class Slice(TypedDict):
    """Quality for a group of applicants. AUC and ECE are None if it is too small or has one outcome."""

    name: str
    count: int
    observed: float
    predicted: float
    roc_auc: float | None
    brier: float
    ece: float | None


class AgeBand(TypedDict):
    """Results of an age band at the model card's threshold. The ratio is to the highest band's rate."""

    name: str
    count: int
    approval_rate: float
    approval_ratio: float
    above_four_fifths: bool
    predicted: float
    observed: float


class Elderly(TypedDict):
    """Mean approval of all applicants if they were 62, and if they had the most favored age, all else equal.

    `noticeably_less` is the share whose approval would be more than a point lower at 62. `count` is the
    number of people of 62 or older in the data.
    """

    from_age: int
    count: int
    mean_approval: float
    most_favoured_age: int
    mean_approval_at_most_favoured_age: float
    noticeably_less: float
    age_is_no_negative_factor: bool


class Fairness(TypedDict):
    cut_off: float
    bands: list[AgeBand]
    elderly: Elderly


class Sensitivity(TypedDict):
    """Absolute change of the probability when income rises by 1%."""

    mean_absolute_change: float
    quantile_99: float
    largest_change: float


class Direction(TypedDict):
    """How often, and how far, a change that should never lower the approval does. See `CHANGES`."""

    change: str
    applicants: int
    fell: float
    fell_noticeably: float
    mean_fall: float
    largest_fall: float


class FoldFigures(TypedDict):
    roc_auc: list[float]
    largest_psi: float


class Stability(TypedDict):
    income_up_1_percent: Sensitivity
    directions: list[Direction]
    folds: FoldFigures


class NumberRange(TypedDict):
    """Quantiles of the known values of a number in the training data, and the share of unknown ones."""

    minimum: float
    quantile_01: float
    median: float
    quantile_99: float
    maximum: float
    missing: float


class TrainingData(TypedDict):
    sha256: str
    rows: int
    rows_used: int
    approval_rate: float


class ModelCard(TypedDict):
    """The content of `card.json`. `intervals` are 95% bootstrap intervals of `metrics`."""

    slug: str
    method: str
    data: TrainingData
    seed: int
    libraries: dict[str, str]
    metrics: Metrics
    intervals: dict[str, list[float]]
    roc: list[list[float]]
    reliability: list[ReliabilityBin]
    distribution: Distribution
    gains: list[GainsPoint]
    thresholds: list[Threshold]
    slices: dict[str, list[Slice]]
    fairness: Fairness
    stability: Stability
    ranges: dict[str, NumberRange]
    frequencies: dict[str, dict[str, float]]
    limits: list[str]


METHODS: dict[str, str] = {
    "scorecard": _(
        "A scorecard: logistic regression on grouped values. Each factor gives points, and their total "
        "corresponds to a probability. You can add them up by hand."
    ),
    "forest": _(
        "A random forest: many decision trees, each trained on a different sample of loans. Their "
        "average is calibrated."
    ),
    "boosting": _(
        "Gradient boosting (CatBoost): many small decision trees, each correcting the previous ones. "
        "Their sum is calibrated."
    ),
}

HOW_MEASURED = _(
    "All figures come from cross-fitting: every loan was scored by a model and a calibration that had not "
    "seen it, and equal records always stayed together. The ranges are 95 % bootstrap "
    "intervals. The model that is sold was then trained in the same way on all loans."
)

DATA_SOURCE = _("The public Credit Risk Dataset (Kaggle, author laotse): loans with known outcomes.")
DATA_LICENSE = _("CC0 1.0, public domain.")

LIMITS: dict[str, str] = {
    "lender_set": _("The lender set the grade and the rate, so the score partly reflects that decision."),
    "accepted_only": _("The data covers only granted loans. Nothing is known about declined applicants."),
    "origin": _(
        "The data set is public and undocumented: no country, no years, and some patterns look "
        "artificial. Test the model on your own loans before relying on it."
    ),
    "income_steps": _(
        "In this data, similar incomes sometimes have very different outcomes. A model that uses this is "
        "more accurate here but less consistent: see Stability."
    ),
    "age": _(
        "Applicants 62 and older are scored at the age the model favors most, so their age is not a "
        "disadvantage."
    ),
    "missing": _(
        "Unknown interest rates and years in current job are scored as unknown. Leaving out a known "
        "value can change the result."
    ),
    "not_a_decision": _("A probability is not a decision or advice. It does not replace a credit check."),
}

CHANGES: dict[str, str] = {
    "income_up_1_percent": _("Income 1% higher"),
    "income_up_10_percent": _("Income 10% higher"),
    "amount_down_10_percent": _("Loan amount 10% lower"),
    "rate_down_1_point": _("Interest rate 1 percentage point lower"),
    "no_default_on_file": _("Previous default: No instead of Yes"),
}


def read_model_card(folder: Path, slug: str, version: str | None = None) -> ModelCard:
    """Return the model card of a version, or of the one that a new installation starts with.

    Raises `ArtifactError`.
    """
    content: dict[str, Any] = artifacts.model_card(folder, slug, version)
    if missing := ModelCard.__required_keys__ - content.keys():
        raise artifacts.ArtifactError(f"The model card of {slug} lacks {', '.join(sorted(missing))}.")
    return cast(ModelCard, content)
