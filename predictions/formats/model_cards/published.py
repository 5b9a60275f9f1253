"""The model cards of models."""

import logging
from dataclasses import dataclass

from django.conf import settings

from predictions.catalog import Offer
from predictions.scoring.artifacts import ArtifactError, ArtifactRef
from predictions.scoring.model_card import ModelCard, read_model_card

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class PublishedModel:
    """A model, one of its versions, and the model card of that version."""

    offer: Offer
    ref: ArtifactRef
    model_card: ModelCard


def published_model(offer: Offer) -> PublishedModel | None:
    """Return the version of `offer` that is on sale. If it is not usable, log the error and return None."""
    return published_version(offer, offer.ref) if offer.ref else None


def published_version(offer: Offer, ref: ArtifactRef) -> PublishedModel | None:
    """Return any version of the model. If its card is not usable, log the error and return None."""
    try:
        return PublishedModel(offer, ref, read_model_card(settings.ARTIFACTS_DIR, ref.slug, ref.version))
    except ArtifactError as error:
        logger.error("The model card of %s is unavailable: %s", ref.slug, error)
        return None
