"""A model's training data, limits and current version."""

from dataclasses import dataclass

from django.utils.translation import gettext

from predictions.formats.applicants import in_words, unit
from predictions.formats.found_texts import found_texts
from predictions.formats.model_cards.texts import amount, field_label, in_schema_order
from predictions.formats.numbers import plain_percent, whole
from predictions.scoring.artifacts import ArtifactRef
from predictions.scoring.model_card import ModelCard, NumberRange
from predictions.scoring.model_card_texts import (
    CHANGE_LOG,
    DATA_LICENSE,
    DATA_SOURCE,
    LIMITS,
    OWN_DATA,
    OWNER,
)
from predictions.scoring.schema import FIELDS_BY_NAME, ChoiceField


@dataclass(frozen=True)
class RangeRow:
    label: str
    unit: str
    minimum: str
    quantile_01: str
    median: str
    quantile_99: str
    maximum: str
    unknown: str


@dataclass(frozen=True)
class FrequencyRow:
    label: str
    share: str


@dataclass(frozen=True)
class Frequencies:
    """How often each choice of one field occurs in the training data."""

    field_label: str
    rows: list[FrequencyRow]


@dataclass(frozen=True)
class LearnedFrom:
    ranges: list[RangeRow]
    frequencies: list[Frequencies]


@dataclass(frozen=True)
class Data:
    source: str
    license: str | None
    loans: str
    loans_used: str
    repaid: str
    limits: list[str]
    found: list[str]


@dataclass(frozen=True)
class Version:
    """`libraries` are pairs of name and version. `changes` are pairs of a version and what came with it."""

    number: str
    seed: int
    model_sha256: str
    data_sha256: str
    libraries: list[tuple[str, str]]
    owner: str
    changes: list[tuple[str, str]]


def learned_from(model_card: ModelCard) -> LearnedFrom:
    return LearnedFrom(
        [_range_row(field, values) for field, values in in_schema_order(model_card["ranges"])],
        [
            Frequencies(field_label(field), _frequency_rows(field, shares))
            for field, shares in in_schema_order(model_card["frequencies"])
        ],
    )


def data(model_card: ModelCard) -> Data:
    training_data, is_own = model_card["data"], model_card.get("source") == "own"
    return Data(
        source=gettext(OWN_DATA if is_own else DATA_SOURCE),
        license=None if is_own else gettext(DATA_LICENSE),
        loans=whole(training_data["rows"]),
        loans_used=whole(training_data["rows_used"]),
        repaid=plain_percent(training_data["approval_rate"]),
        limits=[gettext(LIMITS[key]) for key in model_card["limits"]],
        found=found_texts(model_card.get("found", [])),
    )


def version(ref: ArtifactRef, model_card: ModelCard) -> Version:
    return Version(
        number=ref.version,
        seed=model_card["seed"],
        model_sha256=ref.sha256,
        data_sha256=model_card["data"]["sha256"],
        libraries=list(model_card["libraries"].items()),
        owner=gettext(OWNER),
        changes=[
            (f"{recipe}.0.0", gettext(text))
            for recipe, text in CHANGE_LOG.items()
            if recipe <= model_card.get("recipe", 1)
        ],
    )


def _range_row(field: str, values: NumberRange) -> RangeRow:
    return RangeRow(
        label=field_label(field),
        unit=unit(FIELDS_BY_NAME[field]),
        minimum=amount(field, values["minimum"]),
        quantile_01=amount(field, values["quantile_01"]),
        median=amount(field, values["median"]),
        quantile_99=amount(field, values["quantile_99"]),
        maximum=amount(field, values["maximum"]),
        unknown=plain_percent(values["missing"]),
    )


def _frequency_rows(name: str, shares: dict[str, float]) -> list[FrequencyRow]:
    """Return the rows in the order of the field's choices."""
    field = FIELDS_BY_NAME[name]
    assert isinstance(field, ChoiceField)
    return [
        FrequencyRow(in_words(field, value), plain_percent(shares[value]))
        for value in field.values
        if value in shares
    ]
