"""The page that compares the models, the page of each model, and its table of points as CSV."""

import logging
from functools import lru_cache

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.template.loader import render_to_string
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from predictions import catalog
from predictions.catalog import Offer
from predictions.formats.model_cards.benefits import priced_offers
from predictions.formats.model_cards.page import model_card_page
from predictions.formats.model_cards.published import PublishedModel, published_model, published_version
from predictions.formats.model_cards.scorecards import scorecard_points
from predictions.formats.model_cards.side_by_side import side_by_side
from predictions.models import ScoringModel
from predictions.scoring import artifacts
from predictions.scoring.artifacts import ArtifactError, ArtifactRef
from predictions.scoring.points import probability_steps
from predictions.scoring.rounding import rounded
from predictions.site.csv_files import csv_attachment

logger = logging.getLogger(__name__)


@require_safe
def models_view(request: HttpRequest) -> HttpResponse:
    offers = catalog.offers()
    published = [model for offer in offers if (model := published_model(offer))]
    context = {"offers": priced_offers(offers), "side_by_side": side_by_side(published)}
    return render(request, "predictions/models.html", context)


@require_safe
def model_view(request: HttpRequest, slug: str) -> HttpResponse:
    offer = _get_offer_or_404(slug)
    return _model_page(request, offer, published_model(offer))


def _model_page(request: HttpRequest, offer: Offer, published: PublishedModel | None) -> HttpResponse:
    context = {
        "offer": offer,
        "is_on_sale": published is None or published.ref == offer.ref,
        "model_card": model_card_page(published.ref, published.model_card) if published else None,
        "points": _points(published) if published else "",
    }
    return render(request, "predictions/model.html", context)


@never_cache
@require_safe
def model_version(request: HttpRequest, slug: str, version: str) -> HttpResponse:
    """The page of any stored version, for operators. 404 for others, and if it is not stored."""
    if not request.user.has_perm("predictions.view_scoringmodel"):
        raise Http404
    model = get_object_or_404(ScoringModel, slug=slug)
    try:
        ref = artifacts.version_ref(settings.ARTIFACTS_DIR, slug, version)
    except ArtifactError as error:
        raise Http404 from error
    offer = catalog.offer_of(model)
    return _model_page(request, offer, published_version(offer, ref))


@require_safe
def points_csv(request: HttpRequest, slug: str) -> HttpResponse:
    """Return every total of points with its probability as CSV. 404 for a model that is not a scorecard."""
    published = published_model(_get_offer_or_404(slug))
    if published is None or published.model_card["method"] != "scorecard":
        raise Http404
    steps = probability_steps(settings.ARTIFACTS_DIR, published.ref)
    return csv_attachment(
        f"{slug}-{published.ref.version}-points.csv",
        [_("Points from"), _("Points to"), _("Probability of approval")],
        [(step.lowest, step.highest, rounded(step.approval_probability)) for step in steps],
    )


def _get_offer_or_404(slug: str) -> Offer:
    return catalog.offer_of(get_object_or_404(ScoringModel, slug=slug, active=True))


def _points(published: PublishedModel) -> str:
    """Render the section with the points; empty if the model is not a scorecard or cannot be loaded."""
    if published.model_card["method"] != "scorecard":
        return ""
    try:
        return _rendered_points(published.ref, get_language())
    except ArtifactError as error:
        logger.error("The points of %s are unavailable: %s", published.ref.slug, error)
        return ""


@lru_cache(maxsize=8)
def _rendered_points(ref: ArtifactRef, language: str) -> str:
    """Cached, because it is long and does not change within a version. Raises `ArtifactError`."""
    context = {"points": scorecard_points(ref), "slug": ref.slug}
    return render_to_string("predictions/model_card/_points.html", context)
