"""The model cards of the models on sale."""

import logging
from dataclasses import dataclass

from django.conf import settings

from predictions.catalog import Offer
from predictions.scoring import artifacts
from predictions.scoring.artifacts import ArtifactError, ArtifactRef
from predictions.scoring.model_card import ModelCard, read_model_card

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class PublishedModel:
    """A model on sale, its current version, and its model card."""

    offer: Offer
    ref: ArtifactRef
    model_card: ModelCard


def published_model(offer: Offer) -> PublishedModel | None:
    """Return the model of `offer`. If its artifact is not usable, log the error and return None."""
    folder, slug = settings.ARTIFACTS_DIR, offer.model.slug
    try:
        return PublishedModel(offer, artifacts.current(folder, slug), read_model_card(folder, slug))
    except ArtifactError as error:
        logger.error("The model card of %s is unavailable: %s", slug, error)
        return None
