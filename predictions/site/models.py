"""The models' pages: all of them side by side, and the card of one."""

import csv
from functools import lru_cache

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.template.loader import render_to_string
from django.utils.translation import get_language
from django.views.decorators.http import require_safe

from predictions import catalog
from predictions.formats import model_cards
from predictions.formats.charts import model_card as card_charts
from predictions.formats.model_cards import MEASURES
from predictions.models import ScoringModel
from predictions.scoring.artifacts import ArtifactRef


@require_safe
def models_view(request: HttpRequest) -> HttpResponse:
    offers = catalog.offers()
    compared = [found for offer in offers if (found := model_cards.published(offer))]
    cards = [one.card for one in compared]
    context = {
        "offers": offers,
        "compared": compared,
        "measures": MEASURES,
        "roc": card_charts.roc(cards),
        "reliability": card_charts.reliability(cards),
    }
    return render(request, "predictions/models.html", context)


@require_safe
def model_view(request: HttpRequest, slug: str) -> HttpResponse:
    offer = catalog.offer_of(get_object_or_404(ScoringModel, slug=slug, active=True))
    found = model_cards.published(offer)
    if found is None:
        return render(request, "predictions/model.html", {"offer": offer})
    card = found.card
    scorecard = card["method"] == "scorecard"
    context = {
        "offer": offer,
        "ref": found.ref,
        "card": card,
        "points": _points(slug, found.ref, get_language()) if scorecard else "",
        "roc": card_charts.roc([card]),
        "reliability": card_charts.reliability([card]),
        "distribution": card_charts.distribution(card),
        "gains": card_charts.gains(card),
    }
    return render(request, "predictions/model.html", context)


@lru_cache(maxsize=8)
def _points(slug: str, ref: ArtifactRef, language: str) -> str:
    """The section with the table of points: it never changes in a version, and is long."""
    points = model_cards.points_of(ref)
    return (
        render_to_string("predictions/card/_points.html", {"points": points, "slug": slug}) if points else ""
    )


@require_safe
def points_csv(request: HttpRequest, slug: str) -> HttpResponse:
    """Every total of points with its probability, as a program reads it."""
    found = model_cards.published(catalog.offer_of(get_object_or_404(ScoringModel, slug=slug, active=True)))
    if found is None or found.card["method"] != "scorecard":
        raise Http404
    response = HttpResponse(content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{slug}-{found.ref.version}-points.csv"'
    writer = csv.writer(response)
    writer.writerow(["points_from", "points_to", "approval_probability"])
    writer.writerows(model_cards.probability_steps(found.ref))
    return response
