"""The models' pages: all of them side by side, and the model card of one."""

import logging
from functools import lru_cache

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.template.loader import render_to_string
from django.utils.translation import get_language
from django.views.decorators.http import require_safe

from predictions import catalog
from predictions.catalog import Offer
from predictions.formats.model_cards.page import model_card_page
from predictions.formats.model_cards.published import PublishedModel, published_model
from predictions.formats.model_cards.scorecards import scorecard_points
from predictions.formats.model_cards.side_by_side import side_by_side
from predictions.models import ScoringModel
from predictions.scoring.artifacts import ArtifactError, ArtifactRef
from predictions.scoring.points import probability_steps
from predictions.site.csv_files import csv_attachment

logger = logging.getLogger(__name__)


@require_safe
def models_view(request: HttpRequest) -> HttpResponse:
    offers = catalog.offers()
    published = [found for offer in offers if (found := published_model(offer))]
    context = {"offers": offers, "side_by_side": side_by_side(published)}
    return render(request, "predictions/models.html", context)


@require_safe
def model_view(request: HttpRequest, slug: str) -> HttpResponse:
    offer = _get_offer_or_404(slug)
    found = published_model(offer)
    context = {
        "offer": offer,
        "model_card": model_card_page(found.ref, found.model_card) if found else None,
        "points": _points(found) if found else "",
    }
    return render(request, "predictions/model.html", context)


@require_safe
def points_csv(request: HttpRequest, slug: str) -> HttpResponse:
    """Every total of points with its probability, as a program reads it."""
    found = published_model(_get_offer_or_404(slug))
    if found is None or found.model_card["method"] != "scorecard":
        raise Http404
    steps = probability_steps(settings.ARTIFACTS_DIR, found.ref)
    return csv_attachment(
        f"{slug}-{found.ref.version}-points.csv",
        ["points_from", "points_to", "approval_probability"],
        [(step.lowest, step.highest, step.approval_probability) for step in steps],
    )


def _get_offer_or_404(slug: str) -> Offer:
    return catalog.offer_of(get_object_or_404(ScoringModel, slug=slug, active=True))


def _points(found: PublishedModel) -> str:
    """The section with the table of points; empty where the model is no scorecard, or cannot be loaded."""
    if found.model_card["method"] != "scorecard":
        return ""
    try:
        return _rendered_points(found.ref, get_language())
    except ArtifactError as error:
        logger.error("The points of %s are unavailable: %s", found.ref.slug, error)
        return ""


@lru_cache(maxsize=8)
def _rendered_points(ref: ArtifactRef, language: str) -> str:
    """Kept, because it is long and never changes within a version. Raises `ArtifactError`."""
    context = {"points": scorecard_points(ref), "slug": ref.slug}
    return render_to_string("predictions/model_card/_points.html", context)
