"""The page that uploads a file, and the template to fill in."""

from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from accounts.errors import CustomerError, retry_text
from accounts.requests import current_user
from billing import payment_forms
from billing.idempotency import digest
from predictions import catalog
from predictions.batches import files
from predictions.batches.store import StorageFull
from predictions.models import Batch
from predictions.orders.uploads import (
    TooManyFiles,
    TooManyOpenFiles,
    upload_batch,
    uploaded_before,
)
from predictions.site.forms.batches import UploadForm


@never_cache
@login_required
@require_http_methods(["GET", "POST"])
@payment_forms.keyed
def new_batch(request: HttpRequest) -> HttpResponse:
    offers = catalog.offers()
    if request.method == "GET":
        first = next((offer.model.slug for offer in offers if offer.version), "")
        return _page(request, UploadForm(offers, initial={"model": request.GET.get("model", first)}))
    form = UploadForm(offers, request.POST, request.FILES)
    if not form.is_valid():
        return _page(request, form, 422)
    try:
        batch = upload_batch(
            user=current_user(request),
            model=form.chosen,
            file=form.uploaded,
            label=form.cleaned_data["label"],
            reasons=form.cleaned_data["reasons"],
            recompute=form.cleaned_data["recompute"],
            upload_key=_upload_key(request, form),
        )
    except ValidationError as error:
        form.add_error(None, error)
        return _page(request, form, 422)
    except CustomerError as refusal:
        form.add_error(None, _refusal_text(refusal))
        page = _page(request, form, refusal.status)
        if refusal.retry_after is not None:
            page["Retry-After"] = str(refusal.retry_after)
        return page
    return redirect("predictions:batch", pk=batch.pk)


@require_safe
def template_csv(request: HttpRequest) -> HttpResponse:
    """A file to fill in; it is the same for everybody."""
    headers = {
        "Content-Type": "text/csv; charset=utf-8",
        "Content-Disposition": 'attachment; filename="creditscore-template.csv"',
    }
    return HttpResponse(files.template(), headers=headers)


def _upload_key(request: HttpRequest, form: UploadForm) -> str:
    """Return the key of what is sent: a second click sends the same, another file in the form does not.

    What was canceled or has expired can be sent again.
    """
    values = [form.cleaned_data[name] for name in ("model", "label", "reasons", "recompute")]
    key = payment_forms.other_key(payment_forms.key_of(request), digest(form.uploaded), *values)
    over = (Batch.Status.CANCELED, Batch.Status.EXPIRED)
    while (batch := uploaded_before(current_user(request), key)) and batch.status in over:
        key = payment_forms.other_key(key, str(batch.pk))
    return key


def _page(request: HttpRequest, form: UploadForm, status: int = 200) -> HttpResponse:
    context = {"form": form, "address": payment_forms.address(request, payment_forms.key_of(request))}
    return render(request, "predictions/batches/new.html", context, status=status)


def _refusal_text(refusal: CustomerError) -> str:
    """Return why a file was not taken. Raises `refusal` if it has no text."""
    match refusal:
        case TooManyFiles():
            return " ".join([_("Too many files."), retry_text(refusal.retry_after)])
        case TooManyOpenFiles():
            return _("Too many files are open. Confirm or cancel one of them first.")
        case StorageFull():
            return _("We cannot store files right now. Nothing was charged. Try again later.")
        case catalog.ModelSwitchedOff() | catalog.ModelUnavailable():
            return _("This model is currently unavailable. Nothing was charged.")
    raise refusal
