"""The content of a model card, `card.json`. `model_card_texts` has the texts for the keys in it."""

from pathlib import Path
from typing import Literal, NotRequired, TypedDict, cast

from predictions.scoring import artifacts
from predictions.scoring.data_texts import Found


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
    """Quality for a group of applicants. AUC and ECE are None if it is too small or has one outcome.

    `z` is the observed less the predicted number of repaid loans, in standard deviations of that number.
    """

    name: str
    count: int
    observed: float
    predicted: float
    z: NotRequired[float]
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
    """`age_moves` is the largest change of an approval with the age, all else equal.

    Versions 1 use the age, and have `elderly` instead.
    """

    cut_off: float
    bands: list[AgeBand]
    elderly: NotRequired[Elderly]
    age_moves: NotRequired[float]


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


class Noise(TypedDict):
    """Quality after all incomes have moved by a log-normal factor of this spread."""

    spread: float
    roc_auc: float
    brier: float
    ece: float


class CalibrationFigures(TypedDict):
    """The line of the observed over the predicted log-odds, and the ECE that chance alone would give."""

    slope: float
    intercept: float
    ece_noise_floor: float


class Certainty(TypedDict):
    """The fields that never lower the approval when they get better, and how that is known.

    `construction`: the model cannot answer otherwise. `search`: the falls in `search` are those that were
    found among `people` random applicants; there may be more.
    """

    how: Literal["construction", "search"]
    fields: list[str]
    people: int
    search: list[Direction]


class Free(TypedDict):
    """What a model of the same kind without directions measures on the same folds. See `Stability`."""

    noise: list[Noise]
    directions: list[Direction]


class FoldFigures(TypedDict):
    roc_auc: list[float]
    largest_psi: float


class Stability(TypedDict):
    income_up_1_percent: Sensitivity
    noise: NotRequired[list[Noise]]
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
    """The content of `card.json`. `intervals` are 95% bootstrap intervals of `metrics`.

    Versions 1 lack what is not required. Without `source`, it is the public data set.
    """

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
    recipe: NotRequired[int]
    source: NotRequired[Literal["public", "own"]]
    found: NotRequired[list[Found]]
    calibration: NotRequired[CalibrationFigures]
    certainty: NotRequired[Certainty]
    free: NotRequired[Free]
    slices: dict[str, list[Slice]]
    fairness: Fairness
    stability: Stability
    ranges: dict[str, NumberRange]
    frequencies: dict[str, dict[str, float]]
    limits: list[str]


def read_model_card(folder: Path, slug: str, version: str | None = None) -> ModelCard:
    """Return the model card of a version, or of the one that a new installation starts with.

    Raises `ArtifactError`.
    """
    content = artifacts.model_card(folder, slug, version)
    if missing := ModelCard.__required_keys__ - content.keys():
        raise artifacts.ArtifactError(f"The model card of {slug} lacks {', '.join(sorted(missing))}.")
    return cast(ModelCard, content)


def certain_fields(folder: Path, ref: artifacts.ArtifactRef) -> tuple[str, ...]:
    """Return the fields that, for this version and by its construction, never lower the approval when better.

    Raises `ArtifactError`.
    """
    card = cast(ModelCard, artifacts.model_card(folder, ref.slug, ref.version))
    certainty = card.get("certainty")
    return tuple(certainty["fields"]) if certainty and certainty["how"] == "construction" else ()
