"""Quality by group, fairness by age, and stability of a model's results."""

from dataclasses import dataclass

from django.utils.translation import gettext

from predictions.formats.applicants import in_words
from predictions.formats.model_cards.texts import (
    band,
    field_label,
    in_schema_order,
    part_label,
    score_or_dash,
)
from predictions.formats.numbers import percent_points, plain_percent, score, whole, whole_percent
from predictions.scoring import model_card as contents
from predictions.scoring.model_card import ModelCard
from predictions.scoring.model_card_texts import CHANGES
from predictions.scoring.schema import FIELDS_BY_NAME


@dataclass(frozen=True)
class GroupRow:
    label: str
    count: str
    stated: str
    repaid: str
    z: str
    roc_auc: str
    brier: str
    calibration_error: str


@dataclass(frozen=True)
class Groups:
    """The groups of applicants by one field."""

    field_label: str
    rows: list[GroupRow]


@dataclass(frozen=True)
class AgeBandRow:
    label: str
    count: str
    approved: str
    ratio: str
    above_four_fifths: bool
    stated: str
    repaid: str


@dataclass(frozen=True)
class Elderly:
    """See `scoring.model_card.Elderly`."""

    count: int
    mean: str
    most_favored_age: str
    mean_at_most_favored_age: str
    noticeably_less: str
    age_is_no_negative_factor: bool


@dataclass(frozen=True)
class Fairness:
    """Versions 1 use the age, and have `elderly`; for others, `age_moves` is in percentage points."""

    threshold: str
    elderly: Elderly | None
    age_moves: str
    rows: list[AgeBandRow]


@dataclass(frozen=True)
class ChangeRow:
    """How often, and how far, the probability falls after a change that should never lower it."""

    label: str
    applicants: str
    falls: str
    falls_noticeably: str
    mean_fall: str
    largest_fall: str


@dataclass(frozen=True)
class NoiseRow:
    """Quality after incomes have moved by so many percent."""

    spread: str
    roc_auc: str
    brier: str
    calibration_error: str


@dataclass(frozen=True)
class Certainty:
    """`proven`: the directions hold by construction. Otherwise `people` were tried, and `rows` were found."""

    proven: bool
    fields: list[str]
    people: str
    rows: list[ChangeRow]


@dataclass(frozen=True)
class Stability:
    """The first three are changes of the probability when income rises by 1%, in percentage points."""

    mean_change: str
    quantile_99: str
    largest_change: str
    noise: list[NoiseRow]
    rows: list[ChangeRow]
    folds: list[str]
    largest_psi: str


def groups(model_card: ModelCard) -> list[Groups]:
    return [
        Groups(field_label(field), [_group_row(field, part) for part in parts])
        for field, parts in in_schema_order(model_card["slices"])
    ]


def fairness(model_card: ModelCard) -> Fairness:
    measured = model_card["fairness"]
    return Fairness(
        threshold=whole_percent(measured["cut_off"]),
        elderly=_elderly(measured["elderly"]) if "elderly" in measured else None,
        age_moves=percent_points(measured.get("age_moves", 0.0)),
        rows=[_age_band_row(row) for row in measured["bands"]],
    )


def stability(model_card: ModelCard) -> Stability:
    measured = model_card["stability"]
    changes, folds = measured["income_up_1_percent"], measured["folds"]
    return Stability(
        mean_change=percent_points(changes["mean_absolute_change"], 2),
        quantile_99=percent_points(changes["quantile_99"]),
        largest_change=percent_points(changes["largest_change"], 0),
        noise=[_noise_row(row) for row in measured.get("noise", [])],
        rows=[_change_row(change) for change in measured["directions"]],
        folds=[score(auc) for auc in folds["roc_auc"]],
        largest_psi=score(folds["largest_psi"]),
    )


def certainty(model_card: ModelCard) -> Certainty | None:
    """Return how it is known that better facts never lower the probability; None for versions 1."""
    known = model_card.get("certainty")
    if known is None:
        return None
    return Certainty(
        proven=known["how"] == "construction",
        fields=[field_label(name) for name in known["fields"]],
        people=whole(known["people"]),
        rows=[_change_row(change) for change in known["search"]],
    )


def _noise_row(row: contents.Noise) -> NoiseRow:
    return NoiseRow(
        spread=plain_percent(row["spread"]),
        roc_auc=score(row["roc_auc"]),
        brier=score(row["brier"], 4),
        calibration_error=score(row["ece"], 4),
    )


def _group_row(field: str, part: contents.Slice) -> GroupRow:
    return GroupRow(
        label=part_label(field, part["name"]),
        count=whole(part["count"]),
        stated=plain_percent(part["predicted"]),
        repaid=plain_percent(part["observed"]),
        z=score_or_dash(part.get("z"), 1),
        roc_auc=score_or_dash(part["roc_auc"]),
        brier=score(part["brier"], 4),
        calibration_error=score_or_dash(part["ece"], 4),
    )


def _elderly(measured: contents.Elderly) -> Elderly:
    return Elderly(
        count=measured["count"],
        mean=plain_percent(measured["mean_approval"]),
        most_favored_age=in_words(FIELDS_BY_NAME["person_age"], measured["most_favoured_age"]),
        mean_at_most_favored_age=plain_percent(measured["mean_approval_at_most_favoured_age"]),
        noticeably_less=plain_percent(measured["noticeably_less"]),
        age_is_no_negative_factor=measured["age_is_no_negative_factor"],
    )


def _age_band_row(row: contents.AgeBand) -> AgeBandRow:
    return AgeBandRow(
        label=band(row["name"]),
        count=whole(row["count"]),
        approved=plain_percent(row["approval_rate"]),
        ratio=percent_points(row["approval_ratio"]),
        above_four_fifths=row["above_four_fifths"],
        stated=plain_percent(row["predicted"]),
        repaid=plain_percent(row["observed"]),
    )


def _change_row(change: contents.Direction) -> ChangeRow:
    return ChangeRow(
        label=gettext(CHANGES[change["change"]]),
        applicants=whole(change["applicants"]),
        falls=plain_percent(change["fell"]),
        falls_noticeably=plain_percent(change["fell_noticeably"]),
        mean_fall=percent_points(change["mean_fall"], 2),
        largest_fall=percent_points(change["largest_fall"]),
    )
