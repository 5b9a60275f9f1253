"""The catalog of models on sale: database rows and their artifacts."""

import logging
from dataclasses import dataclass
from datetime import datetime

from django.conf import settings

from accounts.errors import CustomerError
from predictions.models import SalePeriod, ScoringModel
from predictions.scoring import artifacts
from predictions.scoring.artifacts import ArtifactError, ArtifactRef
from predictions.scoring.schema import Applicant

logger = logging.getLogger(__name__)

# Rows that `manage.py provision` adds if they are missing; operators edit them later.
FIRST_CATALOG: tuple[dict[str, str | int], ...] = (
    {
        "slug": "logistic-regression",
        "price": 10_00,
        "reasons_price": 2_00,
        "position": 1,
        "name_en": "Logistic Regression",
        "name_ru": "Логистическая регрессия",
        "description_en": "A bank scorecard: each factor gives points that you can add up by hand.",
        "description_ru": "Банковская скоринговая карта: каждый показатель даёт баллы, которые можно "
        "сложить вручную.",
    },
    {
        "slug": "random-forest",
        "price": 50_00,
        "reasons_price": 10_00,
        "position": 2,
        "name_en": "Random Forest",
        "name_ru": "Случайный лес",
        "description_en": "The average of many decision trees, which also weigh combinations of factors.",
        "description_ru": "Среднее по\u00a0множеству деревьев решений, которые учитывают и\u00a0сочетания "
        "показателей.",
    },
    {
        "slug": "catboost",
        "price": 100_00,
        "reasons_price": 20_00,
        "position": 3,
        "name_en": "CatBoost",
        "name_ru": "CatBoost",
        "description_en": "Gradient boosting: each decision tree corrects the previous ones.",
        "description_ru": "Градиентный бустинг: каждое дерево решений исправляет ошибки предыдущих.",
    },
)

# Discounts of a new catalog: from so many rows of a file, so many percent.
FIRST_DISCOUNTS = {1_000: 10, 10_000: 25, 100_000: 50}


class ModelSwitchedOff(CustomerError):
    """An operator has taken the model off sale."""

    status = 422
    code = "model_switched_off"
    field = "model"


class ModelUnavailable(CustomerError):
    """The artifact is missing or differs from the published one, so the model cannot be sold."""

    status = 503
    code = "model_unavailable"


@dataclass(frozen=True)
class Offer:
    """A model as customers see it. `ref` is the version on sale, None if it cannot be ordered now."""

    model: ScoringModel
    ref: ArtifactRef | None
    since: datetime | None
    metrics: dict[str, float]

    @property
    def version(self) -> str | None:
        return self.ref.version if self.ref else None


def offers() -> list[Offer]:
    """Return all models on sale, in the catalog's order."""
    return [offer_of(model) for model in ScoringModel.objects.filter(active=True)]


def offer_of(model: ScoringModel) -> Offer:
    try:
        ref = _on_sale(model)
        metrics = dict(artifacts.model_card(settings.ARTIFACTS_DIR, ref.slug, ref.version)["metrics"])
    except ArtifactError as error:
        logger.error("%s is unavailable: %s", model.slug, error)
        return Offer(model, None, None, {})
    return Offer(model, ref, model.on_sale.since, metrics)


def period_on_sale(model: ScoringModel) -> SalePeriod | None:
    """Return what is on sale as it was when `model` was read; None if nothing was ever put on sale."""
    return getattr(model, "on_sale", None)


def artifact_for_sale(model: ScoringModel) -> ArtifactRef:
    """Return the artifact for new orders. Raises `ModelSwitchedOff` or `ModelUnavailable`."""
    if not model.active:
        raise ModelSwitchedOff
    try:
        return _on_sale(model)
    except ArtifactError as error:
        logger.error("%s cannot be sold: %s", model.slug, error)
        raise ModelUnavailable from error


def _on_sale(model: ScoringModel) -> ArtifactRef:
    """Return the version on sale, after checking that its files are those that were put on sale.

    Raises `ArtifactError`.
    """
    period = period_on_sale(model)
    if period is None:
        raise ArtifactError(f"No version of {model.slug} was put on sale yet.")
    ref = ArtifactRef(model.slug, period.version, period.artifact_sha256)
    return artifacts.usable(settings.ARTIFACTS_DIR, ref)


def check_supported(artifact: ArtifactRef, applicant: Applicant) -> None:
    """Raises `InvalidApplicant` when a value is one that the model has never seen, or `ModelUnavailable`."""
    try:
        artifacts.columns(settings.ARTIFACTS_DIR, artifact).check(applicant)
    except ArtifactError as error:
        logger.error("%s cannot be sold: %s", artifact.slug, error)
        raise ModelUnavailable from error


def supports_rows_of(artifact: ArtifactRef, checked_for: ArtifactRef) -> bool:
    """Return whether every applicant that one version supports is supported by another one.

    Raises `ModelUnavailable`.
    """
    if artifact == checked_for:
        return True
    try:
        known = artifacts.columns(settings.ARTIFACTS_DIR, artifact)
        return known.supports(artifacts.columns(settings.ARTIFACTS_DIR, checked_for))
    except ArtifactError as error:
        logger.error("%s cannot be sold: %s", artifact.slug, error)
        raise ModelUnavailable from error


def problem_of(model: ScoringModel) -> str:
    """Return why the model cannot be sold, for operators; "" if it can."""
    try:
        _on_sale(model)
    except ArtifactError as error:
        return str(error)
    return ""
