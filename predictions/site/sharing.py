"""Pages that show a result to others: links, the PDF, and where a stranger verifies a PDF."""

import hashlib
import uuid
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from accounts.polling import Polling
from accounts.requests import client_network, current_user
from accounts.throttling import take
from predictions.downloads import pdf_download
from predictions.formats.applicants import range_warnings, reason_text
from predictions.models import Prediction, ResultDocument
from predictions.results import explanations
from predictions.results.documents import VERIFICATIONS, document_of, find_by_code, find_by_hash
from predictions.results.sharing import MAX_WORKING, TooManyLinks, create_link, find_link, revoke_link
from predictions.scoring.schema import FIELDS
from predictions.selectors import get_prediction_or_404
from predictions.site.forms.sharing import ShareForm, VerifyForm
from predictions.site.result_context import explanation_section

# Those that work, and some that have ended.
SHOWN_LINKS = 2 * MAX_WORKING


@never_cache
@login_required
@require_http_methods(["GET", "POST"])
def share(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """The PDF and the links of a result. A POST makes a link, whose address is shown once."""
    prediction = _finished_or_404(request, pk)
    if request.method != "POST":
        return _share_page(request, prediction, ShareForm())
    form = ShareForm(request.POST)
    if not form.is_valid():
        return _share_page(request, prediction, form, status=422)
    try:
        _link, token = create_link(prediction, **form.cleaned_data)
    except TooManyLinks as refusal:
        form.add_error(None, _("This result has reached the limit of links. Revoke one first."))
        return _share_page(request, prediction, form, status=refusal.status)
    address = request.build_absolute_uri(reverse("predictions:shared", args=[token]))
    return _share_page(request, prediction, ShareForm(), address=address, status=201)


@never_cache
@login_required
@require_http_methods(["GET", "POST"])
def revoke(request: HttpRequest, pk: uuid.UUID, link: uuid.UUID) -> HttpResponse:
    prediction = _finished_or_404(request, pk)
    if request.method == "POST":
        revoke_link(prediction, link)
        messages.success(request, _("The link no longer works."))
    return redirect("predictions:share", pk)


@never_cache
@login_required
@require_safe
def pdf(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """The PDF of the result. While the explanation is calculated, the page that says so."""
    prediction = _finished_or_404(request, pk)
    section = explanation_section(prediction, Polling.of(request))
    if section.is_missing:
        return _share_page(request, prediction, ShareForm(), explained=section)
    document = document_of(
        current_user(request), prediction, None if section.state == "failed" else section.reasons
    )
    return pdf_download(document)


@never_cache
@require_safe
def shared(request: HttpRequest, token: str) -> HttpResponse:
    """A result for anybody with its link. Unknown, expired and revoked links are the same 404."""
    if not (link := find_link(token)):
        raise Http404
    prediction = link.prediction
    context: dict[str, Any] = {"prediction": prediction, "link": link}
    if link.with_details:
        context["facts"] = [(field, prediction.facts[field.name]) for field in FIELDS]
        context["warnings"] = range_warnings(prediction.facts)
        if explanation := explanations.explanation_of(prediction):
            found = explanations.reasons_in(prediction.facts, explanation)
            context["reasons"] = [reason_text(reason) for reason in found]
    response = render(request, "predictions/shared.html", context)
    return _unlisted(response)


@never_cache
@require_http_methods(["GET", "POST"])
def verify(request: HttpRequest) -> HttpResponse:
    """Says whether a PDF, or the code on one, is of this service. Nothing that is sent is kept."""
    if request.method != "POST":
        return render(request, "predictions/verify.html", {"form": VerifyForm()})
    take(VERIFICATIONS, client_network(request))
    form = VerifyForm(request.POST, request.FILES)
    if not form.is_valid():
        return render(request, "predictions/verify.html", {"form": form}, status=422)
    sent = form.cleaned_data["file"]
    if sent:
        document = find_by_hash(hashlib.file_digest(sent, "sha256").hexdigest())
    else:
        document = find_by_code(form.cleaned_data["code"])
    context = {"form": form, "asked": True, "document": document, "by_file": bool(sent)}
    return render(request, "predictions/verify.html", context)


def _finished_or_404(request: HttpRequest, pk: uuid.UUID) -> Prediction:
    prediction = get_prediction_or_404(current_user(request), pk)
    if prediction.approval_probability is None:
        raise Http404
    return prediction


def _share_page(
    request: HttpRequest, prediction: Prediction, form: ShareForm, status: int = 200, **context: object
) -> HttpResponse:
    links = prediction.share_links.order_by("-pk")[:SHOWN_LINKS]
    documents = ResultDocument.objects.filter(prediction=prediction).defer("content").order_by("-pk")
    context |= {"prediction": prediction, "form": form, "links": links, "documents": documents}
    return render(request, "predictions/share.html", context, status=status)


def _unlisted(response: HttpResponse) -> HttpResponse:
    """Keep the secret address out of search engines, and out of what other sites are told."""
    response["X-Robots-Tag"] = "noindex, nofollow"
    response["Referrer-Policy"] = "no-referrer"
    return response
