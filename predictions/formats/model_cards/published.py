"""The model cards of what is on sale."""

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
    """A model on sale, the version that is sold now, and its model card."""

    offer: Offer
    ref: ArtifactRef
    model_card: ModelCard


def published_model(offer: Offer) -> PublishedModel | None:
    """None, and a line in the log, while the artifact cannot be used."""
    folder, slug = settings.ARTIFACTS_DIR, offer.model.slug
    try:
        return PublishedModel(offer, artifacts.current(folder, slug), read_model_card(folder, slug))
    except ArtifactError as error:
        logger.error("The model card of %s is unavailable: %s", slug, error)
        return None
